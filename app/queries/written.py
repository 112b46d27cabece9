"""An incident as it stands in a file, a feature of a map or a line of a table, the same for members and the public."""

import csv
import re
from collections.abc import Callable, Iterable
from datetime import date
from functools import lru_cache
from typing import Any, NamedTuple

import orjson

from app.queries.formulas import harmless
from app.queries.rows import COLUMNS, TALLIES, FlatRow

DISCLAIMER = (
    "Every incident is alleged, according to the sources it names. "
    "Gawah repeats what they say; it does not judge, and a point is no more exact than its precision says."
)
DECIMALS = 7
DAYS = ("date_earliest", "date_latest")
# Before and behind the flat row in a feature; nothing but our own words stands before it.
PROPERTIES, DISCLAIMED = b',"properties":', b',"disclaimer":' + orjson.dumps(DISCLAIMER) + b"}"
# Elsewhere stand dates, numbers and words of our own, which no spreadsheet takes for a formula.
WORDS = tuple(list(COLUMNS).index(name) for name in (
    "ref", "title", "country", "area1", "area1_code", "area2", "area2_code", "place_name", "alleged_responsible",
    "sources", "source_urls", "licence",
))  # fmt: skip
ALLEGED, GENERALISED = (list(COLUMNS).index(name) for name in ("alleged", "location_generalised"))


class Feature(NamedTuple):
    """One incident on the map. `text`: it as a feature of GeoJSON, which is never left out."""

    ref: str
    lon: float | None
    lat: float | None
    text: bytes


def feature(row: FlatRow) -> Feature:
    """Without a point the geometry is null."""
    ref, lon, lat = row["ref"], row["lon"], row["lat"]
    point = b"null"
    if lon is not None and lat is not None:
        point = b'{"type":"Point","coordinates":%b}' % orjson.dumps((round(lon, DECIMALS), round(lat, DECIMALS)))
    told = orjson.dumps(row)
    text = b'{"type":"Feature","id":%b,"geometry":%b%b%b%b}' % (
        orjson.dumps(ref), point, PROPERTIES, told[:-1], DISCLAIMED,
    )  # fmt: skip
    return Feature(ref, lon, lat, text)


def row_text(text: bytes) -> bytes:
    """The flat row that a feature was made of, in JSON, as it lies there."""
    return text[text.index(PROPERTIES) + len(PROPERTIES) : -len(DISCLAIMED) - 1] + b"}"


def row_of(text: bytes) -> FlatRow:
    """The same read, its days as text."""
    row: FlatRow = orjson.loads(row_text(text))
    return row


def flat_row(text: bytes) -> FlatRow:
    """The same, its days as dates: value by value what the feature was made of."""
    row = row_of(text)
    for name in DAYS:
        if row[name] is not None:
            row[name] = date.fromisoformat(row[name])
    return row


def cells(row: FlatRow) -> list[Any]:
    """The cells of an incident in a table: yes and no are `true` and `false`, and nothing runs."""
    found = list(row.values())
    found[ALLEGED] = "true"
    found[GENERALISED] = "true" if found[GENERALISED] else "false"
    for n in WORDS:
        cell = found[n]
        # What begins with a letter or a figure is harmless: most cells are spared the question.
        if cell and not cell[0].isalnum():
            found[n] = harmless(cell)
    return found


def _cell(text: str) -> str:
    """A text as it stands in a line: harmless, and in quotation marks where RFC 4180 asks for them."""
    if not text[:1].isalnum():
        text = str(harmless(text))
    return f'"{text.replace(QUOTE, QUOTE * 2)}"' if TO_QUOTE(text) else text


def _yes_or_no(cell: object) -> str:
    return "true" if cell else "false"


QUOTE = '"'
TO_QUOTE = re.compile('[",\r\n]').search
# Most words stand in many lines, one after the other.
_known = lru_cache(maxsize=2_000)(_cell)
_WRITE: dict[str, Callable[[Any], str]] = {
    **dict.fromkeys(COLUMNS, _known),
    **dict.fromkeys(("ref", "title", "sources", "source_urls"), _cell),
    **dict.fromkeys(("date_earliest", "date_latest"), date.isoformat),
    **dict.fromkeys(("lon", "lat", "uncertainty_m", *TALLIES, "independent_sources"), str),
    **dict.fromkeys(("alleged", "location_generalised"), _yes_or_no),
}
_WRITERS = tuple(_WRITE.values())


def line(row: FlatRow) -> str:
    """The same as one line of CSV (RFC 4180, CRLF), several times as fast as a writer that asks what each cell is."""
    told = zip(_WRITERS, row.values(), strict=True)
    return ",".join(["" if cell is None else write(cell) for write, cell in told]) + "\r\n"


class _Heard:
    """What a writer of CSV takes for a file: each line as it was written."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.write = self.lines.append


def lines(rows: Iterable[Iterable[object]]) -> list[str]:
    """Each row of harmless cells as a line of CSV (RFC 4180, CRLF)."""
    heard = _Heard()
    csv.writer(heard, lineterminator="\r\n").writerows(rows)
    return heard.lines
