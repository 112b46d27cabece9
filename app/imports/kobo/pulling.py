"""One pull: fetch every submission, and hand them to the one run that all imports take; then their files."""

import json
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import Engine

from app import imports
from app.access.viewer import Viewer, check_may_write
from app.access.wall import guarded
from app.imports import mappings
from app.imports.approval import not_approved
from app.imports.field_form import FIELD_FORM
from app.imports.importer import Draft, Importer, Progress, Row
from app.imports.kobo.fetching import Fetched, fetch
from app.imports.kobo.files import Files, Taker
from app.imports.kobo.forms import Form
from app.imports.kobo.server import Server, Submission
from app.imports.mappings import Mapping
from app.imports.outcome import Outcome
from app.imports.running import Plan, run
from app.queries import pulled
from app.queries.vault import Vault

FITTING = "kobotoolbox"


@dataclass(frozen=True)
class Pull:
    """What is to be pulled, and how.

    `mappings`: where the archive keeps its own. `since`: only what was received on this day (YYYY-MM-DD) or later.
    """

    form: Form
    token: str = field(repr=False)
    mapping: Mapping | None = None
    mappings: Path | None = None
    since: str | None = None
    dry_run: bool = False
    keep_good: bool = False


@dataclass
class Pulled:
    """What came of it. `gone`: submissions of earlier pulls that the server no longer has; they stay here.

    `left_out`: how many are not approved at the server; what came in before that was said stays here too.
    """

    outcome: Outcome
    gone: int = 0
    left_out: int = 0
    files: Files = field(default_factory=Files)


def pull(engine: Engine, vault: Vault, asked: Pull, by: Viewer, progress: Progress = lambda _: None) -> Pulled:
    """Take in what a server has, in one transaction, and then the files.

    Nothing is recorded unless the server gave everything. Raises Forbidden, Invalid, NotFound, TooLarge, Unreadable,
    and Untimely.
    """
    check_may_write(by)
    server = Server(asked.form.server, asked.token)
    ids: dict[int, str] = {}
    with TemporaryDirectory() as room:
        path = Path(room) / "submissions.json"
        fetched = fetch(server, asked.form.form, asked.since, path)
        outcome = run(engine, _plan(path, fetched, asked, ids), by, progress) if fetched.rows else Outcome()
    found = Pulled(outcome, _gone(engine, asked, fetched.ids | set(ids.values()), by), fetched.left_out)
    if not asked.dry_run:
        wanted = ((ids[file.line], file) for file in fetched.files if file.line in ids)
        found.files = Taker(server, engine, vault, by).take(wanted)
    return found


def take_one(engine: Engine, submission: Submission, name: str, form: Form, mappings_dir: Path | None) -> Outcome:
    """Take in what the hook of a form brings, by the same way; sent again, it changes nothing.

    `name`: that of the kept form. Raises Invalid, NotFound, and Unreadable.
    """
    by = Viewer(f"hook {name}", "contributor", "write", "hook")
    if not_approved(submission):
        return Outcome()
    mapping = mappings.named(form.mapping, mappings_dir) if form.mapping else None
    with TemporaryDirectory() as room:
        path, fetched = Path(room) / "submission.json", Fetched()
        path.write_text(json.dumps([submission], ensure_ascii=False), encoding="utf-8")
        fetched.see(submission)
        return run(engine, _plan(path, fetched, Pull(form, "", mapping, mappings_dir), {}), by)


def _plan(path: Path, fetched: Fetched, asked: Pull, ids: dict[int, str]) -> Plan:
    """By the mapping that was named; else as our own form, where it is that; else by the shipped mapping."""
    ours = asked.mapping is None and FIELD_FORM.needs <= fetched.questions.keys()
    plan = imports.plan(
        path,
        FIELD_FORM.name if ours else None,
        dry_run=asked.dry_run,
        keep_good=asked.keep_good,
        name=asked.form.called,
        mapping=None if ours else asked.mapping or mappings.named(FITTING, asked.mappings),
    )
    return replace(plan, importer=_noting(plan.importer, ids))


def _noting(importer: Importer, ids: dict[int, str]) -> Importer:
    """The same importer; under which id each submission comes in goes to `ids`."""

    def draft(row: Row) -> Draft:
        made = importer.draft(row)
        if made.report.get("external_id"):
            ids[row.line] = str(made.report["external_id"])
        return made

    return replace(importer, draft=draft)


def _gone(engine: Engine, asked: Pull, there: set[str], by: Viewer) -> int:
    """How many of earlier pulls are no longer there; a part of the submissions does not tell."""
    if asked.since is not None:
        return 0
    with guarded(engine, by) as session:
        return len(pulled.external_ids(session, asked.form.called, by) - there)
