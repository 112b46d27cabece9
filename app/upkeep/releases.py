"""Freeze an answer of the published store as a release, and make the files of one again."""

from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from uuid import UUID

from sqlalchemy import Engine
from sqlmodel import Session, col, select

from app.access.viewer import Viewer
from app.actions import releases as actions
from app.db import reading
from app.errors import Conflict
from app.queries import incidents
from app.queries import releases as queries
from app.queries.filter import IncidentFilter
from app.queries.history import BATCH
from app.queries.release_files import Row, write
from app.records import Incident
from app.records.release import ReleaseIn, ReleaseOut
from app.upkeep import laying
from app.upkeep.publication import OUTSIDER, Write
from app.upkeep.published import Store


def create(write_: Write, store: Store, told: ReleaseIn, by: Viewer) -> ReleaseOut:
    """Freeze what the published store answers to a question now. Raises Conflict, and Invalid for the question."""
    question = IncidentFilter.model_validate(told.question)
    with reading(store.engine) as public, write_() as session:
        rows = _rows(public, question)
        name = actions.create(session, told, (question.sentence(), question.query_string()), rows, by)
        made = queries.shown(queries.find(session, name))
    laying.lay(store.working, store.engine, store.writing)
    return made


def _rows(public: Session, question: IncidentFilter) -> Iterator[tuple[UUID, Row]]:
    """Each public row in JSON types, with the public id of its incident."""
    stream = incidents.stream(public, question, OUTSIDER)
    while part := list(islice(stream, BATCH)):
        asked = select(Incident.ref, Incident.id).where(col(Incident.ref).in_([row["ref"] for row in part]))
        ids = {ref: record for ref, record in public.execute(asked)}  # noqa: C416 - a row is no pair
        yield from ((ids[row["ref"]], {name: _plain(value) for name, value in row.items()}) for row in part)


def _plain(value: object) -> object:
    return value.isoformat() if hasattr(value, "isoformat") else value


def rebuild(engine: Engine, name: str, folder: Path) -> list[str]:
    """Make the files of a release again out of the archive alone, into a folder. Their names.

    Raises NotFound, Conflict where one of them is there already, and where they do not come to what was sealed.
    """
    with reading(engine) as session:
        release = queries.find(session, name)
        folder.mkdir(parents=True, exist_ok=True)
        for file in release.files:
            if (folder / file["name"]).exists():
                raise Conflict(f"There is a file {file['name']} in that folder already: give an empty one.")

        def hear(file: str, piece: bytes) -> None:
            with (folder / file).open("ab") as out:
                out.write(piece)

        made = [file.model_dump() for file in write(queries.frozen(session, release), hear)]
        if made != release.files:
            raise Conflict("The files do not come to what was sealed: run `gawah verify`.")
        return [file["name"] for file in made]
