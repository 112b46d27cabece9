"""The connection to the archive: one engine, one session a request, one transaction a session."""

import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache, lru_cache
from importlib import import_module
from itertools import islice
from math import asin, cos, radians, sin, sqrt
from operator import itemgetter
from pathlib import Path
from typing import Any, TypeVar

import orjson
import sqlcipher3.dbapi2 as sqlcipher
from sqlalchemy import URL, Column, Connection, Date, DateTime, Dialect, Engine, Table, TypeDecorator, event, text
from sqlalchemy.pool import NullPool
from sqlmodel import Session, create_engine

T = TypeVar("T")

# WAL before this release can lose a committed page when a log is reset while another process writes.
SAFE_SQLITE = (3, 51, 3)
SQLITE: tuple[int, ...] = sqlcipher.sqlite_version_info
# The key "gawah" in the advisory-lock space of PostgreSQL: one writer at a time keeps the history in one chain.
WRITE_LOCK = 0x676177
EARTH_KM = 6371.0088
SQLITE_PAGE = 16384
# From so many rows on PostgreSQL takes them as one stream: statement after statement costs it far more.
COPIED = 20


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


def insert_rows(connection: Connection, table: Table, rows: list[dict[str, Any]]) -> None:
    """Write many rows, all with the same keys, at the driver's own speed. A column they leave out gets its default.

    What SQLAlchemy does for every row (finding its columns, converting its values) is done once. Raises ValueError or
    KeyError where the keys differ.
    """
    if set(map(len, rows)) != {len(rows[0])}:
        raise ValueError("rows that are written together must have the same keys")
    given, absent = _columns(connection.dialect, table, frozenset(rows[0]))
    cells = itemgetter(*[column.key for column in given])
    # Row by row: a column at a time, the memory of all the rows would be walked once for every column.
    told = zip(given, zip(*map(cells, rows), strict=True), strict=True)
    values: list[tuple[_Written, Sequence[Any]]] = [
        (c, c.converted(of)) for c, of in told if of.count(None) < len(rows)
    ]
    values += [(column, [column.default] * len(rows)) for column in absent]
    into, names = connection.dialect.identifier_preparer.format_table(table), ", ".join(c.name for c, _ in values)
    cells_by_row = zip(*[of for _, of in values], strict=True)
    if connection.dialect.name == "postgresql" and len(rows) >= COPIED and connection.in_transaction():
        driver: Any = connection.connection
        with driver.cursor() as cursor, cursor.copy(f"COPY {into} ({names}) FROM STDIN") as copy:
            for row in cells_by_row:
                copy.write_row(row)
        return
    marks = ", ".join(["?" if connection.dialect.paramstyle == "qmark" else "%s"] * len(values))
    connection.exec_driver_sql(f"INSERT INTO {into} ({names}) VALUES ({marks})", list(cells_by_row))  # noqa: S608 - no value in it


@dataclass(frozen=True)
class _Written:
    """A column as the driver takes it. `convert`: None where a value goes as it is; `repeats`: the same come often."""

    key: str
    name: str
    convert: Callable[[Any], Any] | None
    repeats: bool
    default: Any = None

    def converted(self, cells: Sequence[Any]) -> Sequence[Any]:
        if self.convert is None:
            return cells
        # A fresh cache each time: it holds the days of these rows and no more.
        convert = cache(self.convert) if self.repeats and len(cells) > 1 else self.convert
        return [None if cell is None else convert(cell) for cell in cells]


def _columns(dialect: Dialect, table: Table, keys: frozenset[str]) -> tuple[list[_Written], list[_Written]]:
    """The columns that rows with these keys give, and those they leave to a default: worked out once.

    Kept on the dialect, so that they go, with the keys of the archive that they may hold, when the engine goes.
    """
    kept: dict[Any, Any] = vars(dialect).setdefault("inserts", {})
    if (table, keys) not in kept:
        given = [_written(column, dialect) for column in table.columns if column.key in keys]
        left = [c for c in table.columns if c.key not in keys and c.default is not None and c.default.is_scalar]
        absent = [_written(column, dialect, getattr(column.default, "arg", None)) for column in left]
        kept[table, keys] = given, [column for column in absent if column.default is not None]
    found: tuple[list[_Written], list[_Written]] = kept[table, keys]
    return found


def _written(column: Column[Any], dialect: Dialect, default: Any = None) -> _Written:
    name = dialect.identifier_preparer.format_column(column)
    convert = column.type.dialect_impl(dialect).bind_processor(dialect)
    default = convert(default) if convert is not None and default is not None else default
    return _Written(str(column.key), name, convert, isinstance(column.type, Date | Moment), default)


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
    # A plain lock: a request may give it back on another thread than took it.
    lock = threading.Lock()

    def prepare(connection: Any, _: object) -> None:
        connection.execute("PRAGMA cipher_log_level = NONE")  # what is wrong is raised; standard error stays for people
        connection.execute(f"PRAGMA key = \"x'{key}'\"")
        for pragma in _PRAGMAS:
            connection.execute(f"PRAGMA {pragma}")
        connection.create_function("distance_km", 4, distance_km, deterministic=True)
        connection.create_function("point_relates", 4, point_relates, deterministic=True)

    event.listen(engine, "connect", prepare)
    event.listen(engine, "begin", lambda c: c.exec_driver_sql(_begin(c.get_execution_options())))
    engine.write_lock = lock  # type: ignore[attr-defined]
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

    def prepare(connection: Any, _: object) -> None:
        connection.execute("PRAGMA cipher_log_level = NONE")
        for pragma in ("query_only = ON",) if read_only else ("journal_mode = WAL", "secure_delete = ON"):
            connection.execute(f"PRAGMA {pragma}")
        connection.create_function("distance_km", 4, distance_km, deterministic=True)
        connection.create_function("point_relates", 4, point_relates, deterministic=True)

    event.listen(engine, "connect", prepare)
    event.listen(engine, "begin", lambda c: c.exec_driver_sql(_begin(c.get_execution_options())))
    return engine


_PRAGMAS = (
    f"cipher_page_size = {SQLITE_PAGE}",  # every page is sealed by itself; a line of history fills half of 4 KiB
    "journal_mode = WAL",
    "synchronous = FULL",
    "foreign_keys = ON",
    "secure_delete = ON",
    "trusted_schema = OFF",
    "busy_timeout = 30000",
    "cache_size = -49152",  # KiB a connection: more is hardly faster, and a download may not take over 64 MiB
    "temp_store = MEMORY",
)


def _begin(options: Any) -> str:
    return "BEGIN IMMEDIATE" if options.get("writing") else "BEGIN"


def open_postgresql(url: str | URL) -> Engine:
    """A PostgreSQL database with PostGIS. `url`: as SQLAlchemy writes it, `postgresql+psycopg://...`."""
    return create_engine(url, json_serializer=_json, json_deserializer=orjson.loads, pool_pre_ping=True)


def open_schema(url: str | URL, schema: str, role: str) -> Engine:
    """One schema of a PostgreSQL database, only to be read, as a role that has rights there and nowhere else."""
    engine = create_engine(url, json_serializer=_json, json_deserializer=orjson.loads, pool_pre_ping=True)

    def prepare(connection: Any, _: object) -> None:
        with connection.cursor() as cursor:
            cursor.execute(f'SET ROLE "{role}"')
            cursor.execute(f"SET search_path = {schema}, public")  # public: for the functions of PostGIS
            cursor.execute("SET default_transaction_read_only = on")
        connection.commit()

    event.listen(engine, "connect", prepare)
    return engine


def _json(value: object) -> str:
    return orjson.dumps(value).decode()


def distance_km(lon: float | None, lat: float | None, to_lon: float, to_lat: float) -> float | None:
    """Kilometres between two points in degrees, on a sphere (haversine). PostgreSQL has its own from a migration."""
    if lon is None or lat is None:
        return None
    half_lat, half_lon = radians(to_lat - lat) / 2, radians(to_lon - lon) / 2
    bend = sin(half_lat) ** 2 + cos(radians(lat)) * cos(radians(to_lat)) * sin(half_lon) ** 2
    return 2 * EARTH_KM * asin(min(1.0, sqrt(bend)))


def point_relates(relation: str, lon: float | None, lat: float | None, shape: bytes) -> bool | None:
    """How a point lies to a shape (WKB): `relation` is a predicate of shapely. PostgreSQL asks PostGIS."""
    if lon is None or lat is None:
        return None
    shapely, known = _known_shape(shape)
    if relation == "intersects":
        return bool(shapely.intersects_xy(known, lon, lat))
    return bool(getattr(shapely, relation)(shapely.Point(lon, lat), known))


@lru_cache(maxsize=8)
def _known_shape(shape: bytes) -> tuple[Any, Any]:
    """Shapely, imported at its first use since it takes long, and a shape made ready for many points."""
    shapely = import_module("shapely")
    known = shapely.from_wkb(shape)
    shapely.prepare(known)
    return shapely, known


@contextmanager
def reading(engine: Engine) -> Iterator[Session]:
    """A session that sees one state of the archive and changes nothing."""
    with Session(engine) as session:
        yield session
        session.rollback()


@contextmanager
def reading_at_once(engine: Engine) -> Iterator[Session]:
    """The same, also where one statement after the other would see what was committed in between."""
    one_state = {"isolation_level": "REPEATABLE READ"} if engine.dialect.name == "postgresql" else {}
    with reading(engine.execution_options(**one_state)) as session:
        yield session


@contextmanager
def writing(engine: Engine) -> Iterator[Session]:
    """A session that keeps everything when the work succeeds and nothing when it fails; one writer at a time."""
    with _turn(engine), Session(engine.execution_options(writing=True)) as session, session.begin():
        if engine.dialect.name == "postgresql":
            session.connection().execute(text(f"SELECT pg_advisory_xact_lock({WRITE_LOCK})"))
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
