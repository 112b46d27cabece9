"""The one way every import runs: read, check, preview, record; all of a file or nothing of it."""

import gc
import hashlib
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import dropwhile
from pathlib import Path
from uuid import UUID

from sqlalchemy import Engine
from sqlmodel import Session

from app.access.viewer import Viewer, check_may_write
from app.actions import batches, people, reads
from app.actions.composing import Report
from app.actions.foretelling import foretell
from app.actions.pen import Pen
from app.db import chunks, reading, writing
from app.imports import resolving, tables
from app.imports.checking import Checked, check, piles
from app.imports.doubles import Twice
from app.imports.halves import Other, Piece, Tell, beside, line_between
from app.imports.importer import Importer, Progress, Row
from app.imports.likely import Likelihood, check_here
from app.imports.meeting import meet
from app.imports.names import Names, Unknown, created, gather, misfits
from app.imports.numbering import LINES, Numbering
from app.imports.outcome import MOST_CHANGED, Outcome
from app.imports.resolving import Decisions
from app.records import Incident

CHUNK = 1000
# What history keeps of it: that it was done and by whom, and never a name.
SEARCHED = reads.Asked("/persons", {}, {"like": ()})
Changed = list[tuple[Incident, Report]]


@dataclass(frozen=True)
class Plan:
    """How a file is to be taken in. `name`: what the file is called, when `path` is only where it lies.

    `read_as`: as what it was found to be, in words; `numbering`: what its rows are called. `hints`: what was told of
    how to read it. `batch`: the id of its batch, where that is settled beforehand.
    `ask_first`: record nothing as long as it names anybody or anything of whom nothing is decided.
    """

    path: Path
    importer: Importer
    width: int
    dry_run: bool = False
    keep_good: bool = False
    name: str | None = None
    read_as: str = ""
    hints: tables.Hints = tables.NONE
    ask_first: bool = False
    decisions: Decisions = field(default_factory=dict)
    batch: UUID | None = None
    numbering: Numbering = LINES

    def waits_for_decisions(self, outcome: Outcome) -> bool:
        """Whether nothing but names that nobody has decided on keeps the file out."""
        is_open = self.ask_first and outcome.names.undecided and not self.dry_run and not outcome.recorded
        return bool(is_open and (self.keep_good or not outcome.refused))

    def decided(self, decisions: Decisions) -> "Plan":
        """The same plan, with what somebody has decided about names put in their place."""
        importer = resolving.decided(self.importer, decisions)
        return replace(self, importer=importer, decisions=decisions) if decisions else self


class _NothingToKeep(Exception):
    """Rolls an import back: a dry run, a refused row, or nothing new in it."""


def run(engine: Engine, plan: Plan, by: Viewer, progress: Progress = lambda _: None) -> Outcome:
    """Take a file in, in one transaction. Raises Unreadable when the file itself is wrong; nothing is kept then.

    Where people were looked for by their names history says so, also of a preview, before anybody is told of them.
    """
    check_may_write(by)
    outcome, found = _begun(plan, by)
    try:
        with _steady(), _beside(engine, plan, by) as other, _session(engine, plan) as session:
            check_here(session, plan.decisions, by)
            pen, batch = (None, None) if plan.dry_run else _open(session, plan, by)
            _Taking(session, plan, by, pen, outcome, found).take(progress, other)
            if pen is None or batch is None or not _worth_keeping(plan, outcome):
                raise _NothingToKeep  # noqa: TRY301 - the way out of the transaction
            outcome.names.created = created(pen)
            batches.close_batch(pen, batch, outcome.counts())
            if outcome.names.searched:
                reads.write_down(session, SEARCHED, by)
            outcome.batch, outcome.recorded = batch, True
    except _NothingToKeep:
        if outcome.names.searched:
            reads.note(engine, SEARCHED, by)
    return outcome


def _begun(plan: Plan, by: Viewer) -> tuple[Outcome, Checked]:
    """What came of it so far: nothing."""
    counted = plan.numbering
    outcome = Outcome(read_as=plan.read_as, names=Names(by), numbering=counted)
    return outcome, Checked(numbering=counted, twice=Twice(numbering=counted))


def _beside(engine: Engine, plan: Plan, by: Viewer) -> AbstractContextManager[Other | None]:
    """Of a dry run of a large file another process looks at the second half."""
    after = line_between(plan.path, plan.read_as) if plan.dry_run else None
    return beside(engine, after, partial(_second_half, engine, plan, by))


def _second_half(engine: Engine, plan: Plan, by: Viewer, after: int, tell: Tell) -> None:
    """Look at the chunks that begin after a line, each as if it were alone."""
    _, found = _begun(plan, by)
    rest = chunks(plan.importer.read(plan.path), CHUNK)
    with reading(engine) as session:
        for chunk in dropwhile(lambda chunk: chunk[0].line <= after, rest):
            outcome, found = _begun(plan, by)[0], found.anew()
            _Taking(session, plan, by, None, outcome, found).look(chunk)
            tell(Piece(outcome, found.in_short()))
            gc.collect(0)
    engine.dispose()


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
    return bool(outcome.new or outcome.changed) and _recordable(plan, outcome)


def _recordable(plan: Plan, outcome: Outcome) -> bool:
    """Whether nothing has been met so far that keeps the whole file out."""
    decided = not (plan.ask_first and outcome.names.undecided)
    return decided and (plan.keep_good or not outcome.refused)


def _open(session: Session, plan: Plan, by: Viewer) -> tuple[Pen, UUID]:
    about = {
        "format": plan.importer.name,
        "file_name": plan.name or plan.path.name,
        "file_sha256": digest(plan.path),
    }
    return batches.open_batch(session, by, about, plan.batch)


def digest(path: Path) -> str:
    """SHA-256 of a file, or of every file in a folder by name."""
    total = hashlib.sha256()
    for file in sorted(path.iterdir()) if path.is_dir() else [path]:
        with file.open("rb") as raw:
            total.update(hashlib.file_digest(raw, "sha256").digest() if path.is_dir() else raw.read())
    return total.hexdigest()


@dataclass
class _Taking:
    """A file on its way in: what it is read for, and what has come of it so far. `pen` None: only looked at."""

    session: Session
    plan: Plan
    by: Viewer
    pen: Pen | None
    outcome: Outcome
    found: Checked

    def take(self, progress: Progress, other: Other | None) -> None:
        known = people.Known()
        likelihood = Likelihood(self.session, self.outcome.names, self.pen.batch_pk if self.pen else None)
        for chunk in chunks(self.plan.importer.read(self.plan.path), CHUNK):
            piece = other.of(chunk, progress) if other is not None else None
            if piece is None or not self._join(piece, likelihood):
                new, changed, unknown = self.look(chunk)
                likelihood.look(unknown)
                if self.pen is not None and _recordable(self.plan, self.outcome):
                    batches.record(self.pen, new, changed, known)
                del new, changed  # or the collection would walk all of them
            if piece is None:
                progress(len(chunk))
            gc.collect(0)
        self.outcome.errors = self.found.errors
        self.outcome.notes = [*self.found.warnings, *piles(self.found), *self.found.twice.summary()]

    def _join(self, piece: Piece, likelihood: Likelihood) -> bool:
        """Add what another process found in a chunk. False where it depends on what came before it in the file."""
        apart = self.found.is_apart_from(piece.found) and self.outcome.names.has_room_for(piece.outcome.names)
        if apart:
            likelihood.look(self.outcome.join(piece.outcome))
            self.found.join(piece.found)
        return apart

    def look(self, chunk: list[Row]) -> tuple[list[Report], Changed, list[Unknown]]:
        """Check a chunk and note what it would bring, before any of it is recorded."""
        refused, odd = len(self.found.errors), len(self.found.warnings)
        reports = check(self.plan.importer, chunk, self.plan.width, self.found)
        new, changed = meet(self.session, self.plan.importer, chunk, reports, self.found, self.by)
        self._count(chunk, new, changed, {error.line for error in self.found.errors[refused:]})
        touched = sorted([*new, *(report for _, report in changed)], key=lambda report: report.row_number or 0)
        lines = {report.row_number for report in touched}
        cells = misfits(self.found.warnings[odd:], self.found.strange)
        cells = ((kind, finding) for kind, finding in cells if finding.line in lines)
        unknown = gather(self.session, self.outcome.names, touched, cells, self.plan.decisions)
        self._foretell(changed)
        return new, changed, unknown

    def _count(self, chunk: list[Row], new: list[Report], changed: Changed, refused: set[int]) -> None:
        outcome = self.outcome
        fates = dict.fromkeys((row.line for row in chunk), "unchanged") | dict.fromkeys(refused, "refused")
        fates |= {report.row_number or 0: "new" for report in new}
        fates |= {report.row_number or 0: "changed" for _, report in changed}
        for fate in set(fates.values()):
            outcome.lines[fate].add([line for line, found in fates.items() if found == fate])
        outcome.rows += len(chunk)
        outcome.new += len(new)
        outcome.changed += len(changed)
        outcome.refused = len(self.found.errors)
        outcome.unchanged = outcome.rows - outcome.new - outcome.changed - outcome.refused

    def _foretell(self, changed: Changed) -> None:
        """Tell what as many changed rows change as are kept; of the others only that they do."""
        room = max(0, MOST_CHANGED - (self.outcome.changed - len(changed)))
        self.outcome.changes += foretell(self.session, changed[:room], self.by) if room else ()
        self.outcome.not_told += len(changed[room:])
