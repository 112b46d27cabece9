"""Make an archive, find it again, and keep a copy of its key."""

import os
import secrets
from pathlib import Path

import pyrage
from sqlalchemy import Engine, insert

from app.access.viewer import Viewer, console
from app.actions.vault import sweep
from app.db import now, reading, writing
from app.errors import Conflict, Fault, Invalid, NotFound
from app.queries import archive
from app.queries.vault import Vault
from app.records import Archive
from app.records.keys import new_id
from app.settings import Settings
from app.upkeep import reference, schema
from app.upkeep.engines import connect, make_key, reach, read_key


def exists(settings: Settings) -> bool:
    """Whether the data folder (or the database) already holds an archive."""
    if not settings.database_url:
        return settings.database_file.exists()
    engine = reach(settings)
    try:
        return schema.revision(engine) is not None
    finally:
        engine.dispose()


def open_up(settings: Settings) -> Engine:
    """The engine of an archive that is there, its schema and reference data up to date. Raises NotFound."""
    if not exists(settings):
        raise NotFound("There is no archive yet: make one with `gawah init`, or try the sample with `python3 -m app`.")
    engine = reach(settings)
    if schema.revision(engine) != schema.head():
        schema.migrate(engine)
    with writing(engine) as session:
        reference.load(session)
    sweep(Vault(settings.evidence_dir, None))
    return engine


def begin(settings: Settings, kind: str) -> Engine:
    """A new archive, empty but for the reference geography. Raises Conflict when one is there."""
    if exists(settings):
        raise Conflict("There is an archive already: choose another GAWAH_DATA_DIR or GAWAH_DATABASE_URL.")
    settings.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not settings.key_path.exists():  # on PostgreSQL it opens the files of evidence alone
        make_key(settings.key_path)
    engine = connect(settings)
    schema.migrate(engine)
    with writing(engine) as session:
        session.execute(insert(Archive), {"id": new_id(), "kind": kind, "made_at": now(), "geodata": "",
                                          "public_secret": secrets.token_hex(32)})  # fmt: skip
        reference.load(session)
    return engine


def kind(engine: Engine) -> str | None:
    """Sample or own."""
    with reading(engine) as session:
        return archive.kind(session)


def recovery_keys(file: Path) -> list[pyrage.x25519.Recipient]:
    """The age public keys in a file, one a line. Raises Invalid when there are none, or one that is no key."""
    try:
        lines = [line.strip() for line in file.read_text(encoding="utf-8").splitlines()]
        keys = [pyrage.x25519.Recipient.from_str(line) for line in lines if line and not line.startswith("#")]
    except (pyrage.RecipientError, UnicodeDecodeError):
        keys = []
    if not keys:
        fault = Fault(
            "--recovery-key", "no age public keys, one a line", "make a pair with age-keygen, give its public part"
        )
        raise Invalid("The file holds no usable keys.", [fault])
    return keys


def recovery_copy(settings: Settings, recipients: Path) -> Path:
    """Encrypt the key of the database to age public keys, one a line, beside the archive. Raises Invalid."""
    keys = recovery_keys(recipients)
    copy = settings.data_dir / "archive.key.age"
    copy.write_bytes(pyrage.encrypt(read_key(settings.key_path).encode(), list(keys)))
    return copy


def console_user() -> Viewer:
    """Who sits at this machine, as history will name them."""
    return console(os.environ.get("USER") or os.environ.get("USERNAME") or "console")
