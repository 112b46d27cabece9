"""One run of a file of areas: read, meet what is here, preview, lay; all of a file or nothing of it."""

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import Engine
from sqlmodel import Session

from app.access.policy import REVIEW
from app.access.viewer import Viewer, check_allowed
from app.actions import areas, batches
from app.actions.foretelling import LONGEST, Change
from app.db import writing
from app.geography import Said
from app.imports import tables
from app.imports.areas.columns import Columns, columns_of
from app.imports.areas.meeting import Meeting, with_outline
from app.imports.areas.stated import Stated, stated
from app.imports.importer import Finding, Progress, Row, RowRefused
from app.imports.outcome import MOST_CHANGED, Outcome
from app.imports.running import digest
from app.imports.tables.shape import by_column
from app.records.area import AreaLayerFields

STEP = 500


@dataclass(frozen=True)
class Layer:
    """What is taken in: a file, and what its areas are called, who made them, under which licence, and of which day.

    `country`: of rows that name none. `file_name`: what the file is called, when `path` is only where it lies.
    """

    path: Path
    name: str
    source: str
    licence: str
    as_of: date | None = None
    country: str | None = None
    dry_run: bool = False
    keep_good: bool = False
    file_name: str | None = None
    hints: tables.Hints = tables.NONE
    batch: UUID | None = None


def run(engine: Engine, layer: Layer, by: Viewer, progress: Progress = lambda _: None) -> Outcome:
    """Take a file in, in one transaction. Raises Unreadable when the file itself is wrong; nothing is kept then."""
    check_allowed(REVIEW, by)
    areas.keep_up(engine)
    outcome = Outcome()
    with tempfile.TemporaryFile() as drawn:
        taking = _Taking(layer, outcome, Meeting(layer.name, layer.country), _Outlines(drawn))
        taking.read(progress)
        if layer.dry_run or not (outcome.new or outcome.changed) or (outcome.refused and not layer.keep_good):
            return outcome
        try:
            with writing(engine) as session:
                _lay(session, layer, taking, by)
        finally:  # also back to what holds, if it came to nothing
            areas.keep_up(engine)
    return outcome


def _lay(session: Session, layer: Layer, taking: "_Taking", by: Viewer) -> None:
    about = {
        "format": "areas",
        "file_name": layer.file_name or layer.path.name,
        "file_sha256": digest(layer.path),
    }
    pen, batch = batches.open_batch(session, by, about, layer.batch)
    told = AreaLayerFields(name=layer.name, source=layer.source, licence=layer.licence, as_of=layer.as_of)
    areas.lay(pen, told, taking.said())
    batches.close_batch(pen, batch, taking.outcome.counts())
    taking.outcome.batch, taking.outcome.recorded = batch, True


@dataclass
class _Outlines:
    """Outlines wait in a file without a name until all rows are checked: those of a country may fill the memory."""

    file: Any
    at: dict[int, tuple[int, int]] = field(default_factory=dict)

    def keep(self, line: int, wkb: bytes) -> None:
        self.at[line] = (self.file.tell(), len(wkb))
        self.file.write(wkb)

    def of(self, line: int) -> bytes | None:
        if line not in self.at:
            return None
        start, length = self.at[line]
        self.file.seek(start)
        found: bytes = self.file.read(length)
        return found


@dataclass
class _Taking:
    """A file on its way in, and what has come of it so far."""

    layer: Layer
    outcome: Outcome
    meeting: Meeting
    outlines: _Outlines
    told: list[tuple[int, Said]] = field(default_factory=list)
    fates: dict[int, str] = field(default_factory=dict)
    shown: int = 0

    def read(self, progress: Progress) -> None:
        rows = self._stated(progress)
        rows.sort(key=lambda told: told.level)  # what lies above comes first, wherever it stands in the file
        for told in rows:
            try:
                self._meet(told)
            except RowRefused as refusal:
                self._refuse(refusal)
        self.outcome.rows = len(self.fates)
        for fate, lines in self.outcome.lines.items():
            lines.add(line for line, found in self.fates.items() if found == fate)
            setattr(self.outcome, fate, sum(found == fate for found in self.fates.values()))
        self.outcome.errors.sort(key=lambda finding: finding.line)

    def said(self) -> Iterator[Said]:
        """The new and the changed areas, with their outlines."""
        for line, said in self.told:
            yield with_outline(said, self.outlines.of(line))

    def _stated(self, progress: Progress) -> list[Stated]:
        """Every row without its outline."""
        found = []
        with tables.grid(self.layer.path, replace(self.layer.hints, outlines=True)) as table:
            self.outcome.read_as = table.read_as
            self.outcome.numbering = self.meeting.numbering = table.numbering
            columns, width = columns_of(table.names), len(table.names)
            for count, (line, cells) in enumerate(table.rows, start=1):
                self.fates[line] = "refused"
                try:
                    found.append(self._one(Row(line, by_column(table.names, cells)), columns, width))
                except RowRefused as refusal:
                    self._refuse(refusal)
                if count % STEP == 0:
                    progress(STEP)
        return found

    def _one(self, row: Row, columns: Columns, width: int) -> Stated:
        told = stated(row, columns, width)
        if (wkb := told.wkb) is not None:
            self.outlines.keep(row.line, wkb)
        if mended := told.outline.get("mended"):
            self.outcome.notes.append(
                Finding(row.line, "(outline)", told.code, mended, "it was put right; look at it on a map")
            )
        told.outline = {"radius_m": told.outline.get("radius_m")}
        return told

    def _meet(self, told: Stated) -> None:
        met = self.meeting.meet(told)
        changes = list(met.changes(self.outlines.of(told.line)))
        self.fates[told.line] = "new" if met.before is None else "changed" if changes else "unchanged"
        if self.fates[told.line] != "unchanged":
            self.told.append((told.line, met.said))
        self.shown += bool(changes)
        if changes and self.shown > MOST_CHANGED:
            self.outcome.not_told += 1
            return
        self.outcome.changes += [
            Change(told.line, met.said.own_code, None, name, before[:LONGEST], after[:LONGEST])
            for name, before, after in changes
        ]

    def _refuse(self, refusal: RowRefused) -> None:
        self.outcome.errors += [refusal.finding]
