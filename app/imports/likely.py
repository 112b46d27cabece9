"""Who in the archive may be meant by a name that it does not know, as far as the asker knows of them."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement
from sqlmodel import Session, col, or_, select

from app import geography
from app.access.viewer import Viewer
from app.access.visibility import may_read
from app.errors import Fault, Invalid
from app.imports.names import HIDDEN, Likely, Names, Unknown
from app.imports.resolving import ACTOR, PERSON, PLACE, Decisions, ids_of
from app.matching.folding import name_key
from app.matching.likeness import nearest
from app.queries.actors import known_to
from app.queries.alike import people_like
from app.queries.people import LINKS, persons_by_pk, unsealed, within_reach
from app.records import Actor, Person
from app.records.person import PersonOut
from app.vocabulary.sensitivity import IDENTITY

Condition = ColumnElement[bool]
OFFERED = 3
# Of so many names the likely ones are looked for, among so many actors.
MOST_NAMES = {ACTOR: 300, PERSON: 50, PLACE: 100}
MOST_ACTORS = 20_000


@dataclass
class Likelihood:
    """Looks for those who may be meant. `batch`: what this import has entered is offered to nobody."""

    session: Session
    names: Names
    batch: int | None = None
    asked: dict[str, int] = field(default_factory=dict)
    actors: dict[str, tuple[str, str]] | None = None

    def look(self, unknown: Iterable[Unknown]) -> None:
        """Put the likely ones to each name, until enough names have been looked at."""
        for one in unknown:
            number = self.asked[one.kind] = self.asked.get(one.kind, 0) + 1
            if number <= MOST_NAMES.get(one.kind, 0) and one.name not in {"", HIDDEN}:
                one.likely = {ACTOR: self._actors, PERSON: self._people, PLACE: _places}[one.kind](one.name)

    def _actors(self, name: str) -> list[Likely]:
        if self.actors is None:  # before the first of them is entered
            asked = select(Actor.id, Actor.name, Actor.aliases).where(*known_to(self.names.by))
            rows = self.session.execute(asked.order_by(col(Actor.pk).desc()).limit(MOST_ACTORS)).all()
            self.actors = {name_key(told): (str(which), own) for which, own, more in rows for told in (*more, own)}
        found = nearest(name_key(name), self.actors, OFFERED)
        return [Likely(*self.actors[key], likeness) for key, likeness in found]

    def _people(self, name: str) -> list[Likely]:
        if not may_read(self.names.by, IDENTITY):
            return []
        self.names.searched = True
        others = or_(col(Person.batch_pk).is_(None), col(Person.batch_pk) != self.batch)
        mine = [*_people_of(self.names.by), *([others] if self.batch is not None else [])]
        found = dict(list(people_like(self.session, name, mine).items())[:OFFERED])
        told = persons_by_pk(self.session, list(found), self.names.by)
        return [Likely(str(told[pk].id), _full(told[pk]), likeness) for pk, likeness in found.items()]


def names_of(session: Session, kind: str, ids: Iterable[UUID], viewer: Viewer) -> dict[str, str]:
    """What actors or people are called, by their id: of those whom this viewer may be told of by name."""
    wanted = sorted(set(ids))
    if not wanted or (kind == PERSON and not may_read(viewer, IDENTITY)):
        return {}
    if kind == ACTOR:
        asked = select(Actor.id, Actor.name).where(col(Actor.id).in_(wanted), *known_to(viewer))
        return {str(which): name for which, name in session.execute(asked).all()}
    people = session.exec(select(Person.pk).where(col(Person.id).in_(wanted), *_people_of(viewer))).all()
    return {
        str(one.id): _full(one)
        for one in persons_by_pk(session, people, viewer).values()
        if one.names and one.names[0].full
    }


def _full(person: PersonOut) -> str:
    return str(person.names[0].full)


def check_here(session: Session, decisions: Decisions, viewer: Viewer) -> None:
    """Raises Invalid when a decision names a record that is not here, or that the viewer does not know of."""
    mine: dict[str, tuple[Any, list[Condition]]] = {
        ACTOR: (Actor, known_to(viewer)),
        PERSON: (Person, _people_of(viewer)),
    }
    for kind, (table, conditions) in mine.items():
        wanted = ids_of(kind, decisions)
        here = session.exec(select(table.id).where(col(table.id).in_(wanted), *conditions)).all() if wanted else []
        if missing := len(wanted) - len(set(here)):
            fault = Fault("id", f"{missing} of these ids belong to no {kind} here", "look them up and put them right")
            raise Invalid("The decisions cannot be used.", [fault])


def _people_of(viewer: Viewer) -> list[Condition]:
    return [*within_reach(Person.pk, "person_pk", LINKS, viewer), *unsealed(viewer)]


def _places(name: str) -> list[Likely]:
    known = _areas(geography.mark())
    return [Likely(*known[key], likeness) for key, likeness in nearest(name_key(name), known, OFFERED)]


@cache
def _areas(_mark: str) -> dict[str, tuple[str, str]]:
    return {name_key(entry.name): (entry.code, entry.name) for entry in geography.areas()}
