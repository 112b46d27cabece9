"""Who holds a token: a key of a member, of which only the SHA-256 is kept."""

import hashlib
import re
import secrets
from typing import Any

from sqlalchemy import Connection, bindparam
from sqlmodel import Session, col, select

from app.access.viewer import Viewer
from app.db import now
from app.records import Member, Token

# Made once, for it is asked at every request; columns, since no record of it is needed.
_COLUMNS: tuple[Any, ...] = (
    Token.secret_hash, Token.revoked_at, Token.expires_at, Token.scope, Member.disabled_at, Member.name, Member.role,
)  # fmt: skip
HELD = (
    select(*_COLUMNS)
    .join(Member, col(Member.pk) == col(Token.member_pk))
    .where(col(Token.public) == bindparam("public"))
)
SHAPE = re.compile(r"gwh_([0-9a-f]{16})_([A-Za-z0-9_-]{43})")


def fresh() -> tuple[str, str, str]:
    """A new key: its public part, its digest, and the whole token to be shown once."""
    public, secret = secrets.token_hex(8), secrets.token_urlsafe(32)
    return public, digest(secret), f"gwh_{public}_{secret}"


def digest(secret: str) -> str:
    """SHA-256 is enough here: 256 random bits leave nothing to guess."""
    return hashlib.sha256(secret.encode()).hexdigest()


def holder(session: Session | Connection, token: str) -> Viewer | None:
    """The member behind a token, or None when it is unknown, expired, revoked or its member disabled."""
    shape = SHAPE.fullmatch(token)
    if shape is None:
        return None
    found = session.execute(HELD, {"public": shape[1]}).first()
    if found is None or not secrets.compare_digest(found.secret_hash, digest(shape[2])):
        return None
    if found.revoked_at is not None or found.disabled_at is not None or found.expires_at <= now():
        return None
    return Viewer(found.name, found.role, found.scope, "api")
