"""Bind what tells who somebody is to their own key, so that destroying the key erases it."""

from collections.abc import Iterable
from uuid import UUID

from sqlmodel import Session, col, delete, select

from app.actions.pen import Pen, Row
from app.db import chunks
from app.keyring import AT_ONCE, Keyring, OfSubject, keyring_of
from app.records import IdentityKey, Person

OF_A_NAME = ("full",)
OF_A_PERSON = ("birth_year", "nationality", "occupation")
OF_A_CASE = ("submitter_name", "submitter_contact", "family_contact", "family_consent_by")


def held(pen: Pen, subject: UUID, row: Row, names: Iterable[str]) -> Row:
    """The row with these cells bound to the key of a subject; it is made with the first cell that needs it."""
    keyring = keyring_of(pen.session.get_bind().dialect)
    told = {name: row[name] for name in names if row.get(name) is not None}
    if keyring is None or not told:
        return row
    key = pen.keys.get(subject) or _key(pen, keyring, subject)
    return row | {name: OfSubject(str(value), subject, key) for name, value in told.items()}


def held_by(pen: Pen, person: int, row: Row, names: tuple[str, ...]) -> Row:
    """The same for a person by number, who may just have been entered."""
    if all(row.get(name) is None for name in names):
        return row
    new = (laid["id"] for laid in reversed(pen.rows.get(Person, [])) if laid["pk"] == person)
    subject = next(new, None) or pen.session.exec(select(Person.id).where(col(Person.pk) == person)).one()
    return held(pen, subject, row, names)


def let_go(session: Session, subjects: Iterable[UUID]) -> None:
    """Destroy keys for good: what was written under them is read no more."""
    keyring = keyring_of(session.get_bind().dialect)
    for some in chunks(subjects, AT_ONCE):
        session.execute(delete(IdentityKey).where(col(IdentityKey.subject).in_(some)))
        if keyring is not None:
            keyring.forget(some)


def _key(pen: Pen, keyring: Keyring, subject: UUID) -> bytes:
    """From the archive itself, not from memory: another process may have made or destroyed it.

    Somebody who has just been entered can have none there, and an import enters many.
    """
    wrapped = None
    if subject not in pen.newcomers:
        wrapped = pen.session.exec(select(IdentityKey.wrapped).where(col(IdentityKey.subject) == subject)).first()
    if wrapped is None:
        key, wrapped = keyring.make(subject)
        pen.write(IdentityKey, {"subject": subject, "wrapped": wrapped, "made_at": pen.at})
    else:
        key = keyring.unwrap(subject, wrapped)
    pen.keys[subject] = key
    return key
