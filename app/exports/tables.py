"""Flat files for spreadsheets: CSV."""

from collections.abc import Iterable, Iterator
from itertools import chain

from app.db import chunks
from app.exports.format import Answer, Format
from app.exports.pieces import in_pieces
from app.queries import written
from app.queries.formulas import harmless
from app.queries.rows import COLUMNS, FlatRow

BATCH = 100
MARK = "\ufeff".encode()


def lines(rows: Iterable[Iterable[object]]) -> Iterator[bytes]:
    """Rows of any cells as CSV, in pieces: UTF-8 with the mark that Excel looks for. Nothing in it runs."""
    return _written(map(harmless, row) for row in rows)


def _written(rows: Iterable[Iterable[object]]) -> Iterator[bytes]:
    told = ("".join(written.lines(some)).encode() for some in chunks(rows, BATCH))
    return in_pieces(chain([MARK], told))


def _csv(answer: Answer) -> Iterator[bytes]:
    heading = [COLUMNS, COLUMNS.values()] if answer.heading.hxl else [COLUMNS]
    head = MARK + "".join(written.lines(heading)).encode()
    told = _told(answer.rows) if answer.ready is None else answer.ready.lines()
    return in_pieces(chain([head], told), answer.piece)


def _told(rows: Iterable[FlatRow]) -> Iterator[bytes]:
    return ("".join(map(written.line, some)).encode() for some in chunks(rows, BATCH))


CSV = Format("csv", "text/csv; charset=utf-8", "A table for Excel and LibreOffice, UTF-8 with BOM", _csv)
