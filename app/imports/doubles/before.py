"""What was here before a file and is likely the same as a row of it: by place, by sources, by words for the place."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import bindparam
from sqlmodel import Session, col, select

from app.access.viewer import Viewer
from app.access.visibility import visible
from app.actions.composing import Report
from app.db import chunks
from app.imports.doubles import alike
from app.imports.doubles.alike import DAYS, TALLIES, Met, Why, day_of, met, people_of, people_stored
from app.imports.doubles.cited import Cited
from app.imports.doubles.nearby import Nearby
from app.imports.doubles.worded import Worded
from app.records import Incident
from app.records.blocks import cell
from app.records.incident import IncidentIn

PKS, AT_ONCE, NOT_YET = "pks", 5000, -1
TOO_COARSE = frozenset({"country", "area1", "unknown"})
COLUMNS = (Incident.ref, Incident.date_earliest, Incident.lon, Incident.lat, Incident.country, *TALLIES)

# A report, what its like is called, and why it is one.
Alike = tuple[Report, str, str]


@dataclass
class Before:
    """What was here before a file. `last`: the last incident of it, 0 for none, NOT_YET before the first look."""

    last: int = NOT_YET
    nearby: Nearby = field(default_factory=Nearby)
    cited: Cited = field(default_factory=Cited)
    worded: Worded = field(default_factory=lambda: Worded(DAYS))

    def likes(self, session: Session, new: Sequence[Report], by: Viewer) -> list[Alike]:
        """The new reports that have their like here, as far as the viewer sees it: each once, with its closest."""
        if self.last == NOT_YET:
            self.last = session.execute(select(Incident.pk).order_by(col(Incident.pk).desc()).limit(1)).scalar() or 0
        found: list[Alike] = []
        rest = [report for report in new if self.last and day_of(report.told)]
        for look in (self._near, self._told_by, self._called):
            found += look(session, rest, by)
            rest = _without(rest, found)
        return found

    def _near(self, session: Session, dated: Sequence[Report], by: Viewer) -> list[Alike]:
        """Those that lie near to one that was here."""
        placed = [report for report in dated if is_placed(report.told)]
        cells = [cell(report.told.lon, report.told.lat) or 0 for report in placed]
        self.nearby.read(session, cells, self.last)
        near = [self.nearby.of(number, _day(report), DAYS) for number, report in zip(cells, placed, strict=True)]
        return _alike(session, placed, near, by, alike.near)

    def _told_by(self, session: Session, dated: Sequence[Report], by: Viewer) -> list[Alike]:
        """Those that rest on the source of one that was here: first on one of few, then on one of many."""
        near = self.cited.near(session, dated, self.last, by)
        found = _alike(session, dated, [few for few, _ in near], by, alike.cited)
        many = {report.row_number: pks for report, (_, pks) in zip(dated, near, strict=True)}
        rest = _without(dated, found)
        return found + _alike(session, rest, [many[report.row_number] for report in rest], by, alike.listed)

    def _called(self, session: Session, dated: Sequence[Report], by: Viewer) -> list[Alike]:
        """Those whose place is called like that of one that was here."""
        named = [
            (report, words, people)
            for report in dated
            if (words := report.told.place_name) and (people := people_of(report.told))
        ]
        self.worded.read(session, (_day(report) for report, _, _ in named), self.last)
        near = [self.worded.of(words, people, _day(report)) for report, words, people in named]
        return _alike(session, [report for report, _, _ in named], near, by, alike.worded)


def _alike(
    session: Session, reports: Sequence[Report], near: Sequence[Collection[int]], by: Viewer, why: Why
) -> list[Alike]:
    """Each report that has its like among the incidents near to it, what the closest is called, and why."""
    there = _read(session, sorted({pk for pks in near for pk in pks}), by)
    found = []
    for report, pks in zip(reports, near, strict=True):
        mine, close = met(report.told), [there[pk] for pk in pks if pk in there]
        if best := min(filter(None, (why(mine, other) for other in close)), default=None):
            found.append((report, *best[1:]))
    return found


def _read(session: Session, pks: Sequence[int], by: Viewer) -> dict[int, Met]:
    """Those of these incidents that have a day and that the importing member may see, by number."""
    asked = select(Incident.pk, *COLUMNS).where(
        col(Incident.pk).in_(bindparam(PKS, expanding=True, literal_execute=True)),
        col(Incident.date_earliest).is_not(None),
        *visible(by),
    )
    found: dict[int, Met] = {}
    for some in chunks(pks, AT_ONCE):
        for pk, ref, day, lon, lat, country, *tallies in session.execute(asked, {PKS: some}).all():
            found[pk] = Met(ref, day, lon, lat, country, people_stored(tallies))
    return found


def _without(reports: Sequence[Report], found: Sequence[Alike]) -> list[Report]:
    lines = {report.row_number for report, _, _ in found}
    return [report for report in reports if report.row_number not in lines]


def is_placed(told: IncidentIn) -> bool:
    """Whether it has a point that says where it was, and not only in which land."""
    return told.lon is not None and told.geo_precision not in TOO_COARSE


def _day(report: Report) -> date:
    """The first day of a report that has one."""
    return report.told.date.earliest  # type: ignore[union-attr, return-value]
