"""Who is signed in: the holder of a session's secret, of which only the SHA-256 is kept."""

import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import exists, update
from sqlmodel import Session, col, select

from app.access import second_factor
from app.access.policy import WRITERS
from app.access.tokens import digest
from app.access.viewer import Viewer
from app.db import now
from app.records import Archive, Member, MemberSession

IDLE = timedelta(minutes=30)
LONGEST = timedelta(hours=12)
# How exactly idleness is kept: every note of it is a write.
NOTED = timedelta(minutes=1)


@dataclass(frozen=True)
class SignedIn:
    """A sign-in that holds now. `confined`: to setting up the second factor that the role needs."""

    id: UUID
    viewer: Viewer
    csrf: str
    seen_at: datetime
    expires_at: datetime
    confined: bool

    @property
    def is_stale(self) -> bool:
        """Whether it is time to note that somebody was here."""
        return now() - self.seen_at >= NOTED


def fresh() -> tuple[str, str]:
    """A new secret of 256 bits, and what is kept of it."""
    secret = secrets.token_urlsafe(32)
    return secret, digest(secret)


def csrf_of(secret: str) -> str:
    """What a page must send with every change, to show that it could read an answer of ours. Bound to the session."""
    return hmac.digest(secret.encode(), b"gawah csrf", "sha256").hex()


def scope_of(role: str) -> str:
    """What a sign-in allows: all that the role does."""
    if role == "admin":
        return "admin"
    return "write" if role in WRITERS else "read"


def holder(session: Session, secret: str) -> SignedIn | None:
    """Who holds this secret, asked anew at each request; None when the sign-in is unknown, over, or its member out."""
    asked = select(MemberSession, Member).join(Member).where(col(MemberSession.secret_hash) == digest(secret))
    found = session.execute(asked).first()
    if found is None:
        return None
    sign_in, member = found
    if member.disabled_at is not None or not holds(sign_in, now()):
        return None
    return signed_in(session, sign_in, member, secret)


def holds(sign_in: MemberSession, at: datetime) -> bool:
    """Whether a sign-in is neither ended nor idle nor too old."""
    return sign_in.ended_at is None and at < sign_in.expires_at and at < sign_in.seen_at + IDLE


def signed_in(session: Session, sign_in: MemberSession, member: Member, secret: str) -> SignedIn:
    viewer = Viewer(member.name, member.role, scope_of(member.role), "web")
    confined = not second_factor.is_set_up(member) and is_needed_of(session, member.role)
    return SignedIn(sign_in.id, viewer, csrf_of(secret), sign_in.seen_at, sign_in.expires_at, confined)


def is_needed_of(session: Session, role: str) -> bool:
    """Whether a role needs a second factor. In the sample archive none does: everything in it is made up."""
    return role in second_factor.REQUIRED_OF and session.exec(select(Archive.kind)).first() != "sample"


def note_seen(session: Session, which: UUID) -> None:
    """Somebody was here; a sign-in that has ended meanwhile stays ended."""
    session.execute(update(MemberSession).where(col(MemberSession.id) == which).values(seen_at=now()))


def lacks_an_admin(session: Session) -> bool:
    """Whether this is somebody's own archive that nobody looks after yet."""
    own = session.exec(select(Archive.kind)).first() == "own"
    return own and not session.execute(select(exists().where(col(Member.role) == "admin"))).scalar_one()
