"""Geometries of a CQL2 filter, and how the point of an incident lies to them."""

from importlib import import_module
from math import isfinite
from typing import Any, cast

import orjson
from sqlalchemy import Boolean, ColumnElement, and_, func, not_, or_
from sqlmodel import col

from app.errors import Invalid
from app.queries.conditions import in_box
from app.queries.cql import GEOMETRIES, Tree, wrong
from app.records import Incident

Condition = ColumnElement[bool]
Box = tuple[float, float, float, float]

# How the first lies to the second: the name of each relation for PostGIS, and the relation seen from the other side.
RELATIONS: dict[str, tuple[str, str]] = {
    "s_contains": ("ST_Contains", "s_within"),
    "s_crosses": ("ST_Crosses", "s_crosses"),
    "s_disjoint": ("ST_Disjoint", "s_disjoint"),
    "s_equals": ("ST_Equals", "s_equals"),
    "s_intersects": ("ST_Intersects", "s_intersects"),
    "s_overlaps": ("ST_Overlaps", "s_overlaps"),
    "s_touches": ("ST_Touches", "s_touches"),
    "s_within": ("ST_Within", "s_contains"),
}
WGS84 = 4326


def _shapely() -> Any:
    """Import shapely at its first use: with numpy it takes a third of a second."""
    return import_module("shapely")


def _unfit() -> Invalid:
    return wrong("a geometry is none", "write degrees, longitude first; close rings, and let no line cross itself")


def lies(op: str, shape: Tree, dialect: str) -> Condition:
    """How the point of an incident lies to a shape; not known where there is no point."""
    if not isinstance(shape, dict):
        raise _unfit()
    if op == "s_disjoint":
        return not_(lies("s_intersects", shape, dialect))
    if "bbox" in shape and len(shape) == 1:
        box = read_box(shape["bbox"])
        return in_box(box) if op == "s_intersects" else _relate(op, _rectangle(box), dialect)
    if shape.get("type") == "GeometryCollection" and shape.keys() == {"type", "geometries"}:
        return _any_of(op, shape["geometries"], dialect)
    return _relate(op, _geometry(shape), dialect)


def _any_of(op: str, shapes: Tree, dialect: str) -> Condition:
    if op != "s_intersects" or not isinstance(shapes, list) or not shapes:
        raise wrong("this cannot be asked of several geometries at once", "ask of each, with OR between them")
    return or_(*(lies(op, shape, dialect) for shape in shapes))


def read_box(numbers: Tree) -> Box:
    """A box in degrees out of four numbers, or six with heights, which are left out. Raises Invalid."""
    if not isinstance(numbers, list) or len(numbers) not in {4, 6} or not all(map(_is_number, numbers)):
        raise _unfit()
    half = len(numbers) // 2
    west, south, east, north = (float(n) for n in (*numbers[:2], *numbers[half : half + 2]))
    if not (abs(west) <= 180 and abs(east) <= 180 and -90 <= south <= north <= 90):
        raise _unfit()
    return west, south, east, north


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e6 and isfinite(value)


def _rectangle(box: Box) -> Any:
    west, south, east, north = box
    boxes = [(west, east)] if west <= east else [(west, 180.0), (-180.0, east)]
    return _sound(_shapely().union_all([_shapely().box(first, south, last, north) for first, last in boxes]))


def _geometry(shape: dict[str, Any]) -> Any:
    known = shape.keys() == {"type", "coordinates"} and isinstance(shape["type"], str) and shape["type"] in GEOMETRIES
    if not known or not _all_numbers(shape):
        raise _unfit()
    try:
        return _sound(_shapely().from_geojson(orjson.dumps(shape)))
    except (_shapely().errors.GEOSException, TypeError, ValueError):
        raise _unfit() from None


def _all_numbers(shape: dict[str, Any]) -> bool:
    """Whether the coordinates are lists of lists of numbers of degrees, and nothing else."""
    left = [shape["coordinates"]]
    while left:
        node = left.pop()
        if isinstance(node, list) and node:
            left.extend(node)
        elif not _is_number(node):
            return False
    return True


def _sound(shape: Any) -> Any:
    """The same in two dimensions. Raises Invalid for what the two engines could answer differently about."""
    flat = _shapely().force_2d(shape)
    west, south, east, north = flat.bounds if not flat.is_empty else (0, 91, 0, 91)
    if not (flat.is_valid and -180 <= west <= east <= 180 and -90 <= south <= north <= 90):
        raise _unfit()
    return flat


def _relate(op: str, shape: Any, dialect: str) -> Condition:
    """The box around the shape first, which the grid answers, and the shape itself for what is left."""
    lon, lat, shape_bytes = col(Incident.lon), col(Incident.lat), _shapely().to_wkb(shape)
    within_reach = in_box(cast(Box, tuple(map(float, shape.bounds))))
    if dialect == "sqlite":
        return and_(within_reach, func.point_relates(op.removeprefix("s_"), lon, lat, shape_bytes) == 1)
    point = func.ST_SetSRID(func.ST_MakePoint(lon, lat), WGS84)
    relate = getattr(func, RELATIONS[op][0])
    return and_(within_reach, relate(point, func.ST_GeomFromWKB(shape_bytes, WGS84), type_=Boolean()))
