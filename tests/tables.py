"""Tables in every kind that people send, made by the tests themselves."""

import csv
import io
import json
import zipfile
from collections.abc import Iterable
from datetime import date
from typing import Any
from xml.sax.saxutils import escape

from openpyxl import Workbook

Cells = list[Any]
Table = list[Cells]
SHEET = "xl/worksheets/sheet1.xml"
SHEET_BEGINS = (
    b'<?xml version="1.0"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
)
SHEET_ENDS = b"</sheetData></worksheet>"
ODS = "application/vnd.oasis.opendocument.spreadsheet"
KML = (
    '<?xml version="1.0"?>{before}<kml xmlns="http://www.opengis.net/kml/2.2"><Document>{inside}<Placemark>'
    "<name>{name}</name><Point><coordinates>67.5,30.25</coordinates></Point></Placemark></Document></kml>"
)


def as_csv(rows: Table, delimiter: str = ",", encoding: str = "utf-8") -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=delimiter).writerows(rows)
    return text.getvalue().encode(encoding)


def as_xlsx(rows: Table, *more: tuple[str, Table]) -> bytes:
    """A workbook: the rows on its first sheet, and more sheets by name."""
    book = Workbook()
    for cells in rows:
        book.active.append(["" if cell is None else cell for cell in cells])
    for name, others in more:
        sheet = book.create_sheet(name)
        for cells in others:
            sheet.append(cells)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def as_ods(rows: Table) -> bytes:
    names = 'xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
    names += 'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" '
    names += 'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"'
    table = "".join(f"<table:table-row>{''.join(map(_ods_cell, cells))}</table:table-row>" for cells in rows)
    content = f"<office:document-content {names}><office:body><office:spreadsheet>"
    content += f'<table:table table:name="Sheet">{table}</table:table>'
    content += "</office:spreadsheet></office:body></office:document-content>"
    manifest = '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>'
    return as_zip(
        {"mimetype": ODS.encode(), "content.xml": content.encode(), "META-INF/manifest.xml": manifest.encode()}
    )


def _ods_cell(value: Any) -> str:
    if value in ("", None):
        return "<table:table-cell/>"
    if isinstance(value, date):
        return f'<table:table-cell office:value-type="date" office:date-value="{value}"/>'
    if isinstance(value, int | float):
        return f'<table:table-cell office:value-type="float" office:value="{value}"/>'
    return f'<table:table-cell office:value-type="string"><text:p>{escape(value)}</text:p></table:table-cell>'


def as_objects(rows: Table) -> list[dict[str, Any]]:
    names, *rest = rows
    return [
        {name: str(cell) if isinstance(cell, date) else cell for name, cell in zip(names, cells, strict=True)}
        for cells in rest
    ]


def as_json(rows: Table) -> bytes:
    return json.dumps(as_objects(rows)).encode()


def as_json_lines(rows: Table) -> bytes:
    return b"".join(json.dumps(one).encode() + b"\n" for one in as_objects(rows))


def as_geojson(rows: Table) -> bytes:
    return json.dumps({"type": "FeatureCollection", "features": [*map(_feature, as_objects(rows))]}).encode()


def _feature(told: dict[str, Any]) -> dict[str, Any]:
    lon, lat = told.pop("lon"), told.pop("lat")
    point = None if lon is None else {"type": "Point", "coordinates": [lon, lat]}
    return {"type": "Feature", "properties": told, "geometry": point}


def as_zip(parts: dict[str, bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in parts.items():
            packed.writestr(name, content)
    return file.getvalue()


def with_sheet(inside: Iterable[bytes], begins: bytes = SHEET_BEGINS) -> bytes:
    """A workbook whose sheet is this XML, whatever it is."""
    whole = zipfile.ZipFile(io.BytesIO(as_xlsx([["a"]])))
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packed:
        for name in whole.namelist():
            if name != SHEET:
                packed.writestr(name, whole.read(name))
        with packed.open(SHEET, "w") as sheet:
            for piece in (begins, *inside, SHEET_ENDS):
                sheet.write(piece)
    return file.getvalue()


def cell(text: bytes) -> bytes:
    return b'<c t="inlineStr"><is><t>' + text + b"</t></is></c>"


def as_kml(name: str = "A place", before: str = "", inside: str = "") -> bytes:
    return KML.format(name=name, before=before, inside=inside).encode()
