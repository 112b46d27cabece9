"""The shape of a table: where its heading is, what its columns are called, and which rows count."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time
from itertools import chain
from statistics import median
from typing import Any

import orjson

from app.errors import Unreadable
from app.imports.importer import Finding, Row, RowRefused
from app.imports.numbering import LINES, Numbering
from app.imports.tables import tags

SPARE = "(beyond the heading)"
# The column that says of what `lon` and `lat` are the point, and how it says that they are of no one spot.
GEOMETRY, STANDS_FOR = "geometry", "representative point of a "
# The last column of a table of refused rows, which is passed over when it comes back mended.
REASONS = "refused because"
NO_HEADING = "The file is empty: there is no heading in line 1."
LONGEST_CELL, LONGEST_ROW, MOST_COLUMNS = 1_000_000, 8_000_000, 5000
# So many rows are looked at to find the heading.
LOOKED_AT = 50
# What a workbook shows where a formula went wrong.
BROKEN = frozenset({"#REF!", "#N/A", "#VALUE!", "#DIV/0!", "#NAME?", "#NUM!", "#NULL!", "#GETTING_DATA"})
Cells = list[Any]
Numbered = tuple[int, Cells]


@dataclass(frozen=True)
class Grid:
    """A table as it was found. `read_as`: as what, in words; `rows`: number in the file, and cells of each row.

    `tags`: the HXL tag of each column, where the table has any; `numbering`: what these numbers count.
    """

    names: list[str]
    read_as: str
    rows: Iterator[Numbered]
    tags: list[str] = field(default_factory=list)
    numbering: Numbering = LINES


def table_under(sample: list[Numbered], rows: Iterator[Numbered], asked: int | None, read_as: str) -> Grid:
    """The table under its heading: the first rows, and what comes after them. Raises Unreadable.

    `read_as` ends with what a row is called: line, row.
    """
    at, begins, told = tags.below(sample, find_heading(sample, asked))
    line, cells = sample[at]
    unit = read_as.rpartition(" ")[2]
    read_as += f" {line}, HXL tags in {unit} {sample[begins - 1][0]}" if told else f" {line}"
    return Grid(named(cells), read_as, (row for row in chain(sample[begins:], rows) if counts(row[1])), told)


def find_heading(sample: list[Numbered], asked: int | None) -> int:
    """Which of the first rows names the columns: the first that is about as full as the rest. Raises Unreadable."""
    if asked is not None:
        found = next((i for i, (line, cells) in enumerate(sample) if line == asked and any(cells)), None)
        if found is None:
            raise Unreadable(f"No heading begins in row {asked}: is --header-row right?")
        return found
    filled = [sum(cell not in ("", None) for cell in cells) for _, cells in sample]
    ours = next((i for i, (_, cells) in enumerate(sample) if REASONS in cells), None)
    if ours is not None:
        return ours
    usual = median([n for n in filled if n] or [0])
    found = next((i for i, n in enumerate(filled) if n and n > usual / 2), None)
    if found is None:
        raise Unreadable(NO_HEADING)
    return found


def named(cells: Cells) -> list[str]:
    """The names of columns, each once: a second `place` is `place (2)`, and one without a name tells its number.

    Raises Unreadable where nothing is named, or too much.
    """
    told = [str(cell).strip() for cell in cells]
    while told and not told[-1]:
        told.pop()
    if not told:
        raise Unreadable(NO_HEADING)
    if len(told) > MOST_COLUMNS:
        raise Unreadable(f"The table has more than {MOST_COLUMNS:,} columns: leave out those that are not needed.")
    names: dict[str, None] = {}
    for number, name in enumerate(told, start=1):
        names[another(name or f"(column {number})", names)] = None
    return list(names)


def another(name: str, taken: dict[str, Any]) -> str:
    """The name or, where it is taken, the same with a number."""
    found, number = name, 1
    while found in taken:
        number += 1
        found = f"{name} ({number})"
    return found


def counted(number: int, what: str) -> str:
    """As in `1 feature`, `1,340 objects`."""
    return f"{number:,} {what}" if number == 1 else f"{number:,} {what}s"


def counts(cells: Cells) -> bool:
    """Whether a row holds anything that is no HXL tag."""
    first = cells[0] if cells else None
    if first and isinstance(first, str) and first[0].isalnum():
        return True  # as almost every row; the rest takes longer
    return any(cells) and not tags.is_tags(cells)


def by_column(names: list[str], cells: Cells) -> dict[str, Any]:
    """A row by its columns; how many cells it has stands under SPARE when it does not fit."""
    while len(cells) > len(names) and not (cells[-1].strip() if isinstance(cells[-1], str) else cells[-1]):
        cells.pop()
    found = dict(zip(names, cells, strict=False))
    if len(cells) != len(names):
        found[SPARE] = len(cells)
    return found


def check_shape(row: Row, columns: int) -> None:
    """Raises RowRefused when a row has more or fewer cells than the heading, or one that cannot be taken over."""
    try:
        told = "".join(row.cells)
    except TypeError:
        told = "".join(map(str, row.cells))
    if "\0" in told:
        raise RowRefused(Finding(row.line, "(the row)", "", "a cell holds the character NUL", "delete it there"))
    if row.names[-1:] == (SPARE,):
        why = f"the row has {row.values[SPARE]} cells and the heading {columns}"
        raise RowRefused(Finding(row.line, "(the row)", "", why, "look for a comma or a quotation mark out of place"))
    if tags.MARK in told:
        _check_formulas(row)


def _check_formulas(row: Row) -> None:
    for name, value in row.values.items():
        if isinstance(value, str) and value in BROKEN:
            why = "a formula of the workbook went wrong here"
            raise RowRefused(Finding(row.line, name, value, why, "mend it there, or write the value itself"))


def as_text(value: object) -> Any:
    """A value as a CSV would have it; what is nested stays so. Days are ISO 8601, whole numbers have no `.0`."""
    if isinstance(value, str | dict | list):
        return value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return _number(value)
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds") if value.time() != time() else value.date().isoformat()
    return value.isoformat() if isinstance(value, date | time) else str(value)


def _number(value: float) -> str:
    if value != value:  # noqa: PLR0124 - a number that is none is not even itself
        return ""
    return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)


def check_length(cells: Cells, line: int) -> None:
    """Raises Unreadable when a cell, or all cells of a row, are longer than any should be."""
    lengths = [len(cell) if isinstance(cell, str) else len(orjson.dumps(cell)) for cell in cells]
    if max(lengths, default=0) > LONGEST_CELL:
        raise Unreadable(f"In row {line} a cell has more than {LONGEST_CELL:,} characters.")
    if sum(lengths) > LONGEST_ROW:
        raise Unreadable(f"Row {line} has more than {LONGEST_ROW:,} characters.")
