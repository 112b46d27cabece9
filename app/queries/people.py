"""People: page by page, one with all that names them, and by what name they may be called outside."""

from collections.abc import Iterable, Sequence
from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator
from sqlalchemy import ColumnElement, and_, exists, not_, or_
from sqlmodel import Session, col, func, select

from app.access.viewer import Viewer
from app.access.visibility import check_may_identify, delicacy, may_read, may_unseal, nameable, redacted, visible
from app.errors import NotFound
from app.matching.folding import words
from app.queries.alike import people_like
from app.queries.catalogue import columns
from app.records import Act, Case, Incident, Involvement, Person, PersonName
from app.records.person import (
    SEALED,
    PersonCase,
    PersonFields,
    PersonFound,
    PersonNameFields,
    PersonOut,
    PersonRole,
    PersonWhole,
    called,
)
from app.vocabulary.codes import IdentityProtection, Sex
from app.vocabulary.sensitivity import IDENTITY

Condition = ColumnElement[bool]


def _some_words(value: str) -> str:
    if not words(value):
        raise ValueError("give at least one letter or digit of a name")
    return value


# What hangs on a person, and goes with the name where that is sealed.
NAMING = ("pseudonym", *(name for name in PersonFields.model_fields if delicacy(PersonFields, name) is IDENTITY))
LINKS: tuple[Any, ...] = (Act, Involvement, Case)


class PersonPage(BaseModel):
    """Which people, and which page of them."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    q: str | None = Field(None, max_length=300, description="All words of a name, in any script and spelling")
    like: Annotated[str, AfterValidator(_some_words)] | None = Field(
        None, max_length=300, description="A name that may be spelt otherwise: the most alike come first, on one page"
    )
    sex: Sex | None = None
    protection: IdentityProtection | None = None
    limit: int = Field(50, ge=1, le=200)
    after: UUID | None = Field(None, description="`next` of the page before")

    @model_validator(mode="after")
    def _on_one_page(self) -> Self:
        if self.like is not None and self.after is not None:
            raise ValueError("names that are alike come on one page; leave out after, and ask for more with limit")
        return self


def persons(session: Session, asked: PersonPage, viewer: Viewer) -> tuple[list[PersonFound], int]:
    """One page of people, oldest entry or most alike first, and how many there are in all. Raises Forbidden."""
    check_may_identify(viewer)
    conditions = _conditions(asked, viewer)
    if asked.like is not None:
        return _alike(session, asked.like, asked.limit, [*conditions, *unsealed(viewer)], viewer)
    total = session.exec(select(func.count()).select_from(Person).where(*conditions)).one()
    if asked.after is not None:
        conditions.append(col(Person.pk) > select(Person.pk).where(col(Person.id) == asked.after).scalar_subquery())
    page = select(Person.pk).where(*conditions).order_by(col(Person.pk)).limit(asked.limit)
    return [_found(one) for one in _people(session, page, viewer).values()], total


def _alike(
    session: Session, like: str, limit: int, conditions: list[Condition], viewer: Viewer
) -> tuple[list[PersonFound], int]:
    scores = people_like(session, like, conditions)
    shown = list(scores)[:limit]
    people = persons_by_pk(session, shown, viewer)
    return [_found(people[pk], scores[pk]) for pk in shown], len(scores)


def _found(person: PersonOut, likeness: float | None = None) -> PersonFound:
    return PersonFound(**person.model_dump(exclude={"names"}), names=person.names, likeness=likeness)


def _conditions(asked: PersonPage, viewer: Viewer) -> list[Condition]:
    found = within_reach(Person.pk, "person_pk", LINKS, viewer)
    if asked.sex is not None:
        found.append(col(Person.sex) == asked.sex)
    if asked.protection is not None:
        found.append(col(Person.identity_protection) == asked.protection)
    if asked.q is not None:
        found += [named(asked.q), *unsealed(viewer)]
    return found


def named(asked: str) -> Condition:
    """People one of whose names holds all these words."""
    key = " " + col(PersonName.name_key) + " "
    wanted = [key.contains(f" {word} ", autoescape=True) for word in words(asked)]
    return exists().where(col(PersonName.person_pk) == Person.pk, *wanted)


def unsealed(viewer: Viewer) -> list[Condition]:
    """The condition under which this viewer may find people by their names."""
    return [] if may_unseal(viewer) else [col(Person.identity_protection) != SEALED]


def within_reach(pk: Any, pointer: str, links: Iterable[Any], viewer: Viewer) -> list[Condition]:
    """Conditions that leave out whom only incidents name that this viewer may not see."""
    hidden = visible(viewer)
    if not hidden:
        return []
    every = [exists().where(getattr(link, pointer) == col(pk)) for link in links]
    seen = [
        exists().where(getattr(link, pointer) == col(pk), link.incident_pk == Incident.pk, *hidden) for link in links
    ]
    return [or_(*seen, not_(or_(*every)))]


def find(session: Session, which: UUID, viewer: Viewer) -> Person:
    """The person with this id. Raises Forbidden, and NotFound alike for "not there" and "not yours"."""
    check_may_identify(viewer)
    mine = within_reach(Person.pk, "person_pk", LINKS, viewer)
    found = session.exec(select(Person).where(col(Person.id) == which, *mine)).first()
    if found is None:
        raise NotFound("No person has this id.")
    return found


def whole(session: Session, which: UUID, viewer: Viewer) -> PersonWhole:
    """One person with the incidents and cases that name them. Raises Forbidden and NotFound."""
    pk = find(session, which, viewer).pk
    shown = _people(session, [pk], viewer)[pk]
    return PersonWhole(
        **shown.model_dump(exclude={"names"}),
        names=shown.names,
        incidents=[*_as_victim(session, pk, viewer), *_as_responsible(session, pk, viewer)],
        cases=_cases(session, pk, viewer),
    )


def _as_victim(session: Session, pk: int, viewer: Viewer) -> list[PersonRole]:
    return _roles(session, "victim", Act, Act.kind, [col(Act.person_pk) == pk, *visible(viewer)])


def _as_responsible(session: Session, pk: int, viewer: Viewer) -> list[PersonRole]:
    mine = [col(Involvement.person_pk) == pk, nameable(), *visible(viewer)]
    return _roles(session, "alleged_responsible", Involvement, Involvement.degree, mine)


def _roles(session: Session, role: str, link: Any, kind: Any, conditions: list[Condition]) -> list[PersonRole]:
    wanted: tuple[Any, ...] = (Incident.pk, Incident.id, Incident.ref, Incident.title, kind)
    asked = (
        select(*wanted)
        .select_from(link)
        .join(Incident, col(Incident.pk) == link.incident_pk)
        .where(*conditions, col(Incident.stage) != "withdrawn")
        .order_by(col(Incident.pk))
        .distinct()
    )
    return [
        PersonRole(incident_id=incident, incident_ref=ref, title=title, role=role, kind=said)
        for _, incident, ref, title, said in session.execute(asked).all()
    ]


def _cases(session: Session, pk: int, viewer: Viewer) -> list[PersonCase]:
    asked = (
        select(Case.id, Incident.ref, Case.current_status)
        .join(Incident, col(Incident.pk) == Case.incident_pk)
        .where(col(Case.person_pk) == pk, *visible(viewer))
        .order_by(col(Case.pk))
    )
    rows = session.execute(asked).all()
    return [PersonCase(id=case, incident_ref=ref, current_status=status) for case, ref, status in rows]


def persons_by_pk(session: Session, pks: Sequence[int], viewer: Viewer) -> dict[int, PersonOut]:
    """People by their number; for those who may not read identities just that there is somebody."""
    return _people(session, sorted(set(pks)), viewer) if pks else {}


def _people(session: Session, which: Any, viewer: Viewer) -> dict[int, PersonOut]:
    """People in the order of their entry. `which`: their numbers, or a select of them."""
    rows = session.execute(_with_names(which, Person, PersonName)).all()
    names: dict[int, list[PersonNameFields]] = {}
    for person, name in rows:
        written = [] if name is None else [PersonNameFields(**columns(PersonNameFields, name))]
        names.setdefault(person.pk, []).extend(written)
    return {person.pk: _out(person, names[person.pk], viewer) for person, _ in rows}


def _with_names(which: Any, *wanted: Any) -> Any:
    return (
        select(*wanted)
        .select_from(Person)
        .outerjoin(PersonName, col(PersonName.person_pk) == Person.pk)
        .where(col(Person.pk).in_(which))
        .order_by(col(Person.pk), col(PersonName.pk))
    )


def _out(person: Person, names: list[PersonNameFields], viewer: Viewer) -> PersonOut:
    shown = redacted(PersonFields, columns(PersonFields, person), viewer)
    readable = may_read(viewer, IDENTITY)
    if person.identity_protection == SEALED and not may_unseal(viewer):
        shown |= dict.fromkeys(NAMING)
        readable = False
    return PersonOut(**shown, id=person.id, names=names if readable else [])


def names_outside(session: Session, pks: Iterable[int]) -> dict[int, str | None]:
    """By which name people may be called in files and on maps, by their number."""
    if not (wanted := sorted(set(pks))):
        return {}
    asked = _with_names(wanted, Person.pk, Person.identity_protection, Person.pseudonym, PersonName.full)
    names: dict[tuple[int, str, str | None], list[str]] = {}
    for pk, protection, pseudonym, full in session.execute(asked).all():
        names.setdefault((pk, protection, pseudonym), []).extend([full] if full else [])
    return {pk: called(protection, stand_in, full) for (pk, protection, stand_in), full in names.items()}


def sealed_in(session: Session, record: UUID) -> bool:
    """Whether a record names somebody whose identity is sealed: the person, or an incident or case of theirs."""
    asked = select(Person.pk).where(col(Person.identity_protection) == SEALED)
    of_incident = [
        and_(link.person_pk == col(Person.pk), link.incident_pk == Incident.pk, col(Incident.id) == record)
        for link in LINKS
    ]
    of_case = and_(col(Case.person_pk) == Person.pk, col(Case.id) == record)
    links = [exists().where(condition) for condition in (*of_incident, of_case)]
    return session.exec(asked.where(or_(col(Person.id) == record, *links)).limit(1)).first() is not None
