"""One end of a date as it is written: numbers in any order, months by name, zeros for what is not known."""
# ruff: noqa: RUF001 - letters of other scripts are what this file reads

import calendar
import re
import tomllib
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from app.imports.converters.reading import Options, Unread
from app.matching.folding import name_key

WORDS = Path(__file__).with_name("date_words.toml")
YEAR_FIRST = re.compile(r"(\d{4})[-/.](\d{1,2})(?:[-/.](\d{1,2}))?")
YEAR_LAST = re.compile(r"(\d{1,2}) ?[-/.] ?(\d{1,2}) ?[-/.] ?(\d{4}|\d{2})")
MONTH_YEAR = re.compile(r"(\d{1,2}) ?[-/.] ?(\d{4})")
YEAR = re.compile(r"\d{4}")
SERIAL = re.compile(r"(\d{5})(?:\.\d+)?")
CLOCK = re.compile(r"[t ,]+(?:at )?\d{1,2}:\d{2}.*")
WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?|\d+")
EXCEL_BEGINS = date(1899, 12, 30)
MEND = "write it as 2025-06-12, 2025-06 or 2025, or leave it empty"
NO_DATE = "not a date that can be read"
ORDERS = ("ymd", "dmy", "mdy")
WRONG_ORDER = "the numbers do not fit the order that the mapping says"


class Stretch(NamedTuple):
    """First and last day; `judged`: whether it took more than reading to know them."""

    first: date
    last: date
    judged: bool = False


def stretch(text: str, options: Options) -> Stretch:
    """Read one day, month or year. Raises Unread, also where day and month could be either way round."""
    text = CLOCK.sub("", text).strip(" ,.()")
    if m := YEAR_FIRST.fullmatch(text):
        return _filled(int(m[1]), int(m[2]), int(m[3] or 0), judged=0 in (int(m[2]), int(m[3] or 1)))
    if m := YEAR_LAST.fullmatch(text):
        return _by_order(int(m[1]), int(m[2]), m[3], options)
    if m := MONTH_YEAR.fullmatch(text):
        return _filled(int(m[2]), int(m[1]), 0)
    if YEAR.fullmatch(text):
        return _filled(int(text), 0, 0)
    if options.get("excel") and (m := SERIAL.fullmatch(text)):
        day = EXCEL_BEGINS + timedelta(days=int(m[1]))
        return Stretch(day, day)
    return _with_a_name(text, options)


def _filled(year: int, month: int, day: int, *, judged: bool = False) -> Stretch:
    """A zero stands for what is not known: 2013-02-00 is some day in February 2013."""
    if not 1 <= year <= 9999 or month > 12 or (day and not month):
        raise Unread("no calendar has this date", MEND)
    if not month:
        return Stretch(date(year, 1, 1), date(year, 12, 31), judged)
    length = calendar.monthrange(year, month)[1]
    if day > length:
        raise Unread("that month has no such day", MEND)
    return Stretch(date(year, month, day or 1), date(year, month, day or length), judged)


def _by_order(one: int, two: int, year: str, options: Options) -> Stretch:
    order, full = options.get("order"), full_year(year, options)
    if order == "ymd":
        raise Unread(WRONG_ORDER, 'say order = "dmy" or "mdy" if the column has the year last')
    if order is None:
        if one <= 12 and two <= 12 and one != two:
            raise Unread("day and month could be either way round", 'say in the mapping: order = "dmy" or "mdy"')
        order = "mdy" if two > 12 else "dmy"
    day, month = (one, two) if order == "dmy" else (two, one)
    if month > 12:
        raise Unread(WRONG_ORDER, "look whether the column has both orders; write this one as 2025-06-12")
    return _filled(full, month, day, judged=len(year) == 2 or not day)


def full_year(text: str, options: Options) -> int:
    """Two digits need the mapping's word on which is the last year that can be meant: pivot = 2030."""
    if len(text) == 4:
        return int(text)
    pivot = options.get("pivot")
    if pivot is None:
        raise Unread("two digits of a year could be two centuries", "say in the mapping the last year: pivot = 2030")
    year = pivot - pivot % 100 + int(text)
    return int(year if year <= pivot else year - 100)


def _with_a_name(text: str, options: Options) -> Stretch:
    month, rest = _month_in(text)
    numbers = [word for word in rest if word.isdigit()]
    if month is None or any(not word.isdigit() and word not in silent_words() for word in rest):
        raise Unread(NO_DATE, MEND)
    years = [n for n in numbers if len(n) == 4]
    days = [n for n in numbers if len(n) <= 2]
    if len(years) == 1 and len(numbers) == 1:
        return _filled(int(years[0]), month, 0)
    if len(years) == 1 and len(days) == 1 and len(numbers) == 2:
        return _filled(int(years[0]), month, int(days[0]))
    if len(days) == 2 and len(numbers) == 2:  # 5 June 77: the year is last
        return _filled(full_year(days[1], options), month, int(days[0]), judged=True)
    raise Unread(NO_DATE, MEND)


def _month_in(text: str) -> tuple[int | None, list[str]]:
    """The month that is named, and the other words in small letters."""
    words = WORD.findall(re.sub(r"(?<=\d)(?=[^\W\d_])|(?<=[^\W\d_])(?=\d)", " ", text))
    names = month_names()
    for size in (2, 1):  # "كانون الثاني" is a month of two words
        for at in range(len(words) - size + 1):
            month = names.get(name_key(" ".join(words[at : at + size])))
            if month:
                return month, words[:at] + words[at + size :]
    return None, words


@cache
def month_names() -> dict[str, int]:
    """Every spelling, folded, and its month."""
    found: dict[str, set[int]] = {}
    for months in _words()["months"].values():
        for number, spellings in enumerate(months, 1):
            for spelling in spellings:
                found.setdefault(name_key(spelling), set()).add(number)
    return {spelling: numbers.pop() for spelling, numbers in found.items() if len(numbers) == 1}


@cache
def silent_words() -> frozenset[str]:
    """Words that stand between the parts of a date and say nothing."""
    return frozenset(_words()["silent"])


@cache
def _words() -> dict[str, Any]:
    return tomllib.loads(WORDS.read_text(encoding="utf-8"))
