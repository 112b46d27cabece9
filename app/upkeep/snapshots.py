"""One state of a database while others go on writing, as the files of a backup; and back into an empty place."""

import os
import secrets
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from sqlalchemy import URL, Engine, text
from sqlmodel import Session

from app.db import SQLITE_PAGE, open_sqlite
from app.errors import Fault, NotStored, Unreadable
from app.keyring import give_keys
from app.settings import Settings
from app.upkeep.engines import read_key
from app.upkeep.packing import DATABASE, PART, Member, pieces_of
from app.upkeep.published import SCHEMA

# Bytes of a dump in one file of the backup: the last of them is held back until everything else has proved right.
PART_SIZE = 8 * 1024 * 1024
OURS = """
SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p', 'v', 'm', 'S') AND n.nspname NOT LIKE 'pg\\_%' AND n.nspname <> 'information_schema'
  AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = c.oid AND d.deptype = 'e')
"""


@dataclass(frozen=True)
class Snapshot:
    """A state that stands still: to read in, and as files."""

    session: Session
    members: Iterator[Member]
    size: int
    # SQLite's copy is a file: it is closed before it is packed.
    close: Any


@contextmanager
def stand_still(engine: Engine, settings: Settings) -> Iterator[Snapshot]:
    """The archive as it is at this moment. Raises NotStored, and Unreadable for a damaged file or lacking pg_dump."""
    opened = _sqlite(engine, settings) if engine.dialect.name == "sqlite" else _postgresql(engine)
    with opened as snapshot:
        yield snapshot


@contextmanager
def _sqlite(engine: Engine, settings: Settings) -> Iterator[Snapshot]:
    """An encrypted copy beside the archive, under the same key: nothing of it lies open anywhere."""
    folder = settings.data_dir / f"backup-{secrets.token_hex(8)}"
    folder.mkdir(mode=0o700)
    file = folder / DATABASE
    try:
        with engine.connect() as connection:
            driver: Any = connection.connection.driver_connection
            # The copy is sealed in pages of this size, or it could not be opened like the archive.
            driver.execute(f"PRAGMA cipher_default_page_size = {SQLITE_PAGE}")
            driver.execute("VACUUM INTO ?", (str(file),))
        key = read_key(settings.key_path)
        copy = give_keys(open_sqlite(file, key), key)
        with Session(copy) as session:
            yield Snapshot(session, _one_file(file), file.stat().st_size, lambda: _finish(session, copy))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _finish(session: Session, copy: Engine) -> None:
    session.close()
    copy.dispose()


def _one_file(file: Path) -> Iterator[Member]:
    yield Member(DATABASE, file.stat().st_size, pieces_of(file))


def check_whole(session: Session) -> None:
    """Raises Unreadable when SQLite finds its own file damaged."""
    if session.get_bind().dialect.name == "sqlite":
        said = session.execute(text("PRAGMA integrity_check")).scalars().all()
        if said != ["ok"]:
            raise Unreadable("The file of the database is damaged: keep what is there, and restore an older backup.")


@contextmanager
def _postgresql(engine: Engine) -> Iterator[Snapshot]:
    """Our own transaction and pg_dump see one and the same state."""
    with engine.connect().execution_options(isolation_level="REPEATABLE READ") as connection:
        name = str(connection.execute(text("SELECT pg_export_snapshot()")).scalar())
        size = int(connection.execute(text("SELECT pg_database_size(current_database())")).scalar() or 0)
        with Session(connection) as session:
            yield Snapshot(session, _dumped(engine.url, name), size, lambda: None)


def _dumped(url: URL, snapshot: str) -> Iterator[Member]:
    line = ["pg_dump", "--format=custom", "--no-owner", "--no-comments", f"--exclude-schema={SCHEMA}"]
    with _running([*line, f"--snapshot={snapshot}"], url, stdout=subprocess.PIPE) as dumping:
        number, source = 0, _pipe(dumping.stdout)
        while part := source.read(PART_SIZE):
            yield Member(PART.format(number), len(part), [part])
            number += 1
        _check_ended(dumping, "pg_dump")


@contextmanager
def _running(line: list[str], url: URL, **pipes: Any) -> Iterator[subprocess.Popen[bytes]]:
    """A program of PostgreSQL, told where and with which password by its environment, which nobody else can read."""
    told = {
        "PGHOST": url.host, "PGPORT": url.port, "PGUSER": url.username, "PGPASSWORD": url.password,
        "PGDATABASE": url.database, **{f"PG{name.upper()}": value for name, value in url.query.items()},
    }  # fmt: skip
    environment = os.environ | {name: str(value) for name, value in told.items() if value is not None}
    try:
        program = subprocess.Popen(line, env=environment, stderr=subprocess.PIPE, **pipes)
    except OSError:
        fault = Fault(line[0], "it is not on this machine", "install the client of PostgreSQL, in the server's version")
        raise NotStored(f"{line[0]} is needed for an archive in PostgreSQL.", [fault]) from None
    try:
        yield program
    finally:
        program.kill()
        program.wait()
        for pipe in (program.stdin, program.stdout, program.stderr):
            with suppress(OSError):
                if pipe is not None:
                    pipe.close()


def _pipe(pipe: IO[bytes] | None) -> IO[bytes]:
    if pipe is None:
        raise ValueError("the program was started without this pipe")
    return pipe


def _check_ended(program: subprocess.Popen[bytes], name: str) -> None:
    said = _pipe(program.stderr).read().decode("utf-8", "replace")
    if program.wait() != 0:
        first = next((line for line in said.splitlines() if "error" in line), "it said nothing").strip()
        raise NotStored(f"{name} failed, so nothing was kept.", [Fault(name, first[:300], "mend that, and try again")])


def check_empty(engine: Engine) -> bool:
    """Whether nothing stands in a PostgreSQL database but what its extensions brought."""
    with engine.connect() as connection:
        return connection.execute(text(OURS)).scalar() == 0


@dataclass
class Restoring:
    """Feeds pg_restore while a backup is read. Its one transaction ends only when `finish` gives it the last part."""

    url: URL
    held: bytes = b""
    _part: bytearray = field(default_factory=bytearray)
    _program: Any = None
    _closing: Any = None

    def write(self, piece: bytes) -> None:
        self._part += piece

    def close(self) -> None:
        """One part is whole: the one before it may go."""
        if self.held:
            self._feed(self.held)
        self.held, self._part = bytes(self._part), bytearray()

    def finish(self) -> None:
        """Everything is as it should be. Raises NotStored when the database does not take it."""
        self._feed(self.held)
        with suppress(OSError):
            self._program.stdin.close()
        _check_ended(self._program, "pg_restore")

    def stop(self) -> None:
        """Let go; what was not finished is rolled back."""
        if self._closing is not None:
            self._closing.__exit__(None, None, None)

    def _feed(self, part: bytes) -> None:
        if self._program is None:
            line = ["pg_restore", "--single-transaction", "--exit-on-error", "--no-owner"]
            self._closing = _running([*line, f"--dbname={self.url.database}"], self.url, stdin=subprocess.PIPE)
            self._program = self._closing.__enter__()
        try:
            self._program.stdin.write(part)
            self._program.stdin.flush()
        except OSError:
            _check_ended(self._program, "pg_restore")
            raise
