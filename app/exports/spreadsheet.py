"""XLSX for Excel and LibreOffice: a sheet of incidents, further ones where it is full, and a sheet to be read first."""

# By hand, for the libraries that write it either hold everything in memory or spill plain text into temporary files.

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from app.exports import codebook, workbook
from app.exports.cells import Cell, Cuts, day_cell, letters, moment_cell, number_cell, text_cell, truth_cell
from app.exports.format import Answer, Format, Heading
from app.exports.workbook import MEDIA_TYPE, Sheet, sheet_file
from app.exports.zipped import PIECE, zipped
from app.queries.rows import COLUMNS, FlatRow
from app.queries.written import DISCLAIMER

MOST_ROWS = 1_048_576  # of a sheet, with its heading
# A file in the archive has no more than 2 GiB, or Excel may not open it.
MOST_BYTES = 1_900_000_000
WIDE = {"title": 50, "kind_label": 25, "sources": 50, "source_urls": 40, "alleged_responsible": 35, "place_name": 25}
NARROW = 14
CELLS: dict[str, Cell] = {
    "boolean": truth_cell, "number": number_cell, "integer": number_cell, "date": day_cell, "datetime": moment_cell,
}  # fmt: skip
# Each column's name in the sheet, its letters, and what writes its cells; texts are shortened first.
WRITERS = [(c.name, letters(n), CELLS.get(c.type)) for n, c in enumerate(codebook.columns("incidents"))]
LAST = WRITERS[-1][1]


@dataclass
class Written:
    """What came of the sheets of incidents: how many rows each has, and what had to be cut."""

    sheets: list[int] = field(default_factory=list)
    cuts: Cuts = field(default_factory=Cuts)


class Left:
    """The rows that no sheet has taken yet; knows whether there are any."""

    def __init__(self, rows: Iterable[FlatRow]) -> None:
        self.rows = iter(rows)
        self.ahead = next(self.rows, None)

    def take(self) -> FlatRow | None:
        taken = self.ahead
        self.ahead = None if taken is None else next(self.rows, None)
        return taken


def _xlsx(answer: Answer) -> Iterator[bytes]:
    return zipped(_files(answer))


def _files(answer: Answer) -> Iterator[tuple[str, Iterable[bytes]]]:
    left, written = Left(answer.rows), Written()
    while not written.sheets or left.ahead is not None:
        yield sheet_file(len(written.sheets) + 1), _sheet(left, written)
    sheets = [
        Sheet(f"incidents {n}" if n > 1 else "incidents", (LAST, last)) for n, last in enumerate(written.sheets, 1)
    ]
    sheets.append(Sheet("read me"))
    yield sheet_file(len(sheets)), [_read_me(answer.heading, written)]
    yield from workbook.frame(sheets)


def _sheet(left: Left, written: Written) -> Iterator[bytes]:
    """One sheet of incidents, until it is full or they are all told."""
    written.sheets.append(0)
    widths = (WIDE.get(name, NARROW) for name in COLUMNS)
    piece = bytearray(workbook.table_head(list(COLUMNS), widths, is_first=len(written.sheets) == 1).encode())
    line, size = 1, 0
    while line < MOST_ROWS and size < MOST_BYTES and (row := left.take()) is not None:
        line += 1
        piece += _row(line, row, written.cuts).encode()
        if len(piece) > PIECE:
            size += len(piece)
            yield bytes(piece)
            piece.clear()
    written.sheets[-1] = line
    yield bytes(piece) + workbook.table_end(len(COLUMNS), line).encode()


def _row(line: int, row: FlatRow, cuts: Cuts) -> str:
    told = []
    for name, column, write in WRITERS:
        value: Any = row[name]
        if value is None or value == "":
            continue
        place = f"{column}{line}"
        told.append(write(place, value) if write else text_cell(place, cuts.shorten(value)))
    return f'<row r="{line}">{"".join(told)}</row>'


def _read_me(heading: Heading, written: Written) -> bytes:
    """What the file is, and what every column means."""
    rows = sum(written.sheets) - len(written.sheets)
    cut = f"{written.cuts.count} cells were longer than a cell may be, and end in [cut]: take the CSV for the whole."
    told = [
        ("question", heading.question), ("answered", f"{heading.moment} (UTC)"), ("rows", f"{rows:,}"),
        ("disclaimer", DISCLAIMER), ("cut", cut if written.cuts.count else "Nothing had to be cut."),
    ]  # fmt: skip
    columns = ((c.name, c.about, c.type, c.vocabulary) for c in codebook.columns("incidents"))
    return workbook.words(told, ("column", "meaning", "type", "vocabulary"), columns)


XLSX = Format(
    "xlsx", MEDIA_TYPE, "A workbook for Excel and LibreOffice, with dates as dates and a sheet that explains it", _xlsx,
    packed=True,
)  # fmt: skip
