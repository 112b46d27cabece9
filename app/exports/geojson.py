"""Maps as text: GeoJSON (RFC 7946), whole or one feature a line."""

from collections.abc import Iterator

import orjson

from app.exports.format import DISCLAIMER, Answer, Format
from app.queries.ready_rows import Ready
from app.queries.rows import FlatRow

PIECE = 64 * 1024
DECIMALS = 7


DISCLAIMED = b',"disclaimer":' + orjson.dumps(DISCLAIMER) + b"}"


def feature(row: FlatRow) -> bytes:
    """One incident as a feature. Without a point its geometry is null; it is never left out."""
    return _written(row["ref"], row["lon"], row["lat"], orjson.dumps(row))


def _written(ref: str, lon: float | None, lat: float | None, told: bytes) -> bytes:
    """`told`: the row as JSON."""
    point = b"null"
    if lon is not None and lat is not None:
        point = orjson.dumps({"type": "Point", "coordinates": (round(lon, DECIMALS), round(lat, DECIMALS))})
    return b'{"type":"Feature","id":%b,"geometry":%b,"properties":%b%b}' % (
        orjson.dumps(ref), point, told[:-1], DISCLAIMED,
    )  # fmt: skip


def _features(answer: Answer) -> Iterator[tuple[Ready, bytes]]:
    """Each incident, and it as a feature; of those that lie ready no row is made."""
    if answer.ready is not None:
        for one in answer.ready:
            yield one, _written(one.ref, one.lon, one.lat, one.told.encode())
        return
    for row in answer.rows:
        yield Ready(row["ref"], row["lon"], row["lat"], ""), feature(row)


class Extent:
    """The box around the points seen so far, and the refs of what has none."""

    def __init__(self) -> None:
        self.box: list[float] = []
        self.unlocated = 0
        self.refs = bytearray()

    def see(self, one: Ready) -> None:
        if one.lon is None or one.lat is None:
            self.unlocated += 1
            self.refs += (b"," if self.refs else b"") + orjson.dumps(one.ref)
            return
        lon, lat = round(one.lon, DECIMALS), round(one.lat, DECIMALS)
        west, south, east, north = self.box or (lon, lat, lon, lat)
        self.box = [min(west, lon), min(south, lat), max(east, lon), max(north, lat)]

    def tail(self) -> bytes:
        box = b'"bbox":' + orjson.dumps(self.box) + b"," if self.box else b""
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
