"""What was here before a file and rests on the very same source as a new row, if few incidents rest on it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, cast

from sqlalchemy import bindparam, exists
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from app.access.viewer import Viewer
from app.access.visibility import visible_sources
from app.actions.composing import Report
from app.actions.sourcing import fingerprint
from app.db import chunks
from app.records import Account, Source

# On a register or a home page many incidents rest; that two rest on it says nothing of them.
FEW = 5
MARKS, BEFORE, AT_ONCE = "marks", "before", 5000
SAME = col(Source.fingerprint).in_(bindparam(MARKS, expanding=True))
# Names of its own: what a viewer may see is asked of accounts as well.
RESTING, OTHER = cast("Any", aliased(Account)), cast("Any", aliased(Account))
WIDE = exists(select(OTHER.pk).where(OTHER.source_pk == Source.pk).correlate(Source).offset(FEW).limit(1))


@dataclass
class Cited:
    """Asks of the sources that have an address. `wide`: those on which more than a few incidents rest."""

    wide: set[str] = field(default_factory=set)

    def near(self, session: Session, reports: Sequence[Report], last: int, by: Viewer) -> list[list[int]]:
        """For each report the numbers of the incidents up to `last` that rest on a source of its own."""
        marks = [self._marks(report) for report in reports]
        known = self._resting(session, sorted({mark for own in marks for mark in own}), last, by)
        return [sorted({pk for mark in own for pk in known.get(mark, ())}) for own in marks]

    def _marks(self, report: Report) -> list[str]:
        citations = (report.told.according_to, *report.accounts)
        sources = [c.source for c in citations if c.source is not None and c.source.url]
        return [mark for source in sources if (mark := fingerprint(source)) not in self.wide]

    def _resting(self, session: Session, marks: Sequence[str], last: int, by: Viewer) -> dict[str, list[int]]:
        resting = select(Source.fingerprint, RESTING.incident_pk).join(RESTING, RESTING.source_pk == Source.pk)
        resting = resting.where(SAME, ~WIDE, RESTING.incident_pk <= bindparam(BEFORE), *visible_sources(by))
        found: dict[str, list[int]] = {}
        for some in chunks(marks, AT_ONCE):
            told: dict[str, Any] = {MARKS: some, BEFORE: last}
            self.wide.update(session.execute(select(Source.fingerprint).where(SAME, WIDE), told).scalars())
            for mark, incident in session.execute(resting, told).all():
                found.setdefault(mark, []).append(incident)
        return found
