"""Where test archives come from: one template an engine, made once a session, and copies that are thrown away."""

import os
import secrets
import shutil
from abc import ABC, abstractmethod
from itertools import count
from pathlib import Path

import pytest
from sqlalchemy import URL, Engine, create_engine, insert, make_url, text

from app import geography
from app.access.viewer import console
from app.actions import members
from app.db import now, open_postgresql, open_sqlite, writing
from app.keyring import give_keys
from app.records import METADATA, Archive
from app.records.keys import new_id
from app.upkeep import reference, schema

URL_NAME = "GAWAH_TEST_DATABASE_URL"
KEY = "5e" * 32
ROLES = ("viewer", "contributor", "reviewer", "admin", "auditor")
# Loading every area and settlement takes seconds; tests/upkeep does it once for all of them.
COUNTRIES = frozenset({"PAK", "SYR"})
# What tests change; the reference geography is not given back row by row.
CHANGING = [table for table in METADATA.sorted_tables if table.name not in {"area", "settlement"}]


def only(database: str) -> pytest.MarkDecorator:
    """For what one engine alone does: the test runs on it, and is not offered to the other."""
    lacking = database == "postgresql" and not os.environ.get(URL_NAME)
    offered = pytest.param(database, marks=pytest.mark.skipif(lacking, reason=f"{URL_NAME} is not set"))
    return pytest.mark.parametrize("database", [offered], indirect=True, scope="module")


class Shelf(ABC):
    """The archives of one engine."""

    def __init__(self) -> None:
        self.open: list[Engine] = []
        self.tokens: dict[str, str] = {}
        self._template: Engine | None = None

    @abstractmethod
    def empty(self) -> Engine:
        """A database without a single table."""

    @abstractmethod
    def copy(self, of: Engine) -> Engine:
        """A copy of a whole database that nobody is using just now."""

    @abstractmethod
    def drop(self, engine: Engine) -> None:
        """Throw a database away."""

    def give_back(self, engine: Engine) -> None:
        """Take back what `fresh` gave."""
        self.drop(engine)

    def fresh(self) -> Engine:
        """An own archive without incidents, with one member a role and a token for each."""
        if self._template is None:
            self._template = self.empty()
            self.tokens = fill(self._template)
        return self.copy(self._template)

    def clear(self) -> None:
        """Throw away what is left."""
        for engine in list(self.open):
            self.drop(engine)


class Sqlite(Shelf):
    """Encrypted files in a folder."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.folder = folder
        self.names = count()

    def empty(self) -> Engine:
        engine = give_keys(open_sqlite(self.folder / f"{next(self.names)}.db", KEY), KEY)
        self.open.append(engine)
        return engine

    def copy(self, of: Engine) -> Engine:
        with of.connect() as connection:
            connection.rollback()
            connection.connection.driver_connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        of.dispose()
        made = self.empty()
        shutil.copyfile(str(of.url.database), str(made.url.database))
        return made

    def drop(self, engine: Engine) -> None:
        engine.dispose()
        self.open.remove(engine)
        for ending in ("", "-wal", "-shm"):
            Path(str(engine.url.database) + ending).unlink(missing_ok=True)


class Postgresql(Shelf):
    """Databases of one server, under names that no other worker uses."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self.url = make_url(url)
        self.names = (f"gawah_test_{secrets.token_hex(6)}_{number}" for number in count())
        self.clean: list[Engine] = []
        self._mark: object = None

    def empty(self) -> Engine:
        return self._made("")

    def copy(self, of: Engine) -> Engine:
        of.dispose()
        return self._made(f" TEMPLATE {of.url.database} STRATEGY FILE_COPY")

    def drop(self, engine: Engine) -> None:
        engine.dispose()
        self.open.remove(engine)
        self._run(f"DROP DATABASE {engine.url.database} WITH (FORCE)")

    def fresh(self) -> Engine:
        """One that was given back, if there is one: making and dropping a database makes the whole server wait."""
        return self.clean.pop() if self.clean else super().fresh()

    def give_back(self, engine: Engine) -> None:
        """Empty it, and put back the rows that the template has; throw it away when a test has changed more than that."""
        assert self._template is not None
        self._mark = self._mark or _mark(self._template)
        if _mark(engine) != self._mark:
            self.drop(engine)
            return
        with self._template.connect() as template, engine.begin() as connection:
            connection.execute(text("SET LOCAL lock_timeout = '20s'"))
            connection.execute(text("DELETE FROM incident_search"))
            for table in reversed(CHANGING):
                connection.execute(table.delete())
            for table in CHANGING:
                rows = [dict(row) for row in template.execute(table.select()).mappings()]
                if rows:
                    connection.execute(table.insert(), rows)
        self._template.dispose()
        self.clean.append(engine)

    def _made(self, how: str) -> Engine:
        name = next(self.names)
        self._run(f"CREATE DATABASE {name}{how}")
        engine = give_keys(open_postgresql(_written(self.url.set(database=name))), KEY)
        self.open.append(engine)
        return engine

    def _run(self, statement: str) -> None:
        engine = create_engine(self.url, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(text(statement))
        engine.dispose()


def _mark(engine: Engine) -> object:
    """Changes when the schema or the reference geography does: `xmin` says which transaction wrote a row."""
    counted = "SELECT count(*), max(xmin::text::bigint) FROM {}"
    with engine.connect() as connection:
        rows = [tuple(connection.execute(text(counted.format(table))).one()) for table in ("area", "settlement")]
        shape = [connection.execute(text(f"SELECT count(*) FROM {t}")).scalar() for t in ("pg_class", "pg_attribute")]
    return rows, shape


def _written(url: URL) -> str:
    return url.render_as_string(hide_password=False)


def fill(engine: Engine) -> dict[str, str]:
    """Schema, two countries of the reference geography, and members; the token of each role."""
    schema.migrate(engine)
    with pytest.MonkeyPatch.context() as patch, writing(engine) as session:
        areas = [area for area in geography.areas() if area.country in COUNTRIES]
        settlements = [place for place in geography.settlements() if place.country in COUNTRIES]
        patch.setattr(reference.geography, "areas", lambda: areas)
        patch.setattr(reference.geography, "settlements", lambda: settlements)
        session.execute(
            insert(Archive),
            {"id": new_id(), "kind": "own", "made_at": now(), "geodata": "", "public_secret": "ab" * 32},
        )
        reference.load(session)
    tokens = {}
    for role in ROLES:
        with writing(engine) as session:
            members.add(session, f"a {role}", role, console("tests"))
            tokens[role] = members.create_token(session, f"a {role}", "admin", 30, console("tests"))
    return tokens


def make(database: str, folder: Path) -> Shelf:
    """The shelf of `sqlite` or `postgresql`."""
    return Sqlite(folder) if database == "sqlite" else Postgresql(os.environ[URL_NAME])
