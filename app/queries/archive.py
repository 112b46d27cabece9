"""What the archive says of itself."""

from uuid import UUID

from sqlmodel import Session, select

from app.records import Archive


def kind(session: Session) -> str | None:
    """Sample (made up, for practice) or own; None before there is an archive."""
    return session.exec(select(Archive.kind)).first()


def identity(session: Session) -> UUID:
    """The id of the archive itself, under which history keeps what is about no single record."""
    return session.exec(select(Archive.id)).one()
