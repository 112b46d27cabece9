"""Back up a whole archive while it is in use: one file that only those named can open."""

import os
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pyrage
from pydantic import BaseModel, ConfigDict
from sqlalchemy import Engine, func, select
from sqlmodel import Session, col

from app import __version__
from app.db import now
from app.errors import Conflict, Fault, Invalid, NotStored, Refusal
from app.queries import history
from app.queries.history import Break
from app.queries.sealed import Difference, Sealed, compare
from app.queries.vault import Vault, strays
from app.records import METADATA, Incident, Revision
from app.settings import Settings
from app.upkeep import schema
from app.upkeep.erasures import LEDGER as LEDGER_FILE
from app.upkeep.packing import ABOUT, END, KEY, LEDGER, MANIFEST, Member, Stream, head, pack, pieces_of
from app.upkeep.snapshots import Snapshot, check_whole, stand_still

Advance = Callable[[int], None]
SHAPE = 1


class About(BaseModel):
    """What a backup says of itself: when it was taken, of which state, and how much is in it."""

    model_config = ConfigDict(extra="forbid")

    shape: int
    program: str
    taken_at: datetime
    engine: str
    schema_revision: str
    lines: int
    head: str
    incidents: int
    rows: dict[str, int]


class Manifest(BaseModel):
    """The SHA-256 of every file before it."""

    model_config = ConfigDict(extra="forbid")

    files: dict[str, str]


@dataclass(frozen=True)
class Taken:
    """A backup that was written. Whatever does not hold in the archive does not hold in it either."""

    about: About
    files: int
    size: int
    broken: Break | None
    differences: list[Difference]

    @property
    def holds(self) -> bool:
        return self.broken is None and not self.differences


def recipients(keys: list[str], *, one: bool) -> list[pyrage.x25519.Recipient]:
    """The age public keys of those who can open the backup. Raises Invalid for no key, or one alone without `one`."""
    try:
        found = [pyrage.x25519.Recipient.from_str(key) for key in dict.fromkeys(key.strip() for key in keys)]
    except pyrage.RecipientError:
        fault = Fault("--recipient", "this is no age public key", "make a pair with age-keygen, give its public part")
        raise Invalid("Nobody could open the backup.", [fault]) from None
    if not found or (len(found) == 1 and not one):
        fault = Fault("--recipient", "whoever loses the one key loses the backup",
                      "name two people or more, or say --one-recipient")  # fmt: skip
        raise Invalid("Name at least two who can open the backup.", [fault])
    return found


def back_up(
    engine: Engine, settings: Settings, file: Path, who: list[pyrage.x25519.Recipient], advance: Advance
) -> Taken:
    """Write a backup; it stands under its name only once it is whole and on the disk.

    `advance`: is told the bytes that were packed. Raises Conflict, NotStored, and Unreadable for a damaged database.
    """
    if file.exists():
        raise Conflict("There is a file of this name already: a backup is never written over another.")
    with stand_still(engine, settings) as snapshot:
        check_whole(snapshot.session)
        broken, differences = _check_history(snapshot.session)
        about = _about(snapshot.session)
        snapshot.close()
        sums: dict[str, str] = {}
        with _written(file) as path:
            _encrypt(_counted(_whole(about, snapshot, settings, sums), advance), path, who)
            size = path.stat().st_size
    return Taken(about, len(sums), size, broken, differences)


def bytes_to_pack(engine: Engine, settings: Settings) -> int:
    """About how much a backup will hold, to show how far it is."""
    database = settings.database_file.stat().st_size if engine.dialect.name == "sqlite" else 0
    return database + sum(path.stat().st_size for path in strays(Vault(settings.evidence_dir, None), set()))


def _check_history(session: Session) -> tuple[Break | None, list[Difference]]:
    sealed = Sealed()
    _, broken = history.check_chain(session, sealed.hear)
    return broken, [] if broken else compare(session, sealed)[1]


def _about(session: Session) -> About:
    last = session.execute(
        select(col(Revision.seq), col(Revision.seal)).order_by(col(Revision.seq).desc()).limit(1)
    ).first()
    rows = {
        table.name: int(session.execute(select(func.count()).select_from(table)).scalar_one())
        for table in METADATA.sorted_tables
    }
    return About(
        shape=SHAPE, program=__version__, taken_at=now(), engine=session.get_bind().dialect.name,
        schema_revision=schema.revision_in(session.connection()) or "", lines=last.seq if last else 0,
        head=last.seal if last else "", incidents=rows[str(Incident.__tablename__)], rows=rows,
    )  # fmt: skip


def _whole(about: About, snapshot: Snapshot, settings: Settings, sums: dict[str, str]) -> Iterator[bytes]:
    """The database first, then the files: evidence only grows, so all that the database knows of is there."""
    yield from pack(_small(about, settings), sums)
    yield from pack(snapshot.members, sums)
    yield from pack(_evidence(settings), sums)
    manifest = Manifest(files=sums).model_dump_json().encode()
    yield head(MANIFEST, len(manifest)) + manifest + bytes(-len(manifest) % 512) + END


def _small(about: About, settings: Settings) -> Iterator[Member]:
    told = about.model_dump_json().encode()
    yield Member(ABOUT, len(told), [told])
    for name, path in ((KEY, settings.key_path), (LEDGER, settings.data_dir / LEDGER_FILE)):
        if path.exists():
            held = path.read_bytes()
            yield Member(name, len(held), [held])


def _evidence(settings: Settings) -> Iterator[Member]:
    for path in strays(Vault(settings.evidence_dir, None), set()):
        yield Member(f"evidence/{path.parent.name}/{path.name}", path.stat().st_size, pieces_of(path))


def _counted(pieces: Iterator[bytes], advance: Advance) -> Iterator[bytes]:
    for piece in pieces:
        yield piece
        advance(len(piece))


@contextmanager
def _written(file: Path) -> Iterator[Path]:
    """A name beside the file, which takes its place when all went well; else nothing is left of it."""
    path = file.with_name(f".{file.name}.{secrets.token_hex(8)}")
    try:
        with path.open("xb"):
            path.chmod(0o600)
        yield path
        path.rename(file)
        keep_entries(file.parent)
    except OSError as problem:
        raise NotStored("The disk did not take the backup, so nothing was kept: is there room left?") from problem
    finally:
        path.unlink(missing_ok=True)


def _encrypt(pieces: Iterator[bytes], path: Path, who: list[pyrage.x25519.Recipient]) -> None:
    stream = Stream(pieces)
    with path.open("wb") as out:
        try:
            pyrage.encrypt_io(stream, out, list(who))
        except pyrage.EncryptError as problem:
            if isinstance(stream.failure, Refusal | OSError):
                raise stream.failure from None
            raise OSError(str(problem)) from problem
        out.flush()
        os.fsync(out.fileno())


def keep_entries(folder: Path) -> None:
    """See the names in a folder on the disk, not only what is in the files."""
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
