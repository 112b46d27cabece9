"""Load the reference geography from `geodata/` into the archive, when it has changed."""

from collections.abc import Iterable, Iterator
from typing import Any

from sqlalchemy import delete, update
from sqlmodel import Session, SQLModel, select

from app import geography
from app.bulk import insert_rows
from app.db import chunks
from app.queries import area_layers
from app.records import METADATA, Archive, Area, Settlement

CHUNK = 2000


def fingerprint() -> str:
    """Changes when any of the built files does."""
    return geography.fingerprint()


def load(session: Session) -> bool:
    """Bring areas and settlements up to date with `geodata/` and the layers over it. Whether there was anything to do.

    From then on this process places what it reads by the layers of this archive.
    """
    area_layers.look(session)
    mark = area_layers.mark_of(session, fingerprint())
    if session.exec(select(Archive.geodata)).one() == mark:
        return False
    _fill(session, Area, (area_layers.as_row(area) for area in geography.areas()))
    _fill(session, Settlement, (area_layers.as_row(place) for place in geography.settlements()))
    session.execute(update(Archive).values(geodata=mark))
    return True


def _fill(session: Session, table: type[SQLModel], rows: Iterable[dict[str, Any]]) -> None:
    session.execute(delete(table))
    for chunk in chunks(_keyed(rows), CHUNK):
        insert_rows(session.connection(), METADATA.tables[str(table.__tablename__)], chunk)


def _keyed(rows: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Number the rows."""
    for number, row in enumerate(rows, start=1):
        yield {**row, "pk": number}
