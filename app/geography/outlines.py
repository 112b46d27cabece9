"""Map tiles: where a point lies on one, and the outline of an area as it is drawn there."""

from dataclasses import dataclass
from functools import lru_cache
from importlib import import_module
from math import asinh, atan, degrees, floor, pi, radians, sinh, tan
from typing import Any

from app.geography.areas import Book, area_named, book
from app.geography.points import centre_of, shape_in

EXTENT = 4096
MAX_ZOOM = 14
# The Mercator map ends here; what lies nearer to a pole stands on its edge.
EDGE = 85.0511287798066
# How far an outline reaches beyond its tile, so that no seam is seen, in units of the tile.
BUFFER = 64
# An outline is drawn with this tolerance, and one smaller than a dot as a square of that size.
TOLERANCE = 2.0
DOT = 4


@dataclass(frozen=True)
class Tile:
    """One square of the web map, `x` from the west, `y` from the north."""

    z: int
    x: int
    y: int

    @property
    def exists(self) -> bool:
        return 0 <= self.z <= MAX_ZOOM and 0 <= self.x < 2**self.z and 0 <= self.y < 2**self.z

    def place(self, lon: float, lat: float) -> tuple[int, int] | None:
        """Where a point lies, from the upper left corner; None for one that belongs to another tile.

        A point on the line between two tiles belongs to one of them alone.
        """
        x, y = floor(_across(lon, self.z)), floor(_down(lat, self.z))
        last = EXTENT * 2**self.z - 1
        (column, px), (row, py) = (divmod(min(max(part, 0), last), EXTENT) for part in (x, y))
        return (px, py) if (column, row) == (self.x, self.y) else None

    def box(self, margin: float) -> tuple[float, float, float, float]:
        """West, south, east, north in degrees, wider by a margin; at the edge of the map up to the pole."""
        tiles = 2**self.z
        west, east = (360 * edge / tiles - 180 for edge in (self.x, self.x + 1))
        north, south = (degrees(atan(sinh(pi * (1 - 2 * edge / tiles)))) for edge in (self.y, self.y + 1))
        north = 90.0 if self.y == 0 else north + margin
        south = -90.0 if self.y == tiles - 1 else south - margin
        return max(-180.0, west - margin), max(-90.0, south), min(180.0, east + margin), min(90.0, north)


def whereabouts(lon: float, lat: float, z: int) -> tuple[float, float]:
    """A point in units of the tiles of a zoom, from the north-west corner of the world."""
    return _across(lon, z), _down(lat, z)


def _across(lon: float, z: int) -> float:
    return (lon + 180) / 360 * float(EXTENT << z)


@lru_cache(maxsize=4096)
def _down(lat: float, z: int) -> float:
    """Kept: all cells of one row of the grid have the same."""
    lat = min(max(lat, -EDGE), EDGE)
    return (1 - asinh(tan(radians(lat))) / pi) / 2 * float(EXTENT << z)


def drawable(codes: tuple[str | None, ...]) -> str | None:
    """The first of these areas, from the finest on, that has an outline."""
    return next((code for code in codes if code is not None and centre_of(code) is not None), None)


def is_at_home(code: str, tile: Tile) -> bool:
    """Whether the middle of an area lies on this tile: it does on one of each zoom."""
    centre = centre_of(code)
    return centre is not None and tile.place(*centre) is not None


def name_of(code: str) -> str:
    entry = area_named(code)
    return code if entry is None else entry.name


def outline(code: str, tile: Tile) -> Any:
    """An area cut to a tile and simplified, as a polygon in units of the tile from its upper left corner.

    None where nothing of it is seen there. An area is never smaller than a dot on the tile where its middle lies.
    """
    return _outline(book(), code, tile)


@lru_cache(maxsize=4096)
def _outline(known: Book, code: str, tile: Tile) -> Any:
    shapely = import_module("shapely")
    whole = shape_in(known, code)
    west, south, east, north = tile.box(360 / 2**tile.z * BUFFER / EXTENT)
    if whole is None or not whole.intersects(shapely.box(west, south, east, north)):
        return None
    near = shapely.transform(whole, lambda corners: _on(corners, tile))
    if not near.is_valid:
        near = shapely.make_valid(near)
    cut = shapely.box(-BUFFER, -BUFFER, EXTENT + BUFFER, EXTENT + BUFFER)
    # Set on whole units here: an encoder that rounds by itself may cross lines, and leave whole countries out.
    drawn = _polygons(shapely, shapely.set_precision(near.simplify(TOLERANCE).intersection(cut), 1.0))
    if drawn.area >= DOT**2:
        return drawn
    return _dot(shapely, code, tile)


def _on(corners: Any, tile: Tile) -> Any:
    """Corners in degrees as units of the tile."""
    import numpy as np  # noqa: PLC0415 (slow, as shapely is)

    scale = EXTENT * 2**tile.z
    lat = np.radians(np.clip(corners[:, 1], -EDGE, EDGE))
    x = (corners[:, 0] + 180) / 360 * scale - tile.x * EXTENT
    y = (1 - np.arcsinh(np.tan(lat)) / pi) / 2 * scale - tile.y * EXTENT
    return np.column_stack((x, y))


def _polygons(shapely: Any, drawn: Any) -> Any:
    """What of a shape has a surface; a cut may leave lines and points as well."""
    parts = [part for part in shapely.get_parts(drawn) if part.geom_type == "Polygon"]
    return parts[0] if len(parts) == 1 else shapely.MultiPolygon(parts)


def _dot(shapely: Any, code: str, tile: Tile) -> Any:
    centre = centre_of(code)
    at = None if centre is None else tile.place(*centre)
    return None if at is None else shapely.box(at[0] - DOT, at[1] - DOT, at[0] + DOT, at[1] + DOT)
