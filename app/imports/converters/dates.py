"""Dates as people write them, in words and many orders, as exactly as they are written and no more exactly."""
# ruff: noqa: RUF001 - letters of other scripts are what this file reads

import re
from calendar import monthrange
from datetime import date, datetime, timedelta
from typing import Any

from app.imports.converters.date_parts import MEND, NO_DATE, ORDERS, Stretch, stretch
from app.imports.converters.reading import Converter, Options, Read, Unread, clean, known, plain
from app.vocabulary import certainty

DAYS = re.compile(r"(\d{1,2}) ?(?:-|&|/|and|to|or|y|et|و|и) ?(\d{1,2}) ?([-/. ,] ?\S.*)")
NAMED_DAYS = re.compile(r"([^\W\d_]+) (\d{1,2}) ?(?:-|&|and|to|or) ?(\d{1,2}),? (\d{4})")
JOINED = re.compile(
    r" ?(?:\bto\b|\bthrough\b|\buntil\b|\band\b|\bor\b| - |\bal?\b|\bau\b|\bhasta\b|\bпо\b|إلى|سے|تا| – ) ?"
)
OPENING = re.compile(r"^(?:between|from|entre|desde|du|de|с|من|بين) ")
# What stands before or behind a date in words, and how much it takes from it.
DOUBT = re.compile(
    r"\(?\b(?:believed to be|believed|probably|possibly|presumably|presumed|maybe|reportedly|likely|unconfirmed|"
    r"probablemente|posiblemente|quizás|probablement|peut-être|возможно|вероятно|ربما|يعتقد|شاید|غالباً)\b\)?|\?"
)
ABOUT = re.compile(
    r"^(?:about|around|approximately|approx\.?|circa|c\.|ca\.|~|on or about|on or around|alrededor del?|hacia|vers|"
    r"environ|около|примерно|حوالي|تقريبا|تقریباً) ?|(?: ?\(?(?:approx\.?|approximately|~)\)?)$"
)
PART_OF = re.compile(r"^(?:early|mid|middle of|late|end of|beginning of|start of)[- ]")
BEFORE = re.compile(r"^(?:before|by|until|not later than|antes del?|avant|до|قبل) ")
AFTER = re.compile(r"^(?:after|since|from|not earlier than|después del?|desde|après|depuis|после|с|بعد|منذ) ")
LONGEST = 500
MARKS = {(True, True): "uncertain_and_approximate", (True, False): "uncertain", (False, True): "approximate"}


def read(cell: Any, options: Options) -> Read:
    """The first and last day, how sure, and the writing itself where these say less than it.

    `order`: how days, months and years follow each other where all are numbers: the whole column has one order, and a
    cell that could be either is not read without it. `pivot`: the last year that two digits can mean. `excel`: whether
    numbers of five digits are days counted from 1900. `whole = "month"`: the day in the column only stands for its
    month. A time of day is passed over.
    """
    if isinstance(cell, datetime | date):
        return Read({"earliest": f"{cell:%Y-%m-%d}", "latest": f"{cell:%Y-%m-%d}"})
    text = known(cell)[:LONGEST]
    if not text:
        return Read()
    said = plain(text)
    doubt = DOUBT.search(said) is not None
    said = DOUBT.sub(" ", said).strip(" ,")
    roughly = ABOUT.search(said) is not None
    said = ABOUT.sub("", said).strip(" ,")
    part = PART_OF.search(said) is not None
    said = " ".join(PART_OF.sub("", said).split())
    told, judged = _bounds(said, text, options)
    if options.get("whole") == "month":
        told = _widened(told)
    if qualifier := MARKS.get((doubt, roughly)):
        told["qualifier"] = qualifier
    if judged or doubt or roughly or part:
        told["verbatim"] = text
    return Read(told)


def _bounds(said: str, text: str, options: Options) -> tuple[dict[str, Any], bool]:
    """Earliest and latest as text, and whether it took a judgement to know them."""
    if m := BEFORE.match(said):
        return {"latest": stretch(said[m.end() :], options).last.isoformat()}, True
    if edtf := _edtf(text):
        return edtf
    if whole := _one(said, options):
        return _told(whole), whole.judged
    ends = JOINED.split(OPENING.sub("", said))
    two = len(ends) == 2 and all(ends)
    if several := _days(said, options) or (_between(ends[0], ends[1], options) if two else None):
        return _told(several), True
    if m := AFTER.match(said):
        return {"earliest": stretch(said[m.end() :], options).first.isoformat()}, True
    raise Unread(NO_DATE, MEND)


def _edtf(text: str) -> tuple[dict[str, Any], bool] | None:
    """What is written in our own way already."""
    try:
        when = certainty.parse(text)
    except ValueError:
        return None
    told = {"earliest": when.earliest, "latest": when.latest, "span": when.span, "qualifier": when.qualifier}
    given = {k: v.isoformat() if isinstance(v, date) else v for k, v in told.items() if v is not None}
    day_of_a_time = when.earliest == when.latest and len(text) > 10 and text[4:5] == "-"
    return {k: v for k, v in given.items() if v != certainty.SOMETIME_WITHIN}, not (when.exact or day_of_a_time)


def _one(said: str, options: Options) -> Stretch | None:
    try:
        return stretch(said, options)
    except Unread as no:
        if no.why == NO_DATE:
            return None
        raise


def _days(said: str, options: Options) -> Stretch | None:
    """Two days of one month: 25-26/12/1977, 5 and 6 June 2020, June 5-6, 2020."""
    if m := NAMED_DAYS.fullmatch(said):
        one, two = (f"{m[1]} {day} {m[4]}" for day in (m[2], m[3]))
    elif m := DAYS.fullmatch(said):
        one, two = m[1] + m[3], m[2] + m[3]
        options = {"order": "dmy", **options}  # nobody writes a month between two days
    else:
        return None
    return _between(one, two, options)


def _between(one: str, two: str, options: Options) -> Stretch:
    last = stretch(two, options)
    year = re.search(r"\d{4}", two)
    if year and not re.search(r"\d{4}", one):  # "28 May to 3 June 2020": the year is said once
        one = f"{one} {year[0]}" if not re.search(r"[/.]\d{1,2}$", one) else f"{one}/{year[0]}"
    first = stretch(one, options)
    if first.first > last.last:
        raise Unread("the end lies before the start", MEND)
    return Stretch(first.first, last.last, judged=True)


def _widened(told: dict[str, Any]) -> dict[str, Any]:
    """The same to the ends of its months."""
    ends = {}
    if first := told.get("earliest"):
        ends["earliest"] = f"{first[:8]}01"
    if last := told.get("latest"):
        ends["latest"] = f"{last[:8]}{monthrange(int(last[:4]), int(last[5:7]))[1]:02}"
    return told | ends


def _told(found: Stretch) -> dict[str, Any]:
    return {"earliest": found.first.isoformat(), "latest": found.last.isoformat()}


def span(cell: Any, options: Options) -> Read:
    """From the first day of one column to the last day of another; a stretch that runs backwards is kept and told."""
    start, end = (
        read(part, options).value or {} for part in [*(cell if isinstance(cell, list) else [cell]), None, None][:2]
    )
    first, last = start.get("earliest"), end.get("latest") or (None if end else start.get("latest"))
    told: dict[str, Any] = {k: v for k, v in (start | end).items() if k not in {"earliest", "latest", "verbatim"}}
    backwards = bool(first and last and first > last)
    ends = (last, first) if backwards else (first, last)
    told |= {key: day for key, day in zip(("earliest", "latest"), ends, strict=True) if day}
    return Read(told or None, None, "the end lies before the start: kept as the days between" if backwards else None)


def about(cell: Any, options: Options) -> Read:
    """A date and a code of how exact it is: `days = { "2" = 3 }` to either side, `months = ["3"]` the whole month.

    `order`, `pivot` and `excel` as in `date`. Another code says that it is the day.
    """
    day, code = [*(cell if isinstance(cell, list) else [cell]), None, None][:2]
    found, given = read(day, options), clean(code)
    told = found.value
    if not told or "earliest" not in told or "latest" not in told:
        return found
    if given in options.get("months", {}):
        return Read(_widened(told))
    around = options.get("days", {}).get(given, 0)
    around = around if isinstance(around, int) else 0
    first, last = date.fromisoformat(told["earliest"]), date.fromisoformat(told["latest"])
    try:
        ends = {"earliest": first - timedelta(days=around), "latest": last + timedelta(days=around)}
    except OverflowError:
        raise Unread("no calendar has this date", MEND) from None
    return Read(told | {end: day.isoformat() for end, day in ends.items()})


def words_only(cell: Any) -> dict[str, str]:
    """A date of which only the writing is kept."""
    return {"verbatim": clean(cell)[:LONGEST]}


OPTIONS: dict[str, type | tuple[Any, ...]] = {"order": ORDERS, "pivot": int, "excel": bool, "whole": ("month",)}
DATE = Converter("a date in words or numbers, a range, a month, a year", read, OPTIONS)
SPAN = Converter("the days from one column to another", span, OPTIONS)
EXACTNESS: dict[str, type | tuple[Any, ...]] = OPTIONS | {"days": dict, "months": list}
ABOUT_DAY = Converter("a date and a code of how exact it is", about, EXACTNESS)
