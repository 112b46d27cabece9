"""Find, enter and change people, and find or enter the actors of a report; alike ones are offered, never merged."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any
from uuid import UUID

from pydantic import BaseModel
from sqlalchemy import bindparam, update
from sqlmodel import Session, col, select

from app.access.viewer import Viewer, check_may_write
from app.access.visibility import may_expose
from app.access.wall import in_rows
from app.actions import lowering
from app.actions.identities import OF_A_NAME, OF_A_PERSON, held
from app.actions.indexing import reindex_of
from app.actions.pen import Pen, Row, columns_of
from app.errors import Fault, Forbidden, Invalid, MatchRequired, Stale, Untimely
from app.matching.folding import name_key
from app.matching.scripts import script_of
from app.queries import people as queries
from app.queries.actors import known_to
from app.queries.erasures import is_erased
from app.queries.history import etag
from app.records import Act, Actor, Case, Involvement, Person, PersonName, Source
from app.records.actor import A_PERSON, UNIDENTIFIED, ActorFields, ActorIn, NewActor, names_key
from app.records.keys import new_id
from app.records.person import (
    Candidate,
    NewPerson,
    PersonFields,
    PersonIn,
    PersonNameIn,
    Reasoned,
    lacks_stand_in,
    protects_less,
)

OFFERED = 5
# So many acts and involvements are kept as rows.
MOST_PARTS = 1024
ACTOR, PERSON = columns_of(ActorFields), columns_of(PersonFields)


@dataclass
class Known:
    """Who has been found or entered so far in this change, so that nobody is asked for twice.

    `recalled`: people who were here before this mention of them; `persons_among_actors`: actors that are people.
    `parts`: what was stated last, of no person, with its columns.
    """

    actors: dict[str, int] = field(default_factory=dict)
    persons: dict[str, int] = field(default_factory=dict)
    candidates: list[Candidate] = field(default_factory=list)
    recalled: set[int] = field(default_factory=set)
    persons_among_actors: set[int] = field(default_factory=set)
    parts: dict[int, tuple[BaseModel, Row]] = field(default_factory=dict)

    def stated(self, part: Any, columns: Callable[[Any], Row]) -> Row:
        """A row of what an act or an involvement states. In a table the very same one comes again and again."""
        if part.person is not None:
            return columns(part)
        told = self.parts.get(id(part))
        if told is None:
            if len(self.parts) >= MOST_PARTS:
                self.parts.clear()
            told = self.parts[id(part)] = part, columns(part)  # with the part itself, so that its number is no other's
        return told[1].copy()


@dataclass(frozen=True)
class Made:
    """Somebody newly entered, and who here may be the same."""

    id: UUID
    candidates: list[Candidate]


def actor_pk(pen: Pen, told: ActorIn, known: Known) -> int:
    """The number of an actor: by id, by external_id, or newly entered."""
    key = str(told.id) if told.id else told.external_id
    if key and key in known.actors:
        return known.actors[key]
    found = _existing(pen, Actor, told, key, Actor.kind)
    pk: int
    pk, kind = found or (enter_actor(pen, told, known)["pk"], told.kind)
    if kind == A_PERSON:
        known.persons_among_actors.add(pk)
    if key:
        known.actors[key] = pk
    return pk


def person_pk(pen: Pen, told: PersonIn, known: Known) -> int:
    """The number of a person: by id, by external_id, or newly entered."""
    key = str(told.id) if told.id else told.external_id
    found = (known.persons[key],) if key and key in known.persons else _existing(pen, Person, told, key)
    pk: int = found[0] if found else enter_person(pen, told, known)["pk"]
    if found:
        known.recalled.add(pk)
    if key:
        known.persons[key] = pk
    return pk


def _existing(pen: Pen, table: Any, told: ActorIn | PersonIn, key: str | None, *more: Any) -> Any:
    """The number, and the columns of `more`, of somebody whom the writer may know of.

    Whoever is only named where the writer does not read is not here for them: else a guessed id would bring the name
    into a record of theirs. Raises Invalid for an id that nobody has.
    """
    if key is None:
        return None
    by = table.id == told.id if told.id else table.external_id == told.external_id
    found = pen.session.execute(select(table.pk, *more).where(by, *_within_reach(table, pen.by)).limit(1)).first()
    if found is None and told.id:
        noun = str(table.__tablename__)
        raise Invalid(f"The {noun} is not here.", [Fault(f"{noun}.id", f"no {noun} has this id", "leave the id out")])
    return found


def _within_reach(table: Any, by: Viewer) -> list[Any]:
    return known_to(by) if table is Actor else queries.within_reach(Person.pk, "person_pk", queries.LINKS, by)


def is_loose(told: ActorIn | NewActor) -> bool:
    """Whether it is a description and no name: the "armed men" of two incidents are two unknowns."""
    return not told.is_specific or told.kind == UNIDENTIFIED


def enter_actor(pen: Pen, told: ActorIn | NewActor, known: Known) -> Row:
    """Lay the row of a new actor ready, and offer those of the same name or alias, unless it is a loose description."""
    names = [told.name, *told.aliases]
    if pen.batch_pk is None and told.external_id is None and not is_loose(told):
        _offer_actors(pen, names, known)
    made = {"pk": pen.number("actor"), "id": new_id(), "name_key": names_key(names)}
    return pen.write(Actor, ACTOR(told) | made | pen.entered())


def enter_person(pen: Pen, told: PersonIn | NewPerson, known: Known) -> Row:
    """Lay the rows of a new person ready, and offer those of the same names."""
    row = {**PERSON(told), "pk": pen.number("person"), "id": new_id(), **pen.entered()}
    pen.newcomers.add(row["id"])
    pen.write(Person, held(pen, row["id"], row, OF_A_PERSON))
    if pen.batch_pk is None:
        _offer_people(pen, [name.full for name in told.names], known)
    for told_name in told.names:
        _write_name(pen, row["pk"], row["id"], told_name)
    return row


def _write_name(pen: Pen, person: int, subject: UUID, told: PersonNameIn) -> None:
    row = told.model_dump() | {"pk": pen.number("person_name"), "person_pk": person, "name_key": name_key(told.full)}
    row["script"] = told.script or script_of(told.full)
    pen.write(PersonName, held(pen, subject, row | pen.entered(), OF_A_NAME))


def _keys(names: Iterable[str]) -> list[tuple[str, str]]:
    """Each name with its key, without those that hold no letter to compare."""
    return [(name, key) for name in names if (key := name_key(name))]


def _offer_actors(pen: Pen, names: Iterable[str], known: Known) -> None:
    for name, key in _keys(names):
        _offer(pen, known, "actor", name, _actors_alike(pen.by), f"| {key} |")


def _offer_people(pen: Pen, names: Iterable[str], known: Known) -> None:
    for name, key in _keys(names):
        _offer(pen, known, "person", name, _people_alike(pen.by), key)


@lru_cache(maxsize=64)  # every report that names an actor asks this
def _actors_alike(by: Viewer) -> Any:
    """Who is called by a `key`, as far as this viewer may know."""
    same = col(Actor.name_key).contains(bindparam("key"))  # letters, digits and bars: nothing that LIKE knows
    specific = col(Actor.is_specific), col(Actor.kind) != UNIDENTIFIED
    return select(Actor.id, Actor.name).where(same, *specific, *known_to(by)).limit(OFFERED)


@lru_cache(maxsize=64)
def _people_alike(by: Viewer) -> Any:
    """The same for people; `key`: of one of their names."""
    alike = select(Person.id, PersonName.full).join(PersonName).where(col(PersonName.name_key) == bindparam("key"))
    return alike.where(*_within_reach(Person, by), *queries.unsealed(by)).limit(OFFERED)


def _offer(pen: Pen, known: Known, noun: str, given: str, alike: Any, key: str) -> None:
    offered = {candidate.id for candidate in known.candidates}
    for found_id, name in in_rows(pen.session, alike, {"key": key}):
        if found_id not in offered:
            known.candidates.append(Candidate(noun=noun, id=found_id, name=name, given=given))


def enter(session: Session, told: NewPerson, by: Viewer) -> Made:
    """Enter a person apart from any report. Who is alike is offered."""
    check_may_write(by)
    pen, known = Pen(session, by), Known()
    return keep(pen, "person", enter_person(pen, told, known), told, known)


def keep(pen: Pen, noun: str, row: Row, told: BaseModel, known: Known) -> Made:
    """Put down what was entered apart from any report, with its line in history."""
    pen.note("entered", noun, row["id"], told.model_dump(mode="json", exclude_unset=True))
    pen.put_down()
    return Made(row["id"], known.candidates)


def add_name(session: Session, which: UUID, told: PersonNameIn, by: Viewer) -> None:
    """Add a further name to a person; those that are there stay. Raises NotFound."""
    check_may_write(by)
    person = queries.find(session, which, by)
    _check_not_erased(session, which)
    pen = Pen(session, by)
    _write_name(pen, person.pk, person.id, told)
    pen.note("named", "person", person.id, {"name": told.model_dump(mode="json", exclude_unset=True)})
    pen.put_down()
    _find_anew(session, person.pk)


def amend(session: Session, which: UUID, change: Reasoned, seen: str | None, by: Viewer) -> None:
    """Change the fields of a person that `change` names, for a reason. Only a reviewer lowers a protection."""
    check_may_write(by)
    person = queries.find(session, which, by)
    _check_not_erased(session, which)
    check_seen(session, person.id, seen)
    before = PERSON(person)
    after = stated(change, before)
    told = PersonFields.model_validate(after)
    if protects_less(told.identity_protection, person.identity_protection) and not may_expose(by):
        raise Forbidden("Only a reviewer lowers the protection of an identity: ask one, and say why it is safe.")
    lowering.check_may_lower_person(session, person, told.sensitivity, by)
    if lacks_stand_in(told):
        fault = Fault("pseudonym", "the protection `pseudonym` needs one", "give it, or use another protection")
        raise Invalid("There is no stand-in to use.", [fault])
    rewrite(Pen(session, by), person, PERSON(told), change.reason)
    _find_anew(session, person.pk)


def _check_not_erased(session: Session, which: UUID) -> None:
    if is_erased(session, which):
        raise Untimely("This person has been erased: nothing is written about them any more.")


def stated(change: Reasoned, before: Row) -> Row:
    """The fields as they are to be. Raises Invalid where none is named."""
    named = change.model_fields_set - {"reason"}
    if not named:
        raise Invalid("Nothing to change.", [Fault("body", "no field is named", "name the fields that change")])
    return before | {name: getattr(change, name) for name in named}


def rewrite(pen: Pen, record: Person | Actor | Source, columns: Row, why: str, **derived: Any) -> None:
    """Write the columns that are another now, with their line in history. `derived`: what only follows from them."""
    noun = str(record.__tablename__)
    before = {name: getattr(record, name) for name in columns}
    changed = {name: value for name, value in columns.items() if before[name] != value}
    pen.note("amended", noun, record.id, {"before": {name: before[name] for name in changed}, "after": changed}, why)
    bound = held(pen, record.id, changed, OF_A_PERSON) if isinstance(record, Person) else changed
    pen.put_down()
    if changed:
        table = type(record)
        pen.session.execute(update(table).where(col(table.pk) == record.pk).values(**bound, **derived))
    pen.session.expire_all()


def check_seen(session: Session, record: UUID, seen: str | None) -> None:
    """`seen`: the If-Match header. Raises MatchRequired without one and Stale when somebody was faster."""
    if seen is None:
        raise MatchRequired("Send If-Match with the ETag of the version you saw, so that no change is lost.")
    if seen.strip() != etag(session, record):
        raise Stale("The record has changed since you read it. Read it again, then repeat your change.")


def _find_anew(session: Session, person: int) -> None:
    """Index every incident that names a person anew."""
    for table in (Act, Case, Involvement):
        reindex_of(session, table, col(table.person_pk) == person)
