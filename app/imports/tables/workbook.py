"""Tables in workbooks: XLSX, XLSM, XLSB, XLS and ODS, one sheet of them, as the values that were last worked out."""

import io
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from itertools import islice

from python_calamine import (
    CalamineError,
    CalamineSheet,
    CalamineWorkbook,
    PasswordError,
    SheetTypeEnum,
    SheetVisibleEnum,
)

from app.errors import Unreadable
from app.imports.numbering import Numbering
from app.imports.tables.broken import broken_cells
from app.imports.tables.hints import Hints
from app.imports.tables.shape import (
    LOOKED_AT,
    MOST_COLUMNS,
    Cells,
    Grid,
    Numbered,
    as_text,
    check_length,
    table_under,
)
from app.imports.tables.source import Source

OLD = b"\xd0\xcf\x11\xe0"
LOCKED = "EncryptedPackage".encode("utf-16-le")
IS_LOCKED = "The workbook is locked with a password: take that off and send it again."
DAMAGED = "The workbook is damaged, or of a kind that we do not read: save it as XLSX or “CSV UTF-8” and import that."
# More cells than these in the rectangle of a sheet are no table that somebody wrote.
MOST_CELLS = 12_000_000


def table_of_workbook(source: Source, kind: str, hints: Hints) -> Grid:
    """The table on one sheet. Raises Unreadable."""
    raw = source.whole()
    if raw.startswith(OLD) and LOCKED in raw:
        raise Unreadable(IS_LOCKED)
    try:
        book = CalamineWorkbook.from_object(io.BytesIO(raw))
        sheet, which = _sheet(book, hints.sheet)
    except PasswordError:
        raise Unreadable(IS_LOCKED) from None
    except (CalamineError, OSError, ValueError, UnicodeError) as problem:
        raise Unreadable(DAMAGED) from problem
    broken = (
        broken_cells(zipfile.ZipFile(io.BytesIO(raw)), book.sheet_names.index(sheet.name)) if kind == "XLSX" else {}
    )
    return _table(sheet, f"{kind}{source.wrapping}, sheet “{sheet.name}”{which}", broken, hints.header_row)


def _sheet(book: CalamineWorkbook, asked: str | None) -> tuple[CalamineSheet, str]:
    """The sheet that is asked for, or the first that shows anything; and which of several that is."""
    shown = [one.name for one in book.sheets_metadata
             if one.typ is SheetTypeEnum.WorkSheet and one.visible is SheetVisibleEnum.Visible]  # fmt: skip
    if asked is not None:
        names = book.sheet_names
        name = (
            asked
            if asked in names
            else names[int(asked) - 1]
            if asked.isdecimal() and 0 < int(asked) <= len(names)
            else ""
        )
        if not name:
            raise Unreadable(f"There is no such sheet; the workbook has {len(names)}: name one, or give its number.")
        return book.get_sheet_by_name(name), ""
    for name in shown:
        sheet = book.get_sheet_by_name(name)
        if sheet.height:
            return sheet, f" (one of {len(shown)})" if len(shown) > 1 else ""
    raise Unreadable("The workbook is empty: no sheet of it shows anything.")


def _table(sheet: CalamineSheet, told: str, broken: dict[tuple[int, int], str], asked: int | None) -> Grid:
    if sheet.total_height * sheet.width > MOST_CELLS or sheet.width > MOST_COLUMNS:
        raise Unreadable(
            f"The sheet is wider or longer than is allowed ({MOST_CELLS:,} cells): save it as “CSV UTF-8”."
        )
    rows = _rows(sheet, broken)
    sample = list(islice(rows, max(LOOKED_AT, asked or 0)))
    table = table_under(sample, rows, asked, f"{told}, heading in row")
    within = Numbering("row", f"sheet “{sheet.name}”")
    return replace(table, rows=_as_wide(table.rows, len(table.names)), numbering=within)


def _rows(sheet: CalamineSheet, broken: dict[tuple[int, int], str]) -> Iterator[Numbered]:
    first = sheet.start[1] if sheet.start else 0
    by_row: dict[int, dict[int, str]] = {}
    for (row, column), shown in broken.items():
        by_row.setdefault(row, {})[column - first] = shown
    for line, values in enumerate(sheet.iter_rows(), start=1):
        cells: Cells = [value if type(value) is str else as_text(value) for value in values]
        for column, shown in by_row.get(line, {}).items():
            if 0 <= column < len(cells):
                cells[column] = shown
        check_length(cells, line)
        yield line, cells


def _as_wide(rows: Iterator[Numbered], width: int) -> Iterator[Numbered]:
    """A sheet is as wide as its widest row; what is empty beyond the heading is not there."""
    for line, cells in rows:
        while len(cells) > width and not cells[-1].strip():
            cells.pop()
        yield line, cells
