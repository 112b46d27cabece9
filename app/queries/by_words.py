"""Incidents by their words alone: counted and put in order from indexes, and only those of the page are fetched."""

from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Select
from sqlmodel import Session, select

from app.access.viewer import Viewer
from app.queries.conditions import holding
from app.queries.filter import IncidentFilter, IncidentPage
from app.records import Archive, Incident

A = TypeVar("A", bound=Select[*tuple[Any, ...]])
# SQLite finds a row by its number as soon as an index does, or so it thinks: it does not know that each row has to be
# deciphered by itself. So it is told. These hold all that the answer depends on.
BY_NUMBER, BY_DAY = "INDEXED BY ix_incident_number", "INDEXED BY ix_incident_date"
# Up to so many with the word are put in order; of more, those with the word are looked for by day, newest first.
FEW = 5000


def alone(question: IncidentFilter) -> bool:
    """Whether nothing but words is asked, in an order that the indexes know."""
    by_day = not isinstance(question, IncidentPage) or question.sort not in {"ref", "-updated_at"}
    return question.q is not None and by_day and question.asked().keys() == {"q"}


def by_number(asked: A) -> A:
    """The same question, answered number by number from the index."""
    return asked.with_hint(Incident, BY_NUMBER, "sqlite")


def newest(
    session: Session, question: IncidentFilter, conditions: list[ColumnElement[bool]], viewer: Viewer
) -> Select[*tuple[Any, ...]]:
    """The numbers of those that answer, still in no order, to be found by the shortest way to the newest or oldest."""
    asked: Select[*tuple[Any, ...]] = select(Incident.pk).where(*conditions)
    if session.get_bind().dialect.name != "sqlite" or not alone(question):
        return asked  # PostgreSQL knows how common a word is, and other conditions may well be the shorter way
    return asked.with_hint(Incident, BY_DAY, "sqlite") if _is_common(session, question, viewer) else by_number(asked)


def _is_common(session: Session, question: IncidentFilter, viewer: Viewer) -> bool:
    """Whether more than FEW incidents hold the words: nobody counts further."""
    one_more = holding(question.q or "", viewer, "sqlite").offset(FEW).limit(1)
    return session.exec(select(Archive.kind).where(one_more.exists())).first() is not None
