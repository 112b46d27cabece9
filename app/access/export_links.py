"""Who holds an export link: an address with a secret in it, of which only the SHA-256 is kept."""

import re
import secrets
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlmodel import Session, col, select

from app.access.policy import PARTNER, REVIEWERS, THE_PUBLIC, WRITERS
from app.access.tokens import digest
from app.access.viewer import Viewer
from app.db import now
from app.records import ExportLink, Member

SHAPE = re.compile(r"[A-Za-z0-9_-]{43}")
# Who may keep a link of each reach alive: a maker who is no longer one of them takes it along.
MAKERS = {"public": WRITERS, "partner": REVIEWERS}


@dataclass(frozen=True)
class Shared:
    """What an export link opens: one question in one format, as the viewer that it makes of its holder."""

    id: UUID
    question: dict[str, Any]
    viewer: Viewer


def fresh() -> tuple[str, str]:
    """A new secret of 256 bits, to be shown once, and its digest."""
    secret = secrets.token_urlsafe(32)
    return secret, digest(secret)


def holder(session: Session, secret: str, form: str) -> Shared | None:
    """What a secret opens in this format; None when it is unknown, expired, revoked, or its maker may not any more."""
    if SHAPE.fullmatch(secret) is None:
        return None
    known = col(ExportLink.secret_hash) == digest(secret)
    found = session.execute(select(ExportLink, Member).join(Member).where(known)).first()
    if found is None:
        return None
    link, maker = found
    if link.format != form or not works(link, maker):
        return None
    return Shared(link.id, link.question, viewer_of(link.reach, link.id))


def works(link: ExportLink, maker: Member) -> bool:
    """Whether a link opens anything today."""
    if link.revoked_at is not None or link.expires_at <= now():
        return False
    return maker.disabled_at is None and maker.role in MAKERS[link.reach]


def viewer_of(reach: str, link: UUID | None = None) -> Viewer:
    """Whom a link of this reach makes of its holder."""
    if reach == "public":
        return Viewer("the public", THE_PUBLIC, "read", "link")
    return Viewer(f"export link {link}", PARTNER, "read", "link")
