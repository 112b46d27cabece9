"""Lay the releases of an archive into its published store, where everybody may fetch their files."""

from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from uuid import UUID, uuid5

from sqlalchemy import Connection, Engine
from sqlmodel import Session, col, select

from app.bulk import insert_rows
from app.db import reading
from app.queries import releases as queries
from app.queries.release_files import PIECE, write
from app.records import METADATA, Release, ReleasePiece

RELEASES, PIECES = (METADATA.tables[str(table.__tablename__)] for table in (Release, ReleasePiece))
# What is not for outside; the id there follows from the name.
INNER = {"made_by": "", "reason": ""}
SPACE = UUID("5f0c7c9e-3a51-8d0e-8f0b-2a7d4c9b6e13")


def lay(working: Engine, public: Engine, write_: Callable[[], AbstractContextManager[Connection]]) -> None:
    """Let the published store hold the releases of the archive, each in its present edition.

    Between two looks at an archive nothing is to do, and most archives have none.
    """
    with reading(working) as session:
        wanted = queries.editions(session)
        if not wanted:
            return
        with reading(public) as opened:
            there = queries.editions(opened)
        changed = sorted(pk for pk in wanted if there.get(pk) != wanted[pk])
        if not changed:
            return
        with write_() as connection:
            lay_in(connection, session, changed)


def lay_in(connection: Connection, session: Session, which: Iterable[int]) -> None:
    """Write these releases down as they stand, in place of what there is of them."""
    for pk in which:
        connection.execute(PIECES.delete().where(PIECES.c.release_pk == pk))
        connection.execute(RELEASES.delete().where(RELEASES.c.pk == pk))
        _lay_one(connection, session, pk)


def _lay_one(connection: Connection, session: Session, pk: int) -> None:
    release = session.exec(select(Release).where(col(Release.pk) == pk)).one()
    insert_rows(connection, RELEASES, [release.model_dump() | INNER | {"id": uuid5(SPACE, release.name)}])
    pieces = Pieces(connection, pk)
    write(queries.frozen(session, release), pieces.hear)
    pieces.finish()


class Pieces:
    """Cuts the files of a release into pieces of one size, and writes each down."""

    def __init__(self, connection: Connection, release: int) -> None:
        self.into, self.release = connection, release
        self.name, self.position, self.held = "", 0, bytearray()

    def hear(self, name: str, piece: bytes) -> None:
        if name != self.name:
            self.finish()
            self.name = name
        self.held += piece
        while len(self.held) >= PIECE:
            self._put(bytes(self.held[:PIECE]))
            del self.held[:PIECE]

    def finish(self) -> None:
        """The last piece of a file, which may be short."""
        if self.held:
            self._put(bytes(self.held))
            self.held.clear()
        self.position = 0

    def _put(self, held: bytes) -> None:
        row = {"release_pk": self.release, "file": self.name, "position": self.position, "held": held}
        insert_rows(self.into, PIECES, [row])
        self.position += 1
