"""Incidents in a small box of the map: put in order from the grid, and only those of the page are fetched."""

from typing import Any

from sqlalchemy import ColumnElement, Select
from sqlmodel import Session, func, select

from app.access.viewer import Viewer
from app.access.visibility import visible
from app.access.wall import IN_ROWS
from app.queries.conditions import box_around, in_box, on_grid
from app.queries.filter import IncidentFilter
from app.queries.grid import in_cells
from app.queries.order import SORTS, ordered
from app.records import Archive, Incident

# SQLite would walk all incidents in the order that is asked for until a page is full. So it is told: the grid holds
# where they lie, and all that an order or a date needs.
BY_CELL = "INDEXED BY ix_incident_cell"
# Of more in a box, those of a page are found sooner in order than all are put in order.
FEW = 50_000
# What the grid knows of an incident, and so the orders that need no incident itself.
HELD: tuple[Any, ...] = (Incident.pk, Incident.date_earliest)


def is_small(session: Session, question: IncidentFilter, viewer: Viewer) -> bool:
    """Whether few incidents lie in the box that is asked for. PostgreSQL knows that by itself."""
    box = _box(question)
    if box is None or not on_grid(box) or session.get_bind().dialect.name != "sqlite":
        return False
    within = select(Incident.pk).where(in_box(box), *visible(viewer)).with_hint(Incident, BY_CELL, "sqlite")
    one_more = within.offset(FEW).limit(1)
    asked = select(Archive.kind).where(one_more.exists()).execution_options(**IN_ROWS)
    return session.execute(asked).first() is None


def at_once(
    session: Session, question: IncidentFilter, conditions: list[ColumnElement[bool]], sort: str, most: int
) -> tuple[list[int], int] | None:
    """On PostgreSQL, out of one pass over a small box: the first numbers in an order, and how many answer in all.

    None for any other box, for one in which too many answer, and for an order that the grid does not know.
    """
    box = _box(question)
    if box is None or not on_grid(box) or not in_cells(box).few or not _is_held(sort):
        return None
    if session.get_bind().dialect.name != "postgresql":
        return None
    found = select(*HELD).where(*conditions).limit(FEW + 1).subquery()
    asked = ordered(select(found.c.pk, func.count().over()), sort, found.c).limit(most)
    rows = session.execute(asked.execution_options(**IN_ROWS)).all()
    total = rows[0][1] if rows else 0
    return ([pk for pk, _ in rows], total) if total <= FEW else None


def _is_held(sort: str) -> bool:
    return sort in SORTS and SORTS[sort][0] in HELD


def _box(question: IncidentFilter) -> tuple[float, float, float, float] | None:
    return question.bbox or (box_around(*question.near) if question.near else None)


def numbers(conditions: list[ColumnElement[bool]]) -> Select[*tuple[Any, ...]]:
    """The numbers of those that answer, still in no order."""
    asked: Select[*tuple[Any, ...]] = select(Incident.pk).where(*conditions)
    return asked.with_hint(Incident, BY_CELL, "sqlite")


def counted(conditions: list[ColumnElement[bool]]) -> Select[*tuple[Any, ...]]:
    """The same, and beside each how many they all are."""
    return numbers(conditions).add_columns(func.count().over()).execution_options(**IN_ROWS)
