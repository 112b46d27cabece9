"""Let people in and out: members and their tokens."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import update
from sqlmodel import Session, col, select

from app.access import tokens
from app.access.viewer import SCOPES, Viewer
from app.actions.pen import Pen
from app.errors import Conflict, Fault, Invalid, NotFound
from app.records import Member, Token
from app.records.keys import new_id
from app.records.member import MemberOut
from app.vocabulary.word import vocabulary

LONGEST_DAYS = 366


def add(session: Session, name: str, role: str, by: Viewer) -> UUID:
    """A new member. Raises Conflict when the name is taken, Invalid for an unknown role."""
    if role not in vocabulary("member_roles"):
        roles = ", ".join(vocabulary("member_roles"))
        raise Invalid("There is no such role.", [Fault("role", "not a role", f"write one of: {roles}")])
    if session.exec(select(Member.pk).where(col(Member.name) == name)).first() is not None:
        raise Conflict("A member of this name is already here.")
    pen = Pen(session, by)
    member_id = new_id()
    pen.write(Member, {"pk": pen.number("member"), "id": member_id, "name": name, "role": role, "added_at": pen.at})
    pen.note("added", "member", member_id, {"role": role})
    pen.put_down()
    return member_id


def disable(session: Session, name: str, by: Viewer) -> None:
    """Shut a member out at once; their tokens stop working, their history stays."""
    member = _member(session, name)
    pen = Pen(session, by)
    session.execute(update(Member).where(col(Member.pk) == member.pk).values(disabled_at=pen.at))
    pen.note("disabled", "member", member.id, {})
    pen.put_down()


def everyone(session: Session) -> list[MemberOut]:
    found = session.exec(select(Member).order_by(col(Member.name))).all()
    return [MemberOut.model_validate(member, from_attributes=True) for member in found]


def create_token(session: Session, name: str, scope: str, days: int, by: Viewer) -> str:
    """A new key for a member, shown this once: `gwh_<id>_<secret>`."""
    if scope not in SCOPES:
        raise Invalid("There is no such scope.", [Fault("scope", "not a scope", f"write one of: {', '.join(SCOPES)}")])
    if not 1 <= days <= LONGEST_DAYS:
        raise Invalid("A token lives 1 to 366 days.", [Fault("days", "out of range", "give 1 to 366")])
    member = _member(session, name)
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


def _member(session: Session, name: str) -> Member:
    found = session.exec(select(Member).where(col(Member.name) == name)).first()
    if found is None:
        raise NotFound("No member has this name: see `gawah member list`.")
    return found
