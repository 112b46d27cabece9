"""New rows that are likely here already under another id: pointed out with the reason, and never merged."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlmodel import Session, col, select

from app.access.viewer import Viewer
from app.access.visibility import redacted, visible
from app.actions.composing import Report
from app.imports.doubles.alike import day_of, people_of
from app.imports.doubles.before import Before, is_placed
from app.imports.importer import Finding
from app.imports.numbering import LINES, Numbering
from app.records import Incident

SHOWN = 200
MEND = "compare the two; if they are the same, merge them after the import"
LONGEST = 300
NAMES = ("date_earliest", "place_name", "area2", "area1", "country", "title")
TOLD: tuple[Any, ...] = tuple(getattr(Incident, name) for name in NAMES)


@dataclass
class Twice:
    """What was found in one file: how many, and those that are told.

    `before`: what was here before it. `rows`: those of the file, by what two of the same incident agree in.
    """

    before: Before = field(default_factory=Before)
    found: int = 0
    rows: dict[Any, tuple[int, str | None]] = field(default_factory=dict)
    numbering: Numbering = LINES
    shown: list[Finding] = field(default_factory=list)

    def look(self, session: Session, new: Sequence[Report], by: Viewer) -> list[Finding]:
        """The findings for the new reports of a chunk, as far as there is room for them."""
        pointed = [report for report in new if is_placed(report.told) and day_of(report.told)]
        findings = [found for report in pointed if (found := self._in_file(report))]
        findings += self._here(session, new, by)
        room = max(0, SHOWN - self.found)
        self.found += len(findings)
        self.shown += findings[:room]
        return findings[:room]

    def join(self, later: "Twice") -> list[Finding]:
        """Add those of later rows of the same file; the findings for which there is no room."""
        room = max(0, SHOWN - self.found)
        self.found += later.found
        self.shown += later.shown[:room]
        self.rows |= later.rows
        return later.shown[room:]

    def summary(self) -> Iterator[Finding]:
        """How many there are in all, where not all were told."""
        if self.found > SHOWN:
            why = f"{self.found:,} rows may be here already under another id; the first {SHOWN} are told"
            yield Finding(0, "id", "", why, MEND)

    def _in_file(self, report: Report) -> Finding | None:
        """Another id in this file with the very same title, day, spot and numbers.

        Where the mapping numbers the rows of one id, it says that they are different incidents.
        """
        told, line, mine = report.told, report.row_number or 0, report.told.external_id
        key = hash((told.title, day_of(told), told.lon, told.lat, people_of(told)))
        earlier, other = self.rows.setdefault(key, (line, mine))
        if earlier == line or mine is None or other is None or mine.startswith(other):
            return None
        why = f"likely the same as {self.numbering.at(earlier)}: the same title, day, spot and numbers under another id"
        return Finding(line, "id", mine[:100], why, "keep one of the two rows")

    def _here(self, session: Session, new: Sequence[Report], by: Viewer) -> Iterator[Finding]:
        alike = sorted(self.before.likes(session, new, by), key=lambda found: found[0].row_number or 0)
        told = _told_of(session, {called for _, called, _ in alike[: max(0, SHOWN - self.found)]}, by)
        for report, called, why in alike:
            value = (report.told.external_id or "")[:100]
            about = told.get(called, "")
            yield Finding(report.row_number or 0, "id", value, f"likely the same as {called}: {why}", MEND, about)


def _told_of(session: Session, refs: set[str], by: Viewer) -> dict[str, str]:
    """Day, place and title of incidents, as far as the viewer reads them."""
    asked = select(Incident.ref, *TOLD).where(col(Incident.ref).in_(refs), *visible(by))
    found = {}
    for ref, *values in session.execute(asked).all() if refs else ():
        row = redacted(Incident, dict(zip(NAMES, values, strict=True)), by)
        where = row["place_name"] or row["area2"] or row["area1"] or row["country"]
        words = (str(word) for word in (row["date_earliest"], where, row["title"]) if word)
        found[ref] = ", ".join(words)[:LONGEST]
    return found
