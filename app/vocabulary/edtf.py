"""Dates in the Extended Date/Time Format, read into the bounds they set and written from bounds."""

import calendar
import re
from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

SOMETIME_WITHIN, THROUGHOUT = SPANS = ("sometime_within", "throughout")
QUALIFIERS = (None, "uncertain", "approximate", "uncertain_and_approximate")  # index = the weight of the mark
_WEIGHTS = {"?": 1, "~": 2, "%": 3}
_MARKS = {None: "", "uncertain": "?", "approximate": "~", "uncertain_and_approximate": "%"}

# Whole sentences, never filled in: they reach API errors, which must not hold anything that was typed.
SAYS = {
    "empty": "The date is empty. Write a day as 2025-06-01, a month as 2025-06 or a year as 2025.",
    "long": "The date is too long. Write it as 2025-06-01 and keep the source's own words beside it.",
    "junk": "This is not a date we can read. Write 2025-06-01, 2025-06, 2025 or 2025-06-01/2025-06-20.",
    "ambiguous": "Day and month could be either way round. Write the year first: 1 June 2025 is 2025-06-01.",
    "slash": "A slash stands between two dates: 2025-06-01/2025-06-20. Write a day as 2025-06-01.",
    "year": "The year must be 0001 to 9999, in four digits, as in 2025-06-01.",
    "month": "The month must be 01 to 12, as in 2025-06-01 (or 21 to 24 for a season, as in 2025-21).",
    "day": "That month has no such day. Write 2025-06-01, or 2025-06 when the day is not known.",
    "time": "The time of day cannot be read. Write 2025-06-01T14:30, or the day alone.",
    "unspecified": "X may stand only for the last digits: 2025-06-XX, 2025-XX, 202X or 20XX.",
    "reversed": "The end is before the start. Write the earlier date first: 2025-06-01/2025-06-20.",
    "ends": "At least one end must be a date: 2025-06-01/.. or ../2025-06-01. Leave an unknown date empty.",
    "set": "A set stands in square brackets: [2025-06-01,2025-06-03] or [2025-06-01..2025-06-20].",
    "span": "The span must be sometime_within or throughout.",
    "qualifier": "The qualifier must be uncertain, approximate, uncertain_and_approximate or empty.",
    "language": "Dates cannot be put into words in that language yet.",
}

_LONGEST = 500
_DIGITS = {12: 4, 120: 3, 1200: 2}  # months -> digits of the year that are known
_TIDY = {
    **{zero + digit: str(digit) for zero in (0x660, 0x6F0) for digit in range(10)},  # Arabic-Indic, Persian
    **dict.fromkeys((0x61C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A), 0xFEFF)),  # bidi
    **dict.fromkeys((0x2010, 0x2011, 0x2212), "-"),  # hyphens and the minus sign
    **dict.fromkeys((0x2013, 0x2014), " - "),  # the dashes of a typed range
    0x60C: ",",
}
_TYPED_RANGE = re.compile(r" (?:TO|-) | ?(?<!/)\.\.(?!/) ?")
_DAY_FIRST = re.compile(r"[0-9]{1,2}(?: ?[/.-] ?[0-9]{1,2})? ?[/.-] ?(?:[0-9]{2}){1,2}")
_SHAPE = re.compile(r"[?~%]?[0-9X]{4}[?~%]?(?:-[?~%]?[0-9X]{2}[?~%]?){0,2}")
_MARK = re.compile(r"[?~%]")
_TIMED = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})[T ](?=[0-9])(.*)")
_TIME = re.compile(
    r"(?:[01][0-9]|2[0-3]):[0-5][0-9](?::(?:[0-5][0-9]|60)(?:[.,][0-9]+)?)?"
    r" ?(?:Z|[+-](?:0[0-9]|1[0-4])(?::?[0-5][0-9])?)?"
)


class Facts(NamedTuple):
    """What a written date says: its bounds, their span and qualifier, and whether that is all it said."""

    earliest: date | None
    latest: date | None
    span: str
    qualifier: str | None
    exact: bool


class _Stretch(NamedTuple):
    """The days that one written unit covers (None: no bound), and the weight of its marks."""

    first: date | None
    last: date | None
    weight: int
    exact: bool


def read(text: str) -> Facts:
    """Read EDTF level 0 or 1, a `[..]` set or a typed range; ValueError says what is wrong and what to write.

    Seasons are meteorological and northern: 21 is March to May, 22 June to August, 23 September to November,
    24 December of that year to February of the next. Of a date-time the calendar day is kept, as written.
    """
    clean = _tidied(text)
    if clean[0] == "[":
        return _set(clean)
    ends = _TYPED_RANGE.split(clean)
    if len(ends) == 2:
        return _facts(_between(*ends), SOMETIME_WITHIN)
    if "/" in clean and not _DAY_FIRST.fullmatch(clean):
        return _interval(clean)
    return _facts(_unit(clean), SOMETIME_WITHIN)


def edtf(earliest: date | None, latest: date | None, span: str, qualifier: str | None) -> str | None:
    """Write the coarsest form that `read` gives back unchanged; None when neither end is known."""
    mark = _MARKS[qualifier]
    if earliest is None or latest is None:
        if earliest is latest:
            return None
        start, end = (f"{day.isoformat()}{mark}" if day else "" for day in (earliest, latest))
    else:
        if span == SOMETIME_WITHIN and (unit := whole_unit(earliest, latest)):
            return unit + mark
        start, end = _ends(earliest, latest, mark)
    return f"[{start}..{end}]" if span == SOMETIME_WITHIN else f"{start or '..'}/{end or '..'}"


def whole_unit(earliest: date, latest: date) -> str | None:
    """Name the day, month, year, decade or century that the two days exactly fill, `2025-06` or `202X`."""
    written = earliest.isoformat()
    if earliest == latest:
        return written
    if earliest.day != 1 or not _ends_month(latest):
        return None
    months = (latest.year - earliest.year) * 12 + latest.month - earliest.month + 1
    if months == 1:
        return written[:7]
    digits = _DIGITS.get(months)
    if digits and earliest.month == 1 and not written[digits:4].strip("0"):
        return written[:digits].ljust(4, "X")
    return None


def _ends_month(day: date) -> bool:
    return day.day > 27 and day.day == calendar.monthrange(day.year, day.month)[1]


def _ends(earliest: date, latest: date, mark: str) -> tuple[str, str]:
    """Both ends in whole years or months where they fit; one lone month or year stays in days.

    `2025-06/2025-06` would look like "some day in June" to anyone who skims.
    """
    size = 10
    if earliest.day == 1 and _ends_month(latest):
        if earliest.year != latest.year:
            size = 4 if earliest.month == 1 and latest.month == 12 else 7
        elif earliest.month != latest.month and (earliest.month, latest.month) != (1, 12):
            size = 7
    return earliest.isoformat()[:size] + mark, latest.isoformat()[:size] + mark


def _tidied(text: str) -> str:
    """ASCII digits and hyphens, capitals, single spaces, no invisible marks."""
    if len(text) > _LONGEST:
        raise ValueError(SAYS["long"])
    if not text.isascii():
        text = text.translate(_TIDY)
    clean = " ".join(text.split()).upper().replace(" /", "/").replace("/ ", "/")
    if not clean:
        raise ValueError(SAYS["empty"])
    return clean


def _facts(stretch: _Stretch, span: str) -> Facts:
    return Facts(stretch.first, stretch.last, span, QUALIFIERS[stretch.weight], stretch.exact)


def _interval(clean: str) -> Facts:
    """Read `a/b`. Exact when it comes back letter for letter: an unknown end or mixed units do not."""
    ends = clean.split("/")
    if len(ends) != 2:
        raise ValueError(SAYS["slash"])
    first, last, weight, _ = stretch = _between(*ends)
    qualifier = QUALIFIERS[weight]
    mark = _MARKS[qualifier]
    in_days = "/".join(f"{day.isoformat()}{mark}" if day else ".." for day in (first, last))
    exact = clean in (in_days, edtf(first, last, THROUGHOUT, qualifier))
    return _facts(stretch._replace(exact=exact), THROUGHOUT)


def _set(clean: str) -> Facts:
    """Read `[a,b,c..d]`: one of these. Exact when the members leave no gap between them."""
    if not clean.endswith("]") or clean.count("[") > 1:
        raise ValueError(SAYS["set"])
    members = [_member(part.strip()) for part in clean[1:-1].split(",")]
    starts = [member.first for member in members]
    stops = [member.last for member in members]
    first = None if None in starts else min(day for day in starts if day)
    last = None if None in stops else max(day for day in stops if day)
    if first is None and last is None:
        raise ValueError(SAYS["ends"])
    weight, alike = _marks_of(members)
    return _facts(_Stretch(first, last, weight, alike and _unbroken(members)), SOMETIME_WITHIN)


def _member(part: str) -> _Stretch:
    ends = part.split("..")
    if len(ends) > 2 or not part:
        raise ValueError(SAYS["set"])
    return _between(ends[0].strip(), ends[1].strip()) if len(ends) == 2 else _unit(part)


def _unbroken(members: Sequence[_Stretch]) -> bool:
    spans = sorted(
        (member.first.toordinal() if member.first else 0, member.last.toordinal() if member.last else 9**9)
        for member in members
    )
    reached = spans[0][1]
    for start, stop in spans:
        if start > reached + 1:
            return False
        reached = max(reached, stop)
    return True


def _between(start: str, end: str) -> _Stretch:
    """From the first day of one unit to the last day of another; an end that is empty or `..` is open."""
    low = None if start in ("", "..") else _unit(start)
    high = None if end in ("", "..") else _unit(end)
    weight, exact = _marks_of([unit for unit in (low, high) if unit])
    first = low.first if low else None
    last = high.last if high else None
    if first and last and first > last:
        raise ValueError(SAYS["reversed"])
    return _Stretch(first, last, weight, exact)


def _marks_of(stretches: Sequence[_Stretch]) -> tuple[int, bool]:
    """All their marks on the whole; exact when each bears the same one."""
    if not stretches:
        raise ValueError(SAYS["ends"])
    weight = 0
    for stretch in stretches:
        weight |= stretch.weight
    return weight, all(stretch.exact and stretch.weight == weight for stretch in stretches)


def _unit(text: str) -> _Stretch:
    """Read one day, month, year, season, decade or century, with its marks."""
    timed = _TIMED.fullmatch(text)
    if timed:
        if not _TIME.fullmatch(timed[2]):
            raise ValueError(SAYS["time"])
        text = timed[1]
    elif not _SHAPE.fullmatch(text):
        raise ValueError(SAYS["ambiguous" if _DAY_FIRST.fullmatch(text) else "junk"])
    weight = 0
    marks = _MARK.findall(text)
    for mark in marks:
        weight |= _WEIGHTS[mark]
    first, last, exact = _bounds(*_MARK.sub("", text).split("-"))
    whole = not marks or (len(marks) == 1 and text[-1] == marks[0])
    return _Stretch(first, last, weight, exact and whole and not timed)


def _bounds(year: str, month: str = "", day: str = "") -> tuple[date, date, bool]:
    """First and last day, and whether they say all of it (a season is more than its bounds)."""
    if not year.isdigit():
        return _many_years(year, month)
    number = int(year)
    if number == 0:
        raise ValueError(SAYS["year"])
    if "X" in month or "X" in day:
        return _unspecified(number, month, day)
    if not month:
        return date(number, 1, 1), date(number, 12, 31), True
    if "21" <= month <= "24" and not day:
        return _season(number, int(month))
    return *_month_or_day(number, int(month), day), True


def _unspecified(year: int, month: str, day: str) -> tuple[date, date, bool]:
    if month == "XX" and day in ("", "XX"):
        return date(year, 1, 1), date(year, 12, 31), True
    if day != "XX" or not month.isdigit():
        raise ValueError(SAYS["unspecified"])
    return *_month_or_day(year, int(month), ""), True


def _month_or_day(year: int, month: int, day: str) -> tuple[date, date]:
    if not 1 <= month <= 12:
        raise ValueError(SAYS["month"])
    length = calendar.monthrange(year, month)[1]
    if not day:
        return date(year, month, 1), date(year, month, length)
    if not 1 <= int(day) <= length:
        raise ValueError(SAYS["day"])
    one = date(year, month, int(day))
    return one, one


def _season(year: int, code: int) -> tuple[date, date, bool]:
    start = 3 * (code - 20)
    final = year + start // 12
    if final > 9999:
        raise ValueError(SAYS["year"])
    stop = (start + 2) % 12
    return date(year, start, 1), date(final, stop, calendar.monthrange(final, stop)[1]), False


def _many_years(year: str, month: str) -> tuple[date, date, bool]:
    known = year.rstrip("X")
    if month or "X" in known or len(known) < 2:
        raise ValueError(SAYS["unspecified"])
    if int(known) == 0:
        raise ValueError(SAYS["year"])
    return date(int(known.ljust(4, "0")), 1, 1), date(int(known.ljust(4, "9")), 12, 31), True
