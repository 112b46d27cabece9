"""New rows that are likely here already under another id: pointed out with the reason, and never merged."""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from math import inf
from typing import Any

from sqlalchemy import bindparam
from sqlmodel import Session, col, select

from app.access.viewer import Viewer
from app.access.visibility import redacted, visible
from app.actions.composing import Report
from app.db import chunks, distance_km
from app.imports.cited import Cited
from app.imports.importer import Finding
from app.imports.nearby import Nearby
from app.imports.numbering import LINES, Numbering
from app.records import Incident
from app.records.blocks import cell
from app.records.incident import IncidentIn

DAYS, KILOMETRES = 3, 25.0
# Of one source and day, what lies further apart than this was hardly the same.
REGION_KM = 200.0
# Closer than this, numbers may be a little apart.
SPOT_KM, NEARLY = 3.0, 0.2
COUNTED = ("killed", "missing")
TOO_COARSE = frozenset({"country", "area1", "unknown"})
SHOWN = 200
MEND = "compare the two; if they are the same, merge them after the import"
PKS, AT_ONCE, LONGEST = "pks", 5000, 300
NAMES = ("date_earliest", "place_name", "area2", "area1", "country", "title")
TOLD: tuple[Any, ...] = tuple(getattr(Incident, name) for name in NAMES)
COLUMNS = (
    Incident.ref, Incident.date_earliest, Incident.lon, Incident.lat, Incident.country,
    *(getattr(Incident, f"{harm}_{part}") for harm in COUNTED for part in ("best", "min")),
)  # fmt: skip


@dataclass(frozen=True)
class Met:
    """What is compared of an incident. `people`: dead and missing together; None where nobody says."""

    called: str
    day: date
    lon: float | None
    lat: float | None
    country: str | None
    people: int | None


# A report, what its like is called, and why it is one; how such two are compared.
Alike = tuple[Report, str, str]
Close = tuple[tuple[float, float], str, str]
Why = Callable[[Met, Met], Close | None]


@dataclass
class Twice:
    """What was found in one file: how many, and those that are told.

    `nearby`, `cited`: what was here before it, by its place and by its sources. `rows`: those of the file, by what
    two of the same incident agree in.
    """

    nearby: Nearby = field(default_factory=Nearby)
    cited: Cited = field(default_factory=Cited)
    found: int = 0
    rows: dict[Any, tuple[int, str | None]] = field(default_factory=dict)
    numbering: Numbering = LINES
    shown: list[Finding] = field(default_factory=list)

    def look(self, session: Session, new: Sequence[Report], by: Viewer) -> list[Finding]:
        """The findings for the new reports of a chunk, as far as there is room for them."""
        pointed = [report for report in new if _is_comparable(report.told)]
        findings = [found for report in pointed if (found := self._in_file(report))]
        findings += self._here(session, new, pointed, by) if self.nearby.anything(session) else ()
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
        key = hash((told.title, _day(told), told.lon, told.lat, _people(told)))
        earlier, other = self.rows.setdefault(key, (line, mine))
        if earlier == line or mine is None or other is None or mine.startswith(other):
            return None
        why = f"likely the same as {self.numbering.at(earlier)}: the same title, day, spot and numbers under another id"
        return Finding(line, "id", mine[:100], why, "keep one of the two rows")

    def _here(
        self, session: Session, new: Sequence[Report], pointed: Sequence[Report], by: Viewer
    ) -> Iterator[Finding]:
        alike = self._near(session, pointed, by)
        met = {report.row_number for report, _, _ in alike}
        alike += self._told_by(session, [r for r in new if r.row_number not in met and _day(r.told)], by)
        told = _told_of(session, {called for _, called, _ in alike[: max(0, SHOWN - self.found)]}, by)
        for report, called, why in alike:
            value = (report.told.external_id or "")[:100]
            about = told.get(called, "")
            yield Finding(report.row_number or 0, "id", value, f"likely the same as {called}: {why}", MEND, about)

    def _near(self, session: Session, pointed: Sequence[Report], by: Viewer) -> list[Alike]:
        """Those that lie near to one that was here before."""
        cells = [cell(report.told.lon, report.told.lat) or 0 for report in pointed]
        self.nearby.read(session, cells)
        days = [_met(report.told).day for report in pointed]
        near = [self.nearby.of(number, day, DAYS) for number, day in zip(cells, days, strict=True)]
        return _alike(session, pointed, near, by, _why)

    def _told_by(self, session: Session, dated: Sequence[Report], by: Viewer) -> list[Alike]:
        """Those that rest on the source of one that was here before."""
        near = self.cited.near(session, dated, self.nearby.last, by)
        found = _alike(session, dated, [few for few, _ in near], by, _why_cited)
        met = {report.row_number for report, _, _ in found}
        rest = [(report, many) for report, (_, many) in zip(dated, near, strict=True) if report.row_number not in met]
        return found + _alike(session, [report for report, _ in rest], [many for _, many in rest], by, _why_listed)


def _alike(
    session: Session, reports: Sequence[Report], near: Sequence[Collection[int]], by: Viewer, why: Why
) -> list[Alike]:
    """Each report that has its like among the incidents near to it, what the closest is called, and why."""
    there = _read(session, sorted({pk for pks in near for pk in pks}), by)
    found = []
    for report, pks in zip(reports, near, strict=True):
        mine, close = _met(report.told), [there[pk] for pk in pks if pk in there]
        if best := min(filter(None, (why(mine, other) for other in close)), default=None):
            found.append((report, *best[1:]))
    return found


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


def _is_comparable(told: IncidentIn) -> bool:
    return told.lon is not None and told.geo_precision not in TOO_COARSE and _day(told) is not None


def _day(told: IncidentIn) -> date | None:
    return told.date.earliest if told.date is not None else None


def _people(told: IncidentIn) -> int | None:
    return _together([(tally.best, tally.min) for harm in COUNTED if (tally := getattr(told, harm)) is not None])


def _together(numbers: Any) -> int | None:
    known = [said for best, least in numbers if (said := least if best is None else best) is not None]
    return sum(known) if known else None


def _met(told: IncidentIn) -> Met:
    return Met("", told.date.earliest, told.lon, told.lat, told.country, _people(told))  # type: ignore[union-attr, arg-type]


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
            found[pk] = Met(ref, day, lon, lat, country, _together([tallies[:2], tallies[2:]]))
    return found


def _why(row: Met, other: Met) -> Close | None:
    """How far apart, of what, and in words; None when they are not alike."""
    days, kilometres = _apart(row, other)
    numbers = _numbers(row.people, other.people, spot=days == 0 and kilometres <= SPOT_KM)
    if days > DAYS or kilometres > KILOMETRES or numbers is None:
        return None
    where = "the same spot" if kilometres < 1 else f"{kilometres:.0f} km"
    return (days, kilometres), other.called, f"{_when(days)}, {where}, {numbers}"


def _why_cited(row: Met, other: Met) -> Close | None:
    """The same of two that rest on one source: what one source tells of one day and region, or of as many people."""
    days, kilometres = _apart(row, other)
    agree = row.people is not None and row.people == other.people
    if days > DAYS or not (agree or (days == 0 and kilometres <= REGION_KM)):
        return None
    numbers = _numbers(row.people, other.people, spot=True) or "other numbers of dead and missing"
    return (days, kilometres), other.called, f"{_when(days)}, the same source, {numbers}"


def _why_listed(row: Met, other: Met) -> Close | None:
    """The same of two of the many that rest on one register: day and number must agree, and the region."""
    days, kilometres = _apart(row, other)
    if days or kilometres > REGION_KM or not row.people or row.people != other.people:
        return None
    why = f"{_when(days)}, {kilometres:.0f} km, a source of many, same number of dead and missing"
    return (days, kilometres), other.called, why


def _apart(row: Met, other: Met) -> tuple[float, float]:
    """How many days and kilometres; without end where they lie in different countries, or one has no point."""
    if row.country and other.country and row.country != other.country:
        return inf, inf
    days = abs((row.day - other.day).days)
    if row.lon is None or row.lat is None or other.lon is None or other.lat is None:
        return days, inf
    return days, distance_km(row.lon, row.lat, other.lon, other.lat) or 0.0


def _when(days: float) -> str:
    return {0: "the same day", 1: "1 day apart"}.get(round(days), f"{days:.0f} days apart")


def _numbers(one: int | None, other: int | None, *, spot: bool) -> str | None:
    """How the numbers of dead and missing are alike, in words; None when they are not."""
    if one is None or other is None:
        return "no number of dead to compare" if spot else None
    if one == other:
        return "same number of dead and missing" if one or spot else None
    if spot and abs(one - other) <= max(1, NEARLY * max(one, other)):
        return f"{one} and {other} dead and missing"
    return None
