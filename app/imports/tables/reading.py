"""Which kind of table a file is, by its content alone, and its rows: what runs behind the wall."""

import io
import re
from typing import IO

from app.errors import Unreadable
from app.imports.tables.encodings import marked
from app.imports.tables.hints import Hints
from app.imports.tables.maps import table_of_map
from app.imports.tables.objects import LOOKS_SO, table_of_objects
from app.imports.tables.parquet import table_of_parquet
from app.imports.tables.shape import Grid
from app.imports.tables.source import ZIP, Source, contents, opened, unwrapped
from app.imports.tables.text import table_of_text
from app.imports.tables.workbook import OLD, table_of_workbook

# What people send by mistake, and what to say.
NO_TABLES = {
    b"\x89PNG": "a PNG picture",
    b"\xff\xd8\xff": "a JPEG picture",
    b"%PDF": "a PDF document",
    b"{\\rtf": "a document (RTF)",
    b"\x1f\x8b": "a gz in a gz",
}
SHEETS = frozenset({"xl/workbook.xml", "xl/workbook.bin"})
KML = re.compile(rb"<(?:\w+:)?kml[\s>]")
PAGE = re.compile(rb"\s*(?:<!--.*?-->\s*)?<(?:!doctype\s+html|html|head|body|table|meta)\b", re.IGNORECASE | re.DOTALL)


def open_table(file: IO[bytes], size: int, hints: Hints, drivers: list[str]) -> Grid:
    """The table in a file of so many bytes. Raises Unreadable, also later while its rows are read."""
    source = unwrapped(file, size)
    start = source.start
    if kind := next((kind for magic, kind in NO_TABLES.items() if start.startswith(magic)), None):
        raise Unreadable(f"This is {kind}, not a table: save the table as XLSX or “CSV UTF-8” and import that.")
    if start.startswith(ZIP):
        return _of_zip(source, hints, drivers)
    if start.startswith(OLD):
        return table_of_workbook(source, "XLS", hints)
    if start.startswith(b"SQLite format 3\0"):
        return table_of_map(source, "GPKG", hints, drivers)
    if start.startswith(b"fgb\x03"):
        return table_of_map(source, "FlatGeobuf", hints, drivers)
    if start.startswith(b"PAR1"):
        return table_of_parquet(source, hints)
    return _of_text(source, hints, drivers)


def _of_zip(source: Source, hints: Hints, drivers: list[str]) -> Grid:
    names = contents(opened(io.BytesIO(source.whole()), source.size))
    if SHEETS.intersection(names):
        return table_of_workbook(source, "XLSX" if "xl/workbook.xml" in names else "XLSB", hints)
    if "mimetype" in names and "content.xml" in names:
        return table_of_workbook(source, "ODS", hints)
    if "[Content_Types].xml" in names:
        raise Unreadable(
            "This is a document of an office program, not a table: save the table as XLSX and import that."
        )
    endings = [name.lower()[-4:] for name in names]
    for ending, kind in ((".shp", "Shapefile"), (".kml", "KML")):
        if endings.count(ending) == 1:
            return table_of_map(source, kind, hints, drivers)
    raise Unreadable(f"The zip holds {len(names)} files and no one table: send the table alone.")


def _of_text(source: Source, hints: Hints, drivers: list[str]) -> Grid:
    start = source.start
    text = start.decode(marked(start) or "utf-8", errors="replace").lstrip("\ufeff")
    beginning = text.encode("utf-8", "replace")
    if PAGE.match(beginning):
        raise Unreadable(
            "This is a web page (HTML), whatever its name: open it in a spreadsheet program and save it as XLSX."
        )
    if text.lstrip().startswith("<"):
        if KML.search(beginning):
            return table_of_map(source, "KML", hints, drivers)
        raise Unreadable("This is XML of a kind that we do not read: save the table as XLSX or “CSV UTF-8”.")
    if LOOKS_SO.match(text):
        return table_of_objects(source, hints)
    return table_of_text(source, hints)
