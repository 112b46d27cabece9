"""Read a table of text (CSV in UTF-8, plain or gzipped) and refuse a wrong file in one clear sentence."""

import csv
import gzip
import io
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from app.errors import Unreadable
from app.imports.importer import Finding, Row, RowRefused

GZIP = b"\x1f\x8b"
LONGEST_CELL = 1_000_000
KINDS = {
    b"\x89PNG": "a PNG picture",
    b"\xff\xd8\xff": "a JPEG picture",
    b"%PDF": "a PDF document",
    b"PK\x03\x04": "an Excel workbook or a zip archive",
    b"\xd0\xcf\x11\xe0": "an old Excel workbook",
    b"SQLite format 3": "a database",
}
SPARE = "(beyond the heading)"
TAGS = "#"


def heading(path: Path) -> list[str]:
    """The names of the columns. Raises Unreadable."""
    with _lines(path) as text:
        return _heading(csv.reader(text, strict=True))


def rows(path: Path) -> Iterator[Row]:
    """Every row under the heading, by column; empty rows and a row of HXL tags are passed over.

    Raises Unreadable when the file itself is damaged; a row that does not fit comes as one with SPARE cells.
    """
    with _lines(path) as text:
        table = csv.reader(text, strict=True)
        names = _heading(table)
        line = table.line_num + 1
        for cells in _guarded(table):
            if any(cells) and not _is_tags(cells):
                yield Row(line, _by_column(names, cells))
            line = table.line_num + 1


def check_shape(row: Row, columns: int) -> None:
    """Raises RowRefused when a row has more or fewer cells than the heading, or one that no database takes."""
    if "\0" in "".join(map(str, row.values.values())):
        raise RowRefused(Finding(row.line, "(the row)", "", "a cell holds the character NUL", "delete it there"))
    cells = row.values.get(SPARE)
    if cells is not None:
        why = f"the row has {cells} cells and the heading {columns}"
        raise RowRefused(Finding(row.line, "(the row)", "", why, "look for a comma or a quotation mark out of place"))


def _by_column(names: list[str], cells: list[str]) -> dict[str, object]:
    while len(cells) > len(names) and not cells[-1].strip():
        cells.pop()
    found: dict[str, object] = dict(zip(names, cells, strict=False))
    if len(cells) != len(names):
        found[SPARE] = len(cells)
    return found


def _is_tags(cells: list[str]) -> bool:
    """A row of HXL tags: every cell is empty or begins with #."""
    return all(not cell or cell.startswith(TAGS) for cell in cells)


def _heading(table: Iterator[list[str]]) -> list[str]:
    names = next(_guarded(table), None)
    if names is None or not any(names):
        raise Unreadable("The file is empty: there is no heading in line 1.")
    names = [name.strip() for name in names]
    while names and not names[-1]:
        names.pop()
    return names


def _guarded(table: Iterator[list[str]]) -> Iterator[list[str]]:
    """The rows of a table; what breaks while reading becomes one sentence with the line."""
    while True:
        try:
            cells = next(table)
        except StopIteration:
            return
        except csv.Error as problem:
            raise Unreadable(_csv_trouble(table, str(problem))) from problem
        except UnicodeDecodeError:
            raise Unreadable(
                "The file is not UTF-8 (it may come from an older Excel): save it as “CSV UTF-8” there and import that."
            ) from None
        except (EOFError, zlib.error, gzip.BadGzipFile) as problem:
            raise Unreadable("The gz file is cut off or damaged: fetch it again.") from problem
        yield cells


def _line(table: object) -> int:
    return int(getattr(table, "line_num", 0))


def _csv_trouble(table: object, said: str) -> str:
    line = _line(table)
    if "field larger" in said:
        return f"In line {line} a cell has more than {LONGEST_CELL:,} characters: is a quotation mark left open?"
    return f"Line {line} cannot be read as CSV: look for a quotation mark out of place there."


@contextmanager
def _lines(path: Path) -> Iterator[io.TextIOWrapper]:
    csv.field_size_limit(LONGEST_CELL)
    try:
        with path.open("rb") as start:
            first = start.read(16)
    except OSError as problem:
        raise Unreadable("The file cannot be opened: is the name right, and may you read it?") from problem
    _check_kind(first)
    with gzip.open(path, "rb") if first.startswith(GZIP) else path.open("rb") as raw:
        yield io.TextIOWrapper(raw, encoding="utf-8-sig", newline="")


def _check_kind(first: bytes) -> None:
    if not first:
        raise Unreadable("The file is empty.")
    for magic, kind in KINDS.items():
        if first.startswith(magic):
            raise Unreadable(f"This is {kind}, not a CSV table: save the table as “CSV UTF-8” and import that.")
    if first.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise Unreadable("The file is UTF-16: save it as “CSV UTF-8” in the program it comes from.")
    if b"\0" in first and not first.startswith(GZIP):
        raise Unreadable("This is not a text file: save the table as “CSV UTF-8” and import that.")
