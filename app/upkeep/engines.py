"""Open the database that the settings ask for, with its key."""

import re
import secrets
from pathlib import Path

from sqlalchemy import Engine
from sqlalchemy.exc import DatabaseError

from app.access.oidc import Provider, is_installed
from app.db import SAFE_SQLITE, SQLITE, open_postgresql, open_sqlite
from app.errors import Refusal
from app.keyring import give_keys
from app.queries.vault import Vault
from app.settings import Settings

NO_KEY = "The key file of the archive is missing or damaged: set GAWAH_KEY_FILE."


class UnsafeDatabase(Refusal):
    """The database on this machine would not keep its promises."""

    title = "The database is not safe"


def connect(settings: Settings) -> Engine:
    """The engine that the settings ask for; nothing is opened yet. Raises UnsafeDatabase."""
    if settings.database_url:
        key = read_key(settings.key_path) if settings.key_path.exists() else None
        return give_keys(open_postgresql(settings.database_url), key)
    if SQLITE < SAFE_SQLITE:
        raise UnsafeDatabase("SQLite is older than 3.51.3 and could lose records: update the package sqlcipher3.")
    key = read_key(settings.key_path)
    return give_keys(open_sqlite(settings.database_file, key), key)


def reach(settings: Settings) -> Engine:
    """The same, once the database has answered. Raises UnsafeDatabase, without the address and its password."""
    engine = connect(settings)
    try:
        engine.connect().close()
    except DatabaseError:
        engine.dispose()
        if settings.database_url:
            raise UnsafeDatabase("The database does not answer: is it up, and is GAWAH_DATABASE_URL right?") from None
        raise UnsafeDatabase(
            "The archive cannot be opened: its key does not fit, or the file is damaged. Set GAWAH_KEY_FILE."
        ) from None
    return engine


def open_vault(settings: Settings) -> Vault:
    """Where the files of evidence lie; without the key none can be read or written."""
    key = read_key(settings.key_path) if settings.key_path.exists() else None
    return Vault(settings.evidence_dir, key, settings.largest_evidence)


def provider_of(settings: Settings) -> Provider | None:
    """The provider of sign-ins that the settings name; None where there is none. Raises UnsafeDatabase."""
    if settings.oidc_issuer is None or settings.oidc_client_id is None:
        return None
    if not is_installed():
        raise UnsafeDatabase("GAWAH_OIDC_ISSUER needs the extra `oidc`: install authlib, joserfc and httpx too.")
    secret = settings.oidc_client_secret.get_secret_value() if settings.oidc_client_secret else ""
    if settings.oidc_client_secret_file is not None:
        try:
            secret = settings.oidc_client_secret_file.read_text(encoding="utf-8").strip()
        except OSError as problem:
            raise UnsafeDatabase("GAWAH_OIDC_CLIENT_SECRET_FILE cannot be read: mend the setting.") from problem
    return Provider(settings.oidc_issuer, settings.oidc_client_id, secret)


def make_key(path: Path) -> str:
    """Write a new random 256-bit key where only its owner can read it, and return it as hex."""
    path.parent.mkdir(parents=True, exist_ok=True)
    key = secrets.token_hex(32)
    path.touch(mode=0o600, exist_ok=False)
    path.write_text(key + "\n", encoding="ascii")
    return key


def read_key(path: Path) -> str:
    """The key as 64 hex digits. Raises UnsafeDatabase when the file is missing or holds something else."""
    try:
        key = path.read_text(encoding="ascii").strip()
    except (OSError, ValueError) as problem:
        raise UnsafeDatabase(NO_KEY) from problem
    if not re.fullmatch("[0-9a-fA-F]{64}", key):
        raise UnsafeDatabase(NO_KEY)
    return key
