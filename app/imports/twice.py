"""New rows that are likely here already under another id: pointed out with the reason, and never merged."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from sqlalchemy import bindparam
from sqlmodel import Session, col, select

from app.access.viewer import Viewer
from app.access.visibility import visible
from app.actions.composing import Report
from app.db import distance_km
from app.imports.importer import Finding
from app.records import Incident
from app.records.blocks import cell
from app.records.incident import IncidentIn

DAYS, KILOMETRES = 3, 25.0
# Two cells of a tenth of a degree to each side: some 22 km, from the edge of a cell.
AROUND = [row * 3600 + column for row in range(-2, 3) for column in range(-2, 3)]
BESIDE, WEEK = frozenset(AROUND), 7
# Closer than this, numbers may be a little apart.
SPOT_KM, NEARLY = 3.0, 0.2
COUNTED = ("killed", "missing")
TOO_COARSE = frozenset({"country", "area1", "unknown"})
SHOWN = 200
MEND = "compare the two; if they are the same, merge them after the import"
CELLS, FIRST, LAST, BEFORE = "cells", "first", "last", "before"
COLUMNS = (
    Incident.ref, Incident.date_earliest, Incident.lon, Incident.lat, Incident.country, Incident.cell,
    *(getattr(Incident, f"{harm}_{part}") for harm in COUNTED for part in ("best", "min")),
)  # fmt: skip


@dataclass(frozen=True)
class Met:
    """What is compared of an incident. `people`: dead and missing together; None where nobody says."""

    called: str
    day: date
    lon: float
    lat: float
    country: str | None
    people: int | None


@dataclass
class Twice:
    """What was found in one file. `last`: the last incident that was here before it; `taken`: the cells of such."""

    last: int | None = None
    taken: set[int] = field(default_factory=set)
    found: int = 0
    rows: dict[Any, tuple[int, str | None]] = field(default_factory=dict)

    def look(self, session: Session, new: Sequence[Report], by: Viewer) -> list[Finding]:
        """The findings for the new reports of a chunk, as far as there is room for them."""
        pointed = [report for report in new if _is_comparable(report.told)]
        findings = [finding for report in pointed if (finding := self._in_file(report))]
        findings += self._here(session, pointed, by) if pointed else ()
        room = max(0, SHOWN - self.found)
        self.found += len(findings)
        return findings[:room]

    def summary(self) -> Iterator[Finding]:
        """How many there are in all, where not all were told."""
        if self.found > SHOWN:
            why = f"{self.found:,} rows may be here already under another id; the first {SHOWN} are told"
            yield Finding(0, "id", "", why, MEND)

    def _in_file(self, report: Report) -> Finding | None:
        """Another id in this file with the very same title, day, spot and numbers.

        Where the mapping numbers the rows of one id, it says that they are different incidents.
        """
        told, line = report.told, report.row_number or 0
        key = hash((told.title, told.date.earliest if told.date else None, told.lon, told.lat, _people(told)))
        earlier, other = self.rows.setdefault(key, (line, told.external_id))
        mine = told.external_id
        if earlier == line or mine is None or other is None or mine.startswith(other):
            return None
        why = f"likely the same as row {earlier}: the same title, day, spot and numbers under another id"
        return Finding(line, "id", mine[:100], why, "keep one of the two rows")

    def _here(self, session: Session, pointed: Sequence[Report], by: Viewer) -> Iterator[Finding]:
        if self.last is None:
            self.last = session.execute(select(Incident.pk).order_by(col(Incident.pk).desc()).limit(1)).scalar() or 0
            self.taken = {number for number in session.exec(select(Incident.cell).distinct()) if number is not None}
        there = _around(session, pointed, self, by) if self.taken else {}
        for report in pointed if there else ():
            mine, told = _met(report.told), report.told
            close = [other for key in _keys(mine) for other in there.get(key, ())]
            if best := min(filter(None, (_why(mine, other) for other in close)), default=None):
                _, called, why = best
                value = (told.external_id or "")[:100]
                yield Finding(report.row_number or 0, "id", value, f"likely the same as {called}: {why}", MEND)


def _keys(met: Met) -> set[tuple[int, int]]:
    """The cell of an incident, with each week in which something could be near to it in time."""
    number, day = cell(met.lon, met.lat) or 0, met.day.toordinal()
    return {(number, (day - DAYS) // WEEK), (number, (day + DAYS) // WEEK)}


def _is_comparable(told: IncidentIn) -> bool:
    return (
        told.lon is not None
        and told.geo_precision not in TOO_COARSE
        and (day := told.date) is not None
        and day.earliest is not None
    )


def _people(told: IncidentIn) -> int | None:
    return _together([(tally.best, tally.min) for harm in COUNTED if (tally := getattr(told, harm)) is not None])


def _together(numbers: Any) -> int | None:
    said = [best if best is not None else least for best, least in numbers]
    known = [number for number in said if number is not None]
    return sum(known) if known else None


def _met(told: IncidentIn) -> Met:
    return Met("", told.date.earliest, told.lon, told.lat, told.country, _people(told))  # type: ignore[union-attr, arg-type]


def _around(session: Session, pointed: Sequence[Report], known: Twice, by: Viewer) -> dict[tuple[int, int], list[Met]]:
    """What was here before, near in place and time to any of the reports, by the cells and weeks it is near to.

    One question for the chunk, answered by the index of cells and days.
    """
    keys = {key for report in pointed for key in _keys(_met(report.told))}
    own, weeks = {number for number, _ in keys}, dict[int, list[int]]()
    for number, week in keys:
        weeks.setdefault(week, []).append(number)
    days = [report.told.date.earliest for report in pointed if report.told.date and report.told.date.earliest]
    wide = timedelta(days=DAYS)
    asked = select(*COLUMNS).where(
        col(Incident.cell).in_(bindparam(CELLS, expanding=True, literal_execute=True)),
        col(Incident.date_earliest).between(bindparam(FIRST), bindparam(LAST)),
        col(Incident.pk) <= bindparam(BEFORE), *visible(by),
    )  # fmt: skip
    which = {
        CELLS: sorted(known.taken.intersection([number + step for number in own for step in AROUND])),
        BEFORE: known.last,
        FIRST: _shifted(min(days), -wide), LAST: _shifted(max(days), wide),
    }  # fmt: skip
    found: dict[tuple[int, int], list[Met]] = {}
    for ref, day, lon, lat, country, number, *tallies in session.execute(asked, which).all():
        week = day.toordinal() // WEEK
        if near := [one for one in weeks.get(week, ()) if number - one in BESIDE]:
            met = Met(ref, day, lon, lat, country, _together([tallies[:2], tallies[2:]]))
            for one in near:
                found.setdefault((one, week), []).append(met)
    return found


def _shifted(day: date, by: timedelta) -> date:
    try:
        return day + by
    except OverflowError:
        return day


def _why(row: Met, other: Met) -> tuple[tuple[float, float], str, str] | None:
    """How far apart, of what, and in words; None when they are not alike."""
    days = abs((row.day - other.day).days)
    if days > DAYS or (row.country and other.country and row.country != other.country):
        return None
    kilometres = distance_km(row.lon, row.lat, other.lon, other.lat) or 0.0
    numbers = _numbers(row.people, other.people, spot=days == 0 and kilometres <= SPOT_KM)
    if kilometres > KILOMETRES or numbers is None:
        return None
    when = {0: "the same day", 1: "1 day apart"}.get(days, f"{days} days apart")
    where = "the same spot" if kilometres < 1 else f"{kilometres:.0f} km"
    return (days, kilometres), other.called, f"{when}, {where}, {numbers}"


def _numbers(one: int | None, other: int | None, *, spot: bool) -> str | None:
    """How the numbers of dead and missing are alike, in words; None when they are not."""
    if one is None or other is None:
        return "no number of dead to compare" if spot else None
    if one == other:
        return "same number of dead and missing" if one or spot else None
    if spot and abs(one - other) <= max(1, NEARLY * max(one, other)):
        return f"{one} and {other} dead and missing"
    return None
