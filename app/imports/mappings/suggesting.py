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
from app.matching.folding import name_key

HEADERS = Path(__file__).with_name("headers.toml")
LOOKED_AT, SAMPLES, SHOWN = 500, 2, 40
SURE, LIKELY = "sure", "likely"
# How the values of a field are read; such a field is only sure when its values are so read.
KINDS = {
    "date": "date", "latitude": "number", "longitude": "number", "point": "point", "country": "country",
    "killed": "count", "injured": "count", "missing": "count", "detained": "count", "link": "links",
}  # fmt: skip
# Of these a report can have several columns; of the others only the first.
MANY = frozenset({"link"})
# What values alone tell, when the name of the column does not.
BY_VALUES = ("point", "date", "link")
# What these hold is words; a column of numbers is something else, whatever it is called.
WORDS = frozenset({"place", "title", "summary", "victim", "responsible"})
FITS, FITS_ALONE = 0.6, 0.9
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


def look(heading: list[str], rows: Iterator[Row]) -> list[Column]:
    """Every column of a file, understood or not."""
    seen = list(islice(rows, LOOKED_AT))
    columns = [Column(name, [row.values.get(name) for row in seen]) for name in heading if name]
    taken: set[str] = set()
    for exact in (True, False):
        for column in columns:
            if column.field is None and (found := _by_name(column.name, taken, exact=exact)):
                _take(column, found, taken, exact=exact)
    for column in columns:
        if column.field is None:
            _by_values(column, taken)
    for column in columns:
        if column.field == "date":
            _order(column)
    return columns


@cache
def headers() -> dict[str, list[str]]:
    """The names of each field, folded."""
    told = tomllib.loads(HEADERS.read_text(encoding="utf-8"))
    return {named: [name_key(spelling) for spelling in spellings] for named, spellings in told.items()}


def _by_name(name: str, taken: set[str], *, exact: bool) -> str | None:
    """The field whose name this is; not exactly, then the one with the longest name among its words."""
    key = name_key(re.sub(r"[_\-./]+", " ", name))
    numberless = re.sub(r" ?\d+$", "", key)
    best: tuple[int, str] | None = None
    for found, spellings in headers().items():
        if found in taken and found not in MANY:
            continue
        for spelling in spellings:
            hit = spelling in (key, numberless) if exact else len(spelling) > 3 and f" {spelling} " in f" {key} "
            if hit and (best is None or len(spelling) > best[0]):
                best = len(spelling), found
    return best[1] if best else None


def _take(column: Column, found: str, taken: set[str], *, exact: bool) -> None:
    """Give the field to the column, unless its values cannot be that."""
    fit = _fit(column, KINDS[found]) if found in KINDS else float(found not in WORDS or _in_words(column))
    if fit < FITS and found not in {"killed", "injured", "missing", "detained"}:
        return
    column.field, column.how_sure = found, SURE if exact and fit >= FITS_ALONE else LIKELY
    if fit < 1 and found in KINDS:
        column.notes.append(f"{fit:.0%} of the values looked at can be read so")
    taken.add(found)


def _by_values(column: Column, taken: set[str]) -> None:
    for found in BY_VALUES:
        if found in taken and found not in MANY:
            continue
        if any(known(cell) for cell in column.samples) and _fit(column, KINDS[found]) >= FITS_ALONE:
            if found == "date" and all(re.fullmatch(r"\d{4}", known(cell)) for cell in column.samples if known(cell)):
                continue  # four digits may be a year, and may be anything
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
        return kind != "links" or (bool(found.value) and not found.odd)
    return False


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
