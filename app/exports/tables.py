"""Flat files for spreadsheets: CSV."""

import csv
import io
import unicodedata
from collections.abc import Iterable, Iterator
from itertools import chain

from app.exports.format import Answer, Format
from app.queries.rows import COLUMNS, FlatRow

PIECE = 64 * 1024
# What a spreadsheet may take for the start of a formula, wide, small and raised letters being the same as plain ones.
FORMULA = frozenset("=+-\u2212@%|\t\r\n")
INVISIBLE = frozenset({"Cc", "Cf", "Zs", "Zl", "Zp", "Mn", "Me"})


def harmless(cell: object) -> object:
    """Text that a spreadsheet could run as a formula gets a leading apostrophe; numbers stay numbers."""
    if not isinstance(cell, str) or not cell:
        return cell
    first = cell[0]
    if first.isalnum():
        return cell
    if first in FORMULA or unicodedata.normalize("NFKC", _seen(cell))[:1] in FORMULA:
        return "'" + cell
    return cell


def _seen(cell: str) -> str:
    """The first character that can be seen; "" when none can."""
    return next((c for c in cell if unicodedata.category(c) not in INVISIBLE), "")


def lines(rows: Iterable[Iterable[object]]) -> Iterator[bytes]:
    """Rows as CSV, in pieces: UTF-8 with the mark that Excel looks for."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    text.write("\ufeff")
    for row in rows:
        writer.writerow(map(harmless, row))
        if text.tell() > PIECE:
            yield text.getvalue().encode()
            text.seek(0)
            text.truncate()
    yield text.getvalue().encode()


def cells(row: FlatRow) -> Iterable[object]:
    """The cells of an incident: yes and no are `true` and `false`."""
    row["alleged"] = "true"
    row["location_generalised"] = "true" if row["location_generalised"] else "false"
    return row.values()


def _csv(answer: Answer) -> Iterator[bytes]:
    tags = [COLUMNS.values()] if answer.heading.hxl else []
    return lines(chain([COLUMNS], tags, map(cells, answer.rows)))


CSV = Format("csv", "text/csv; charset=utf-8", "A table for Excel and LibreOffice, UTF-8 with BOM", _csv)
