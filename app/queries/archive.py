"""What the archive says of itself."""

from sqlmodel import Session, select

from app.records import Archive


def kind(session: Session) -> str | None:
    """Sample (made up, for practice) or own; None before there is an archive."""
    return session.exec(select(Archive.kind)).first()
