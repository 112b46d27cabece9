"""As of when the published store is: a moment that only ever rises, so that whatever is made of it can say so."""

from datetime import datetime, timedelta

from sqlalchemy import Connection, Engine, update
from sqlmodel import select

from app.db import reading
from app.queries import archive
from app.records import Archive


def as_of(engine: Engine) -> datetime:
    """The moment of the last change of a store."""
    with reading(engine) as session:
        return archive.as_of(session)


def move(connection: Connection, at: datetime) -> None:
    """Let it rise, also where two changes come at once or a clock was put back."""
    last = connection.execute(select(Archive.published_at)).scalar()
    moment = at if last is None else max(at, last + timedelta(microseconds=1))
    connection.execute(update(Archive).values(published_at=moment))
