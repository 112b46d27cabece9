"""The outline of an area as a map draws it: made valid, with as many corners as a cell holds, or why it is none."""

import base64
import math
from collections.abc import Callable
from typing import Any

import shapely
from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry

from app.imports.tables.hints import Hints
from app.imports.tables.points import place_of, point_of

Place = dict[str, Any]
# The column in which it stands: an object with `wkb` (base64, degrees), `radius_m` and `mended`; or `why` it is none.
OUTLINE = "(outline)"
SURFACES = frozenset({"Polygon", "MultiPolygon"})
# A cell holds so many corners. Of an outline with more, those are left out that move its line by less than this.
MOST_CORNERS = 40_000
DEGREES = (0.0001, 0.0005, 0.001, 0.005)
MENDED, THINNED = "its line crosses itself", f"it has more than {MOST_CORNERS:,} corners"


def of_geojson(hints: Hints) -> Callable[[Any], Place]:
    """What is taken of a geometry of GeoJSON: a point that stands for it, or its outline."""
    return _outline_of_geojson if hints.outlines else place_of


def of_shape(hints: Hints) -> Callable[[BaseGeometry | None], Place]:
    """The same of a geometry of shapely."""
    return outline_of if hints.outlines else point_of


def _outline_of_geojson(geometry: Any) -> Place:
    if not isinstance(geometry, dict):
        return {}
    try:
        drawn = shape(geometry)
    except Exception:  # noqa: BLE001 - whatever shapely makes of what is no geometry
        return _none("it is not a geometry that we can read")
    return outline_of(drawn)


def outline_of(drawn: BaseGeometry | None) -> Place:
    """The outline of a polygon. A line that crosses itself is put right, which may part an area or fill a hole."""
    if drawn is None or drawn.is_empty:
        return {}
    if drawn.geom_type not in SURFACES:
        return _none(f"it is a {drawn.geom_type}, and no polygon")
    west, south, east, north = drawn.bounds
    if not (-180 <= west <= east <= 180 and -90 <= south <= north <= 90):  # NaN fails as well
        return _none("it lies beyond 180 degrees east or west or beyond the poles: it is not in degrees of WGS 84")
    flat, mended = shapely.force_2d(drawn), []
    if not flat.is_valid:
        flat, mended = _surface(shapely.make_valid(flat)), [MENDED]
    if shapely.get_num_coordinates(flat) > MOST_CORNERS:
        flat, mended = _thinned(flat), [*mended, THINNED]
    if flat.is_empty or not flat.area > 0 or shapely.get_num_coordinates(flat) > MOST_CORNERS:
        return _none("it has no surface" if flat.is_empty or not flat.area > 0 else THINNED)
    # Some forms turn lines round or begin them elsewhere: the same outline is to be the same bytes out of each.
    wkb = base64.b64encode(shapely.to_wkb(shapely.normalize(flat))).decode()
    return {OUTLINE: {"wkb": wkb, "radius_m": _radius(flat), "mended": ", ".join(mended)}}


def _radius(drawn: BaseGeometry) -> int:
    """In metres, of a circle of the same area."""
    from pyproj import Geod  # noqa: PLC0415 - most tables are no maps

    return max(1, round(math.sqrt(abs(Geod(ellps="WGS84").geometry_area_perimeter(drawn)[0]) / math.pi)))


def _surface(drawn: BaseGeometry) -> BaseGeometry:
    """What of a shape has a surface: to put a line right may leave threads and points."""
    parts = [part for part in shapely.get_parts(drawn).tolist() if part.geom_type in SURFACES]
    return shapely.union_all(parts)


def _thinned(drawn: BaseGeometry) -> BaseGeometry:
    for tolerance in DEGREES:
        thin = shapely.simplify(drawn, tolerance)
        if shapely.get_num_coordinates(thin) <= MOST_CORNERS:
            return _surface(shapely.make_valid(thin))
    return drawn


def _none(why: str) -> Place:
    return {OUTLINE: {"why": why}}
