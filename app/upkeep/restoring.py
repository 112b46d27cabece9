"""Restore a backup into an empty place: whole and verified, or not at all; and erased people stay erased."""

import secrets
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import pyrage
from sqlalchemy import Engine, text

from app.db import reading
from app.errors import Conflict, Fault, Invalid, NotStored, Unreadable
from app.queries.vault import Vault
from app.settings import Settings
from app.upkeep import erasures, schema, verifying
from app.upkeep.arrivals import Arrivals, OnDisk
from app.upkeep.backups import About, keep_entries
from app.upkeep.engines import reach
from app.upkeep.erasures import LEDGER as LEDGER_FILE
from app.upkeep.packing import BROKEN, KEY, LEDGER, Unpacking
from app.upkeep.snapshots import check_empty
from app.upkeep.verifying import Verdict

OCCUPIED = "There is an archive (or part of one) already: restore into an empty GAWAH_DATA_DIR and database."


@dataclass(frozen=True)
class Restored:
    """What came back. `erased`: people erased again; `newer`: entries of ledgers that the backup did not have."""

    about: About
    verdict: Verdict
    erased: int
    newer: int


def identities(file: Path) -> list[pyrage.x25519.Identity]:
    """The age keys in a file as age-keygen writes it. Raises Invalid."""
    try:
        lines = [line.strip() for line in file.read_text(encoding="ascii").splitlines()]
        found = [pyrage.x25519.Identity.from_str(line) for line in lines if line and not line.startswith("#")]
    except (OSError, UnicodeDecodeError, pyrage.IdentityError):
        found = []
    if not found:
        fault = Fault("--identity", "no age secret key", "give the file that age-keygen made")
        raise Invalid("The file holds no usable key.", [fault])
    return found


def restore(
    settings: Settings,
    file: Path,
    keys: list[pyrage.x25519.Identity],
    ledger: Path | None,
    advance: Callable[[int], None],
) -> Restored:
    """Bring a backup back. Whatever is refused leaves nothing behind.

    `ledger`: one more ledger of erasures, newer than the backup; `advance`: is told the bytes that were read.
    Raises Conflict where the place is not empty, Unreadable for a wrong key or a cut or changed file, NotStored.
    """
    check_place(settings)
    here = [path for path in (settings.data_dir / LEDGER_FILE, ledger) if path is not None]
    known = {entry.id: entry for path in here for entry in erasures.entries(path)}
    with _staging(settings) as staged:
        about = _unpack(settings, staged, file, keys, advance)
        held = staged.data_dir / LEDGER_FILE
        newer = [entry for entry in known.values() if entry.id not in {old.id for old in erasures.entries(held)}]
        for entry in newer:
            erasures.enter(held, entry)
        with _opened(staged) as engine:
            verdict, erased = _bring_up_to_date(engine, staged, about)
            engine.dispose()  # SQLite's log goes into its file
            _settle(staged, settings)
    return Restored(about, verdict, erased, len(newer))


def check_place(settings: Settings) -> None:
    """Raises Conflict where something is that a restored archive would mix with."""
    if settings.data_dir.exists():
        for left in settings.data_dir.glob(".restoring-*"):  # of a restore that was killed
            shutil.rmtree(left, ignore_errors=True)
        may_stay = {settings.data_dir / LEDGER_FILE, settings.data_dir / "archive.key.age", settings.key_path}
        if any(path not in may_stay for path in settings.data_dir.iterdir()):
            raise Conflict(OCCUPIED)
    if settings.database_url:
        engine = reach(settings)
        empty = check_empty(engine)
        engine.dispose()
        if not empty:
            raise Conflict(OCCUPIED)


@contextmanager
def _staging(settings: Settings) -> Iterator[Settings]:
    """A folder beside the place itself, as the data folder of an archive that is not there yet."""
    there = settings.data_dir.exists()
    settings.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder = settings.data_dir / f".restoring-{secrets.token_hex(8)}"
    folder.mkdir(mode=0o700)
    try:
        yield Settings(**settings.model_dump() | {"data_dir": folder, "key_file": folder / KEY})
    except OSError as problem:
        raise NotStored("The disk did not take the archive, so nothing was restored: is there room left?") from problem
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        if not there and not any(settings.data_dir.iterdir()):
            settings.data_dir.rmdir()


def _unpack(
    settings: Settings, staged: Settings, file: Path, keys: list[pyrage.x25519.Identity], advance: Callable[[int], None]
) -> About:
    arrivals = Arrivals(settings, staged)
    unpacking = Unpacking(arrivals.open)
    try:
        _decrypt(file, unpacking, keys, advance)
        about = arrivals.check(unpacking.sums)
        for name, mode in ((KEY, 0o600), (LEDGER, 0o600)):
            if name in arrivals.small:
                kept = OnDisk(staged.data_dir / name, mode)
                kept.write(arrivals.small[name].getvalue())
                kept.close()
        _check_key(settings, staged)
        if arrivals.database is not None:
            arrivals.database.finish()
    finally:
        arrivals.stop()
    return about


class Reading:
    """A file that tells how much of it was read."""

    def __init__(self, file: BinaryIO, advance: Callable[[int], None]) -> None:
        self.file, self.advance = file, advance

    def read(self, size: int = -1) -> bytes:
        piece = self.file.read(size)
        self.advance(len(piece))
        return piece


def _decrypt(
    file: Path, unpacking: Unpacking, keys: list[pyrage.x25519.Identity], advance: Callable[[int], None]
) -> None:
    try:
        with file.open("rb") as opened:
            pyrage.decrypt_io(Reading(opened, advance), unpacking, list(keys))
    except FileNotFoundError:
        raise Unreadable("There is no such file.") from None
    except (pyrage.DecryptError, OSError):
        if unpacking.failure is not None:
            raise unpacking.failure from None
        told = BROKEN if unpacking.begun else "This key does not open the backup, or the file is no backup."
        raise Unreadable(told) from None
    if not unpacking.whole:
        raise Unreadable(BROKEN)


def _check_key(settings: Settings, staged: Settings) -> None:
    """A key that lies here already is not written over: it may open something else."""
    ours, theirs = settings.key_path, staged.key_path
    if ours.exists() and theirs.exists() and ours.read_bytes().strip() != theirs.read_bytes().strip():
        raise Conflict("Another key lies where this archive's would go: move it away, or set GAWAH_KEY_FILE.")


@contextmanager
def _opened(staged: Settings) -> Iterator[Engine]:
    """The restored database. In PostgreSQL it is emptied again when anything fails from here on."""
    engine = reach(staged)
    try:
        yield engine
    except BaseException:
        if staged.database_url:
            schema.migrate(engine, "base")
            with engine.begin() as connection:
                connection.execute(text("DROP TABLE IF EXISTS alembic_version"))
                connection.execute(text("DROP SCHEMA IF EXISTS published CASCADE"))
        raise
    finally:
        engine.dispose()


def _bring_up_to_date(engine: Engine, staged: Settings, about: About) -> tuple[Verdict, int]:
    """Today's schema, erasures applied again, and everything verified."""
    if schema.revision(engine) != about.schema_revision:
        raise Unreadable(BROKEN)
    if about.schema_revision != schema.head():
        schema.migrate(engine)
    erased = erasures.reapply(engine, staged)
    key = staged.key_path.read_text(encoding="ascii").strip() if staged.key_path.exists() else None
    with reading(engine) as session:
        return verifying.verify(session, Vault(staged.evidence_dir, key)), erased


def _settle(staged: Settings, settings: Settings) -> None:
    """Into its place: the database last, for without it there is no archive."""
    if staged.key_path.exists() and not settings.key_path.exists():
        kept = OnDisk(settings.key_path, 0o600)
        kept.write(staged.key_path.read_bytes())
        kept.close()
    for path in (staged.evidence_dir, staged.data_dir / LEDGER_FILE, staged.database_file):
        if path.exists():
            path.rename(settings.data_dir / path.name)
    keep_entries(settings.data_dir)
