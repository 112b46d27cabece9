"""When two incidents are likely the same, and why: by day, place, numbers, sources and the words for the place."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from math import inf
from typing import Any

from app.records import Incident
from app.records.incident import IncidentIn
from app.sphere import distance_km

DAYS, KILOMETRES = 3, 25.0
# Of one source and day, what lies further apart than this was hardly the same.
REGION_KM = 200.0
# Closer than this, numbers may be a little apart.
SPOT_KM, NEARLY = 3.0, 0.2
COUNTED = ("killed", "missing")
TALLIES: tuple[Any, ...] = tuple(getattr(Incident, f"{harm}_{part}") for harm in COUNTED for part in ("best", "min"))
SAME_NUMBER = "same number of dead and missing"


@dataclass(frozen=True)
class Met:
    """What is compared of an incident. `people`: dead and missing together; None where nobody says."""

    called: str
    day: date
    lon: float | None
    lat: float | None
    country: str | None
    people: int | None


# How far apart in days and kilometres, what the other is called, and why they are alike.
Close = tuple[tuple[float, float], str, str]
Why = Callable[[Met, Met], Close | None]


def day_of(told: IncidentIn) -> date | None:
    """The first day it may have been."""
    return told.date.earliest if told.date is not None else None


def people_of(told: IncidentIn) -> int | None:
    """Its dead and missing together; None where nobody says."""
    return _together([(tally.best, tally.min) for harm in COUNTED if (tally := getattr(told, harm)) is not None])


def people_stored(tallies: Sequence[int | None]) -> int | None:
    """The same of an incident that is here. `tallies`: its TALLIES."""
    return _together(zip(tallies[::2], tallies[1::2], strict=True))


def _together(numbers: Iterable[tuple[int | None, int | None]]) -> int | None:
    """The sum of pairs of a best and a least number, as far as they are known."""
    known = [said for best, least in numbers if (said := least if best is None else best) is not None]
    return sum(known) if known else None


def met(told: IncidentIn) -> Met:
    """What is compared of a row that has a day."""
    return Met("", told.date.earliest, told.lon, told.lat, told.country, people_of(told))  # type: ignore[union-attr, arg-type]


def near(row: Met, other: Met) -> Close | None:
    """Two that lie near to each other: how far apart, of what, and in words; None when they are not alike."""
    days, kilometres = _apart(row, other)
    numbers = _numbers(row.people, other.people, spot=days == 0 and kilometres <= SPOT_KM)
    if days > DAYS or kilometres > KILOMETRES or numbers is None:
        return None
    return (days, kilometres), other.called, f"{_when(days)}, {_where(kilometres)}, {numbers}"


def cited(row: Met, other: Met) -> Close | None:
    """Two that rest on one source: what it tells of one spot, of one day and region, or of as many people."""
    days, kilometres = _apart(row, other)
    agree = row.people is not None and row.people == other.people
    if days > DAYS or not (agree or kilometres <= (SPOT_KM if days else REGION_KM)):
        return None
    numbers = _numbers(row.people, other.people, spot=True) or "other numbers of dead and missing"
    return (days, kilometres), other.called, f"{_when(days)}, the same source, {numbers}"


def listed(row: Met, other: Met) -> Close | None:
    """Two of the many that rest on one register: day and number must agree, and the region."""
    days, kilometres = _apart(row, other)
    if days or kilometres > REGION_KM or not row.people or row.people != other.people:
        return None
    return (days, kilometres), other.called, f"{_when(days)}, {_where(kilometres)}, a source of many, {SAME_NUMBER}"


def worded(row: Met, other: Met) -> Close | None:
    """Two whose place is called the same: the number must agree, and where both have a point the day too."""
    days, kilometres = _apart(row, other)
    if days > DAYS or (days and kilometres < inf) or not row.people or row.people != other.people:
        return None
    return (days, kilometres), other.called, f"{_when(days)}, the same words for the place, {SAME_NUMBER}"


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


def _where(kilometres: float) -> str:
    return "the same spot" if kilometres < 1 else f"{kilometres:.0f} km"


def _numbers(one: int | None, other: int | None, *, spot: bool) -> str | None:
    """How the numbers of dead and missing are alike, in words; None when they are not."""
    if one is None or other is None:
        return "no number of dead to compare" if spot else None
    if one == other:
        return SAME_NUMBER if one or spot else None
    if spot and abs(one - other) <= max(1, NEARLY * max(one, other)):
        return f"{one} and {other} dead and missing"
    return None
