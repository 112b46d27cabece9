"""One incident with all that hangs on it."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, exists
from sqlmodel import Session, SQLModel, col, select

from app.access.viewer import Viewer, check_may_read
from app.access.visibility import may_name_responsible, redacted, visible
from app.access.wall import in_rows
from app.errors import Gone, NotFound
from app.queries import evidence, links
from app.queries.actors import actors_by_pk
from app.queries.catalogue import sources_by_pk
from app.queries.harms import warnings
from app.queries.people import persons_by_pk
from app.records import Account, Act, Case, Incident, IncidentPlace, Involvement, Person, Revision, Tombstone
from app.records.account import AccountFields, AccountOut
from app.records.act import ActFields, ActOut
from app.records.actor import A_PERSON, ActorOut
from app.records.blocks import HARMS, DateOut, WhereColumns, tally_of
from app.records.case import CaseBrief
from app.records.incident import IncidentFields, IncidentOut
from app.records.involvement import InvolvementFields, InvolvementOut
from app.records.person import PersonOut
from app.records.place import PlaceFields, PlaceOut

OWN = (
    "id",
    "ref",
    "stage",
    "verification",
    "verification_note",
    "verified_on",
    "assigned_to",
    "independent_sources",
    "redirect_to",
    "version",
)
TIMES = ("entered_at", "updated_at")


@dataclass(frozen=True)
class Named:
    """The people and actors of one incident; whom it accuses is told only where that person may be named."""

    verification: str
    persons: dict[int, PersonOut]
    actors: dict[int, ActorOut]

    def person(self, involvement: Any, viewer: Viewer) -> PersonOut | None:
        return self.persons.get(involvement.person_pk or 0) if self._may_tell(involvement, viewer) else None

    def actor(self, involvement: Any, viewer: Viewer) -> ActorOut | None:
        actor = self.actors.get(involvement.actor_pk or 0)
        if actor is None or actor.kind != A_PERSON:
            return actor
        return actor if self._may_tell(involvement, viewer) else None

    def _may_tell(self, involvement: Any, viewer: Viewer) -> bool:
        return may_name_responsible(viewer, disclosable=involvement.disclosable, verification=self.verification)


def find(session: Session, which: str, viewer: Viewer) -> Any:
    """The incident with this id or ref, as a row with every column, if the viewer may see it.

    Raises NotFound, alike for "not there" and "not yours", and Gone for one whose import was taken back.
    """
    check_may_read(viewer)
    by, value = _name_of(which)
    found = in_rows(session, _named(by, viewer.role), {"which": value}).first()
    if found is None:
        raise _missing(session, which)
    return found


def of_account(session: Session, account: UUID, viewer: Viewer) -> Any:
    """The same, by an account that tells of it. Raises NotFound."""
    check_may_read(viewer)
    asked = select(Incident).join(Account).where(col(Account.id) == account, *visible(viewer))
    found = in_rows(session, asked, {}).first()
    if found is None:
        raise NotFound("No account has this id.")
    return found


# What every report and every look asks is put together once, and its answer stays in rows.
@cache
def _named(by: str, role: str) -> Any:
    """The question for the incident `which`, by its id or its ref, as far as this role may see it."""
    named = col(getattr(Incident, by)) == bindparam("which")
    return select(Incident).where(named, *visible(Viewer("", role)))


def _name_of(which: str) -> tuple[str, Any]:
    """The column that holds this name of an incident, and the name as it stands there."""
    try:
        return "id", UUID(which)
    except ValueError:
        return "ref", which.upper()


def _missing(session: Session, which: str) -> NotFound | Gone:
    """History remembers what an undone import took back, and the published store what was public once."""
    by, value = _name_of(which)
    if session.exec(select(Tombstone.id).where(col(getattr(Tombstone, by)) == value)).first() is not None:
        return Gone("This incident was published once and is public no more.")
    if by != "id":
        return NotFound("No incident has this id.")
    known = col(Revision.record_id) == value
    last = session.exec(select(Revision.action).where(known).order_by(col(Revision.seq).desc()).limit(1)).first()
    stands = session.exec(select(Incident.pk).where(col(Incident.id) == value)).first()
    if last is not None and stands is None:
        return Gone("The import that brought this incident was taken back. Its history is still here.")
    return NotFound("No incident has this id.")


def whole(session: Session, incident: Any, viewer: Viewer) -> IncidentOut:
    """Everything about one incident that the viewer may read."""
    accounts = _parts(session, Account, incident.pk)
    acts = _parts(session, Act, incident.pk)
    involvements = _parts(session, Involvement, incident.pk)
    more = in_rows(session, FURTHER, {"incident": incident.pk}).one()
    places = _parts(session, IncidentPlace, incident.pk) if more.places else []
    account_ids = {a.pk: a.id for a in accounts}
    act_ids = {a.pk: a.id for a in acts}
    persons = persons_by_pk(session, [p.person_pk for p in (*acts, *involvements) if p.person_pk], viewer)
    actors = actors_by_pk(session, [i.actor_pk for i in involvements if i.actor_pk])
    named = Named(incident.verification, persons, actors)
    told = [_act(act, account_ids, persons, viewer) for act in acts]
    tallies: dict[str, Any] = {harm: tally_of(incident, harm) for harm in HARMS}
    return IncidentOut(
        **_row(IncidentFields, incident, viewer),
        **_row(WhereColumns, incident, viewer),
        **{name: getattr(incident, name) for name in OWN + TIMES},
        **tallies,
        date=DateOut.of(incident),
        accounts=_accounts(session, accounts, viewer),
        acts=told,
        warnings=warnings(told, tallies),
        involvements=_involvements(involvements, act_ids, account_ids, named, viewer),
        places=[_place(place, account_ids, viewer) for place in places],
        cases=_cases(session, incident.pk) if more.cases else [],
        evidence=evidence.of_incident(session, incident.pk, viewer) if more.evidence else [],
        links=links.of_incident(session, incident.pk, viewer) if more.links else [],
    )


def _parts(session: Session, table: Any, incident: int) -> list[Any]:
    return list(in_rows(session, _hanging(table), {"incident": incident}).all())


@cache
def _hanging(table: Any) -> Any:
    """The question for what hangs on an incident."""
    asked: Any = select(table).where(col(table.incident_pk) == bindparam("incident")).order_by(col(table.pk))
    # In a row a column goes by its name in the database.
    return asked.add_columns(col(Act.group).label("group")) if table is Act else asked


# What few incidents have is asked for only where there is some.
_SOME: tuple[Any, ...] = (
    exists().where(col(IncidentPlace.incident_pk) == bindparam("incident")).label("places"),
    exists().where(col(Case.incident_pk) == bindparam("incident")).label("cases"),
    evidence.any_bears_on(bindparam("incident")).label("evidence"),
    links.any_of(bindparam("incident")).label("links"),
)
FURTHER = select(Incident.pk, *_SOME).where(col(Incident.pk) == bindparam("incident"))
CASES = (
    select(Case.id, Person.id, Case.current_status)
    .join(Person, col(Person.pk) == Case.person_pk)
    .where(col(Case.incident_pk) == bindparam("incident"))
    .order_by(col(Case.pk))
)


def _cases(session: Session, incident: int) -> list[CaseBrief]:
    rows = session.execute(CASES, {"incident": incident}).all()
    return [CaseBrief(id=case, person_id=person, current_status=status) for case, person, status in rows]


def _row(fields: type[SQLModel], record: Any, viewer: Viewer) -> dict[str, Any]:
    return redacted(fields, {name: getattr(record, name) for name in fields.model_fields}, viewer)


def _accounts(session: Session, accounts: Iterable[Any], viewer: Viewer) -> list[AccountOut]:
    known = list(accounts)
    sources = sources_by_pk(session, [a.source_pk for a in known], viewer)
    ids = {a.pk: a.id for a in known}
    return [
        AccountOut(
            **_row(AccountFields, a, viewer),
            id=a.id,
            supersedes_id=ids.get(a.supersedes_pk or 0),
            source_id=sources[a.source_pk].id,
            source=sources[a.source_pk],
            said=a.said,
            standing=a.standing,
            standing_reason=a.standing_reason,
        )
        for a in known
    ]


def _act(act: Any, accounts: dict[int, UUID], persons: dict[int, Any], viewer: Viewer) -> ActOut:
    return ActOut(
        **_row(ActFields, act, viewer),
        **_row(WhereColumns, act, viewer),
        id=act.id,
        account_id=accounts.get(act.account_pk or 0),
        person=persons.get(act.person_pk or 0),
        count=tally_of(act, "count"),
        date=DateOut.of(act),
    )


def _involvements(
    involvements: list[Any], acts: dict[int, UUID], accounts: dict[int, UUID], named: Named, viewer: Viewer
) -> list[InvolvementOut]:
    return [
        InvolvementOut(
            **_row(InvolvementFields, i, viewer),
            id=i.id,
            act_id=acts.get(i.act_pk or 0),
            account_id=accounts.get(i.account_pk or 0),
            actor=named.actor(i, viewer),
            person=named.person(i, viewer),
        )
        for i in involvements
    ]


def _place(place: Any, accounts: dict[int, UUID], viewer: Viewer) -> PlaceOut:
    return PlaceOut(
        **_row(PlaceFields, place, viewer),
        **_row(WhereColumns, place, viewer),
        id=place.id,
        account_id=accounts.get(place.account_pk or 0),
        date=DateOut.of(place),
    )
