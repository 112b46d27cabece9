"""Consents: what was agreed for a person or by a source, and whether it holds on a day."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import ColumnElement, or_
from sqlmodel import Session, col, select

from app.access.viewer import Viewer
from app.access.visibility import redacted
from app.queries.catalogue import columns
from app.records import Consent
from app.records.consent import ConsentFields, ConsentOut
from app.vocabulary.word import vocabulary


def consent_of(
    session: Session, *, on: date, person_pk: int | None = None, source_pk: int | None = None
) -> Consent | None:
    """The last word of a person or a source that holds on this day; None when none was given or it holds no more."""
    asked = select(Consent).where(*_of(person_pk, source_pk), *_holds(on)).order_by(*LATEST).limit(1)
    return session.exec(asked).first()


def last_word(session: Session, *, person_pk: int | None = None, source_pk: int | None = None) -> Consent | None:
    """The last consent on file, whether it still holds or not."""
    return session.exec(select(Consent).where(*_of(person_pk, source_pk)).order_by(*LATEST).limit(1)).first()


LATEST = (col(Consent.given_on).desc(), col(Consent.pk).desc())


def _of(person_pk: int | None, source_pk: int | None) -> list[ColumnElement[bool]]:
    if person_pk is not None:
        return [col(Consent.person_pk) == person_pk]
    return [col(Consent.source_pk) == source_pk]


def _holds(on: date) -> list[ColumnElement[bool]]:
    lasting = or_(col(Consent.expires_on).is_(None), col(Consent.expires_on) >= on)
    return [col(Consent.withdrawn_at).is_(None), col(Consent.given_on) <= on, lasting]


def rank(scope: str) -> int:
    """How much may be told under a scope."""
    told: int = vocabulary("consent_scopes")[scope].traits["rank"]
    return told


def covers(consent: Consent | None, scope: str) -> bool:
    """Whether a consent reaches as far as a scope."""
    return consent is not None and rank(consent.scope) >= rank(scope)


def consents(
    session: Session, viewer: Viewer, *, person_pk: int | None = None, source_pk: int | None = None
) -> list[ConsentOut]:
    """All that was agreed, oldest first, whether it still holds or not."""
    asked = select(Consent).where(*_of(person_pk, source_pk)).order_by(col(Consent.pk))
    return _out(session.exec(asked).all(), viewer)


def one(session: Session, which: UUID, viewer: Viewer) -> ConsentOut:
    """A consent by its id."""
    (shown,) = _out(session.exec(select(Consent).where(col(Consent.id) == which)).all(), viewer)
    return shown


def _out(found: Sequence[Consent], viewer: Viewer) -> list[ConsentOut]:
    return [
        ConsentOut(
            **redacted(ConsentFields, columns(ConsentFields, one), viewer), id=one.id, entered_at=one.entered_at,
            withdrawn_at=one.withdrawn_at, withdrawn_reason=one.withdrawn_reason,
        )
        for one in found
    ]  # fmt: skip
