"""The connection to the archive: one engine, one session a request, one transaction a session."""

import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, nullcontext
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar

import orjson
import sqlcipher3.dbapi2 as sqlcipher
from sqlalchemy import URL, Connection, DateTime, Dialect, Engine, TypeDecorator, event, text
from sqlalchemy.dialects.sqlite.base import SQLiteCompiler
from sqlalchemy.exc import InvalidatePoolError
from sqlalchemy.pool import NullPool
from sqlmodel import Session, create_engine

from app.sphere import distance_km, point_relates

T = TypeVar("T")

# WAL before this release can lose a committed page when a log is reset while another process writes.
SAFE_SQLITE = (3, 51, 3)
SQLITE: tuple[int, ...] = sqlcipher.sqlite_version_info
# The key "gawah" in the advisory-lock space of PostgreSQL: one writer at a time keeps the history in one chain.
WRITE_LOCK = 0x676177
SQLITE_PAGE = 16384
# KiB a connection: for pages more is hardly faster. An answer with all there is reads each page of the file once or
# twice, and keeps no memory from others.
CACHE, CACHE_WHOLE = 49152, 20480
# Seconds after which a connection to a server may have been lost without a word.
REST = 1.0


class Moment(TypeDecorator[datetime]):
    """A point in time in UTC, with its zone on both engines (SQLite alone would drop it)."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None or dialect.name != "sqlite":
            return value
        return value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        return value.replace(tzinfo=UTC) if value is not None and value.tzinfo is None else value


def now() -> datetime:
    return datetime.now(UTC)


def chunks(rows: Iterable[T], size: int) -> Iterator[list[T]]:
    """The rows in lists of at most `size`, so that a long row of them never stands in memory at once."""
    left = iter(rows)
    while chunk := list(islice(left, size)):
        yield chunk


class _Hinting(SQLiteCompiler):
    """SQLite's own words after a table, like INDEXED BY, which SQLAlchemy leaves out."""

    def get_from_hint_text(self, table: Any, text: str | None) -> str | None:  # noqa: ARG002
        return text


def open_sqlite(file: Path, key: str) -> Engine:
    """An encrypted SQLite file. `key`: 64 hex digits."""
    engine = create_engine(
        f"sqlite:///{file}",
        module=sqlcipher,
        # The connection that wrote last: the pages that every other one holds deciphered are void since.
        pool_use_lifo=True,
        connect_args={"check_same_thread": False, "isolation_level": None, "timeout": 30},
        json_serializer=_json,
        json_deserializer=orjson.loads,
    )
    engine.dialect.statement_compiler = _Hinting
    # Plain locks: a request may give one back on another thread than took it.
    write_lock, door_lock = threading.Lock(), threading.Lock()

    def prepare(connection: Any, _: object) -> None:
        connection.execute("PRAGMA cipher_log_level = NONE")  # what is wrong is raised; standard error stays for people
        connection.execute(f"PRAGMA key = \"x'{key}'\"")
        for pragma in _PRAGMAS:
            connection.execute(f"PRAGMA {pragma}")
        connection.create_function("distance_km", 4, distance_km, deterministic=True)
        connection.create_function("point_relates", 4, point_relates, deterministic=True)

    def begin(connection: Connection) -> None:
        options = connection.get_execution_options()
        cache = CACHE_WHOLE if options.get("whole") else CACHE
        if connection.info.get("cache") != cache:
            connection.info["cache"] = cache
            driver: Any = connection.connection.driver_connection
            driver.execute(f"PRAGMA cache_size = -{cache}")
        connection.exec_driver_sql(_begin(options))

    event.listen(engine, "connect", prepare)
    event.listen(engine, "begin", begin)
    engine.write_lock, engine.door_lock = write_lock, door_lock  # type: ignore[attr-defined]
    return engine


def open_plain(file: Path, *, read_only: bool) -> Engine:
    """An SQLite file that holds nothing secret. Each session opens it anew, so that a new file is seen at once."""
    engine = create_engine(
        f"sqlite:///file:{file}?mode={'ro' if read_only else 'rwc'}&uri=true",
        module=sqlcipher,
        poolclass=NullPool,
        connect_args={"check_same_thread": False, "isolation_level": None, "timeout": 30},
        json_serializer=_json,
        json_deserializer=orjson.loads,
    )
    engine.dialect.statement_compiler = _Hinting

    def prepare(connection: Any, _: object) -> None:
        connection.execute("PRAGMA cipher_log_level = NONE")
        for pragma in _PLAIN_READ if read_only else _PLAIN_WRITTEN:
            connection.execute(f"PRAGMA {pragma}")
        connection.create_function("distance_km", 4, distance_km, deterministic=True)
        connection.create_function("point_relates", 4, point_relates, deterministic=True)

    event.listen(engine, "connect", prepare)
    event.listen(engine, "begin", lambda c: c.exec_driver_sql(_begin(c.get_execution_options())))
    return engine


_PLAIN_READ = ("query_only = ON",)
# A page holds ten incidents as they go out; of 4 KiB there would be more seams than text.
_PLAIN_WRITTEN = (f"page_size = {SQLITE_PAGE}", "journal_mode = WAL", "secure_delete = ON")
_PRAGMAS = (
    f"cipher_page_size = {SQLITE_PAGE}",  # every page is sealed by itself; a line of history fills half of 4 KiB
    "journal_mode = WAL",
    "synchronous = FULL",
    "foreign_keys = ON",
    "secure_delete = ON",
    "trusted_schema = OFF",
    "busy_timeout = 30000",
    "temp_store = MEMORY",
)


def whole(engine: Engine) -> Engine:
    """The same engine, for an answer with all there is: of one state, for it takes its time, and with little memory."""
    return engine.execution_options(whole=True, **_one_state(engine))


def _one_state(engine: Engine) -> dict[str, str]:
    """On a server one statement after the other would see what was committed in between."""
    return {"isolation_level": "REPEATABLE READ"} if engine.dialect.name == "postgresql" else {}


def _begin(options: Any) -> str:
    return "BEGIN IMMEDIATE" if options.get("writing") else "BEGIN"


def open_postgresql(url: str | URL) -> Engine:
    """A PostgreSQL database with PostGIS. `url`: as SQLAlchemy writes it, `postgresql+psycopg://...`."""
    engine = create_engine(url, json_serializer=_json, json_deserializer=orjson.loads)
    _try_what_rested(engine)
    return engine


def open_schema(url: str | URL, schema: str, role: str) -> Engine:
    """One schema of a PostgreSQL database, only to be read, as a role that has rights there and nowhere else."""
    engine = create_engine(url, json_serializer=_json, json_deserializer=orjson.loads)
    _try_what_rested(engine)

    def prepare(connection: Any, _: object) -> None:
        with connection.cursor() as cursor:
            cursor.execute(f'SET ROLE "{role}"')
            cursor.execute(f"SET search_path = {schema}, public")  # public: for the functions of PostGIS
            cursor.execute("SET default_transaction_read_only = on")
        connection.commit()

    event.listen(engine, "connect", prepare)
    return engine


def _try_what_rested(engine: Engine) -> None:
    """See whether a connection still holds before it is used again; one that was used just now is not asked."""

    def rest(_: object, record: Any) -> None:
        record.info["rests_since"] = time.monotonic()

    def wake(connection: Any, record: Any, _: object) -> None:
        since = record.info.get("rests_since")
        if since is not None and time.monotonic() - since > REST:
            try:
                engine.dialect.do_ping(connection)
            except engine.dialect.loaded_dbapi.Error as lost:
                raise InvalidatePoolError from lost  # and all that were opened before it

    event.listen(engine, "checkin", rest)
    event.listen(engine, "checkout", wake)


def _json(value: object) -> str:
    return orjson.dumps(value).decode()


def let_go(connection: Connection) -> None:
    """End a transaction that could change nothing.

    PostgreSQL is told so by COMMIT: at ROLLBACK the driver forgets all that it has prepared.
    """
    if connection.dialect.name == "postgresql":
        driver: Any = connection.connection.driver_connection
        driver.commit()


@contextmanager
def reading(engine: Engine) -> Iterator[Session]:
    """A session that sees one state of the archive and changes nothing."""
    with Session(engine) as session:
        yield session
        session.rollback()


@contextmanager
def reading_once(engine: Engine) -> Iterator[Connection]:
    """A connection for one single question: a server need not be told where its transaction begins and ends.

    On SQLite one asks after the other, so that all find the pages that the first one deciphered, and none opens a
    connection for this alone.
    """
    lock: threading.Lock | None = getattr(engine, "door_lock", None)
    alone = {"isolation_level": "AUTOCOMMIT"} if lock is None else {}
    with lock or nullcontext(), engine.execution_options(**alone).connect() as connection:
        yield connection


@contextmanager
def reading_at_once(engine: Engine) -> Iterator[Session]:
    """The same for several questions."""
    with reading(engine.execution_options(**_one_state(engine))) as session:
        yield session


@contextmanager
def writing(engine: Engine) -> Iterator[Session]:
    """A session that keeps everything when the work succeeds and nothing when it fails; one writer at a time."""
    with noting(engine) as session:
        if engine.dialect.name == "postgresql":
            session.connection().execute(text(f"SELECT pg_advisory_xact_lock({WRITE_LOCK})"))
        yield session


@contextmanager
def noting(engine: Engine) -> Iterator[Session]:
    """The same for notes outside of history: on a server they wait for no writer, and none waits for them."""
    with _turn(engine), Session(engine.execution_options(writing=True)) as session, session.begin():
        yield session


@contextmanager
def writing_if_free(engine: Engine) -> Iterator[Session | None]:
    """A session for a small note that may as well wait; None at once while another thread writes. No history in it."""
    lock = getattr(engine, "write_lock", None)
    if lock is not None and not lock.acquire(blocking=False):
        yield None
        return
    try:
        with Session(engine.execution_options(writing=True)) as session, session.begin():
            yield session
    finally:
        if lock is not None:
            lock.release()


@contextmanager
def _turn(engine: Engine) -> Iterator[None]:
    """Threads of one process queue here, in order, instead of polling the file lock."""
    lock = getattr(engine, "write_lock", None)
    if lock is None:
        yield
        return
    with lock:
        yield
