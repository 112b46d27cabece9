"""What was here before a file and rests on the very same source as a new row, if not all too many rest on it."""

from collections.abc import Iterable, Sequence
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

# On a register many incidents rest: that two rest on it says little of them, and on a home page nothing.
FEW, MANY = 5, 200
MARKS, BEFORE, AT_ONCE = "marks", "before", 5000
SAME = col(Source.fingerprint).in_(bindparam(MARKS, expanding=True))
# Names of its own: what a viewer may see is asked of accounts as well.
RESTING, OTHER = cast("Any", aliased(Account)), cast("Any", aliased(Account))
WIDE = exists(select(OTHER.pk).where(OTHER.source_pk == Source.pk).correlate(Source).offset(MANY).limit(1))


@dataclass
class Cited:
    """Asks of the sources that have an address. `wide`: those on which more than many incidents rest."""

    wide: set[str] = field(default_factory=set)

    def near(
        self, session: Session, reports: Sequence[Report], last: int, by: Viewer
    ) -> list[tuple[set[int], set[int]]]:
        """For each report the numbers of the incidents up to `last` that rest on a source of its own.

        First those on a source of few, then those on a source of many.
        """
        marks = [self._marks(report) for report in reports]
        known = self._resting(session, sorted({mark for own in marks for mark in own}), last, by)
        found = [[known[mark] for mark in own if mark in known] for own in marks]
        return [
            (_all(pks for pks in own if len(pks) <= FEW), _all(pks for pks in own if len(pks) > FEW)) for own in found
        ]

    def _marks(self, report: Report) -> list[str]:
        citations = (report.told.according_to, *report.accounts)
        sources = [c.source for c in citations if c.source is not None and c.source.url]
        return [mark for source in sources if (mark := fingerprint(source)) not in self.wide]

    def _resting(self, session: Session, marks: Sequence[str], last: int, by: Viewer) -> dict[str, set[int]]:
        resting = select(Source.fingerprint, RESTING.incident_pk).join(RESTING, RESTING.source_pk == Source.pk)
        resting = resting.where(SAME, ~WIDE, RESTING.incident_pk <= bindparam(BEFORE), *visible_sources(by))
        found: dict[str, set[int]] = {}
        for some in chunks(marks, AT_ONCE):
            told: dict[str, Any] = {MARKS: some, BEFORE: last}
            self.wide.update(session.execute(select(Source.fingerprint).where(SAME, WIDE), told).scalars())
            for mark, incident in session.execute(resting, told).all():
                found.setdefault(mark, set()).add(incident)
        return found


def _all(some: Iterable[set[int]]) -> set[int]:
    return set().union(*some)
