"""Approve what of an incident may be public, take it back, and record a publication."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import update
from sqlmodel import Session, col, select

from app.access.policy import REVIEW
from app.access.viewer import Viewer, check_allowed
from app.actions import steps
from app.actions.incidents import check_version, find, rewrite
from app.actions.pen import Pen, columns_of
from app.errors import Fault, Invalid, NotFound, Untimely
from app.queries import publishing as queries
from app.queries.public_places import public_place
from app.queries.publishing import SIGNED_OFF, Plan, living
from app.records import Account, Act, Case, Incident, Involvement, Person, PublicVersion, Source
from app.records.keys import new_id
from app.records.public_version import PublicVersionFields, PublicVersionIn

TOLD = columns_of(PublicVersionFields)
REPLACED = "Replaced by a newer approval."


def approve(session: Session, which: UUID, told: PublicVersionIn, seen: str | None, by: Viewer) -> UUID:
    """Say what of an incident may be public; `publish` then makes it so.

    Raises MatchRequired and Stale; Forbidden for whoever reported it; Untimely for a record that is not signed off or
    more closely held; Invalid for a source or person that may not go out, each with the reason.
    """
    check_allowed(REVIEW, by)
    incident = find(session, which, by)
    check_version(incident, seen)
    steps.check_second_person(session, incident, by)
    if incident.stage not in SIGNED_OFF:
        raise Untimely(f"The record stands at {incident.stage}: it must be approved before a public version is.")
    if incident.sensitivity not in queries.PUBLIC_SENSITIVITIES:
        raise Untimely(
            f"The record is {incident.sensitivity}: lower its sensitivity to public_anonymised or public first."
        )
    pen = Pen(session, by)
    _check_told(session, incident, told, pen.at.date())
    _set_aside(pen, incident.pk, REPLACED)
    row = TOLD(told) | public_place(incident, told.place) | {
        "pk": pen.number("public_version"), "id": new_id(), "incident_pk": incident.pk,
        "incident_version": incident.version, "cites": [str(one) for one in told.cites],
        "names": [str(one) for one in told.names], "approved_by": by.name, "approved_at": pen.at,
        "published_at": None, "withdrawn_at": None, "withdrawn_by": None, "withdrawn_reason": None,
    }  # fmt: skip
    pen.write(PublicVersion, row)
    what = {"version": str(row["id"]), "place": told.place, "cites": row["cites"], "names": row["names"]}
    pen.note("public version approved", "incident", incident.id, what, told.reason)
    pen.put_down()
    session.expire_all()
    made: UUID = row["id"]
    return made


def _check_told(session: Session, incident: Incident, told: PublicVersionIn, on: date) -> None:
    faults = [*_bad_sources(session, incident, told.cites, on), *_bad_people(session, incident, told.names, on)]
    if faults:
        raise Invalid("This public version cannot be approved.", faults)


def _bad_sources(session: Session, incident: Incident, cites: Sequence[UUID], on: date) -> Iterable[Fault]:
    cited = select(Source).join(Account).where(col(Account.incident_pk) == incident.pk).distinct()
    known = {source.id: source for source in session.exec(cited).all()}
    for place, one in enumerate(cites):
        source = known.get(one)
        if source is None:
            yield Fault(f"cites.{place}", "no source of this incident", "take ids from its accounts")
        elif queries.refuses(session, source, on):
            mend = "put its consent on file (scope public_anonymous), or leave it out"
            yield Fault(f"cites.{place}", "this source may not be cited in public", mend)


def _bad_people(session: Session, incident: Incident, names: Sequence[UUID], on: date) -> Iterable[Fault]:
    known = {person.id: person for person in _people_of(session, incident.pk)}
    for place, one in enumerate(names):
        person = known.get(one)
        if person is None:
            yield Fault(f"names.{place}", "nobody of this incident", "take ids from its acts and involvements")
        elif incident.sensitivity != "public":
            yield Fault(f"names.{place}", "this record is public without identities", "leave the person out")
        elif not queries.agrees(session, person, on):
            mend = "put their consent on file (scope public_named), or leave the person out"
            yield Fault(f"names.{place}", "nobody has agreed that this person is named in public", mend)


def _people_of(session: Session, incident: int) -> Sequence[Person]:
    links = [select(link.person_pk).where(link.incident_pk == incident) for link in (Act, Involvement, Case)]
    return session.exec(select(Person).where(col(Person.pk).in_(links[0].union(*links[1:])))).all()


def withdraw(session: Session, which: UUID, reason: str, seen: str | None, by: Viewer) -> None:
    """Take the public version of an incident back; it is public no more. Raises NotFound where there is none."""
    check_allowed(REVIEW, by)
    incident = find(session, which, by)
    check_version(incident, seen)
    if living(session, incident.pk) is None:
        raise NotFound("This incident has no public version.")
    pen = Pen(session, by)
    _set_aside(pen, incident.pk, reason)
    pen.note("public version withdrawn", "incident", incident.id, {}, reason)
    pen.put_down()
    session.expire_all()


def withdraw_all(session: Session, incidents: Sequence[int], by: Viewer) -> list[UUID]:
    """The same for many incidents by number, as an erasure does. The ids of those that had a public version."""
    alive = select(Incident).join(PublicVersion).where(col(PublicVersion.withdrawn_at).is_(None))
    found = session.exec(alive.where(col(Incident.pk).in_(incidents))).all()
    pen = Pen(session, by)
    for incident in found:
        _set_aside(pen, incident.pk, "Somebody named in it was erased.")
        pen.note("public version withdrawn", "incident", incident.id, {}, "Somebody named in it was erased.")
    pen.put_down()
    return [incident.id for incident in found]


def _set_aside(pen: Pen, incident: int, reason: str) -> None:
    alive = col(PublicVersion.incident_pk) == incident, col(PublicVersion.withdrawn_at).is_(None)
    gone: dict[str, Any] = {"withdrawn_at": pen.at, "withdrawn_by": pen.by.name, "withdrawn_reason": reason}
    pen.session.execute(update(PublicVersion).where(*alive).values(**gone))


def record(session: Session, made: Plan, by: Viewer) -> None:
    """Record a publication: what is released by it stands at published from now on."""
    check_allowed(REVIEW, by)
    pen = Pen(session, by)
    for version, incident in made.released:
        pk, columns = version.pk, dict[str, Any](published_at=pen.at)
        if incident.stage != "published":
            rewrite(pen, incident, steps.move(pen, incident, "published", "Published."))
            columns["incident_version"] = incident.version
        session.execute(update(PublicVersion).where(col(PublicVersion.pk) == pk).values(**columns))
        pen.note("published", "incident", incident.id, {"version": str(version.id)})
    pen.put_down()
    session.expire_all()
    for bundle in made.bundles:
        bundle.incident |= {"updated_at": pen.at, "entered_at": pen.at}
