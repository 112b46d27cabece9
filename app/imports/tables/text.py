"""Tables of text: which encoding, which sign between the cells, and the rows with the lines on which they begin."""

import codecs
import csv
import io
from collections import Counter
from collections.abc import Iterator
from itertools import islice

from app.errors import Unreadable
from app.imports.tables.encodings import encoding_of
from app.imports.tables.hints import Hints
from app.imports.tables.shape import LONGEST_CELL, LOOKED_AT, REASONS, Grid, Numbered, table_under
from app.imports.tables.source import Source

MARKS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "pipes"}


def table_of_text(source: Source, hints: Hints) -> Grid:
    """The table in a text. Raises Unreadable."""
    encoding = encoding_of(source, hints.encoding)
    if hints.encoding is not None or encoding != "utf-8-sig":  # that was found by reading all of it
        _check(encoding, source, asked=hints.encoding is not None)
    mark = hints.separator or _mark(source, encoding)
    lines = _numbered(source, encoding, mark)
    sample = list(islice(lines, max(LOOKED_AT, hints.header_row or 0)))
    kind = "TSV" if mark == "\t" else "CSV"
    between = MARKS.get(mark, f"“{mark}” between cells")
    read_as = f"{kind}{source.wrapping}, {_called(encoding)}, {between}, heading in line"
    return table_under(sample, lines, hints.header_row, read_as)


def _called(encoding: str) -> str:
    return encoding.removesuffix("-sig").upper() if encoding.startswith("utf") else encoding


def _check(encoding: str, source: Source, *, asked: bool) -> None:
    """Raises Unreadable unless the whole text can be read in this encoding."""
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        for piece in source.pieces():
            decoder.decode(piece)
        decoder.decode(b"", final=True)
    except UnicodeError:
        how = "it is not in this encoding" if asked else "its letters are in no encoding that we know"
        raise Unreadable(f"The text cannot be read: {how}; save it as “CSV UTF-8”, or name another.") from None


def _mark(source: Source, encoding: str) -> str:
    """The sign that parts most rows into equally many cells; a comma where none does."""
    text = codecs.getincrementaldecoder(encoding)(errors="replace").decode(source.start)
    return _before_reasons(text) or max(MARKS, key=lambda mark: _evenness(text, mark))


def _before_reasons(text: str) -> str | None:
    """The sign in the heading of a table of refused rows, whose rows are often uneven: that is why they are there."""
    first = text.partition("\n")[0].rstrip('\r"')
    sign = first.removesuffix(REASONS).rstrip('"')[-1:] if first.endswith(REASONS) else ""
    return sign if sign in MARKS else None


def _evenness(text: str, mark: str) -> float:
    lines = io.StringIO(text, newline="")
    try:
        widths = Counter(len(cells) for cells in islice(csv.reader(lines, delimiter=mark), LOOKED_AT) if any(cells))
    except csv.Error:
        return 0
    if not widths:
        return 0
    width, rows = max(widths.items(), key=lambda found: (found[1], found[0]))
    return rows / widths.total() * (1 - 1 / width)


def _numbered(source: Source, encoding: str, mark: str) -> Iterator[Numbered]:
    """The rows with the lines on which they begin; what breaks while reading becomes one sentence."""
    csv.field_size_limit(LONGEST_CELL)
    with source.open() as raw, io.TextIOWrapper(raw, encoding=encoding, newline="") as text:
        table = csv.reader(text, strict=True, delimiter=mark)
        line = 1
        try:
            for cells in table:
                yield line, cells
                line = table.line_num + 1
        except csv.Error as problem:
            raise Unreadable(_trouble(table.line_num, str(problem))) from problem
        except UnicodeError:
            raise Unreadable("The text changes its encoding midway: save it as “CSV UTF-8” and import that.") from None


def _trouble(line: int, said: str) -> str:
    if "field larger" in said:
        return f"In line {line} a cell has more than {LONGEST_CELL:,} characters: is a quotation mark left open?"
    return f"Line {line} cannot be read as CSV: look for a quotation mark out of place there."
