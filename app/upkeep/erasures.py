"""Carry an erasure out to the last page on the disk, and again in every database that is restored: by the ledger."""

import json
import os
import re
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Engine, literal_column, select, table
from sqlalchemy.exc import DBAPIError

from app.access.viewer import Viewer, console
from app.actions import erasure
from app.db import now, writing
from app.errors import Invalid
from app.records.erasure import ErasureDone, ErasureOut
from app.settings import Settings
from app.upkeep.publication import Write, catch_up
from app.upkeep.published import SCHEMA, open_store

LEDGER = "erasures.jsonl"
SMALL = 256 * 1024**2
AFTER_RESTORE = console("restore")
LEFT = "Old pages of the database could not be cleared just now, others were reading: run `gawah erase --clear`."
# Where texts stand that an erasure rewrites.
REWRITTEN = frozenset(
    re.findall(
        "[a-z_]+",
        "person person_name identity_key incident incident_search account act involvement incident_place "
        "evidence disappearance_case case_event source actor review revision consent public_version "
        "incident_link publication import_batch export_link receipt release release_row release_piece "
        "ready_feature ready_line",
    )
)


def carry_out(write: Write, engine: Engine, ledger: Path, which: UUID, by: Viewer) -> ErasureDone:
    """Erase whom somebody else asked to erase, with the ledger written first. Raises as `erasure.confirm`."""
    with write() as session:
        done = erasure.confirm(session, which, by)
        enter(ledger, done)
    return done if clear(engine) else done.model_copy(update={"warnings": [*done.warnings, LEFT]})


def at_the_console(engine: Engine, settings: Settings, which: UUID, by: Viewer) -> ErasureDone:
    """The same without a service that sees to the published store."""
    done = carry_out(partial(writing, engine), engine, settings.data_dir / LEDGER, which, by)
    if done.unpublished or done.recalled:
        _take_out(engine, settings)
    return done


def _take_out(engine: Engine, settings: Settings) -> None:
    """Let the published store follow at once."""
    store = open_store(settings, engine)
    catch_up(engine, store, now().date())
    store.dispose()


def enter(ledger: Path, entry: ErasureOut) -> None:
    """Add a line to the ledger outside the database, and see it on the disk before anything is kept of it."""
    line = {name: getattr(entry, name) for name in ErasureOut.model_fields}
    new = not ledger.exists()
    opened = os.open(ledger, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        os.write(opened, (json.dumps(line, default=str) + "\n").encode())
        os.fsync(opened)
    finally:
        os.close(opened)
    if new:
        _keep_entry(ledger.parent)


def _keep_entry(folder: Path) -> None:
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


def entries(ledger: Path) -> list[ErasureOut]:
    """Every line of the ledger. Raises Invalid for one that cannot be read: better no archive than somebody back."""
    if not ledger.exists():
        return []
    try:
        lines = [line for line in ledger.read_text(encoding="utf-8").splitlines() if line.strip()]
        return [ErasureOut.model_validate_json(line) for line in lines]
    except ValueError:
        raise Invalid(f"The ledger of erasures is damaged: mend {LEDGER} from a copy, line by line.") from None


def reapply(engine: Engine, settings: Settings) -> int:
    """Erase again whom the ledger names; how many were there. For a database restored from before. Raises Invalid."""
    erased: list[ErasureDone] = []
    for entry in entries(settings.data_dir / LEDGER):
        with writing(engine) as session:
            done = erasure.again(session, entry, AFTER_RESTORE)
            erased += [] if done is None else [done]
    if any(done.unpublished or done.recalled for done in erased):
        _take_out(engine, settings)
    if erased:
        clear(engine)
    return len(erased)


def clear(engine: Engine) -> bool:
    """Leave nothing on old pages of the database. Whether that could be done: nobody else may be reading."""
    try:
        if engine.dialect.name == "sqlite":
            return _clear_sqlite(engine)
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("SET lock_timeout = '20s'")
            for name in _tables(connection):
                connection.exec_driver_sql(f"VACUUM (FULL) {name}")
            connection.exec_driver_sql("RESET lock_timeout")
    except DBAPIError:
        return False
    return True


def _tables(connection: Connection) -> list[str]:
    """The tables of the archive and of its published store in which names may have stood."""
    asked: Any = select(literal_column("schemaname"), literal_column("tablename")).select_from(table("pg_tables"))
    found = connection.execute(asked.where(literal_column("schemaname").in_(["public", SCHEMA]))).all()
    return [f"{schema}.{name}" for schema, name in found if name in REWRITTEN]


def _clear_sqlite(engine: Engine) -> bool:
    """The pages themselves were overwritten when their rows went (`secure_delete`); the log still holds them.

    Written anew is only a file that fits into memory, where SQLite puts the copy: none may lie beside it unenciphered.
    """
    with engine.connect() as connection:
        connection.rollback()
        driver = _driver(connection)
        if Path(str(engine.url.database)).stat().st_size <= SMALL:
            driver.execute("VACUUM")
        busy, _, _ = driver.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    return not busy


def _driver(connection: Connection) -> Any:
    return connection.connection.driver_connection
