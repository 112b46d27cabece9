"""Where the measured archives lie: fresh ones from one template, on encrypted SQLite or on PostgreSQL, all dropped."""

import secrets
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from sqlalchemy import Engine, create_engine, make_url, text

from app.access.viewer import console
from app.actions import keeping, members
from app.db import writing
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
    """Makes archives. `database_url`: a PostgreSQL server; each archive is a database of its own there."""

    def __init__(self, folder: Path, database_url: str | None) -> None:
        self.folder, self.url = folder, make_url(database_url) if database_url else None
        self.databases: list[str] = []
        self.engines: list[Engine] = []
        self.template = cache(self._template)
        self.filled: Callable[..., Ground] = cache(self._filled)

    def fresh(self) -> Ground:
        """An archive of one's own, with the reference geography and not one incident."""
        template = self.template()
        template.engine.dispose()
        settings = self._place(template.settings)
        # On PostgreSQL this is the key: names are enciphered there, and so are the words of the index.
        shutil.copytree(template.settings.data_dir, settings.data_dir)
        return self._ground(settings, template.token)

    def _filled(self, incidents: int, *, in_order: bool = False) -> Ground:
        """The archive of so many synthetic incidents, made at the first call."""
        tell(f"filling an archive with {incidents:,} incidents")
        ground = self.fresh()
        synthetic.fill(ground.engine, incidents, in_order=in_order)
        settle(ground)
        keeping.fill(ground.engine)  # as the service does by itself
        settle(ground)
        return ground

    def _template(self) -> Ground:
        settings = self._place(None)
        engine = archives.begin(settings, "own")
        by = console(WRITER)
        with writing(engine) as session:
            members.add(session, "an admin", "admin", by)  # without one the archive answers nothing
            members.add(session, WRITER, "reviewer", by)
            token = members.create_token(session, WRITER, "write", 2, by)
        engine.dispose()
        return self._ground(settings, token)

    def _ground(self, settings: Settings, token: str) -> Ground:
        engine = connect(settings)
        self.engines.append(engine)
        return Ground(settings, engine, token)

    def _place(self, template: Settings | None) -> Settings:
        name = f"gawah_benchmark_{secrets.token_hex(4)}"
        url = None
        if self.url is not None:
            of = f" TEMPLATE {make_url(template.database_url or '').database}" if template else ""
            self._on_server(f"CREATE DATABASE {name}{of}")
            self.databases.append(name)
            url = self.url.set(database=name).render_as_string(hide_password=False)
        return Settings(data_dir=self.folder / name, database_url=url, key_file=None)

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
                name = make_url(ground.settings.database_url).database or ""
                self.databases.remove(name)
                self._on_server(f"DROP DATABASE {name} WITH (FORCE)")

    def clear(self) -> None:
        """Throw away all that is left."""
        for engine in self.engines:
            engine.dispose()
        for name in self.databases:
            self._on_server(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        shutil.rmtree(self.folder, ignore_errors=True)
