"""Put on file what a person, a family or a source agreed to, and take it back when they do."""

from typing import Any
from uuid import UUID

from sqlalchemy import update
from sqlmodel import Session, col, select

from app.access.viewer import Viewer, check_may_write
from app.access.visibility import visible_sources
from app.actions.identities import held
from app.actions.pen import Pen, columns_of
from app.errors import Fault, Invalid, NotFound, Untimely
from app.queries import people
from app.records import Consent, Person, Source
from app.records.consent import ConsentFields, ConsentIn
from app.records.keys import new_id

CONSENT = columns_of(ConsentFields)
OF_A_CONSENT = ("given_by",)


def of_person(session: Session, which: UUID, told: ConsentIn, by: Viewer) -> UUID:
    """A consent for a person. Raises NotFound, and Invalid for one that is given in days to come."""
    check_may_write(by)
    person = people.find(session, which, by)
    return _enter(session, told, by, person, {"person_pk": person.pk, "source_pk": None})


def of_source(session: Session, which: UUID, told: ConsentIn, by: Viewer) -> UUID:
    """A consent of a source. Raises as `of_person`."""
    check_may_write(by)
    source = find_source(session, which, by)
    return _enter(session, told, by, source, {"person_pk": None, "source_pk": source.pk})


def find_source(session: Session, which: UUID, by: Viewer) -> Source:
    found = session.exec(select(Source).where(col(Source.id) == which, *visible_sources(by))).first()
    if found is None:
        raise NotFound("No source has this id.")
    return found


def _enter(session: Session, told: ConsentIn, by: Viewer, subject: Person | Source, pks: dict[str, Any]) -> UUID:
    pen = Pen(session, by)
    if told.given_on > pen.at.date():
        fault = Fault("given_on", "in the future", "give the day on which they agreed")
        raise Invalid("Nobody has agreed yet.", [fault])
    consent: UUID = told.id or new_id()
    row = CONSENT(told) | pks | {"pk": pen.number("consent"), "id": consent, **pen.entered()}
    pen.write(Consent, held(pen, subject.id, row, OF_A_CONSENT) | {"withdrawn_at": None, "withdrawn_reason": None})
    what = {"scope": told.scope, "method": told.method, "given_on": told.given_on.isoformat(), "consent": str(consent)}
    pen.note("agreed", str(subject.__tablename__), subject.id, what)
    pen.put_down()
    return consent


def withdraw(session: Session, which: UUID, reason: str, by: Viewer) -> None:
    """They do not agree any more; what was public by it is so no longer. Raises NotFound and Untimely."""
    check_may_write(by)
    consent = session.exec(select(Consent).where(col(Consent.id) == which)).first()
    if consent is None:
        raise NotFound("No consent has this id.")
    if consent.withdrawn_at is not None:
        raise Untimely("This consent is withdrawn already.")
    subject = _subject(session, consent, by)
    pen = Pen(session, by)
    columns = {"withdrawn_at": pen.at, "withdrawn_reason": reason}
    session.execute(update(Consent).where(col(Consent.pk) == consent.pk).values(**columns))
    pen.note("consent withdrawn", str(subject.__tablename__), subject.id, {"consent": str(which)}, reason)
    pen.put_down()
    session.expire_all()


def _subject(session: Session, consent: Consent, by: Viewer) -> Person | Source:
    """Whose consent it is, if that is within this member's reach."""
    if consent.person_pk is not None:
        whose = session.exec(select(Person.id).where(col(Person.pk) == consent.person_pk)).one()
        return people.find(session, whose, by)
    return find_source(session, session.exec(select(Source.id).where(col(Source.pk) == consent.source_pk)).one(), by)
