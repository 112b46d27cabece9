"""Where the measured archives lie, on encrypted SQLite or on PostgreSQL: all are dropped but those asked to be kept."""

import secrets
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from sqlalchemy import Engine, create_engine, make_url, text
from sqlmodel import select

from app.access.viewer import console
from app.actions import keeping, members
from app.db import reading, writing
from app.records import Incident
from app.settings import Settings
from app.upkeep import archives
from app.upkeep.engines import connect
from tests.benchmarks import synthetic
from tests.benchmarks.progress import tell

WRITER = "benchmark"


@dataclass(frozen=True)
class Ground:
    """One archive: where it lies, its engine, and a token that may read and write."""

    settings: Settings
    engine: Engine
    token: str


def settle(ground: Ground) -> None:
    """Let PostgreSQL do now what it would do by itself within a minute: its work would be taken for that of a measure."""
    if ground.settings.database_url:
        engine = create_engine(ground.settings.database_url, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(text("VACUUM ANALYZE"))
        engine.dispose()


class Grounds:
    """Makes archives. `database_url`: a PostgreSQL server; each archive is a database of its own there.

    `kept`: a folder in which the filled ones stay, to be found again by the next run; on PostgreSQL its databases stay.
    """

    def __init__(self, folder: Path, database_url: str | None, kept: Path | None = None) -> None:
        self.folder, self.kept, self.url = folder, kept, make_url(database_url) if database_url else None
        self.databases: list[str] = []
        self.engines: list[Engine] = []
        self.template = cache(self._template)
        self.filled: Callable[..., Ground] = cache(self._filled)

    def fresh(self) -> Ground:
        """An archive of one's own, with the reference geography and not one incident."""
        return self._copy(self._place(_name()))

    def _filled(self, incidents: int, *, in_order: bool = False) -> Ground:
        """The archive of so many synthetic incidents: one that was kept, or made at the first call."""
        ground = self._stays(incidents, in_order=in_order) if self.kept else self.fresh()
        if not _is_filled(ground):
            tell(f"filling an archive with {incidents:,} incidents")
            synthetic.fill(ground.engine, incidents, in_order=in_order)
            settle(ground)
        keeping.fill(ground.engine)  # as the service does by itself
        settle(ground)
        return ground

    def _stays(self, incidents: int, *, in_order: bool) -> Ground:
        """One in the folder of those that stay, brought up to date; a fresh one where there is none."""
        settings = self._place(f"gawah_benchmark_{incidents}_{'in' if in_order else 'no'}_order", self.kept)
        if not settings.data_dir.exists():
            return self._copy(settings, stays=True)
        engine = archives.open_up(settings)
        token = _token(engine)
        engine.dispose()
        return self._ground(settings, token)

    def _copy(self, settings: Settings, *, stays: bool = False) -> Ground:
        """The template once more, at that place."""
        template = self.template()
        template.engine.dispose()
        if settings.database_url:
            self._create(settings, template.settings, stays=stays)
        # On PostgreSQL this is the key: names are enciphered there, and so are the words of the index.
        shutil.copytree(template.settings.data_dir, settings.data_dir)
        return self._ground(settings, template.token)

    def _template(self) -> Ground:
        settings = self._place(_name())
        if settings.database_url:
            self._create(settings)
        engine = archives.begin(settings, "own")
        with writing(engine) as session:
            members.add(session, "an admin", "admin", console(WRITER))  # without one the archive answers nothing
            members.add(session, WRITER, "reviewer", console(WRITER))
        token = _token(engine)
        engine.dispose()
        return self._ground(settings, token)

    def _ground(self, settings: Settings, token: str) -> Ground:
        engine = connect(settings)
        self.engines.append(engine)
        return Ground(settings, engine, token)

    def _place(self, name: str, folder: Path | None = None) -> Settings:
        """Where an archive of that name lies, or is to lie."""
        url = self.url.set(database=name).render_as_string(hide_password=False) if self.url else None
        return Settings(data_dir=(folder or self.folder) / name, database_url=url, key_file=None)

    def _create(self, settings: Settings, template: Settings | None = None, *, stays: bool = False) -> None:
        """Its database."""
        name = _database(settings)
        if stays:  # of one whose folder is gone
            self._on_server(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        self._on_server(f"CREATE DATABASE {name}{f' TEMPLATE {_database(template)}' if template else ''}")
        if not stays:
            self.databases.append(name)

    def _on_server(self, *statements: str) -> None:
        assert self.url is not None
        server = create_engine(self.url, isolation_level="AUTOCOMMIT")
        with server.connect() as connection:
            for statement in statements:
                connection.execute(text(statement))
        server.dispose()

    def drop(self, grounds: Sequence[Ground]) -> None:
        """Throw away archives that are not needed any more."""
        for ground in grounds:
            ground.engine.dispose()
            shutil.rmtree(ground.settings.data_dir, ignore_errors=True)
            if ground.settings.database_url:
                name = _database(ground.settings)
                self.databases.remove(name)
                self._on_server(f"DROP DATABASE {name} WITH (FORCE)")

    def clear(self) -> None:
        """Throw away all that is left and was not to be kept."""
        for engine in self.engines:
            engine.dispose()
        for name in self.databases:
            self._on_server(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        shutil.rmtree(self.folder, ignore_errors=True)


def _name() -> str:
    return f"gawah_benchmark_{secrets.token_hex(4)}"


def _database(settings: Settings) -> str:
    return make_url(settings.database_url or "").database or ""


def _token(engine: Engine) -> str:
    """What the measures prove themselves with, for the days of a run."""
    with writing(engine) as session:
        return members.create_token(session, WRITER, "write", 2, console(WRITER))


def _is_filled(ground: Ground) -> bool:
    with reading(ground.engine) as session:
        return session.exec(select(Incident.pk).limit(1)).first() is not None
