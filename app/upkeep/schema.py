"""Bring the schema of the archive up to date, or take it back a step."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine

HOME = Path(__file__).resolve().parent.parent.parent


def config() -> Config:
    return Config(HOME / "alembic.ini")


def head() -> str:
    """The newest revision that this program knows."""
    return ScriptDirectory.from_config(config()).get_current_head() or ""


def revision(engine: Engine) -> str | None:
    """The revision the database stands at; None when it is empty."""
    with engine.connect() as connection:
        return revision_in(connection)


def revision_in(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


def known() -> set[str]:
    """Every revision that this program knows."""
    return {script.revision for script in ScriptDirectory.from_config(config()).walk_revisions()}


def migrate(engine: Engine, to: str = "head") -> None:
    """Go up, or down when `to` lies below. All in one transaction."""
    settings = config()
    with engine.execution_options(writing=True).begin() as connection:
        settings.attributes["connection"] = connection
        current = MigrationContext.configure(connection).get_current_revision()
        known = [script.revision for script in ScriptDirectory.from_config(settings).walk_revisions()]
        down = to != "head" and current in known and (to == "base" or known.index(to) > known.index(current))
        (command.downgrade if down else command.upgrade)(settings, to)
