"""Let people in and out: members, their roles and their tokens."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import update
from sqlmodel import Session, col, select

from app.access import tokens
from app.access.viewer import SCOPES, Viewer
from app.actions.one_use import end_links
from app.actions.pen import Pen
from app.errors import Conflict, Fault, Invalid, NotFound, Untimely
from app.queries.members import by_id, by_name, is_last_admin
from app.records import Member, MemberSession, Token
from app.records.keys import new_id
from app.vocabulary.word import vocabulary

LONGEST_DAYS = 366


def add(session: Session, name: str, role: str, by: Viewer) -> UUID:
    """A new member. Raises Conflict when the name is taken, Invalid for an unknown role."""
    _check_role(role)
    if session.exec(select(Member.pk).where(col(Member.name) == name)).first() is not None:
        raise Conflict("A member of this name is already here.")
    pen = Pen(session, by)
    member_id = new_id()
    pen.write(Member, {"pk": pen.number("member"), "id": member_id, "name": name, "role": role, "added_at": pen.at})
    pen.note("added", "member", member_id, {"role": role})
    pen.put_down()
    return member_id


def disable(session: Session, name: str, by: Viewer) -> None:
    """Shut a member out at once: their sign-ins, links and tokens end, their history stays. Raises Untimely."""
    member = by_name(session, name)
    _check_not_last(session, member)
    pen = Pen(session, by)
    what = end_everything(session, member.pk, pen.at)
    _set(session, member, disabled_at=member.disabled_at or pen.at)
    pen.note("disabled", "member", member.id, what)
    pen.put_down()


def enable(session: Session, name: str, by: Viewer) -> None:
    """Let a member back in. What was ended stays ended: they sign in anew, and need new tokens. Raises NotFound."""
    member = by_name(session, name)
    pen = Pen(session, by)
    _set(session, member, disabled_at=None)
    pen.note("enabled", "member", member.id, {})
    pen.put_down()


def tie(session: Session, which: UUID, known_as: tuple[str | None, str | None], by: Viewer) -> None:
    """Say by which issuer and subject a provider of sign-ins knows a member; (None, None) for none any more.

    Raises NotFound, Invalid for one without the other, Conflict when it is somebody else's.
    """
    member = by_id(session, which)
    issuer, subject = known_as
    if (issuer is None) != (subject is None):
        raise Invalid("This ties nobody.", [Fault("subject", "one without the other", "give both, or null for both")])
    pair = col(Member.oidc_issuer) == issuer, col(Member.oidc_subject) == subject, col(Member.pk) != member.pk
    if issuer is not None and session.exec(select(Member.pk).where(*pair)).first() is not None:
        raise Conflict("Another member is tied to this issuer and subject already.")
    pen = Pen(session, by)
    what = end_everything(session, member.pk, pen.at)
    _set(session, member, oidc_issuer=issuer, oidc_subject=subject)
    pen.note("tied to a provider" if issuer else "untied from a provider", "member", member.id, what)
    pen.put_down()


def change_role(session: Session, name: str, role: str, by: Viewer) -> None:
    """Another role from now on. What was given for the one before ends, so that no old key opens new doors.

    Raises NotFound, Invalid for an unknown role, Untimely where it would leave no admin.
    """
    _check_role(role)
    member = by_name(session, name)
    if member.role == role:
        return
    _check_not_last(session, member)
    pen = Pen(session, by)
    what = {"from": member.role, "to": role, **end_everything(session, member.pk, pen.at)}
    _set(session, member, role=role)
    pen.note("role changed", "member", member.id, what)
    pen.put_down()


def forget_second_factor(session: Session, name: str, by: Viewer) -> None:
    """For whoever has lost their device: they sign in with the password and set a new one up. Raises NotFound."""
    member = by_name(session, name)
    pen = Pen(session, by)
    what = {"sign_ins": end_sign_ins(session, member.pk, pen.at)}
    _set(session, member, totp_secret=None, totp_step=None, totp_pending=None)
    pen.note("second factor forgotten", "member", member.id, what)
    pen.put_down()


def create_token(session: Session, name: str, scope: str, days: int, by: Viewer) -> str:
    """A new key for a member, shown this once: `gwh_<id>_<secret>`. Raises NotFound, Invalid, and Untimely."""
    if scope not in SCOPES:
        raise Invalid("There is no such scope.", [Fault("scope", "not a scope", f"write one of: {', '.join(SCOPES)}")])
    if not 1 <= days <= LONGEST_DAYS:
        raise Invalid("A token lives 1 to 366 days.", [Fault("days", "out of range", "give 1 to 366")])
    member = by_name(session, name)
    if member.disabled_at is not None:
        raise Untimely("This member is disabled: enable them first (`gawah member enable`).")
    public, digest, token = tokens.fresh()
    pen = Pen(session, by)
    row = {
        "pk": pen.number("token"),
        "public": public,
        "member_pk": member.pk,
        "scope": scope,
        "revoked_at": None,
    }
    times = {"made_at": pen.at, "expires_at": pen.at + timedelta(days=days)}
    pen.write(Token, {**row, **times, "secret_hash": digest})
    pen.note("token created", "member", member.id, {"token": public, "scope": scope, "days": days})
    pen.put_down()
    return token


def revoke_token(session: Session, public: str, by: Viewer, of: str | None = None) -> None:
    """Let a token work no more. `of`: only if it is this member's. Raises NotFound."""
    found = session.execute(select(Token, Member).join(Member).where(col(Token.public) == public)).first()
    if found is None or of not in (None, found[1].name):
        raise NotFound("No token has this id: see `gawah token list`.")
    token, member = found
    if token.revoked_at is not None:
        return
    pen = Pen(session, by)
    session.execute(update(Token).where(col(Token.pk) == token.pk).values(revoked_at=pen.at))
    pen.note("token revoked", "member", member.id, {"token": public})
    pen.put_down()


def end_everything(session: Session, member_pk: int, at: datetime) -> dict[str, int]:
    """End the sign-ins, links and tokens of a member; how many there were."""
    end_links(session, member_pk, at)
    ended = end_sign_ins(session, member_pk, at)
    working = (col(Token.member_pk) == member_pk, col(Token.revoked_at).is_(None))
    revoked: Any = session.execute(update(Token).where(*working).values(revoked_at=at))
    return {"sign_ins": ended, "tokens": revoked.rowcount}


def end_sign_ins(session: Session, member_pk: int, at: datetime) -> int:
    """End the sign-ins of a member; how many there were."""
    open_ones = (col(MemberSession.member_pk) == member_pk, col(MemberSession.ended_at).is_(None))
    ended: Any = session.execute(update(MemberSession).where(*open_ones).values(ended_at=at))
    return int(ended.rowcount)


def _set(session: Session, member: Member, **values: Any) -> None:
    session.execute(update(Member).where(col(Member.pk) == member.pk).values(**values))


def _check_role(role: str) -> None:
    if role not in vocabulary("member_roles"):
        roles = ", ".join(vocabulary("member_roles"))
        raise Invalid("There is no such role.", [Fault("role", "not a role", f"write one of: {roles}")])


def _check_not_last(session: Session, member: Member) -> None:
    if is_last_admin(session, member):
        raise Untimely("This is the last admin, and nobody would look after the archive: make another one first.")
