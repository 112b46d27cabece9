"""Where each file of a backup goes while it is read, and whether it is one that fits this place."""

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path

from pydantic import ValidationError
from sqlalchemy import text

from app.access.wall import STAFF
from app.errors import Fault, Invalid, Unreadable
from app.settings import Settings
from app.upkeep import schema
from app.upkeep.backups import SHAPE, About, Manifest
from app.upkeep.engines import connect
from app.upkeep.packing import ABOUT, BROKEN, DATABASE, KEY, LEDGER, MANIFEST, Sink
from app.upkeep.snapshots import Restoring

MAKE_STAFF = f"""
DO $$ BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{STAFF}') THEN CREATE ROLE {STAFF} NOLOGIN; END IF;
    IF NOT pg_has_role(current_user, '{STAFF}', 'MEMBER') THEN
        EXECUTE format('GRANT {STAFF} TO %I', current_user);
    END IF;
END $$
"""


@dataclass
class Arrivals:
    """Where each file of a backup goes while it is read."""

    settings: Settings
    staged: Settings
    about: About | None = None
    small: dict[str, BytesIO] = field(default_factory=dict)
    database: Restoring | None = None
    last: "OnDisk | None" = None

    def open(self, name: str, size: int) -> Sink:  # noqa: ARG002 - how long it is was looked at before
        """Raises Unreadable for what does not belong there."""
        if name == ABOUT or self.about is None:
            return self._keep(name) if name == ABOUT and not self.small else _refuse()
        if name in {KEY, LEDGER, MANIFEST}:
            return self._keep(name)
        if name.startswith("evidence/"):
            return self._store(self.staged.data_dir / name, 0o400)
        if name == DATABASE and not self.settings.database_url:
            return self._store(self.staged.database_file, 0o600)
        return self.database if name.startswith("database/") and self.database is not None else _refuse()

    def _store(self, path: Path, mode: int) -> Sink:
        self.last = OnDisk(path, mode)
        return self.last

    def stop(self) -> None:
        """Let go of whatever was open when a backup turned out to be none."""
        if self.last is not None:
            self.last.file.close()
        if self.database is not None:
            self.database.stop()

    def _keep(self, name: str) -> Sink:
        self.small[name] = Small(self.hear_about) if name == ABOUT else Small()
        return self.small[name]

    def hear_about(self, told: bytes) -> None:
        """Raises Invalid for a backup that does not fit this place or program."""
        try:
            about = About.model_validate_json(told)
        except ValidationError:
            raise Unreadable(BROKEN) from None
        _check_fits(about, self.settings)
        if self.settings.database_url:
            engine = connect(self.settings)
            with engine.begin() as connection:
                connection.execute(text(MAKE_STAFF))
            self.database = Restoring(engine.url)
            engine.dispose()
        self.about = about

    def check(self, sums: dict[str, str]) -> About:
        """What arrived is what was packed. Raises Unreadable."""
        try:
            manifest = Manifest.model_validate_json(self.small[MANIFEST].getvalue())
        except (ValidationError, KeyError):
            raise Unreadable(BROKEN) from None
        arrived = {name: found for name, found in sums.items() if name != MANIFEST}
        if (
            self.about is None
            or manifest.files != arrived
            or not any(n.startswith((DATABASE, "database/")) for n in arrived)
        ):
            raise Unreadable(BROKEN)
        return self.about


class Small(BytesIO):
    """A small file, kept in memory. `then`: is told what it holds once it is whole."""

    def __init__(self, then: Callable[[bytes], None] = lambda _: None) -> None:
        super().__init__()
        self.then = then

    def close(self) -> None:
        """It can still be read."""
        self.then(self.getvalue())


class OnDisk:
    """A file that goes to the disk as it comes, and is there when it is closed."""

    def __init__(self, path: Path, mode: int) -> None:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.file = path.open("xb")
        path.chmod(mode)

    def write(self, piece: bytes) -> None:
        self.file.write(piece)

    def close(self) -> None:
        self.file.flush()
        os.fsync(self.file.fileno())
        self.file.close()


def _refuse() -> Sink:
    raise Unreadable(BROKEN)


def _check_fits(about: About, settings: Settings) -> None:
    wanted = "postgresql" if settings.database_url else "sqlite"
    if about.engine != wanted:
        fault = Fault(
            "GAWAH_DATABASE_URL", f"the backup is of an archive in {about.engine}", "set or leave it out accordingly"
        )
        raise Invalid("The backup is of an archive in another kind of database.", [fault])
    if about.shape > SHAPE or about.schema_revision not in schema.known():
        raise Invalid("The backup was taken by a newer Gawah: update the program, then restore.")
