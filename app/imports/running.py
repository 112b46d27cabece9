"""The one way every import runs: read, check, preview, record; all of a file or nothing of it."""

import gc
import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import Engine
from sqlmodel import Session

from app.access.viewer import Viewer, check_may_write
from app.actions import batches, people
from app.actions.pen import Pen
from app.db import chunks, reading, writing
from app.imports.checking import Checked, check, piles
from app.imports.importer import Finding, Importer
from app.imports.meeting import meet

CHUNK = 1000
Progress = Callable[[int], None]


@dataclass(frozen=True)
class Plan:
    """How a file is to be taken in. `name`: what the file is called, when `path` is only where it lies.

    `read_as`: as what it was found to be, in words.
    """

    path: Path
    importer: Importer
    width: int
    dry_run: bool = False
    keep_good: bool = False
    name: str | None = None
    read_as: str = ""


@dataclass
class Outcome:
    """What came of an import. rows = new + changed + unchanged + refused; `recorded`: whether anything was written."""

    batch: UUID | None = None
    recorded: bool = False
    rows: int = 0
    new: int = 0
    changed: int = 0
    unchanged: int = 0
    refused: int = 0
    errors: list[Finding] = field(default_factory=list)
    notes: list[Finding] = field(default_factory=list)
    read_as: str = ""

    def counts(self) -> dict[str, int]:
        names = ("rows", "new", "changed", "unchanged", "refused")
        return {name: getattr(self, name) for name in names} | {"warnings": len(self.notes)}

    def as_json(self) -> dict[str, Any]:
        return {
            "batch": str(self.batch) if self.batch else None,
            "recorded": self.recorded,
            "read_as": self.read_as,
            **self.counts(),
            "errors": [finding.as_json() for finding in self.errors],
            "notes": [finding.as_json() for finding in self.notes],
        }


class _NothingToKeep(Exception):
    """Rolls an import back: a dry run, a refused row, or nothing new in it."""


def run(engine: Engine, plan: Plan, by: Viewer, progress: Progress = lambda _: None) -> Outcome:
    """Take a file in, in one transaction. Raises Unreadable when the file itself is wrong; nothing is kept then."""
    check_may_write(by)
    outcome, found = Outcome(read_as=plan.read_as), Checked()
    try:
        with _steady(), _session(engine, plan) as session:
            pen, batch = (None, None) if plan.dry_run else _open(session, plan, by)
            _take(session, plan, pen, outcome, found, by, progress)
            if pen is None or batch is None or not _worth_keeping(plan, outcome):
                raise _NothingToKeep  # noqa: TRY301 - the way out of the transaction
            batches.close_batch(pen, batch, outcome.counts())
            outcome.batch, outcome.recorded = batch, True
    except _NothingToKeep:
        pass
    return outcome


@contextmanager
def _steady() -> Iterator[None]:
    """No full garbage collections meanwhile: each would walk the whole gazetteer, and takes a third of the time."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


@contextmanager
def _session(engine: Engine, plan: Plan) -> Iterator[Session]:
    with (reading if plan.dry_run else writing)(engine) as session:
        yield session


def _worth_keeping(plan: Plan, outcome: Outcome) -> bool:
    return bool(outcome.new or outcome.changed) and (plan.keep_good or not outcome.refused)


def _open(session: Session, plan: Plan, by: Viewer) -> tuple[Pen, UUID]:
    about = {
        "format": plan.importer.name,
        "file_name": plan.name or plan.path.name,
        "file_sha256": digest(plan.path),
    }
    return batches.open_batch(session, by, about)


def digest(path: Path) -> str:
    """SHA-256 of a file, or of every file in a folder by name."""
    total = hashlib.sha256()
    for file in sorted(path.iterdir()) if path.is_dir() else [path]:
        with file.open("rb") as raw:
            total.update(hashlib.file_digest(raw, "sha256").digest() if path.is_dir() else raw.read())
    return total.hexdigest()


def _take(
    session: Session, plan: Plan, pen: Pen | None, outcome: Outcome, found: Checked, by: Viewer, progress: Progress
) -> None:
    known = people.Known()
    for chunk in chunks(plan.importer.read(plan.path), CHUNK):
        reports = check(plan.importer, chunk, plan.width, found)
        new, changed = meet(session, plan.importer, chunk, reports, found, by)
        refused = len(found.errors) - outcome.refused
        outcome.rows += len(chunk)
        outcome.new += len(new)
        outcome.changed += len(changed)
        outcome.refused += refused
        outcome.unchanged = outcome.rows - outcome.new - outcome.changed - outcome.refused
        if pen is not None and (plan.keep_good or not outcome.refused):
            batches.record(pen, new, changed, known)
        progress(len(chunk))
        del reports, new, changed  # or the collection would walk all of them
        gc.collect(0)
    outcome.errors = found.errors
    outcome.notes = [*found.warnings, *piles(found), *found.twice.summary()]
