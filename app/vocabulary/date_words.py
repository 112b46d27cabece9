"""Dates in words, no more exact than they are known: "on an unknown day in June 2025"."""

from collections.abc import Callable
from datetime import date, timedelta

from app.vocabulary.edtf import SAYS, SOMETIME_WITHIN, whole_unit

_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)


def words(earliest: date | None, latest: date | None, span: str, qualifier: str | None, language: str = "en") -> str:
    """Say when, as part of a sentence; ValueError for a language that is not in LANGUAGES."""
    if language not in LANGUAGES:
        raise ValueError(SAYS["language"])
    return LANGUAGES[language](earliest, latest, span, qualifier)


def _english(earliest: date | None, latest: date | None, span: str, qualifier: str | None) -> str:
    roughly = qualifier in ("approximate", "uncertain_and_approximate")
    if earliest is None or latest is None:
        said = _open(earliest, latest, span, roughly=roughly)
    elif span == SOMETIME_WITHIN:
        said = _within(earliest, latest, roughly=roughly)
    else:
        said = _throughout(earliest, latest, roughly=roughly)
    doubtful = qualifier in ("uncertain", "uncertain_and_approximate") and (earliest or latest)
    return f"{said} (uncertain)" if doubtful else said


def _open(earliest: date | None, latest: date | None, span: str, *, roughly: bool) -> str:
    about = "about " if roughly else ""
    if earliest:
        if span == SOMETIME_WITHIN:
            return f"{'roughly ' if roughly else ''}on or after {_day(earliest)}"
        return f"from {about}{_day(earliest)} onwards"
    if latest:
        return f"{'by' if span == SOMETIME_WITHIN else 'until'} {about}{_day(latest)}"
    return "on an unknown date"


def _within(earliest: date, latest: date, *, roughly: bool) -> str:
    about = "around" if roughly else "on"
    if earliest == latest:
        return f"{about} {_day(earliest)}"
    if latest - earliest == timedelta(days=1):
        return f"{about} {_pair(earliest, latest, 'or')}"
    unit = _unit(earliest, latest)
    if unit:
        return f"on an unknown day {'around' if roughly else 'in'} {unit}"
    return f"on an unknown day {'roughly ' if roughly else ''}between {_pair(earliest, latest, 'and')}"


def _throughout(earliest: date, latest: date, *, roughly: bool) -> str:
    about = "roughly " if roughly else ""
    unit = _day(earliest) if earliest == latest else _unit(earliest, latest)
    return f"{about}throughout {unit}" if unit else f"{about}from {_pair(earliest, latest, 'to')}"


def _unit(earliest: date, latest: date) -> str | None:
    """June 2025; 2025; the 2020s; the years 1900 to 1999 ("the 1900s" might be a decade)."""
    unit = whole_unit(earliest, latest)
    if unit is None:
        return None
    if unit.endswith("XX"):
        return f"the years {earliest.year} to {latest.year}"
    if unit.endswith("X"):
        return f"the {earliest.year}s"
    return f"{earliest.year}" if len(unit) == 4 else f"{_MONTHS[earliest.month - 1]} {earliest.year}"


def _pair(earliest: date, latest: date, joined: str) -> str:
    """1 and 20 June 2025; 28 May and 3 June 2025; 28 December 2024 and 3 January 2025."""
    start = _day(earliest)
    if earliest.year == latest.year:
        start = f"{earliest.day}"
        if earliest.month != latest.month:
            start += f" {_MONTHS[earliest.month - 1]}"
    return f"{start} {joined} {_day(latest)}"


def _day(day: date) -> str:
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"


LANGUAGES: dict[str, Callable[[date | None, date | None, str, str | None], str]] = {"en": _english}
