"""Where jobs stand and their uploads lie: beside the archive, so that they can be seen while an import holds it."""

# SQLite has one writer a file, and an import is one long transaction. So there the jobs have a file of their own, with
# the same key; on PostgreSQL they stand in the archive.

import shutil
import time
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from uuid import UUID

from sqlalchemy import Engine

from app.db import open_sqlite
from app.errors import NoKey
from app.keyring import give_keys
from app.queries.vault import Vault
from app.records import METADATA

FOLDER = "jobs"
# An upload comes before its job; after so many seconds none will follow.
ABANDONED = 3600


@dataclass(frozen=True)
class Board:
    """The jobs of one archive. `vault`: that of its evidence, beside which uploads are kept in the same way."""

    archive: Engine
    vault: Vault

    @cached_property
    def engine(self) -> Engine:
        """Where the jobs stand. Raises NoKey."""
        if self.archive.dialect.name != "sqlite":
            return self.archive
        if self.vault.key is None:
            raise NoKey("The key of the archive is missing, and jobs are encrypted with it: set GAWAH_KEY_FILE.")
        file = Path(str(self.archive.url.database)).resolve().with_suffix(".jobs.db")
        engine = give_keys(open_sqlite(file, self.vault.key), self.vault.key)
        METADATA.tables["job"].create(engine, checkfirst=True)
        return engine

    @property
    def folder(self) -> Path:
        return self.vault.folder.with_name(FOLDER)

    def upload(self, job: UUID) -> Vault:
        """Where the file of one job lies, readable with the key of the archive alone."""
        return replace(self.vault, folder=self.folder / job.hex)

    def has_upload(self, job: UUID) -> bool:
        """Whether it lies on this machine: of several that serve one database, another may have it."""
        return (self.folder / job.hex).is_dir()

    def drop_upload(self, job: UUID) -> None:
        shutil.rmtree(self.folder / job.hex, ignore_errors=True)

    def sweep(self, needed: set[UUID], age: float = ABANDONED) -> int:
        """Delete uploads of no job that is to be done: left where a process ended at the wrong moment. How many."""
        names = {job.hex for job in needed}
        left = [room for room in self.folder.glob("*") if room.name not in names]
        gone = [room for room in left if time.time() - room.stat().st_mtime >= age]
        for room in gone:
            shutil.rmtree(room, ignore_errors=True)
        return len(gone)

    def close(self) -> None:
        if "engine" in self.__dict__ and self.engine is not self.archive:
            self.engine.dispose()
