"""The point of a geometry: itself, or one that stands for a line or an area and says so."""

import math
from typing import Any

import shapely
from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry

from app.imports.tables.shape import GEOMETRY, STANDS_FOR

UNCLEAR = "not a geometry that we can read"
Place = dict[str, Any]


def place_of(geometry: Any) -> Place:
    """`lon`, `lat` in degrees and `geometry`: what they are the point of. Nothing for nothing."""
    if not isinstance(geometry, dict):
        return {}
    if geometry.get("type") == "Point":
        told = geometry.get("coordinates")
        return _point(*told[:2]) if isinstance(told, list) and len(told) >= 2 else {GEOMETRY: UNCLEAR} if told else {}
    try:
        return point_of(shape(geometry))
    except Exception:  # noqa: BLE001 - whatever shapely makes of what is no geometry
        return {GEOMETRY: UNCLEAR}


def point_of(geometry: BaseGeometry | None) -> Place:
    """The same of a geometry of shapely."""
    if geometry is None or geometry.is_empty:
        return {}
    if geometry.geom_type == "Point":
        return _point(geometry.x, geometry.y)
    inside = shapely.point_on_surface(geometry)
    found = _point(round(inside.x, 6), round(inside.y, 6))
    return found | {GEOMETRY: f"{STANDS_FOR}{geometry.geom_type}"} if "lon" in found else found


def _point(lon: Any, lat: Any) -> Place:
    if any(isinstance(n, bool) or not isinstance(n, int | float) or not math.isfinite(n) for n in (lon, lat)):
        return {GEOMETRY: UNCLEAR}
    return {"lon": lon, "lat": lat, GEOMETRY: "Point"}
