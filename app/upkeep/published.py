"""The published store: a second database with the same tables, of which the public reads and nobody else."""

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import ProgrammingError
from sqlmodel import Session, SQLModel, col, select

from app.actions import areas
from app.bulk import insert_rows
from app.db import now, open_plain, open_postgresql, open_schema, reading
from app.queries import area_layers, releases
from app.queries.public_rows import Bundle, Row
from app.queries.written import DISCLAIMER
from app.records import METADATA, Archive, Area, AreaLayer, Incident, Settlement, tallying
from app.settings import Settings
from app.upkeep import contents, laying, moments, public_log, ready_rows, schema
from app.upkeep.engines import UnsafeDatabase
from app.upkeep.public_files import PublicFiles
from app.vocabulary.word import vocabulary

SCHEMA = "published"
FILES = "public-files"
THIRD = 20
ROLE = "gawah_public"
# A cluster has its roles for all of its databases, and two of them may be made at once.
MAKE_ROLE = f"""
DO $$ BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{ROLE}') THEN
        CREATE ROLE {ROLE} NOLOGIN;
    END IF;
    IF NOT pg_has_role(current_user, '{ROLE}', 'MEMBER') THEN
        EXECUTE format('GRANT {ROLE} TO %I', current_user);
    END IF;
EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
END $$
"""
GROUND: tuple[type[SQLModel], ...] = (Area, Settlement, AreaLayer)
SEARCH_TABLE = {
    "sqlite": """CREATE VIRTUAL TABLE incident_search USING fts5(
        words, names, content='', contentless_delete=1, tokenize='unicode61 remove_diacritics 0')""",
    "postgresql": """CREATE TABLE incident_search (
        rowid BIGINT PRIMARY KEY, words TSVECTOR NOT NULL, names TSVECTOR NOT NULL)""",
}


class Store:
    """Where the public reads (`engine`), the files that were made of it for the public, and how it is written."""

    def __init__(self, engine: Engine, file: Path | None, working: Engine, files: PublicFiles) -> None:
        self.engine, self.file, self.working, self.files = engine, file, working, files

    def writing(self) -> AbstractContextManager[Connection]:
        """One transaction on the store: readers see all of it or nothing."""
        return _in_schema(self.working) if self.file is None else _in_file(self.file)

    def dispose(self) -> None:
        self.engine.dispose()


@contextmanager
def _in_schema(working: Engine) -> Iterator[Connection]:
    # Without the keys of the archive: what is agreed to be public lies here as text.
    keyless = open_postgresql(working.url.render_as_string(hide_password=False))
    try:
        with keyless.begin() as connection:
            connection.execute(text(f"SET LOCAL search_path = {SCHEMA}, public"))
            yield connection
    finally:
        keyless.dispose()


@contextmanager
def _in_file(file: Path) -> Iterator[Connection]:
    engine = open_plain(file, read_only=False)
    with engine.execution_options(writing=True).begin() as connection:
        yield connection
    with engine.connect() as connection:  # so that what was taken out is nowhere in the files
        driver: Any = connection.connection.driver_connection
        # A reader who takes long holds nobody up; what is left is folded in at the next change.
        driver.execute("PRAGMA busy_timeout = 1000")
        driver.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()


def open_store(settings: Settings, working: Engine) -> Store:
    """The published store of an archive, made empty where there is none or one of an older schema."""
    if settings.database_url:
        return on_postgresql(working, settings.public_files_dir)
    return beside(settings.published_file, working)


def beside(file: Path, working: Engine) -> Store:
    """A store in a file of its own."""
    store = Store(open_plain(file, read_only=True), file, working, PublicFiles(file.with_name(FILES)))
    _prepare(store)
    return store


def on_postgresql(working: Engine, files: Path | None = None) -> Store:
    """A store in a schema of its own, read by a role that has rights there alone. `files`: where its files may lie."""
    role = public_role(working)
    store = Store(open_schema(working.url, SCHEMA, role), None, working, PublicFiles(files))
    _prepare(store)
    return store


def public_role(working: Engine) -> str:
    """The role of the public, made where it is not there yet. Raises UnsafeDatabase when this user may not."""
    try:
        with working.begin() as connection:
            connection.execute(text(MAKE_ROLE))
    except ProgrammingError:
        raise UnsafeDatabase(
            f"The database user may not make the role {ROLE}. Let an administrator of the database run once: "
            f"CREATE ROLE {ROLE} NOLOGIN; GRANT {ROLE} TO <the user in GAWAH_DATABASE_URL>;"
        ) from None
    return ROLE


def mark(working: Engine) -> str:
    """Its thirds change when the tables do, when areas and settlements do, and when words of rows do."""
    with reading(working) as session:
        geodata = session.exec(select(Archive.geodata)).first() or ""
    words = [DISCLAIMER, {code: word.named() for code, word in vocabulary("violations").items()}]
    return "".join(hashlib.sha256(part.encode()).hexdigest()[:THIRD] for part in (schema.head(), geodata, f"{words}"))


def _prepare(store: Store) -> None:
    """Make the tables, and copy the reference geography, unless it is all there as it should be."""
    wanted, held = mark(store.working), _mark_of(store) or ""
    if held[:THIRD] != wanted[:THIRD]:
        _make(store, wanted)
    else:
        _bring_up_to_date(store, held, wanted)


def show_areas(working: Engine, store: Store | None, after: Session | None = None) -> None:
    """Let this process, and the public where there is one, look up the areas as the archive has them now.

    `after`: a session that may have changed them; only if it has.
    """
    if after is not None and not after.info.get(area_layers.CHANGED):
        return
    areas.keep_up(working)
    if store is not None:
        _bring_up_to_date(store, _mark_of(store) or "", mark(working))


def _bring_up_to_date(store: Store, held: str, wanted: str) -> None:
    if held == wanted:
        return
    with store.writing() as connection:
        if held[THIRD:-THIRD] != wanted[THIRD:-THIRD]:
            with Session(store.working) as session:
                for table in GROUND:
                    connection.execute(contents.table_of(table).delete())
                    _copy(session, connection, table)
        if held[-THIRD:] != wanted[-THIRD:]:
            ready_rows.write_all(connection)
        connection.execute(contents.table_of(Archive).update().values(geodata=wanted))
        moments.move(connection, now())
    store.files.clear()


def _mark_of(store: Store) -> str | None:
    if store.file is not None and not store.file.exists():
        return None
    if store.file is None:
        with store.working.connect() as connection:
            there = connection.execute(text(f"SELECT to_regclass('{SCHEMA}.archive')")).scalar()
        if there is None:
            return None
    with reading(store.engine) as session:
        return session.exec(select(Archive.geodata)).first()


def _make(store: Store, wanted: str) -> None:
    if store.file is not None:
        for ending in ("", "-wal", "-shm"):
            Path(f"{store.file}{ending}").unlink(missing_ok=True)
    else:
        with store.working.begin() as connection:
            connection.execute(text(f"DROP SCHEMA IF EXISTS {SCHEMA} CASCADE"))
            connection.execute(text(f"CREATE SCHEMA {SCHEMA}"))
    with store.writing() as connection:
        _make_tables(connection)
        if store.file is None:
            role = public_role(store.working)
            connection.execute(text(f"GRANT USAGE ON SCHEMA {SCHEMA} TO {role}"))
            connection.execute(text(f"GRANT SELECT ON ALL TABLES IN SCHEMA {SCHEMA} TO {role}"))
        _copy_ground(store, connection)
        row = {"id": UUID(int=0), "kind": "public", "made_at": now(), "geodata": wanted, "public_secret": ""}
        insert_rows(connection, METADATA.tables["archive"], [row | {"published_at": row["made_at"]}])
    store.files.clear()


def _make_tables(connection: Connection) -> None:
    METADATA.create_all(connection, checkfirst=False)
    connection.execute(text(SEARCH_TABLE[connection.dialect.name]))
    tallying.make(connection)


def _copy(session: Session, connection: Connection, table: type[SQLModel]) -> None:
    kept = METADATA.tables[str(table.__tablename__)]
    asked = kept.select().execution_options(yield_per=2000)
    for part in session.execute(asked).mappings().partitions():
        insert_rows(connection, kept, [dict(row) for row in part])


def _copy_ground(store: Store, connection: Connection) -> None:
    """Areas and settlements, which everybody may look up, and the releases."""
    with Session(store.working) as session:
        for table in GROUND:
            _copy(session, connection, table)
        laying.lay_in(connection, session, sorted(releases.editions(session)))


def held(store: Store) -> dict[UUID, Row]:
    """What the store holds of each incident, by its public id."""
    with reading(store.engine) as session:
        return {one.id: one.model_dump() for one in session.exec(select(Incident)).all()}


def is_empty(store: Store) -> bool:
    with reading(store.engine) as session:
        return session.exec(select(Incident.pk).limit(1)).first() is None


def there(store: Store, ids: Sequence[UUID]) -> list[UUID]:
    """Those of these incidents that the store holds."""
    with reading(store.engine) as session:
        return list(session.exec(select(Incident.id).where(col(Incident.id).in_(ids))).all())


def alone(file: Path, bundle: Bundle) -> Engine:
    """A store that holds one incident and nothing else, to look at."""
    engine = open_plain(file, read_only=False)
    with engine.begin() as connection:
        _make_tables(connection)
        contents.lay(connection, [bundle])
    return engine


def change(store: Store, bundles: Sequence[Bundle], gone: Sequence[UUID], at: datetime) -> None:
    """Let the store hold these incidents in place of what it holds of them, and of those gone only a tombstone."""
    with store.writing() as connection:
        public_log.note(connection, bundles, gone, at)
        shown = [bundle.incident["id"] for bundle in bundles]
        contents.bury(connection, gone, at)
        contents.take_out(connection, [*gone, *shown])
        contents.unbury(connection, shown)
        contents.lay(connection, bundles)
        contents.sweep(connection)
        tallying.fold(connection)
        moments.move(connection, at)
        if connection.dialect.name == "sqlite":  # a deleted line of the index stays in the file until it is merged
            connection.execute(text("INSERT INTO incident_search(incident_search) VALUES ('optimize')"))
    store.files.clear()
