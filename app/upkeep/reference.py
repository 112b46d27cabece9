"""Load the reference geography from `geodata/` into the archive, when it has changed."""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from typing import Any

from sqlalchemy import delete, update
from sqlmodel import Session, SQLModel, select

from app import geography
from app.bulk import insert_rows
from app.db import chunks
from app.matching.folding import name_key
from app.records import METADATA, Archive, Area, Settlement

CHUNK = 2000


def fingerprint() -> str:
    """Changes when any of the built files does."""
    return hashlib.sha256((geography.FOLDER / "manifest.json").read_bytes()).hexdigest()


def load(session: Session) -> bool:
    """Bring areas and settlements up to date with `geodata/`. Whether there was anything to do."""
    mark = fingerprint()
    if session.exec(select(Archive.geodata)).one() == mark:
        return False
    _fill(session, Area, (asdict(area) for area in geography.areas()))
    _fill(session, Settlement, (asdict(place) for place in geography.settlements()))
    session.execute(update(Archive).values(geodata=mark))
    return True


def _fill(session: Session, table: type[SQLModel], rows: Iterable[dict[str, Any]]) -> None:
    session.execute(delete(table))
    for chunk in chunks(_keyed(rows), CHUNK):
        insert_rows(session.connection(), METADATA.tables[str(table.__tablename__)], chunk)


def _keyed(rows: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Number the rows and add the folded names, each between bars, by which they are found."""
    for number, row in enumerate(rows, start=1):
        names = dict.fromkeys(name_key(name) for name in (row["name"], *row["aliases"]))
        yield {**row, "aliases": list(row["aliases"]), "pk": number, "name_key": f"|{'|'.join(names)}|"}
