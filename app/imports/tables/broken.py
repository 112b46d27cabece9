"""Cells of an XLSX whose formula went wrong: the reader of workbooks takes them for empty, which they are not."""

import re
import zipfile

from app.imports.tables.shape import BROKEN

SHEET = re.compile(rb"<(?:\w+:)?sheet\s[^>]{0,500}?\bid=\"([^\"]{1,200})\"")
RELATION = re.compile(rb"<(?:\w+:)?Relationship\s[^>]{0,2000}>")
PART = re.compile(rb"\b(Id|Target)=\"([^\"]{0,1000})\"")
CELL = re.compile(
    rb"<(?:\w+:)?c\s(?=[^>]{0,200}\bt=\"e\")[^>]{0,200}?\br=\"([A-Z]{1,3})(\d{1,7})\"[^>]{0,200}>(.{0,4000}?)</(?:\w+:)?c>",
    re.DOTALL,
)
SHOWN = re.compile(rb"<(?:\w+:)?v>([^<]{1,20})</")
PIECE, OVERLAP, MOST = 1 << 20, 8192, 100_000


def broken_cells(book: zipfile.ZipFile, index: int) -> dict[tuple[int, int], str]:
    """What such cells of a sheet show, by row (from 1) and column (from 0)."""
    try:
        name = _part(book, index)
        return _found(book, name) if name else {}
    except (KeyError, zipfile.BadZipFile, EOFError, OSError, IndexError):
        return {}  # what the reader of workbooks can do without, this can do without


def _part(book: zipfile.ZipFile, index: int) -> str | None:
    """The name of the part that holds a sheet."""
    key = SHEET.findall(book.read("xl/workbook.xml"))[index]
    for relation in RELATION.findall(book.read("xl/_rels/workbook.xml.rels")):
        told = dict(PART.findall(relation))
        if told.get(b"Id") == key:
            target = told.get(b"Target", b"").decode("utf-8", "replace")
            return target.lstrip("/") if target.startswith("/") else f"xl/{target}"
    return None


def _found(book: zipfile.ZipFile, name: str) -> dict[tuple[int, int], str]:
    found: dict[tuple[int, int], str] = {}
    kept = b""
    with book.open(name) as part:
        while piece := part.read(PIECE):
            kept += piece
            if b't="e"' in kept:
                for letters, row, inner in CELL.findall(kept):
                    shown = SHOWN.search(inner)
                    word = shown[1].decode("ascii", "replace") if shown else ""
                    found[int(row), _column(letters)] = word if word in BROKEN else "#VALUE!"
            if len(found) > MOST:
                break
            kept = kept[-OVERLAP:]
    return found


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number - 1
