"""Keep the full-text index in step with the incidents."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session, col, delete, select

from app.matching.folding import words
from app.records import Act, Actor, Incident, Involvement, Person, PersonName
from app.records.search import SEARCH, entry, line

TEXTS = ("title", "summary", "place_name", "area1", "area2", "area3")


@dataclass(frozen=True)
class Wording:
    """The words by which one incident is found: its texts, and apart from them the names of people."""

    pk: int
    texts: tuple[str | None, ...]
    names: tuple[str, ...] = ()


def texts_of(incident: dict[str, Any]) -> tuple[str | None, ...]:
    return tuple(incident[name] for name in TEXTS)


def index(session: Session, wordings: Iterable[Wording]) -> None:
    """Add incidents to the index, all in one go."""
    dialect = session.get_bind().dialect.name
    lines = [line(dialect, w.pk, words(" ".join(t for t in w.texts if t)), words(" ".join(w.names))) for w in wordings]
    if lines:
        session.connection().execute(entry(dialect), lines)


def unindex(session: Session, which: Any) -> None:
    """Take incidents out of the index. `which`: their numbers, or a select of them."""
    session.connection().execute(delete(SEARCH).where(SEARCH.c.rowid.in_(which)))


def reindex(session: Session, pk: int) -> None:
    """Read one incident again, as it now stands, and index it anew."""
    unindex(session, [pk])
    row = session.execute(select(*(getattr(Incident, name) for name in TEXTS)).where(col(Incident.pk) == pk)).one()
    groups = session.exec(select(Act.group).where(col(Act.incident_pk) == pk)).all()
    described = session.exec(select(Involvement.described_as).where(col(Involvement.incident_pk) == pk)).all()
    actors = session.exec(select(Actor).join(Involvement).where(col(Involvement.incident_pk) == pk)).all()
    called = [name for actor in actors for name in (actor.name, *actor.aliases)]
    index(session, [Wording(pk, (*row, *groups, *described, *called), tuple(_names(session, pk)))])


def _names(session: Session, pk: int) -> Iterable[str]:
    """The names of everybody in an incident whose identity is not sealed."""
    for table in (Act, Involvement):
        named = (
            select(PersonName.full)
            .join(Person, col(Person.pk) == PersonName.person_pk)
            .join(table, col(table.person_pk) == Person.pk)
            .where(col(table.incident_pk) == pk, col(Person.identity_protection) != "sealed")
        )
        yield from session.exec(named).all()
