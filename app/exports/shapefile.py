"""A zipped Shapefile, for programs that take nothing newer; a read-me in it says what the format cannot hold."""

# By hand, for GDAL writes its several files only to disk. What is written is held compressed until its length is known.

import struct
import zlib
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC

from app.exports.codebook import columns
from app.exports.format import Answer, Format, Heading
from app.exports.layers import MOST, limited
from app.exports.zipped import PIECE, zipped
from app.queries.rows import FlatRow
from app.queries.written import DISCLAIMER

# The short name of every column, for ten characters are all there are.
NAMES: dict[str, str] = {
    "ref": "ref", "alleged": "alleged", "kind": "kind", "kind_label": "kind_label", "title": "title",
    "date_edtf": "date_edtf", "date_earliest": "date_early", "date_latest": "date_late", "date_precision": "date_prec",
    "country": "country", "area1": "area1", "area1_code": "area1_code", "area2": "area2", "area2_code": "area2_code",
    "place_name": "place_name", "lon": "lon", "lat": "lat", "geo_precision": "geo_prec", "uncertainty_m": "uncert_m",
    "location_generalised": "generalise",
    "killed_min": "killed_min", "killed_best": "killed", "killed_max": "killed_max",
    "injured_min": "injur_min", "injured_best": "injured", "injured_max": "injur_max", "missing_min": "missi_min",
    "missing_best": "missing", "missing_max": "missi_max", "detained_min": "detai_min", "detained_best": "detained",
    "detained_max": "detai_max", "alleged_responsible": "responsibl", "verification": "verificatn",
    "confidence": "confidence", "independent_sources": "ind_srcs", "sources": "sources", "source_urls": "src_urls",
    "licence": "licence", "updated_at": "updated_at",
}  # fmt: skip
LONGEST = 254  # bytes of a text
# What a text may have, where it is always shorter; a record is as long as all its fields together.
WIDTHS = {
    "ref": 20, "kind": 60, "kind_label": 120, "date_edtf": 60, "date_precision": 10, "country": 3, "area1_code": 60,
    "area2_code": 60, "geo_precision": 30, "verification": 30, "confidence": 10, "updated_at": 20,
}  # fmt: skip
PROJECTION = (
    'GEOGCS["GCS_WGS_1984",DATUM["D_WGS_1984",SPHEROID["WGS_1984",6378137.0,298.257223563]],'
    'PRIMEM["Greenwich",0.0],UNIT["Degree",0.0174532925199433]]'
)
POINT, NULL = 1, 0
HEAD = 100  # bytes before the first shape

Cell = Callable[[object], bytes]


class Held:
    """Bytes kept compressed until they are wanted."""

    def __init__(self) -> None:
        self.size = 0
        self._pieces: list[bytes] = []
        self._open = bytearray()

    def add(self, raw: bytes) -> None:
        self._open += raw
        self.size += len(raw)
        if len(self._open) > PIECE:
            self._pieces.append(zlib.compress(self._open, 1))
            self._open = bytearray()

    def pieces(self) -> Iterator[bytes]:
        yield from map(zlib.decompress, self._pieces)
        yield bytes(self._open)


class Shapes:
    """The points in the order of the rows, with the index that leads to them and the box around them."""

    def __init__(self) -> None:
        self.shapes, self.index = Held(), Held()
        self.box: list[float] = []
        self.count = 0

    def add(self, lon: float | None, lat: float | None) -> None:
        """A point, or a shape that is none."""
        self.count += 1
        shape = struct.pack("<i", NULL) if lon is None else struct.pack("<idd", POINT, lon, lat)
        if lon is not None and lat is not None:
            west, south, east, north = self.box or (lon, lat, lon, lat)
            self.box = [min(west, lon), min(south, lat), max(east, lon), max(north, lat)]
        words = len(shape) // 2
        self.index.add(struct.pack(">ii", (HEAD + self.shapes.size) // 2, words))
        self.shapes.add(struct.pack(">ii", self.count, words) + shape)

    def file(self, held: Held) -> Iterator[bytes]:
        words = (HEAD + held.size) // 2
        yield struct.pack(">7i", 9994, 0, 0, 0, 0, 0, words)
        yield struct.pack("<2i8d", 1000, POINT, *(self.box or (0.0,) * 4), 0.0, 0.0, 0.0, 0.0)
        yield from held.pieces()


def _text(width: int) -> Cell:
    def cell(value: object) -> bytes:
        raw = "" if value is None else str(value).replace("\0", "")
        # Cut between two letters, never within one.
        return raw.encode()[:width].decode(errors="ignore").encode().ljust(width)

    return cell


def _number(value: object) -> bytes:
    return b" " * 24 if value is None else repr(value).encode()[:24].rjust(24)


def _whole(value: object) -> bytes:
    return b" " * 10 if value is None else str(value).encode().rjust(10)


def _day(value: object) -> bytes:
    return b" " * 8 if value is None else str(value).replace("-", "").encode()


def _truth(value: object) -> bytes:
    return b"T" if value else b"F"


def _cells() -> Iterator[tuple[str, bytes, int, int, Cell]]:
    """Each column with the letter of its type, its width, its decimals, and what writes a cell of it."""
    for column in columns("incidents"):
        if column.type == "boolean":
            yield column.name, b"L", 1, 0, _truth
        elif column.type == "date":
            yield column.name, b"D", 8, 0, _day
        elif column.type == "integer":
            yield column.name, b"N", 10, 0, _whole
        elif column.type == "number":
            yield column.name, b"N", 24, 15, _number
        else:
            width = WIDTHS.get(column.name, LONGEST)
            yield column.name, b"C", width, 0, _text(width)


CELLS = tuple(_cells())


def _table(records: Held, count: int, heading: Heading) -> Iterator[bytes]:
    day = heading.asked_at.astimezone(UTC)
    length = 1 + sum(width for _, _, width, _, _ in CELLS)
    yield struct.pack("<4BIHH20x", 3, day.year - 1900, day.month, day.day, count, 32 + 32 * len(CELLS) + 1, length)
    for name, kind, width, decimals, _ in CELLS:
        yield struct.pack("<11sc4xBB14x", NAMES[name].encode(), kind, width, decimals)
    yield b"\r"
    yield from records.pieces()
    yield b"\x1a"


def _files(answer: Answer) -> Iterator[tuple[str, Iterable[bytes]]]:
    shapes, records = Shapes(), Held()
    for row in limited(answer.rows):
        shapes.add(row["lon"], row["lat"])
        records.add(_record(row))
    yield "incidents.shp", shapes.file(shapes.shapes)
    yield "incidents.shx", shapes.file(shapes.index)
    yield "incidents.dbf", _table(records, shapes.count, answer.heading)
    yield "incidents.prj", [PROJECTION.encode()]
    yield "incidents.cpg", [b"UTF-8"]
    yield "READ ME.txt", [_read_me(answer.heading, shapes.count).encode()]


def _record(row: FlatRow) -> bytes:
    return b" " + b"".join(cell(row[name]) for name, _, _, _, cell in CELLS)


def _read_me(heading: Heading, count: int) -> str:
    names = "".join(f"{NAMES[c.name]:<12}{c.name:<24}{c.about}\r\n" for c in columns("incidents"))
    return (
        f"{heading.question}\r\nAnswered {heading.moment}; {count} incidents.\r\n{DISCLAIMER}\r\n\r\n"
        "A Shapefile cannot hold all that we keep. The GeoPackage and the GeoJSON of the same question can.\r\n"
        f"- Names of columns have ten characters: see below.\r\n- A text ends after {LONGEST} bytes of UTF-8, without "
        "a sign that it was cut.\r\n- A moment is text, in UTC.\r\n- A number that is not known is empty, and some "
        "programs show it as 0.\r\n- An incident without a place is a row without a shape.\r\n- There is no style: "
        "draw no pin where generalise is true or geo_prec is coarse.\r\n\r\n"
        f"{names}"
    )


def _shp_zip(answer: Answer) -> Iterator[bytes]:
    return zipped(_files(answer))


SHP_ZIP = Format(
    "shp.zip", "application/zip", "A Shapefile for older programs; it cuts long texts, and its read-me says so",
    _shp_zip, most=MOST, packed=True,
)  # fmt: skip
