"""Maps as text: GeoJSON (RFC 7946), whole or one feature a line."""

from collections.abc import Iterator
from math import inf
from typing import NamedTuple

import orjson

from app.exports.format import DISCLAIMER, Answer, Format
from app.queries.rows import FlatRow

PIECE = 64 * 1024
DECIMALS = 7
DISCLAIMED = b',"disclaimer":' + orjson.dumps(DISCLAIMER) + b"}"


class Where(NamedTuple):
    """One incident on the map, its point as exact as the file may be."""

    ref: str
    lon: float | None
    lat: float | None

    @classmethod
    def of(cls, ref: str, lon: float | None, lat: float | None) -> "Where":
        if lon is None or lat is None:
            return cls(ref, None, None)
        return cls(ref, round(lon, DECIMALS), round(lat, DECIMALS))

    def written(self, told: bytes) -> bytes:
        """The incident as a feature. `told`: its row as JSON. Without a point the geometry is null."""
        point = b"null"
        if self.lon is not None:
            point = b'{"type":"Point","coordinates":%b}' % orjson.dumps((self.lon, self.lat))
        return b'{"type":"Feature","id":%b,"geometry":%b,"properties":%b%b}' % (
            orjson.dumps(self.ref), point, told[:-1], DISCLAIMED,
        )  # fmt: skip


def feature(row: FlatRow) -> bytes:
    """One incident as a feature; it is never left out."""
    return Where.of(row["ref"], row["lon"], row["lat"]).written(orjson.dumps(row))


def _features(answer: Answer) -> Iterator[tuple[Where, bytes]]:
    """Each incident, and it as a feature; of those that lie ready no row is made."""
    if answer.ready is not None:
        for one in answer.ready:
            where = Where.of(one.ref, one.lon, one.lat)
            yield where, where.written(one.told.encode())
        return
    for row in answer.rows:
        where = Where.of(row["ref"], row["lon"], row["lat"])
        yield where, where.written(orjson.dumps(row))


class Extent:
    """The box around the points seen so far, and the refs of what has none."""

    def __init__(self) -> None:
        self.west = self.south = inf
        self.east = self.north = -inf
        self.unlocated = 0
        self.refs = bytearray()  # as text: a list of them would take four times the memory

    def see(self, where: Where) -> None:
        lon, lat = where.lon, where.lat
        if lon is None or lat is None:
            self.unlocated += 1
            self.refs += (b"," if self.refs else b"") + orjson.dumps(where.ref)
            return
        self.west = min(self.west, lon)
        self.east = max(self.east, lon)
        self.south = min(self.south, lat)
        self.north = max(self.north, lat)

    def tail(self) -> bytes:
        box = b""
        if self.west <= self.east:
            box = b'"bbox":%b,' % orjson.dumps((self.west, self.south, self.east, self.north))
        return b'],%b"unlocated":{"count":%d,"refs":[%b]}}\n' % (box, self.unlocated, bytes(self.refs))


def _geojson(answer: Answer) -> Iterator[bytes]:
    head = {
        "question": answer.heading.question,
        "asked_at": answer.heading.moment,
        "disclaimer": DISCLAIMER,
        "alleged": True,
    }
    piece = bytearray(b'{"type":"FeatureCollection",' + orjson.dumps(head)[1:-1] + b',"features":[')
    extent, comma = Extent(), b"\n"
    for one, written in _features(answer):
        extent.see(one)
        piece += comma + written
        comma = b",\n"
        if len(piece) > PIECE:
            yield bytes(piece)
            piece.clear()
    yield bytes(piece) + extent.tail()


def _geojsonl(answer: Answer) -> Iterator[bytes]:
    piece = bytearray()
    for _, written in _features(answer):
        piece += written + b"\n"
        if len(piece) > PIECE:
            yield bytes(piece)
            piece.clear()
    yield bytes(piece)


GEOJSON = Format("geojson", "application/geo+json", "A map for QGIS, geopandas and the web (RFC 7946)", _geojson)
GEOJSONL = Format("geojsonl", "application/x-ndjson", "A map, one feature a line, for streaming", _geojsonl)
