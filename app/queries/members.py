"""Members, their sign-ins and their keys, as they may be shown: never a hash, never a secret."""

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel
from sqlmodel import Session, col, func, select

from app.access.sessions import IDLE
from app.db import now
from app.errors import NotFound
from app.records import Member, MemberSession, Token
from app.records.member import MemberOut


class SignIn(BaseModel):
    """One sign-in that holds. `current`: it is the one that asks."""

    id: UUID
    started_at: datetime
    seen_at: datetime
    expires_at: datetime
    current: bool = False


class Key(BaseModel):
    """One token, by its public part."""

    public: str
    member: str
    scope: str
    made_at: datetime
    expires_at: datetime
    revoked_at: datetime | None


def everyone(session: Session) -> list[MemberOut]:
    found = session.exec(select(Member).order_by(col(Member.name))).all()
    return [shown(member) for member in found]


def shown(member: Member) -> MemberOut:
    return MemberOut.model_validate(member, from_attributes=True)


def by_name(session: Session, name: str) -> Member:
    """Raises NotFound."""
    found = session.exec(select(Member).where(col(Member.name) == name)).first()
    if found is None:
        raise NotFound("No member has this name: see `gawah member list`.")
    return found


def by_id(session: Session, which: UUID) -> Member:
    """Raises NotFound."""
    found = session.exec(select(Member).where(col(Member.id) == which)).first()
    if found is None:
        raise NotFound("No member has this id.")
    return found


def sign_ins(session: Session, name: str, current: UUID | None = None) -> list[SignIn]:
    """The sign-ins of a member that hold now, newest first."""
    at = now()
    holding = (
        col(MemberSession.ended_at).is_(None), col(MemberSession.expires_at) > at,
        col(MemberSession.seen_at) > at - IDLE,
    )  # fmt: skip
    asked = select(MemberSession).join(Member).where(col(Member.name) == name, *holding)
    found = session.exec(asked.order_by(col(MemberSession.pk).desc())).all()
    times = ("id", "started_at", "seen_at", "expires_at")
    return [SignIn(**{word: getattr(one, word) for word in times}, current=one.id == current) for one in found]


def keys(session: Session, name: str | None = None) -> list[Key]:
    """The tokens of a member, or of all, newest first; also those that are over."""
    asked = select(Token, Member.name).join(Member).order_by(col(Token.pk).desc())
    if name is not None:
        asked = asked.where(col(Member.name) == name)
    words = ("public", "scope", "made_at", "expires_at", "revoked_at")
    return [
        Key(member=of, **{word: getattr(token, word) for word in words}) for token, of in session.execute(asked).all()
    ]


def is_last_admin(session: Session, member: Member) -> bool:
    """Whether nobody would look after the archive without this member."""
    others = (col(Member.role) == "admin", col(Member.disabled_at).is_(None), col(Member.pk) != member.pk)
    counted = session.exec(select(func.count()).select_from(Member).where(*others)).one()
    return member.role == "admin" and member.disabled_at is None and counted == 0
