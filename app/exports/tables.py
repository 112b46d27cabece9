"""Flat files for spreadsheets: CSV."""

import csv
import io
import unicodedata
from collections.abc import Iterator

from app.exports.format import Answer, Format
from app.queries.rows import COLUMNS

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


def _csv(answer: Answer) -> Iterator[bytes]:
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    text.write("\ufeff")
    writer.writerow(COLUMNS)
    if answer.heading.hxl:
        writer.writerow(COLUMNS.values())
    for row in answer.rows:
        row["alleged"] = "true"
        row["location_generalised"] = "true" if row["location_generalised"] else "false"
        writer.writerow(map(harmless, row.values()))
        if text.tell() > PIECE:
            yield text.getvalue().encode()
            text.seek(0)
            text.truncate()
    yield text.getvalue().encode()


CSV = Format("csv", "text/csv; charset=utf-8", "A table for Excel and LibreOffice, UTF-8 with BOM", _csv)
