"""Maps as text: GeoJSON (RFC 7946), whole or one feature a line."""

from collections.abc import Iterator, Sequence
from math import inf

import orjson

from app.db import chunks
from app.exports.format import Answer, Format
from app.queries.written import DECIMALS, DISCLAIMER, Feature, feature

PIECE = 256 * 1024
BATCH = 100


def _features(answer: Answer) -> Iterator[Sequence[Feature]]:
    """Every incident as a feature, some at a time; of those that lie ready none is made."""
    if answer.ready is not None:
        return answer.ready.features()
    return (list(map(feature, rows)) for rows in chunks(answer.rows, BATCH))


class Extent:
    """The box around the points seen so far, and the refs of what has none."""

    def __init__(self) -> None:
        self.west = self.south = inf
        self.east = self.north = -inf
        self.unlocated = 0
        self.refs = bytearray()  # as text: a list of them would take four times the memory

    def see(self, features: Sequence[Feature]) -> list[bytes]:
        """Their texts."""
        refs, lons, lats, texts = (list(column) for column in zip(*features, strict=True))
        if None in lons or None in lats:
            located = []
            for ref, lon, lat in zip(refs, lons, lats, strict=True):
                if lon is None or lat is None:
                    self.unlocated += 1
                    self.refs += (b"," if self.refs else b"") + orjson.dumps(ref)
                else:
                    located.append((lon, lat))
            lons, lats = [lon for lon, _ in located], [lat for _, lat in located]
        if lons:
            self.west, self.east = min(self.west, *lons), max(self.east, *lons)
            self.south, self.north = min(self.south, *lats), max(self.north, *lats)
        return texts

    def tail(self) -> bytes:
        box = b""
        if self.west <= self.east:
            corners = [round(side, DECIMALS) for side in (self.west, self.south, self.east, self.north)]
            box = b'"bbox":%b,' % orjson.dumps(corners)
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
    for features in _features(answer):
        piece += comma
        piece += b",\n".join(extent.see(features))
        comma = b",\n"
        if len(piece) > PIECE:
            yield bytes(piece)
            piece.clear()
    yield bytes(piece) + extent.tail()


def _geojsonl(answer: Answer) -> Iterator[bytes]:
    piece = bytearray()
    for features in _features(answer):
        piece += b"".join([one.text + b"\n" for one in features])
        if len(piece) > PIECE:
            yield bytes(piece)
            piece.clear()
    yield bytes(piece)


GEOJSON = Format("geojson", "application/geo+json", "A map for QGIS, geopandas and the web (RFC 7946)", _geojson)
GEOJSONL = Format("geojsonl", "application/x-ndjson", "A map, one feature a line, for streaming", _geojsonl)
