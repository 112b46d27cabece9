"""Any table as a file for a spreadsheet, as the rows come: CSV, or XLSX with text in all its cells."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from app.errors import Fault, Invalid
from app.exports import workbook
from app.exports.cells import LONGEST, letters, text_cell
from app.exports.spreadsheet import MOST_ROWS
from app.exports.tables import MARK
from app.exports.workbook import MEDIA_TYPE, Sheet, sheet_file
from app.exports.zipped import zipped
from app.queries import written

WIDTH = 20
Rows = Iterable[list[Any]]


@dataclass(frozen=True)
class PlainFormat:
    """`write` takes the heading and the rows, harmless already, and yields the file. It may raise Invalid."""

    media_type: str
    write: Callable[[Rows], Iterator[bytes]]


def _csv(rows: Rows) -> Iterator[bytes]:
    yield MARK
    for row in rows:
        yield "".join(written.lines([row])).encode()


def _xlsx(rows: Rows) -> Iterator[bytes]:
    return zipped(_files(iter(rows)))


def _files(rows: Iterator[list[Any]]) -> Iterator[tuple[str, Iterable[bytes]]]:
    names = [str(name) for name in next(rows)]
    last = [1]
    yield sheet_file(1), _sheet(names, rows, last)
    yield from workbook.frame([Sheet("rows", (letters(len(names) - 1), last[0]))])


def _sheet(names: list[str], rows: Iterator[list[Any]], last: list[int]) -> Iterator[bytes]:
    """The only sheet; `last` is told which line is its last."""
    yield workbook.table_head(names, [WIDTH] * len(names), is_first=True).encode()
    for line, row in enumerate(rows, start=2):
        yield _row(line, row).encode()
        last[0] = line
    yield workbook.table_end(len(names), last[0]).encode()


def _row(line: int, row: list[Any]) -> str:
    texts = [str(cell) for cell in row]
    if line > MOST_ROWS or any(len(text) > LONGEST // 2 for text in texts):
        fault = Fault("form", "a sheet does not hold so many rows or so long a text", "take CSV")
        raise Invalid("This does not fit into an XLSX.", [fault])
    told = "".join(text_cell(f"{letters(n)}{line}", text) for n, text in enumerate(texts) if text)
    return f'<row r="{line}">{told}</row>'


PLAIN: dict[str, PlainFormat] = {
    "csv": PlainFormat("text/csv; charset=utf-8", _csv),
    "xlsx": PlainFormat(MEDIA_TYPE, _xlsx),
}
