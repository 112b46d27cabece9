"""What a filter may ask by: public columns of the flat row, and of which kind each is."""

from datetime import UTC, datetime, time, timedelta
from typing import Any, Literal

from sqlalchemy import ColumnElement, Double, String, case, func, literal
from sqlmodel import col

from app.access.viewer import Viewer
from app.access.visibility import delicacy, may_read
from app.db import Moment
from app.errors import Invalid
from app.queries.cql import wrong
from app.queries.rows import TALLIES
from app.records import Incident

Kind = Literal["text", "number", "truth", "day", "moment"]
Element = ColumnElement[Any]

GEOMETRY = "geometry"
QUERYABLES: dict[str, Kind] = {
    **dict.fromkeys(("ref", "kind", "title"), "text"),
    **dict.fromkeys(("date_earliest", "date_latest"), "day"),
    **dict.fromkeys(("country", "area1", "area1_code", "area2", "area2_code", "place_name"), "text"),
    **dict.fromkeys(("lon", "lat"), "number"),
    "geo_precision": "text",
    "uncertainty_m": "number",
    "location_generalised": "truth",
    **dict.fromkeys(TALLIES, "number"),
    **dict.fromkeys(("verification", "confidence"), "text"),
    "independent_sources": "number",
    "licence": "text",
    "updated_at": "moment",
}
SECOND = "%Y-%m-%d %H:%M:%S"


def may_ask(name: str, viewer: Viewer) -> bool:
    """Whether this viewer may ask by a column: it is one of those above, and they may read it."""
    return name in QUERYABLES and may_read(viewer, delicacy(Incident, name))


def asked_by(viewer: Viewer) -> dict[str, Kind]:
    """The columns that this viewer may ask by."""
    return {name: kind for name, kind in QUERYABLES.items() if may_ask(name, viewer)}


def unknown() -> Invalid:
    """The same words for a column that is not there and for one that the viewer may not read."""
    return wrong("a property that is not known here", "see /ogc/collections/incidents/queryables")


def column_of(name: str, dialect: str) -> Element:
    """A column as it can be compared. Moments are told by the second, so they are compared by the second."""
    found: Any = col(getattr(Incident, name))
    if QUERYABLES[name] != "moment":
        same: Element = found
        return same
    return func.substr(found, 1, 19, type_=String()) if dialect == "sqlite" else func.date_trunc("second", found)


def bound(value: Any, kind: Kind, dialect: str) -> Element:
    """A value as the database takes it for a column of this kind; always as a parameter, never as words."""
    if kind == "number":
        return literal(float(value), Double())
    if kind == "moment" and dialect == "sqlite":
        return literal(value.strftime(SECOND), String())
    return literal(value, Moment()) if kind == "moment" else literal(value)


def ends(value: Any, kind: Kind) -> tuple[Any, Any]:
    """The first and the last day, or the first and the last second, of a day among moments."""
    if kind == "day" or isinstance(value, datetime):
        return value, value
    first = datetime.combine(value, time(), UTC)
    return first, first + timedelta(days=1, seconds=-1)


def one_of(first: Element, second: Element, instead: Element) -> Element:
    """`first`, or `instead` where only `second` is known; nothing where neither is."""
    return case((first.is_not(None), first), (second.is_not(None), instead))
