"""Points on the globe, for databases that do not know: how far apart two are, and how one lies to a shape."""

from functools import lru_cache
from importlib import import_module
from math import asin, cos, radians, sin, sqrt
from typing import Any

EARTH_KM = 6371.0088


def distance_km(lon: float | None, lat: float | None, to_lon: float, to_lat: float) -> float | None:
    """Kilometres between two points in degrees, on a sphere (haversine). PostgreSQL has its own from a migration."""
    if lon is None or lat is None:
        return None
    half_lat, half_lon = radians(to_lat - lat) / 2, radians(to_lon - lon) / 2
    bend = sin(half_lat) ** 2 + cos(radians(lat)) * cos(radians(to_lat)) * sin(half_lon) ** 2
    return 2 * EARTH_KM * asin(min(1.0, sqrt(bend)))


def point_relates(relation: str, lon: float | None, lat: float | None, shape: bytes) -> bool | None:
    """How a point lies to a shape (WKB): `relation` is a predicate of shapely. PostgreSQL asks PostGIS."""
    if lon is None or lat is None:
        return None
    shapely, known = _known_shape(shape)
    if relation == "intersects":
        return bool(shapely.intersects_xy(known, lon, lat))
    return bool(getattr(shapely, relation)(shapely.Point(lon, lat), known))


@lru_cache(maxsize=8)
def _known_shape(shape: bytes) -> tuple[Any, Any]:
    """Shapely, imported at its first use since it takes long, and a shape made ready for many points."""
    shapely = import_module("shapely")
    known = shapely.from_wkb(shape)
    shapely.prepare(known)
    return shapely, known
