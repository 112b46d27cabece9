"""Flat files for spreadsheets: CSV."""

import csv
import io
from collections.abc import Iterable, Iterator
from itertools import chain

from app.exports.format import Answer, Format
from app.queries.formulas import harmless
from app.queries.rows import COLUMNS, FlatRow

PIECE = 64 * 1024


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
