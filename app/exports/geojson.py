"""Maps as text: GeoJSON (RFC 7946), whole or one feature a line."""

from collections.abc import Callable, Iterator, Sequence
from math import inf

import orjson

from app.db import chunks
from app.exports.format import Answer, Format
from app.exports.pieces import in_pieces
from app.queries.kept_rows import Kept
from app.queries.ready_rows import Ready
from app.queries.written import DECIMALS, DISCLAIMER, Feature, feature

BATCH = 100


def _features(answer: Answer) -> Iterator[Sequence[Feature]]:
    """Every incident as a feature, some at a time; what lies ready for members is not made."""
    if isinstance(answer.ready, Kept):
        return answer.ready.features()
    return (list(map(feature, rows)) for rows in chunks(answer.rows, BATCH))


def _texts(answer: Answer, see: Callable[[Sequence[Feature]], list[bytes]]) -> Iterator[Sequence[bytes]]:
    """The texts of the features, some at a time. `see`: takes them out of the features, where these are needed."""
    return answer.ready.features() if isinstance(answer.ready, Ready) else map(see, _features(answer))


def _as_told(features: Sequence[Feature]) -> list[bytes]:
    return [one.text for one in features]


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
                    self._miss(ref)
                else:
                    located.append((lon, lat))
            lons, lats = [lon for lon, _ in located], [lat for _, lat in located]
        if lons:
            self.west, self.east = min(self.west, *lons), max(self.east, *lons)
            self.south, self.north = min(self.south, *lats), max(self.north, *lats)
        return texts

    def ask(self, ready: Ready) -> None:
        """The same of all that lies ready, whose points stand in an index."""
        box = ready.box()
        if box is not None:
            self.west, self.south, self.east, self.north = box
        for ref in ready.unlocated():
            self._miss(ref)

    def _miss(self, ref: str) -> None:
        self.unlocated += 1
        self.refs += (b"," if self.refs else b"") + orjson.dumps(ref)

    def tail(self) -> bytes:
        box = b""
        if self.west <= self.east:
            corners = [round(side, DECIMALS) for side in (self.west, self.south, self.east, self.north)]
            box = b'"bbox":%b,' % orjson.dumps(corners)
        return b'],%b"unlocated":{"count":%d,"refs":[%b]}}\n' % (box, self.unlocated, bytes(self.refs))


def _geojson(answer: Answer) -> Iterator[bytes]:
    return in_pieces(_parts(answer), answer.piece)


def _parts(answer: Answer) -> Iterator[bytes]:
    head = {
        "question": answer.heading.question,
        "asked_at": answer.heading.moment,
        "disclaimer": DISCLAIMER,
        "alleged": True,
    }
    yield b'{"type":"FeatureCollection",' + orjson.dumps(head)[1:-1] + b',"features":['
    extent, comma = Extent(), b"\n"
    for texts in _texts(answer, extent.see):
        yield comma
        yield b",\n".join(texts)
        comma = b",\n"
    if isinstance(answer.ready, Ready):
        extent.ask(answer.ready)
    yield extent.tail()


def _geojsonl(answer: Answer) -> Iterator[bytes]:
    return in_pieces((b"\n".join([*texts, b""]) for texts in _texts(answer, _as_told)), answer.piece)


GEOJSON = Format("geojson", "application/geo+json", "A map for QGIS, geopandas and the web (RFC 7946)", _geojson)
GEOJSONL = Format("geojsonl", "application/x-ndjson", "A map, one feature a line, for streaming", _geojsonl)
