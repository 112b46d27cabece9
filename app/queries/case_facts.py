"""What lies under cases, fetched for many at once: events, who tells of them, names, and whom they accuse."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, exists, false, func, or_
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from app.access.viewer import Viewer
from app.db import chunks
from app.matching.folding import words
from app.queries.catalogue import sources_by_pk
from app.queries.fates import OPENING, accepted
from app.queries.people import named, unsealed
from app.queries.readiness import Accused, Subject, latest_day, readiness
from app.records import Account, Act, Actor, Case, CaseEvent, Incident, Involvement, Link, Person, PersonName
from app.records.case import Readiness

AT_ONCE = 500
DISAPPEARANCE = "enforced_disappearance"
Found = tuple[Case, Incident]
Accusing = tuple[int | None, Accused]
OF_ACTS: tuple[Any, ...] = (Act.incident_pk, Act.person_pk, Act.kind, Act.sex, Act.age_at_event)


@dataclass(frozen=True)
class Teller:
    """Who tells of an event."""

    account_id: UUID
    citation: str


def with_incidents(session: Session, keys: Sequence[int]) -> list[Found]:
    """Cases by their numbers, in that order, each with its incident."""
    found: dict[int, Found] = {}
    for part in chunks(keys, AT_ONCE):
        asked = select(Case, Incident).join(Incident, col(Incident.pk) == Case.incident_pk)
        for case, incident in session.execute(asked.where(col(Case.pk).in_(part))).all():
            found[case.pk] = (case, incident)
    return [found[key] for key in keys]


def events_of(session: Session, cases: Iterable[int]) -> dict[int, list[CaseEvent]]:
    """The events of many cases in the order they were entered, by the number of the case."""
    found: dict[int, list[CaseEvent]] = defaultdict(list)
    for part in chunks(cases, AT_ONCE):
        asked = select(CaseEvent).where(col(CaseEvent.case_pk).in_(part)).order_by(col(CaseEvent.pk))
        for event in session.exec(asked).all():
            found[event.case_pk].append(event)
    return found


def tellers(session: Session, events: Iterable[CaseEvent], viewer: Viewer) -> dict[int, Teller]:
    """Who tells of events, by the number of the account."""
    found: dict[int, Teller] = {}
    for part in chunks({event.account_pk for event in events if event.account_pk}, AT_ONCE):
        accounts = session.exec(select(Account).where(col(Account.pk).in_(part))).all()
        sources = sources_by_pk(session, [account.source_pk for account in accounts], viewer)
        for account in accounts:
            citation = sources[account.source_pk].citation
            where = f", {account.locator_type} {account.locator}" if account.locator else ""
            found[account.pk] = Teller(account.id, citation + where)
    return found


def conditions(asked: Any, viewer: Viewer) -> list[ColumnElement[bool]]:
    """A question about cases as conditions on a case and its incident."""
    found: list[ColumnElement[bool]] = []
    if asked.status:
        found.append(col(Case.current_status).in_(asked.status))
    if asked.incident is not None:
        wanted = _uuid(asked.incident)
        found.append(col(Incident.id) == wanted if wanted else col(Incident.ref) == asked.incident.upper())
    if asked.person is not None:
        found.append(col(Case.person_pk).in_(_called(asked.person, viewer)))
    if asked.area is not None:
        found.append(or_(_lies_in(Incident, asked.area), _begins(_lies_in(CaseEvent, asked.area))))
    if asked.date_from is not None or asked.date_to is not None:
        dated = or_(col(CaseEvent.date_earliest).is_not(None), col(CaseEvent.date_latest).is_not(None))
        when = (asked.date_from, asked.date_to)
        found.append(or_(_begins(_then(CaseEvent, *when)), and_(~_begins(dated), _then(Incident, *when))))
    return found


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _called(asked: str, viewer: Viewer) -> Any:
    """People by id or by all words of a name. Who is sealed is found only by those who may read the name."""
    if (wanted := _uuid(asked)) is not None:
        return select(Person.pk).where(col(Person.id) == wanted)
    known = [named(asked), *unsealed(viewer)] if words(asked) else [false()]
    return select(Person.pk).where(*known)


def _lies_in(table: Any, code: str) -> ColumnElement[bool]:
    return or_(*(col(c) == code for c in (table.country, table.area1_code, table.area2_code, table.area3_code)))


def _begins(what: ColumnElement[bool]) -> ColumnElement[bool]:
    """A standing event that begins the disappearance, and of which something holds."""
    later = aliased(CaseEvent)
    replaced = exists().where(col(later.supersedes_pk) == CaseEvent.pk, col(later.rejected_at).is_(None))
    return exists().where(
        col(CaseEvent.case_pk) == Case.pk,
        col(CaseEvent.kind).in_(sorted(OPENING)),
        col(CaseEvent.rejected_at).is_(None),
        ~replaced,
        what,
    )


def _then(table: Any, first: date | None, last: date | None) -> ColumnElement[bool]:
    """It may have been between two days."""
    earliest, latest = col(table.date_earliest), col(table.date_latest)
    known: list[ColumnElement[bool]] = [or_(earliest.is_not(None), latest.is_not(None))]
    if first is not None:
        known.append(or_(latest >= first, latest.is_(None)))
    if last is not None:
        known.append(or_(earliest <= last, earliest.is_(None)))
    return and_(*known)


def readiness_of(session: Session, found: Sequence[Found], today: date) -> list[Readiness]:
    """How ready each of these cases is on a day, in their order."""
    return [readiness(subject, today) for part in chunks(found, AT_ONCE) for subject in _subjects(session, part)]


def _subjects(session: Session, found: Sequence[Found]) -> list[Subject]:
    incidents = sorted({incident.pk for _, incident in found})
    persons = sorted({case.person_pk for case, _ in found})
    events = events_of(session, [case.pk for case, _ in found])
    names, people = _names(session, persons), _people(session, persons)
    acts, accused = _acts(session, incidents), _accused(session, incidents)
    accounts, connected = _accounts(session, incidents), _connected(session, incidents)
    return [
        Subject(
            case=case,
            status=case.current_status,
            disappearance=incident.kind == DISAPPEARANCE or (incident.pk, case.person_pk) in acts[DISAPPEARANCE],
            names=names.get(case.person_pk, ()),
            described=case.person_pk in people or (incident.pk, case.person_pk) in acts["described"],
            events=accepted(events.get(case.pk, [])),
            where_and_when=incident,
            accused=[who for person, who in accused.get(incident.pk, ()) if person in {None, case.person_pk}],
            accounts=accounts.get(incident.pk, 0),
            connected=[day for other, day in connected.get(incident.pk, ()) if other != case.pk],
        )
        for case, incident in found
    ]


def _names(session: Session, persons: Sequence[int]) -> dict[int, list[str]]:
    found: dict[int, list[str]] = defaultdict(list)
    asked = select(PersonName.person_pk, PersonName.full).where(col(PersonName.person_pk).in_(persons))
    for person, full in session.execute(asked).all():
        found[person].append(full)
    return found


def _people(session: Session, persons: Sequence[int]) -> set[int]:
    """Those of whom something is known beside the name."""
    facts = (Person.birth_year, Person.sex, Person.nationality, Person.occupation)
    known = or_(*(col(fact).is_not(None) for fact in facts))
    return set(session.exec(select(Person.pk).where(col(Person.pk).in_(persons), known)).all())


def _acts(session: Session, incidents: Sequence[int]) -> dict[str, set[tuple[int, int | None]]]:
    """Of whom an act says that they disappeared, and of whom it gives sex or age; by incident and person."""
    asked: Select[*tuple[Any, ...]] = select(*OF_ACTS)
    found: dict[str, set[tuple[int, int | None]]] = defaultdict(set)
    for incident, person, kind, sex, age in session.execute(asked.where(col(Act.incident_pk).in_(incidents))).all():
        found[kind].add((incident, person))
        if sex is not None or age is not None:
            found["described"].add((incident, person))
    return found


def _accused(session: Session, incidents: Sequence[int]) -> dict[int, list[Accusing]]:
    """Whom the incidents accuse, and of what was done to whom: None for the whole incident."""
    asked = (
        select(Involvement.incident_pk, Act.person_pk, Actor.kind, Involvement.degree)
        .outerjoin(Act, col(Act.pk) == Involvement.act_pk)
        .outerjoin(Actor, col(Actor.pk) == Involvement.actor_pk)
        .where(col(Involvement.incident_pk).in_(incidents))
    )
    found: dict[int, list[Accusing]] = defaultdict(list)
    for incident, person, kind, degree in session.execute(asked).all():
        found[incident].append((person, Accused(kind, degree)))
    return found


def _accounts(session: Session, incidents: Sequence[int]) -> dict[int, int]:
    asked = (
        select(Account.incident_pk, func.count())
        .where(col(Account.incident_pk).in_(incidents), col(Account.standing) == "accepted")
        .group_by(col(Account.incident_pk))
    )
    return {incident: number for incident, number in session.execute(asked).all()}  # noqa: C416 - a row is no pair


def _connected(session: Session, incidents: Sequence[int]) -> dict[int, list[tuple[int, date]]]:
    """The cases of the same and of linked incidents, with the latest day on which each may have begun."""
    near: dict[int, set[int]] = {incident: {incident} for incident in incidents}
    ends = select(Link.from_pk, Link.to_pk).where(col(Link.revoked_at).is_(None))
    touching = or_(col(Link.from_pk).in_(incidents), col(Link.to_pk).in_(incidents))
    for one, other in session.execute(ends.where(touching)).all():
        near.setdefault(one, {one}).add(other)
        near.setdefault(other, {other}).add(one)
    others = sorted(set().union(*near.values()))
    asked = select(Case, Incident).join(Incident, col(Incident.pk) == Case.incident_pk)
    cases = session.execute(asked.where(col(Incident.pk).in_(others), col(Incident.stage) != "withdrawn")).all()
    events = events_of(session, [case.pk for case, _ in cases])
    begun: dict[int, list[tuple[int, date]]] = defaultdict(list)
    for case, incident in cases:
        day = latest_day(accepted(events.get(case.pk, [])), incident)
        if day is not None:
            begun[incident.pk].append((case.pk, day))
    return {one: [told for other in near[one] for told in begun.get(other, ())] for one in incidents}
