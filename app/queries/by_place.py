"""Incidents in a small box of the map: put in order from the grid, and only those of the page are fetched."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnClause, ColumnElement, Select
from sqlalchemy.sql.visitors import iterate
from sqlmodel import Session, func, select

from app.access.viewer import Viewer
from app.access.visibility import visible
from app.access.wall import IN_ROWS
from app.queries.conditions import box_around, in_box, on_grid
from app.queries.filter import IncidentFilter
from app.queries.grid import in_cells
from app.queries.order import SORTS, ordered
from app.records import Archive, Incident
from app.records.incident import GRID

# SQLite would walk all incidents in the order that is asked for until a page is full. So it is told: the grid holds
# where they lie, and all that an order or a date needs.
BY_CELL = "INDEXED BY ix_incident_cell"
# Of more in a box, those of a page are found sooner in order than all are put in order.
FEW = 50_000
# By these the grid puts in order: no incident itself is needed for that.
HELD: tuple[Any, ...] = (Incident.pk, Incident.date_earliest)
Conditions = Sequence[ColumnElement[bool]]


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
    session: Session, question: IncidentFilter, conditions: Conditions, sort: str, most: int
) -> tuple[list[int], int] | None:
    """The first numbers in an order within a small box, and how many answer in all, out of the grid and one question.

    None for any other box, for one in which too many answer, and for an order that the grid does not know.
    """
    box = _box(question)
    if box is None or not on_grid(box) or sort not in SORTS or SORTS[sort][0] not in HELD:
        return None
    on_server, cells = session.get_bind().dialect.name == "postgresql", in_cells(box)
    if on_server and cells.few:
        asked = _in_one_pass(conditions, sort)
    elif not on_server and cells.named and question.near is None and _are_held(conditions):
        asked = _in_two_passes(conditions, sort)
    else:
        return None
    rows = session.execute(asked.limit(most).execution_options(**IN_ROWS)).all()
    total = rows[0][1] if rows else 0
    return None if on_server and total > FEW else ([pk for pk, _ in rows], total)


def _in_one_pass(conditions: Conditions, sort: str) -> Select[*tuple[Any, ...]]:
    """For PostgreSQL: as many as answer, or too many, counted while they are put in order."""
    found = select(*HELD).where(*conditions).limit(FEW + 1).subquery()
    return ordered(select(found.c.pk, func.count().over()), sort, found.c)


def _in_two_passes(conditions: Conditions, sort: str) -> Select[*tuple[Any, ...]]:
    """For SQLite, which passes over most entries without a look while it only keeps the first of an order."""
    total = select(func.count()).select_from(Incident).where(*conditions).with_hint(Incident, BY_CELL, "sqlite")
    return ordered(numbers(conditions).add_columns(total.scalar_subquery()), sort)


def _are_held(conditions: Conditions) -> bool:
    """Whether the grid knows all that these ask for."""
    parts = (part for condition in conditions for part in iterate(condition))
    return all(part.name in GRID for part in parts if isinstance(part, ColumnClause))


def _box(question: IncidentFilter) -> tuple[float, float, float, float] | None:
    return question.bbox or (box_around(*question.near) if question.near else None)


def numbers(conditions: Conditions) -> Select[*tuple[Any, ...]]:
    """The numbers of those that answer, still in no order."""
    asked: Select[*tuple[Any, ...]] = select(Incident.pk).where(*conditions)
    return asked.with_hint(Incident, BY_CELL, "sqlite")


def counted(conditions: Conditions) -> Select[*tuple[Any, ...]]:
    """The same, and beside each how many they all are."""
    return numbers(conditions).add_columns(func.count().over()).execution_options(**IN_ROWS)
