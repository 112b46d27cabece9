"""What the archive says of itself."""

from datetime import datetime
from uuid import UUID

from sqlmodel import Session, select

from app.records import Archive


def kind(session: Session) -> str | None:
    """Sample (made up, for practice) or own; None before there is an archive."""
    return session.exec(select(Archive.kind)).first()


def identity(session: Session) -> UUID:
    """The id of the archive itself, under which history keeps what is about no single record."""
    return session.exec(select(Archive.id)).one()


def as_of(session: Session) -> datetime:
    """The moment of the last change of a published store; of one that never changed, when it was made."""
    made, changed = session.exec(select(Archive.made_at, Archive.published_at)).one()
    return changed or made
