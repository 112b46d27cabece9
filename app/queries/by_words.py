"""Incidents by their words alone: counted and put in order from indexes, and only those of the page are fetched."""

from collections.abc import Iterable
from math import sqrt
from typing import Any, NamedTuple, TypeVar

from sqlalchemy import ColumnElement, Select
from sqlmodel import Session, col, select

from app.access.viewer import Viewer
from app.queries.conditions import clauses, holding
from app.queries.filter import IncidentFilter, IncidentPage
from app.queries.order import ordered, pieces, take
from app.records import Archive, Incident
from app.records.search import among, from_the_last


class Spread(NamedTuple):
    """About how many incidents hold some words, and one in how many."""

    many: int
    gap: float


A = TypeVar("A", bound=Select[*tuple[Any, ...]])
# SQLite finds a row by its number as soon as an index does, or so it thinks: it does not know that each row has to be
# deciphered by itself. So it is told. These hold all that the answer depends on.
BY_NUMBER, BY_DAY = "INDEXED BY ix_incident_number", "INDEXED BY ix_incident_date"
# Up to so many with the word are put in order; of more, those with the word are looked for by day, newest first.
FEW = 5000
# What it takes to look for a word in one incident more, measured in entries of the word that are read meanwhile: by
# itself in the index of words, or among all that hold the word.
BY_ITSELF, AMONG_ALL = 600, 10
# On PostgreSQL: among so many of the first of all incidents the words are looked for, and where so many of these hold
# them, once more among as many as should do.
LOOK, ENOUGH = 600, 10


def alone(question: IncidentFilter) -> bool:
    """Whether nothing but words is asked, in an order that the indexes know."""
    by_day = not isinstance(question, IncidentPage) or question.sort not in {"ref", "-updated_at"}
    return question.q is not None and by_day and question.asked().keys() == {"q"}


def knows_ways(session: Session, question: IncidentFilter) -> bool:
    """Whether incidents are counted the way of this room: PostgreSQL finds its own."""
    return alone(question) and session.get_bind().dialect.name == "sqlite"


def by_number(asked: A, question: IncidentFilter, viewer: Viewer) -> A:
    """A question to incidents, of those that answer, taken number by number from the index. For SQLite."""
    held = holding(question.q or "", viewer, "sqlite").subquery()
    # Joined, and not IN: there SQLite would first put all the numbers into a set.
    asked = asked.join(held, held.c.rowid == Incident.pk).where(*_whatever_their_words(question, viewer))
    return asked.with_hint(Incident, BY_NUMBER, "sqlite")


def first(
    session: Session, question: IncidentPage, conditions: list[ColumnElement[bool]], viewer: Viewer, most: int
) -> list[int]:
    """The numbers of the first so many on a page, in its order, found by the shortest way. Raises Invalid."""
    asked: Select[*tuple[Any, ...]] = select(Incident.pk)
    if not alone(question):
        return _numbers(take(session, asked.where(*conditions), question, most))
    if session.get_bind().dialect.name != "sqlite":
        return _on_a_server(session, question, viewer, most)
    spread = _spread(session, question, viewer)
    if spread.many <= FEW:
        return _numbers(take(session, by_number(asked, question, viewer), question, most))
    found = _near(session, question, viewer, most, spread)
    return _numbers(take(session, _by_day(asked.where(*conditions)), question, most)) if found is None else found


def _on_a_server(session: Session, question: IncidentPage, viewer: Viewer, most: int) -> list[int]:
    """The same on PostgreSQL, which knows of some hundred words how common they are, and takes a rare one for common.

    So it would go through the days for it. It is not asked to choose: what has a limit or an offset it plans apart.
    """
    held = holding(question.q or "", viewer, "postgresql")
    every: Select[*tuple[Any, ...]] = select(col(Incident.pk), col(Incident.date_earliest)).where(
        *_whatever_their_words(question, viewer, "postgresql")
    )
    all_held = held.offset(0).subquery()
    found: list[int] = []
    for piece in pieces(session, question.sort, question.cursor):
        if wanted := most - len(found):
            in_order = ordered(every.where(*piece), question.sort)
            here = _among(session, in_order.limit(LOOK), held, question.sort, wanted)
            if ENOUGH <= len(here) < wanted:  # by mere chance too few again, once in a thousand times
                near = round(LOOK * (wanted + 3 * sqrt(wanted)) / len(here))
                here = _among(session, in_order.limit(near), held, question.sort, wanted)
            if len(here) < wanted:
                those = in_order.join(all_held, all_held.c.rowid == Incident.pk)
                here = [pk for pk, _ in session.execute(those.limit(wanted)).all()]
            found += here
    return found


def _among(session: Session, first_of_all: Any, held: Any, sort: str, most: int) -> list[int]:
    """Of the first incidents those that hold the words, in their order: as far as they reach, exactly the first."""
    some = first_of_all.subquery()
    those = select(some.c.pk).where(some.c.pk.in_(held))
    return _numbers(session.execute(ordered(those, sort, some.c).limit(most)).all())


def _whatever_their_words(
    question: IncidentFilter, viewer: Viewer, dialect: str = "sqlite"
) -> list[ColumnElement[bool]]:
    return clauses(question.model_copy(update={"q": None}), viewer, dialect)


def _by_day(asked: A) -> A:
    return asked.with_hint(Incident, BY_DAY, "sqlite")


def _spread(session: Session, question: IncidentPage, viewer: Viewer) -> Spread:
    """How common the words are, going by the last FEW that hold them: nobody counts further."""
    held = from_the_last(holding(question.q or "", viewer, "sqlite")).limit(1)
    asked = select(Archive.kind, held.scalar_subquery(), held.offset(FEW).scalar_subquery())
    _, last, earlier = session.execute(asked).first() or (None, None, None)
    if last is None or earlier is None:
        return Spread(0, 0)
    gap = (last - earlier + 1) / (FEW + 1)
    return Spread(round(last / gap), gap)


def _near(session: Session, question: IncidentPage, viewer: Viewer, most: int, spread: Spread) -> list[int] | None:
    """The same, looked for among so many of the first of all incidents as should hold enough of them.

    None where that is not shorter, or where they hold too few: the words are those of other times.
    """
    near = round(spread.gap * (most + 3 * sqrt(most)))  # by mere chance too few, once in a thousand times
    if near * AMONG_ALL >= spread.many:
        return None
    held = holding(question.q or "", viewer, "sqlite")
    every = _by_day(select(Incident.pk).where(*_whatever_their_words(question, viewer)))
    found: list[int] = []
    for piece in pieces(session, question.sort, question.cursor):
        if len(found) < most:
            first_of_all = ordered(every.where(*piece), question.sort)
            here = among(held, first_of_all.limit(near), one_by_one=near * BY_ITSELF < spread.many)
            those = select(Incident.pk).where(col(Incident.pk).in_(here)).with_hint(Incident, BY_NUMBER, "sqlite")
            found += _numbers(session.execute(ordered(those, question.sort).limit(most - len(found))).all())
            if len(found) < most and session.execute(first_of_all.offset(near - 1).limit(1)).first() is not None:
                return None
    return found


def _numbers(rows: Iterable[Any]) -> list[int]:
    return [pk for (pk,) in rows]
