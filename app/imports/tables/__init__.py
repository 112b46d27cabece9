"""Any table: CSV and its kin, workbooks, JSON and maps, read safely, as rows under the names of their columns."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson

from app.imports.importer import Row
from app.imports.numbering import Numbering
from app.imports.tables.encodings import is_text, is_utf8, marked
from app.imports.tables.hints import NONE as NONE
from app.imports.tables.hints import Hints as Hints
from app.imports.tables.mended import as_cell as as_cell
from app.imports.tables.mended import mended
from app.imports.tables.shape import GEOMETRY as GEOMETRY
from app.imports.tables.shape import REASONS as REASONS
from app.imports.tables.shape import SPARE as SPARE
from app.imports.tables.shape import STANDS_FOR as STANDS_FOR
from app.imports.tables.shape import Grid, by_column
from app.imports.tables.shape import check_shape as check_shape
from app.imports.tables.source import Plain, Source, file_at
from app.imports.tables.text import table_of_text
from app.imports.tables.wall import walled

# How a file begins that is, or may be, something else than a CSV.
ELSE = (
    b"PK",
    b"\x1f\x8b",
    b"\xd0\xcf\x11\xe0",
    b"\x89PNG",
    b"\xff\xd8\xff",
    b"%PDF",
    b"SQLite format 3",
    b"fgb\x03",
    b"PAR1",
)
SIGNS = (b"<", b"{", b"[")
NESTED = frozenset({dict, list})


@dataclass(frozen=True)
class Found:
    """What a file was found to be: the names of its columns, and in words how it is read.

    `tags`: the HXL tags by column; `numbering`: what its rows are called.
    """

    names: list[str]
    read_as: str
    numbering: Numbering
    tags: dict[str, str] = field(default_factory=dict)


def look(path: Path, hints: Hints = NONE) -> Found:
    """What a file is. Raises Unreadable."""
    with grid(path, hints) as table:
        return Found(table.names, table.read_as, table.numbering, _tags(table))


def _tags(table: Grid) -> dict[str, str]:
    return {name: tag for name, tag in zip(table.names, table.tags, strict=False) if tag}


def heading(path: Path, hints: Hints = NONE) -> list[str]:
    """The names of the columns. Raises Unreadable."""
    return look(path, hints).names


def rows(path: Path, hints: Hints = NONE) -> Iterator[Row]:
    """Every row under the heading, by column; empty rows and a row of HXL tags are passed over.

    A value is text as a CSV would have it; only what JSON nests stays a dict or a list. The number of a row is that of
    the file: line of the text, row of the sheet, place in the list. Raises Unreadable when the file itself is damaged;
    a row that does not fit comes as one with SPARE cells.
    """
    with grid(path, hints) as table:
        names = tuple(table.names)
        for line, cells in table.rows:
            if len(cells) == len(names):
                yield Row(line, None, names, cells)
            else:
                yield Row(line, by_column(table.names, cells))


def flat_rows(path: Path, hints: Hints = NONE) -> Iterator[Row]:
    """The same where every value must be text: a list of words is joined with `; `, what is nested deeper is JSON."""
    for row in rows(path, hints):
        if not NESTED.isdisjoint(map(type, row.cells)):
            yield Row(row.line, {name: _flat(value) for name, value in row.values.items()})
        else:
            yield row


def _flat(value: Any) -> Any:
    if isinstance(value, list) and not any(isinstance(one, dict | list) for one in value):
        return "; ".join("" if one is None else str(one) for one in value)
    return orjson.dumps(value).decode() if isinstance(value, dict | list) else value


@contextmanager
def grid(path: Path, hints: Hints = NONE) -> Iterator[Grid]:
    """The table as it lies there, less what we wrote into it with refused rows. Raises Unreadable, also later."""
    with _opened(path, hints) as table:
        yield mended(table) if table.names[-1] == REASONS else table


@contextmanager
def _opened(path: Path, hints: Hints) -> Iterator[Grid]:
    """A CSV in UTF-8 is read here, for speed: Python itself reads it. Everything else is read behind the wall."""
    with file_at(path) as file:
        source = Source(Plain(file), 0)
        if _is_plain(source, hints):
            yield table_of_text(source, hints)
            return
    with walled(path, hints) as table:
        yield table


def _is_plain(source: Source, hints: Hints) -> bool:
    start = source.start
    if start.startswith(ELSE) or start.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(SIGNS):
        return False
    if hints.encoding is not None or marked(start) not in {None, "utf-8-sig"}:
        return False
    return is_text(start) and is_utf8(source)
