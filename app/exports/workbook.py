"""What every workbook has beside its rows: names of sheets, filters, styles, and sheets of words to be read first."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from xml.sax.saxutils import quoteattr

from app.exports.cells import HEAD, STYLES, WRAPPED, Cuts, letters, text_row

XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
KIND = "application/vnd.openxmlformats-officedocument.spreadsheetml"
MEDIA_TYPE = f"{KIND}.sheet"
FROZEN = '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/>'


@dataclass(frozen=True)
class Sheet:
    """A sheet that is written. `last`: its last column and line, where its heading is a filter."""

    name: str
    last: tuple[str, int] | None = None


def sheet_file(number: int) -> str:
    """The file of a sheet, the first being 1."""
    return f"xl/worksheets/sheet{number}.xml"


def table_head(columns: Sequence[str], widths: Iterable[int], *, is_first: bool) -> str:
    """The beginning of a sheet of rows, with its frozen heading."""
    chosen = ' tabSelected="1"' if is_first else ""
    view = f'<sheetViews><sheetView{chosen} workbookViewId="0">{FROZEN}</sheetView></sheetViews>'
    return f"{_sheet_head(view, widths)}{text_row(1, columns, HEAD)}"


def table_end(columns: int, line: int) -> str:
    """Its end, after its last line."""
    return f'</sheetData><autoFilter ref="A1:{letters(columns - 1)}{line}"/></worksheet>'


def words(lines: Iterable[tuple[str, ...]], heading: tuple[str, ...], table: Iterable[tuple[str, ...]]) -> bytes:
    """A sheet to be read: some lines, and below them a table of definitions."""
    told = [text_row(n, map(Cuts().shorten, line), WRAPPED) for n, line in enumerate(lines, start=1)]
    at = len(told) + 2
    told.append(text_row(at, heading, HEAD))
    told += [text_row(n, line, WRAPPED) for n, line in enumerate(table, start=at + 1)]
    view = '<sheetViews><sheetView workbookViewId="0"/></sheetViews>'
    return f"{_sheet_head(view, (24, 90, 12, 18))}{''.join(told)}</sheetData></worksheet>".encode()


def _sheet_head(view: str, widths: Iterable[int]) -> str:
    columns = "".join(f'<col min="{n}" max="{n}" width="{w}" customWidth="1"/>' for n, w in enumerate(widths, 1))
    return f'{XML}<worksheet xmlns="{MAIN}">{view}<cols>{columns}</cols><sheetData>'


def frame(sheets: Sequence[Sheet]) -> Iterator[tuple[str, Iterable[bytes]]]:
    """The files that make a workbook of the sheets, to be written after them."""
    yield "xl/styles.xml", [STYLES.encode()]
    yield "xl/workbook.xml", [_workbook(sheets).encode()]
    yield "xl/_rels/workbook.xml.rels", [_relations(len(sheets)).encode()]
    yield "_rels/.rels", [_related(("rId1", f"{OFFICE}/officeDocument", "xl/workbook.xml")).encode()]
    yield "[Content_Types].xml", [_content_types(len(sheets)).encode()]


def _workbook(sheets: Sequence[Sheet]) -> str:
    told = "".join(
        f'<sheet name={quoteattr(one.name)} sheetId="{n}" r:id="rId{n}"/>' for n, one in enumerate(sheets, 1)
    )
    filters = "".join(
        f'<definedName name="_xlnm._FilterDatabase" localSheetId="{n}" hidden="1">'
        f"'{one.name}'!$A$1:${one.last[0]}${one.last[1]}</definedName>"
        for n, one in enumerate(sheets)
        if one.last
    )
    return (
        f'{XML}<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><bookViews><workbookView/></bookViews>'
        f"<sheets>{told}</sheets><definedNames>{filters}</definedNames></workbook>"
    )


def _relations(sheets: int) -> str:
    told = [(f"rId{n}", f"{OFFICE}/worksheet", f"worksheets/sheet{n}.xml") for n in range(1, sheets + 1)]
    return _related(*told, (f"rId{sheets + 1}", f"{OFFICE}/styles", "styles.xml"))


def _related(*told: tuple[str, str, str]) -> str:
    links = "".join(f'<Relationship Id="{name}" Type="{kind}" Target="{to}"/>' for name, kind, to in told)
    return f'{XML}<Relationships xmlns="{PACKAGE}/relationships">{links}</Relationships>'


def _content_types(sheets: int) -> str:
    parts = {f"/{sheet_file(n)}": f"{KIND}.worksheet+xml" for n in range(1, sheets + 1)}
    parts |= {"/xl/workbook.xml": f"{MEDIA_TYPE}.main+xml", "/xl/styles.xml": f"{KIND}.styles+xml"}
    told = "".join(f'<Override PartName="{part}" ContentType="{kind}"/>' for part, kind in parts.items())
    return (
        f'{XML}<Types xmlns="{PACKAGE}/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Default Extension="xml" ContentType="application/xml"/>{told}</Types>'
    )
