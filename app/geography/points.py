"""Points: which areas hold one, and whether a given area does."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from importlib import import_module
from threading import Lock
from typing import Any

from app.geography.areas import Book, book, shipped
from app.geography.files import once
from app.geography.layers import AreaEntry

EAST, NORTH = 180, 90
# The world layer's coast is off by kilometres: without this, one coastal town in sixty lies at sea.
COAST_DEGREES = 0.03
LEVELS = (1, 2, 3)
# So many outlines are kept drawn: more than we ship.
MANY = 20_000
# From so many pairs of a point and an area on, it pays to prepare the areas.
PAIRS = 50


@dataclass(frozen=True)
class Located:
    """The areas a point lies in; `layer` is the source and vintage that said so."""

    country: str | None = None
    area1: str | None = None
    area1_code: str | None = None
    area2: str | None = None
    area2_code: str | None = None
    area3: str | None = None
    area3_code: str | None = None
    layer: str | None = None


NOWHERE = Located()


@dataclass(frozen=True)
class _Drawn:
    """A spatial index of outlines, in the order of preference: the area of each, and the layer that drew it."""

    tree: Any
    geometries: Any
    codes: tuple[str, ...]
    layers: tuple[str, ...]
    lock: Lock = field(default_factory=Lock, compare=False)

    @cached_property
    def prepared(self) -> Any:
        """Copies of the geometries that find points faster the more they are asked. Only behind the lock.

        Each makes an index of its lines when it is first asked, which two threads must not do at once.
        """
        copies = _shapely().transform(self.geometries, lambda corners: corners)
        _shapely().prepare(copies)
        return copies

    def hold(self, which: Any, x: Any, y: Any) -> Any:
        """Whether these of the geometries hold these points, pair by pair."""
        if len(which) < PAIRS:
            return _shapely().intersects_xy(self.geometries[which], x, y)
        with self.lock:
            return _shapely().intersects_xy(self.prepared[which], x, y)


@dataclass(frozen=True)
class _Atlas:
    """Outlines, and what is told of a point in each; `places` ends with NOWHERE."""

    drawn: _Drawn
    places: tuple[Located, ...]


def _shapely() -> Any:
    """Import shapely at its first use: with numpy it takes a third of a second."""
    return import_module("shapely")


@once
def _shipped_fine() -> _Drawn:
    return _shipped(lambda entry: entry.level > 0)


@once
def _shipped_outlines() -> _Drawn:
    return _shipped(lambda entry: entry.level == 0)


def _shipped(wanted: Callable[[AreaEntry], bool]) -> _Drawn:
    known = shipped()
    drawn = [e for e in known.entries if e.code in known.shapes and wanted(e)]
    # The finest area wins and its parents follow it; a disputed unit answers only where nothing else does.
    drawn.sort(key=lambda e: (e.code in known.disputed, -e.level, e.code))
    geometries = _shapely().from_geojson([known.shapes[e.code] for e in drawn])
    return _Drawn(
        _shapely().STRtree(geometries), geometries, tuple(e.code for e in drawn), tuple(e.layer for e in drawn)
    )


# Two sets of layers are kept: the one that held and the one that holds now.
@lru_cache(maxsize=2)
def _fine(known: Book) -> _Atlas:
    return _told(_shipped_fine(), known)


@lru_cache(maxsize=2)
def _outlines(known: Book) -> _Atlas:
    return _told(_shipped_outlines(), known)


@lru_cache(maxsize=2)
def _laid(known: Book) -> _Atlas:
    """The outlines of the layers: the finest first, and of one level the latest."""
    drawn = [code for code in reversed(known.laid) if known.by_code[code].level > 0]
    drawn.sort(key=lambda code: -known.by_code[code].level)
    geometries = _shapely().from_wkb([known.laid[code].wkb for code in drawn])
    layers = tuple(known.laid[code].layer for code in drawn)
    return _told(_Drawn(_shapely().STRtree(geometries), geometries, tuple(drawn), layers), known)


def _told(drawn: _Drawn, known: Book) -> _Atlas:
    places = [
        _located(known.by_code[code], layer, known) for code, layer in zip(drawn.codes, drawn.layers, strict=True)
    ]
    return _Atlas(drawn, (*places, NOWHERE))


def _located(entry: AreaEntry, layer: str, known: Book) -> Located:
    """Return the area and everything above it."""
    above: AreaEntry | None = entry
    found: dict[str, str | None] = {"country": entry.country, "layer": layer}
    while above is not None and above.level > 0:
        found[f"area{above.level}"] = above.name
        found[f"area{above.level}_code"] = above.code
        above = known.by_code.get(above.parent) if above.parent else None
    return Located(**found)


def areas_at(lon: float, lat: float) -> Located:
    """Return the areas at a point in degrees (WGS 84); all None at sea.

    A point in no area takes the nearest one within `COAST_DEGREES`. Raises ValueError for a longitude
    beyond 180, a latitude beyond 90 or one that is not a number.
    """
    return areas_at_many((lon,), (lat,))[0]


def areas_at_many(lons: Sequence[float], lats: Sequence[float]) -> list[Located]:
    """Return `areas_at` for many points at once, in their order."""
    import numpy as np  # noqa: PLC0415 (slow, as shapely is)

    x, y = np.asarray(lons, dtype=float), np.asarray(lats, dtype=float)
    # NaN fails every comparison, so it is refused here too.
    if x.shape != y.shape or not bool(np.all((np.abs(x) <= EAST) & (np.abs(y) <= NORTH))):
        msg = "longitudes must lie within -180 and 180, latitudes within -90 and 90, one for each other"
        raise ValueError(msg)
    known = book()
    found = _in_shipped(known, x, y)
    if not known.laid:
        return found
    laid = _laid(known)
    said = [laid.places[index] for index in _holding(laid, x, y)]
    return [_joined(over, under) for over, under in zip(said, found, strict=True)]


def _joined(over: Located, under: Located) -> Located:
    """What a layer says comes first; finer areas that we ship follow it where they lie in the very same area."""
    if over is NOWHERE:
        return under
    depth = max(level for level in LEVELS if getattr(over, f"area{level}_code") is not None)
    if getattr(under, f"area{depth}_code") != getattr(over, f"area{depth}_code"):
        return over
    finer = [f"area{level}{part}" for level in LEVELS if level > depth for part in ("", "_code")]
    return replace(over, **{name: getattr(under, name) for name in finer})


def _in_shipped(known: Book, x: Any, y: Any) -> list[Located]:
    fine = _fine(known)
    found = [fine.places[index] for index in _holding(fine, x, y).tolist()]
    missed = [row for row, place in enumerate(found) if place is NOWHERE]
    if missed:
        for row, place in zip(missed, _off_the_map(known, x[missed], y[missed]), strict=True):
            found[row] = place
    return found


def _off_the_map(known: Book, x: Any, y: Any) -> list[Located]:
    """Return for points that no fine area holds the nearest one, but none of another country.

    An outline reaches further than the finer areas where two sources disagree on a border.
    """
    countries, fine = _outlines(known), _fine(known)
    outlines = [countries.places[index] for index in _holding(countries, x, y)]
    nearest = [fine.places[index] for index in _nearest(fine, x, y)]
    return [
        near if outline.country in {None, near.country} else outline
        for outline, near in zip(outlines, nearest, strict=True)
    ]


def _holding(atlas: _Atlas, x: Any, y: Any) -> Any:
    """Return for each point the index of the most preferred place that holds it."""
    import numpy as np  # noqa: PLC0415 (slow, as shapely is)

    points, candidates = atlas.drawn.tree.query(_shapely().points(x, y))
    inside = atlas.drawn.hold(candidates, x[points], y[points])
    best = np.full(x.shape, len(atlas.places) - 1)
    np.minimum.at(best, points[inside], candidates[inside])
    return best


def _nearest(atlas: _Atlas, x: Any, y: Any) -> Any:
    """Return for each point the index of the nearest place not further off than `COAST_DEGREES`."""
    import numpy as np  # noqa: PLC0415 (slow, as shapely is)

    where = _shapely().points(x, y)
    points, candidates = atlas.drawn.tree.query(where, predicate="dwithin", distance=COAST_DEGREES)
    away = _shapely().distance(where[points], atlas.drawn.geometries[candidates])
    best = np.full(x.shape, len(atlas.places) - 1)
    order = np.lexsort((-candidates, -away))  # the nearest comes last, and the last one written stays
    best[points[order]] = candidates[order]
    return best


def within(lon: float, lat: float, code: str) -> bool | None:
    """Tell whether a point lies in an area or on its line; None for an area without a polygon."""
    if not (abs(lon) <= EAST and abs(lat) <= NORTH):
        msg = "longitude must lie within -180 and 180, latitude within -90 and 90"
        raise ValueError(msg)
    shape = shape_of(code)
    return None if shape is None else bool(_shapely().intersects_xy(shape, lon, lat))


def centre_of(code: str) -> tuple[float, float] | None:
    """A point in the middle of an area, in degrees: its centroid, or where that lies outside a point inside.

    None for an area without a polygon.
    """
    return _centre(book(), code)


@lru_cache(maxsize=MANY)
def _centre(known: Book, code: str) -> tuple[float, float] | None:
    shape = shape_in(known, code)
    if shape is None:
        return None
    middle = shape.centroid
    if not shape.contains(middle):
        middle = shape.representative_point()
    return round(middle.x, 4), round(middle.y, 4)


def shape_of(code: str) -> Any:
    """The polygon of an area in degrees, as the latest layer draws it; None for one that is known by name only."""
    return shape_in(book(), code)


@lru_cache(maxsize=MANY)
def shape_in(known: Book, code: str) -> Any:
    """The same by a set of layers, under any code of the area."""
    entry = known.by_code.get(code)
    if entry is None:
        return None
    if entry.code in known.laid:
        return _shapely().from_wkb(known.laid[entry.code].wkb)
    shape = known.shapes.get(entry.code)
    return None if shape is None else _shapely().from_geojson(shape)
