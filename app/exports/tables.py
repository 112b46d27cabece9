"""Flat files for spreadsheets: CSV."""

import csv
import io
from collections.abc import Iterator

from app.exports.format import Answer, Format
from app.queries.cells import harmless
from app.queries.rows import COLUMNS

PIECE = 64 * 1024


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
