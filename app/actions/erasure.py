"""Erase a person for good: asked for by one, done by another, told by a line that keeps the rest of history whole."""

from dataclasses import asdict, dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import update
from sqlmodel import Session, col, select

from app.access.policy import ERASE, REVIEW
from app.access.viewer import Viewer, check_allowed
from app.actions import releases
from app.actions.forgetting import Changes, Subject, forget, subject_of
from app.actions.pen import Pen
from app.actions.publishing import withdraw_all
from app.actions.unwriting import unwrite
from app.errors import Fault, Forbidden, Invalid, Untimely
from app.queries import erasures, people
from app.records import Erasure, Evidence, Member, Person, PublicVersion
from app.records.erasure import ErasedFields, ErasureDone, ErasureIn, ErasureOut
from app.records.keys import new_id

# What cannot be searched, and what another store keeps.
FILES = "Files cannot be searched for a name: open each under `files`, and take down what bears it."
SPELLINGS = (
    "Only the names that were known were sought: nicknames, other spellings and pictures are for people to find."
)
GONE = "A person was erased."


@dataclass(frozen=True)
class Outside:
    """What an erasure did beside the records: to history, to the published store and to the releases."""

    lines: int
    unpublished: list[UUID]
    recalled: list[str]


def ask(session: Session, which: UUID, told: ErasureIn, by: Viewer) -> ErasureOut:
    """Ask that a person be erased. Raises NotFound, Untimely when it was asked or done, Invalid for a name."""
    check_allowed(REVIEW, by)
    person = people.find(session, which, by)
    earlier = erasures.of_person(session, which)
    if earlier is not None:
        state = "has been erased" if earlier.done_at else "is to be erased already: a second person confirms it"
        raise Untimely(f"This person {state}. See GET /erasures.")
    subject = subject_of(session, person)
    if subject.own.take_out(told.legal_basis) != told.legal_basis:
        fault = Fault("legal_basis", "it holds a name of the person", "name the law and the request, never the person")
        raise Invalid("What is written here stays.", [fault])
    pen = Pen(session, by)
    row = _entry(pen, person.id, told.legal_basis, by.name)
    pen.note("erasure_asked", "person", person.id, {"erasure": str(row["id"])}, told.legal_basis)
    pen.put_down()
    return erasures.shown(erasures.find(session, row["id"]))


def _entry(pen: Pen, person: UUID, legal_basis: str, asked_by: str, **known: Any) -> dict[str, Any]:
    row = {
        "pk": pen.number("erasure"), "id": new_id(), "person_id": person, "legal_basis": legal_basis,
        "asked_by": asked_by, "asked_at": pen.at, "done_by": None, "done_at": None,
    }  # fmt: skip
    return pen.write(Erasure, row | known)


def confirm(session: Session, which: UUID, by: Viewer) -> ErasureDone:
    """Erase whom another member asked to erase. Nothing brings them back. Raises NotFound, Untimely and Forbidden."""
    check_allowed(ERASE, by)
    entry = erasures.find(session, which)
    if entry.done_at is not None:
        raise Untimely("This person has been erased already.")
    if entry.asked_by == by.name:
        raise Forbidden("You asked for this erasure yourself: another member confirms it.")
    return _erase(Pen(session, by), entry)


def again(session: Session, told: ErasureOut, by: Viewer) -> ErasureDone | None:
    """Erase again, in a database from before, whom the ledger outside says was erased; None where nobody is left."""
    person = session.exec(select(Person).where(col(Person.id) == told.person_id)).first()
    if person is None or erasures.is_erased(session, told.person_id):
        return None
    pen = Pen(session, by)
    entry = erasures.of_person(session, told.person_id)
    if entry is None:
        row = _entry(pen, told.person_id, told.legal_basis, told.asked_by, id=told.id, asked_at=told.asked_at)
        pen.put_down()
        entry = erasures.find(session, row["id"])
    return _erase(pen, entry)


def _erase(pen: Pen, entry: Erasure) -> ErasureDone:
    session, entry_id, legal_basis = pen.session, entry.id, entry.legal_basis
    person = session.exec(select(Person).where(col(Person.id) == entry.person_id)).one()
    subject = subject_of(session, person)
    told = _told_outside(session, subject)
    changes = forget(pen, subject)
    told |= _told_outside(session, subject, changes)
    lines = unwrite(session, subject, changes)
    named = {noun: {str(record): names for record, names in found.items()} for noun, found in changes.fields.items()}
    what = {"erasure": str(entry_id), "lines": lines, "fields": named}
    pen.note("erased", "person", subject.id, what, legal_basis)
    pen.put_down()
    recalled = releases.forget(pen, subject, told, changes)
    done = {"done_by": pen.by.name, "done_at": pen.at}
    session.execute(update(Erasure).where(col(Erasure.id) == entry_id).values(**done))
    session.expire_all()
    unpublished = withdraw_all(session, sorted(told), pen.by)
    session.expire_all()
    return _done(session, entry_id, subject, changes, Outside(len(lines), unpublished, recalled))


def _told_outside(session: Session, subject: Subject, changes: Changes | None = None) -> set[int]:
    """The incidents whose public version named the person, or held the name in its texts, its sources or its actors."""
    versions = session.exec(select(PublicVersion).where(col(PublicVersion.withdrawn_at).is_(None))).all()
    if changes is None:
        return {one.incident_pk for one in versions if str(subject.id) in map(str, one.names)}
    held, cited = changes.rows.get("public_version", set()), set(map(str, changes.fields.get("source", ())))
    return {
        one.incident_pk
        for one in versions
        if one.pk in held or one.incident_pk in changes.led or not cited.isdisjoint(map(str, one.cites))
    }


def _done(session: Session, entry: UUID, subject: Subject, changes: Changes, outside: Outside) -> ErasureDone:
    hung = select(Evidence.id).where(col(Evidence.pk).in_(subject.evidence)).order_by(col(Evidence.pk))
    files = session.exec(hung).all()
    records = [
        ErasedFields(noun=noun, id=record, fields=names)
        for noun, found in changes.fields.items()
        for record, names in found.items()
    ]
    warnings = [SPELLINGS, *([FILES] if files else []), *_members(session, subject)]
    return ErasureDone(
        **erasures.shown(erasures.find(session, entry)).model_dump(),
        records=records, files=list(files), warnings=warnings, **asdict(outside),
    )  # fmt: skip


def _members(session: Session, subject: Subject) -> list[str]:
    """History says who did what, by the names of members; it goes on saying so."""
    names = session.exec(select(Member.name)).all()
    if any(subject.everywhere.take_out(name) != name for name in names):
        return ["A member has this name: what they did stays under it in history."]
    return []
