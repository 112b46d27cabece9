"""Maps as text: GeoJSON (RFC 7946), whole or one feature a line."""

from collections.abc import Iterator

import orjson

from app.exports.format import DISCLAIMER, Answer, Format
from app.queries.rows import FlatRow

PIECE = 64 * 1024
DECIMALS = 7


def feature(row: FlatRow) -> bytes:
    """One incident as a feature. Without a point its geometry is null; it is never left out."""
    point = None
    if row["lon"] is not None:
        point = {"type": "Point", "coordinates": (round(row["lon"], DECIMALS), round(row["lat"], DECIMALS))}
    row["disclaimer"] = DISCLAIMER
    return orjson.dumps({"type": "Feature", "id": row["ref"], "geometry": point, "properties": row})


class Extent:
    """The box around the points seen so far, and the refs of what has none."""

    def __init__(self) -> None:
        self.box: list[float] = []
        self.unlocated = 0
        self.refs = bytearray()

    def see(self, row: FlatRow) -> None:
        if row["lon"] is None:
            self.unlocated += 1
            self.refs += (b"," if self.refs else b"") + orjson.dumps(row["ref"])
            return
        lon, lat = round(row["lon"], DECIMALS), round(row["lat"], DECIMALS)
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
    for row in answer.rows:
        extent.see(row)
        piece += comma + feature(row)
        comma = b",\n"
        if len(piece) > PIECE:
            yield bytes(piece)
            piece.clear()
    yield bytes(piece) + extent.tail()


def _geojsonl(answer: Answer) -> Iterator[bytes]:
    piece = bytearray()
    for row in answer.rows:
        piece += feature(row) + b"\n"
        if len(piece) > PIECE:
            yield bytes(piece)
            piece.clear()
    yield bytes(piece)


GEOJSON = Format("geojson", "application/geo+json", "A map for QGIS, geopandas and the web (RFC 7946)", _geojson)
GEOJSONL = Format("geojsonl", "application/x-ndjson", "A map, one feature a line, for streaming", _geojsonl)
