"""What the columns of a file may mean, from their names and values, each with how sure that is."""

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from dataclasses import field as made
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Any

from app.imports.converters import CONVERTERS, Unread, clean, known
from app.imports.converters.reading import plain
from app.imports.importer import Row
from app.imports.mappings.hxl import Tags, by_tag
from app.matching.folding import name_key

HEADERS = Path(__file__).with_name("headers.toml")
LOOKED_AT, SAMPLES, SHOWN = 500, 2, 40
SURE, LIKELY = "sure", "likely"
# How the values of a field are read; such a field is only sure when its values are so read.
KINDS = {
    "date": "date", "date_end": "date", "latitude": "number", "longitude": "number", "point": "point",
    "country": "country", "killed": "count", "injured": "count", "missing": "count", "detained": "count",
    "link": "links", "age": "whole",
}  # fmt: skip
# Of these a report can have several columns; of the others only the first.
MANY = frozenset({"link"})
# What values alone tell, when the name of the column does not.
BY_VALUES = ("point", "date", "link")
# What these hold is words; a column of numbers is something else, whatever it is called.
WORDS = frozenset({"place", "address", "area1", "area2", "title", "summary", "victim", "responsible"})
COUNTS = frozenset({"killed", "injured", "missing", "detained"})
FITS, FITS_ALONE = 0.6, 0.9
# Numbers are dates only in these years; others count something.
YEARS = range(1500, 2101)
# A part of a name by which a column may number the rows.
NUMBERS = frozenset(
    {"id", "no", "nr", "num", "number", "code", "ref", "reference", "serial", "رقم", "نمبر", "номер", "numero"}
)
NUMBER = re.compile(r"[+-]?\d+(?:[.,]\d+)?")
CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
NUMERIC = re.compile(r"(\d{1,2}) ?[-/.] ?(\d{1,2}) ?[-/.] ?(\d{4}|\d{2})")


@dataclass
class Column:
    """One column as it was understood. `field` None: not at all."""

    name: str
    samples: list[Any]
    field: str | None = None
    how_sure: str = ""
    notes: list[str] = made(default_factory=list)
    options: dict[str, Any] = made(default_factory=dict)

    def examples(self) -> list[str]:
        told = list(dict.fromkeys(clean(cell) for cell in self.samples if known(cell)))
        return [one if len(one) <= SHOWN else f"{one[:SHOWN]}…" for one in told[:SAMPLES]]


def look(heading: list[str], rows: Iterator[Row], tags: Tags | None = None) -> list[Column]:
    """Every column of a file, understood or not: first by its HXL tag, then by its name, then by its values."""
    seen = list(islice(rows, LOOKED_AT))
    columns = [Column(name, [row.values.get(name) for row in seen]) for name in heading if name]
    taken: set[str] = set()
    _by_tags(columns, tags or {}, taken)
    _by_names(columns, taken)
    for column in columns:
        if column.field is None:
            _by_values(column, taken)
    if "external_id" not in taken and (numbers := next(filter(_numbers_rows, columns), None)):
        numbers.field, numbers.how_sure = "external_id", LIKELY
        numbers.notes.append("no two rows looked at share a value")
    for column in columns:
        if column.field in {"date", "date_end"}:
            _order(column)
    return columns


def _by_names(columns: list[Column], taken: set[str]) -> None:
    for exact in (True, False):
        for column in columns:
            if column.field is None and (found := _by_name(column, taken, exact=exact)):
                _take(column, found, taken, exact=exact)


def _by_tags(columns: list[Column], tags: Tags, taken: set[str]) -> None:
    """A tag is somebody's own word for what a column is: it is sure unless the values say otherwise."""
    named = {column.name: column for column in columns}
    for field, tagged in by_tag(tags).items():
        for column in [named[name] for name in tagged][: None if field in MANY else 1]:
            fit = _fit(column, KINDS[field]) if field in KINDS else 1.0
            column.field, column.how_sure = field, SURE if fit >= FITS_ALONE or field in COUNTS else LIKELY
            column.notes.append(f"by its HXL tag {tags[column.name]}")
            taken.add(field)


@cache
def headers() -> dict[str, list[str]]:
    """The names of each field, folded."""
    return {field: names for field, names in _spelled().items() if not field.startswith("not ")}


@cache
def _spelled() -> dict[str, list[str]]:
    """`headers.toml`, folded; under `not date` the words with which a column is no date after all."""
    told = tomllib.loads(HEADERS.read_text(encoding="utf-8"))
    told |= {f"not {field}": words for field, words in told.pop("not").items()}
    return {field: [name_key(word) for word in words] for field, words in told.items()}


def _by_name(column: Column, taken: set[str], *, exact: bool) -> str | None:
    """The field whose name this is; not exactly, then the one with the longest name among its words."""
    key = _key(column)
    numberless = re.sub(r" ?\d+$", "", key)
    best: tuple[int, str] | None = None
    for found, spellings in headers().items():
        if (found in taken and found not in MANY) or (not exact and not _may_be(found, column, taken)):
            continue
        for spelling in spellings:
            hit = spelling in (key, numberless) if exact else len(spelling) > 3 and f" {spelling} " in f" {key} "
            if hit and (best is None or len(spelling) > best[0]):
                best = len(spelling), found
    return best[1] if best else None


def _key(column: Column) -> str:
    """The words of its name, folded: `EventDate`, `event_date` and `Event date:` are one."""
    return name_key(re.sub(r"[_\-./:()]+", " ", CAMEL.sub(" ", column.name))).strip()


def _may_be(found: str, column: Column, taken: set[str]) -> bool:
    """Whether a column may be what only a part of its name, or only its values, say."""
    if not any(known(cell) for cell in column.samples) or (found == "point" and {"latitude", "longitude"} <= taken):
        return False
    return set(_spelled().get(f"not {found}", ())).isdisjoint(_key(column).split())


def _take(column: Column, found: str, taken: set[str], *, exact: bool) -> None:
    """Give the field to the column, unless its values cannot be that."""
    fit = _fit(column, KINDS[found]) if found in KINDS else float(found not in WORDS or _in_words(column))
    in_words = found in {"date", "date_end"} and exact and not any(map(_is_number, column.samples))
    if fit < FITS and found not in COUNTS and not in_words:
        return
    column.field, column.how_sure = found, SURE if exact and fit >= FITS_ALONE else LIKELY
    if fit < 1 and found in KINDS:
        column.notes.append(f"{fit:.0%} of the values looked at can be read so")
    taken.add(found)


def _is_number(cell: Any) -> bool:
    return NUMBER.fullmatch(plain(known(cell))) is not None


def _numbers_rows(column: Column) -> bool:
    """Whether a column that is called a number or a code has another one in every row."""
    told = [text for cell in column.samples if (text := clean(cell))]
    alike = len(told) > len(column.samples) * FITS_ALONE and len(told) == len(set(told))
    return column.field is None and alike and not NUMBERS.isdisjoint(_key(column).split())


def _by_values(column: Column, taken: set[str]) -> None:
    for found in BY_VALUES:
        if (found in taken and found not in MANY) or not _may_be(found, column, taken):
            continue
        if found == "date" and all(_is_number(cell) for cell in column.samples if known(cell)):
            continue  # four digits may be a year, and may be anything
        if _fit(column, KINDS[found]) >= FITS_ALONE:
            column.field, column.how_sure = found, LIKELY
            column.notes.append("known by its values")
            taken.add(found)
            return


def _fit(column: Column, kind: str) -> float:
    """The share of the values that are read so, whatever the order of day and month; 1 where all cells are empty."""
    cells = [cell for cell in column.samples if known(cell)]
    read = sum(_reads(cell, kind) for cell in cells)
    return read / len(cells) if cells else 1.0


def _in_words(column: Column) -> bool:
    told = [text for cell in column.samples if (text := known(cell))]
    return not told or any(any(c.isalpha() for c in text) for text in told)


def _reads(cell: Any, kind: str) -> bool:
    orders: list[dict[str, Any]] = (
        [{"order": order, "pivot": 2050} for order in ("dmy", "mdy")] if kind == "date" else [{}]
    )
    for options in orders:
        try:
            found = CONVERTERS[kind].read(cell, options)
        except Unread:
            continue
        if kind == "date":
            return _in_our_time(found.value)
        return kind != "links" or (bool(found.value) and not found.odd)
    return False


def _in_our_time(told: dict[str, Any] | None) -> bool:
    ends = [day for end in ("earliest", "latest") if (day := (told or {}).get(end))]
    return all(int(str(day)[:4]) in YEARS for day in ends)


def _order(column: Column) -> None:
    """Whether day or month comes first, from the whole column; what it leaves open is said and not guessed."""
    found = [m for cell in column.samples if (m := NUMERIC.fullmatch(plain(known(cell))))]
    if any(len(m[3]) == 2 for m in found):
        column.options["pivot"] = 2030
        column.notes.append("two digits of a year: 2030 is the last year they can mean")
    first, second = (any(int(m[n]) > 12 for m in found) for n in (1, 2))
    if first and second:
        column.notes.append("BOTH day first and month first: cells that can be either are kept as words; part the file")
    elif first or second:
        column.options["order"] = "dmy" if first else "mdy"
    elif found:
        column.notes.append('day first or month first? The values do not tell: add order = "dmy" or order = "mdy"')
