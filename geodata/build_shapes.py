"""Geometry for the committed file: round it, keep it valid, measure it."""

import math
from typing import Any

import numpy as np
import shapely

EARTH_RADIUS_M = 6_371_008.8
WRITTEN_DIGITS = 5


def tidy(geometry: shapely.Geometry, digits: int) -> shapely.Geometry:
    """Round to `digits` decimals and mend; an islet that would vanish gets more decimals."""
    for places in range(digits, WRITTEN_DIGITS + 1):
        rounded = shapely.transform(geometry, lambda xy, n=places: np.round(xy, n))
        mended = polygons_only(shapely.make_valid(rounded, method="structure", keep_collapsed=False))
        if not mended.is_empty and _is_stable(mended):
            return shapely.normalize(mended)
    msg = "a geometry vanished"
    raise ValueError(msg)


def _is_stable(geometry: shapely.Geometry) -> bool:
    """Tell whether what will be written (rounded again: mending adds vertices) is still valid."""
    written = shapely.transform(geometry, lambda xy: np.round(xy, WRITTEN_DIGITS))
    return bool(shapely.is_valid(written) and shapely.area(written) > 0)


def polygons_only(geometry: shapely.Geometry) -> shapely.Geometry:
    """Drop the points and lines that mending can leave behind."""
    parts = [g for g in shapely.get_parts(geometry) if g.geom_type in ("Polygon", "MultiPolygon")]
    flat = [p for g in parts for p in shapely.get_parts(g) if not p.is_empty]
    if len(flat) == 1:
        return flat[0]
    return shapely.MultiPolygon(flat)


def dissolve(geometries: list[shapely.Geometry]) -> shapely.Geometry:
    """Join neighbours into one polygonal geometry."""
    return polygons_only(shapely.union_all(geometries))


def radius_m(geometry: shapely.Geometry) -> int:
    """Return the radius in metres of a circle of the same area (on an equal-area cylinder)."""
    flat = shapely.transform(geometry, _equal_area)
    return max(1, round(math.sqrt(shapely.area(flat) / math.pi)))


def _equal_area(xy: np.ndarray) -> np.ndarray:
    lon, lat = np.radians(xy).T
    return np.column_stack((EARTH_RADIUS_M * lon, EARTH_RADIUS_M * np.sin(lat)))


def reach_m(geometry: shapely.Geometry, lon: float, lat: float) -> int:
    """Return the distance in metres from a point to the furthest vertex of a geometry."""
    lons, lats = np.radians(shapely.get_coordinates(geometry)).T
    at_lon, at_lat = math.radians(lon), math.radians(lat)
    half = np.sin((lats - at_lat) / 2) ** 2
    half = half + np.cos(lats) * math.cos(at_lat) * np.sin((lons - at_lon) / 2) ** 2
    return math.ceil(float(2 * EARTH_RADIUS_M * np.arcsin(np.sqrt(half)).max()))


def as_geojson(geometry: shapely.Geometry) -> dict[str, Any]:
    """Return the GeoJSON mapping, at most five decimals, outer rings counter-clockwise."""
    if geometry.geom_type == "Polygon":
        return {"type": "Polygon", "coordinates": _rings(geometry)}
    parts = [_rings(part) for part in shapely.get_parts(geometry)]
    return {"type": "MultiPolygon", "coordinates": parts}


def _rings(polygon: shapely.Polygon) -> list[list[list[float]]]:
    turned = shapely.orient_polygons(polygon)
    rings = [turned.exterior, *turned.interiors]
    return [[[round(x, WRITTEN_DIGITS), round(y, WRITTEN_DIGITS)] for x, y in ring.coords] for ring in rings]
