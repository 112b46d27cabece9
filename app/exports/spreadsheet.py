"""XLSX for Excel and LibreOffice: a sheet of incidents, further ones where it is full, and a sheet to be read first."""

# By hand, for the libraries that write it either hold everything in memory or spill plain text into temporary files.

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any
from xml.sax.saxutils import quoteattr

from app.exports import codebook
from app.exports.cells import (
    HEAD,
    STYLES,
    WRAPPED,
    Cell,
    Cuts,
    day_cell,
    letters,
    moment_cell,
    number_cell,
    text_cell,
    text_row,
    truth_cell,
)
from app.exports.format import DISCLAIMER, Answer, Format, Heading
from app.exports.zipped import PIECE, zipped
from app.queries.rows import COLUMNS, FlatRow

MOST_ROWS = 1_048_576  # of a sheet, with its heading
# A file in the archive has no more than 2 GiB, or Excel may not open it.
MOST_BYTES = 1_900_000_000
XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
KIND = "application/vnd.openxmlformats-officedocument.spreadsheetml"
WIDE = {"title": 50, "kind_label": 25, "sources": 50, "source_urls": 40, "alleged_responsible": 35, "place_name": 25}
NARROW = 14
CELLS: dict[str, Cell] = {
    "boolean": truth_cell, "number": number_cell, "integer": number_cell, "date": day_cell, "datetime": moment_cell,
}  # fmt: skip
# Each column's name in the sheet, its letters, and what writes its cells; texts are shortened first.
WRITERS = [(c.name, letters(n), CELLS.get(c.type)) for n, c in enumerate(codebook.columns("incidents"))]
LAST = WRITERS[-1][1]
FROZEN = '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/>'


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
        yield f"xl/worksheets/sheet{len(written.sheets) + 1}.xml", _sheet(left, written)
    names = [f"incidents {n}" if n > 1 else "incidents" for n in range(1, len(written.sheets) + 1)]
    names.append("read me")
    yield f"xl/worksheets/sheet{len(names)}.xml", [_read_me(answer.heading, written).encode()]
    yield "xl/styles.xml", [STYLES.encode()]
    yield "xl/workbook.xml", [_workbook(names, written.sheets).encode()]
    yield "xl/_rels/workbook.xml.rels", [_relations(len(names)).encode()]
    yield "_rels/.rels", [_related(("rId1", f"{OFFICE}/officeDocument", "xl/workbook.xml")).encode()]
    yield "[Content_Types].xml", [_content_types(len(names)).encode()]


def _sheet(left: Left, written: Written) -> Iterator[bytes]:
    """One sheet of incidents, until it is full or they are all told."""
    written.sheets.append(0)
    piece = bytearray((_head(is_first=len(written.sheets) == 1) + text_row(1, COLUMNS, HEAD)).encode())
    line, size = 1, 0
    while line < MOST_ROWS and size < MOST_BYTES and (row := left.take()) is not None:
        line += 1
        piece += _row(line, row, written.cuts).encode()
        if len(piece) > PIECE:
            size += len(piece)
            yield bytes(piece)
            piece.clear()
    written.sheets[-1] = line
    yield bytes(piece) + f'</sheetData><autoFilter ref="A1:{LAST}{line}"/></worksheet>'.encode()


def _head(*, is_first: bool) -> str:
    widths = "".join(
        f'<col min="{n}" max="{n}" width="{WIDE.get(name, NARROW)}" customWidth="1"/>'
        for n, name in enumerate(COLUMNS, start=1)
    )
    chosen = ' tabSelected="1"' if is_first else ""
    view = f'<sheetViews><sheetView{chosen} workbookViewId="0">{FROZEN}</sheetView></sheetViews>'
    return f'{XML}<worksheet xmlns="{MAIN}">{view}<cols>{widths}</cols><sheetData>'


def _row(line: int, row: FlatRow, cuts: Cuts) -> str:
    told = []
    for name, column, write in WRITERS:
        value: Any = row[name]
        if value is None or value == "":
            continue
        place = f"{column}{line}"
        told.append(write(place, value) if write else text_cell(place, cuts.shorten(value)))
    return f'<row r="{line}">{"".join(told)}</row>'


def _read_me(heading: Heading, written: Written) -> str:
    """What the file is, and what every column means."""
    rows = sum(written.sheets) - len(written.sheets)
    cut = f"{written.cuts.count} cells were longer than a cell may be, and end in [cut]: take the CSV for the whole."
    told = [
        ("question", heading.question), ("answered", f"{heading.moment} (UTC)"), ("rows", f"{rows:,}"),
        ("disclaimer", DISCLAIMER), ("cut", cut if written.cuts.count else "Nothing had to be cut."),
    ]  # fmt: skip
    lines = [text_row(n, map(Cuts().shorten, pair), WRAPPED) for n, pair in enumerate(told, start=1)]
    at = len(lines) + 2
    lines.append(text_row(at, ("column", "meaning", "type", "vocabulary"), HEAD))
    for n, c in enumerate(codebook.columns("incidents"), start=at + 1):
        lines.append(text_row(n, (c.name, c.about, c.type, c.vocabulary), WRAPPED))
    widths = "".join(
        f'<col min="{n}" max="{n}" width="{w}" customWidth="1"/>' for n, w in enumerate((24, 90, 12, 18), 1)
    )
    view = '<sheetViews><sheetView workbookViewId="0"/></sheetViews>'
    return (
        f'{XML}<worksheet xmlns="{MAIN}">{view}<cols>{widths}</cols><sheetData>{"".join(lines)}</sheetData></worksheet>'
    )


def _workbook(names: list[str], lasts: list[int]) -> str:
    sheets = "".join(f'<sheet name={quoteattr(name)} sheetId="{n}" r:id="rId{n}"/>' for n, name in enumerate(names, 1))
    filters = "".join(
        f'<definedName name="_xlnm._FilterDatabase" localSheetId="{n}" hidden="1">'
        f"'{names[n]}'!$A$1:${LAST}${last}</definedName>"
        for n, last in enumerate(lasts)
    )
    return (
        f'{XML}<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><bookViews><workbookView/></bookViews>'
        f"<sheets>{sheets}</sheets><definedNames>{filters}</definedNames></workbook>"
    )


def _relations(sheets: int) -> str:
    told = [(f"rId{n}", f"{OFFICE}/worksheet", f"worksheets/sheet{n}.xml") for n in range(1, sheets + 1)]
    return _related(*told, (f"rId{sheets + 1}", f"{OFFICE}/styles", "styles.xml"))


def _related(*told: tuple[str, str, str]) -> str:
    links = "".join(f'<Relationship Id="{name}" Type="{kind}" Target="{to}"/>' for name, kind, to in told)
    return f'{XML}<Relationships xmlns="{PACKAGE}/relationships">{links}</Relationships>'


def _content_types(sheets: int) -> str:
    parts = {f"/xl/worksheets/sheet{n}.xml": f"{KIND}.worksheet+xml" for n in range(1, sheets + 1)}
    parts |= {"/xl/workbook.xml": f"{KIND}.sheet.main+xml", "/xl/styles.xml": f"{KIND}.styles+xml"}
    told = "".join(f'<Override PartName="{part}" ContentType="{kind}"/>' for part, kind in parts.items())
    return (
        f'{XML}<Types xmlns="{PACKAGE}/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Default Extension="xml" ContentType="application/xml"/>{told}</Types>'
    )


XLSX = Format(
    "xlsx", f"{KIND}.sheet", "A workbook for Excel and LibreOffice, with dates as dates and a sheet that explains it",
    _xlsx, packed=True,
)  # fmt: skip
