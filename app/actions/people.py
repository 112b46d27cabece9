"""Find or enter the people and actors that a report names; alike ones are offered, never merged in silence."""

from dataclasses import dataclass, field
from typing import Any

from sqlmodel import col, select

from app.actions.pen import Pen, columns_of
from app.errors import Fault, Invalid
from app.matching.folding import name_key
from app.records import Actor, Person, PersonName
from app.records.actor import ActorFields, ActorIn
from app.records.keys import new_id
from app.records.person import Candidate, PersonFields, PersonIn

OFFERED = 5
ACTOR, PERSON = columns_of(ActorFields), columns_of(PersonFields)


@dataclass
class Known:
    """Who has been found or entered so far in this change, so that nobody is asked for twice."""

    actors: dict[str, int] = field(default_factory=dict)
    persons: dict[str, int] = field(default_factory=dict)
    candidates: list[Candidate] = field(default_factory=list)


def actor_pk(pen: Pen, told: ActorIn, known: Known) -> int:
    """The number of an actor: by id, by external_id, or newly entered."""
    key = str(told.id) if told.id else told.external_id
    if key and key in known.actors:
        return known.actors[key]
    pk = _existing(pen, Actor, told, key) or _enter_actor(pen, told, known)
    if key:
        known.actors[key] = pk
    return pk


def person_pk(pen: Pen, told: PersonIn, known: Known) -> int:
    """The number of a person: by id, by external_id, or newly entered."""
    key = str(told.id) if told.id else told.external_id
    if key and key in known.persons:
        return known.persons[key]
    pk = _existing(pen, Person, told, key) or _enter_person(pen, told, known)
    if key:
        known.persons[key] = pk
    return pk


def _existing(pen: Pen, table: Any, told: ActorIn | PersonIn, key: str | None) -> int | None:
    if key is None:
        return None
    by = table.id == told.id if told.id else table.external_id == told.external_id
    found: int | None = pen.session.exec(select(table.pk).where(by)).first()
    if found is None and told.id:
        noun = str(table.__tablename__)
        raise Invalid(f"The {noun} is not here.", [Fault(f"{noun}.id", f"no {noun} has this id", "leave the id out")])
    return found


def _enter_actor(pen: Pen, told: ActorIn, known: Known) -> int:
    key = name_key(told.name)
    if told.external_id is None:
        _offer(pen, known, "actor", told.name, select(Actor.id, Actor.name).where(col(Actor.name_key) == key))
    row = ACTOR(told)
    pk = pen.number("actor")
    pen.write(Actor, {**row, "pk": pk, "id": new_id(), "name_key": key, **pen.entered()})
    return pk


def _enter_person(pen: Pen, told: PersonIn, known: Known) -> int:
    pk = pen.number("person")
    pen.write(Person, {**PERSON(told), "pk": pk, "id": new_id(), **pen.entered()})
    for name in told.names:
        key = name_key(name.full)
        alike = select(Person.id, PersonName.full).join(PersonName).where(col(PersonName.name_key) == key)
        _offer(pen, known, "person", name.full, alike)
        row = {**name.model_dump(), "pk": pen.number("person_name"), "person_pk": pk, "name_key": key}
        pen.write(PersonName, row | pen.entered())
    return pk


def _offer(pen: Pen, known: Known, noun: str, given: str, alike: Any) -> None:
    if pen.batch_pk is not None:
        return
    for found_id, name in pen.session.execute(alike.limit(OFFERED)).all():
        known.candidates.append(Candidate(noun=noun, id=found_id, name=name, given=given))
