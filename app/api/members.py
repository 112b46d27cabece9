"""Members and their keys: for admins, and for each member their own tokens."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Body
from pydantic import BaseModel, ConfigDict, Field
from sqlmodel import Session

from app.access.policy import ADMINISTER, OWN, allow
from app.access.second_factor import REQUIRED_OF
from app.access.viewer import SCOPES, Viewer
from app.actions import members as actions
from app.actions import one_use
from app.api.strict import StrictRoute
from app.depends import Asker, Reading, Writing
from app.errors import Forbidden, Untimely
from app.queries import members as queries
from app.queries.members import Key
from app.records.incoming import Incoming
from app.records.member import MemberFields, MemberOut

router = APIRouter(tags=["Members"], route_class=StrictRoute)
Scope = Literal["read", "write", "admin"]


class NewMember(Incoming, MemberFields):
    """Name and role of somebody who comes in."""


class RoleBody(BaseModel):
    model_config = ConfigDict(extra="forbid")

    role: str = Field(max_length=30)


class LinkAsked(BaseModel):
    """`reset`: the member has a password, and is to choose another."""

    model_config = ConfigDict(extra="forbid")

    reset: bool = False


class LinkGiven(BaseModel):
    """A one-use link, shown this once: hand it over by a way that you trust."""

    link: str
    path: str
    expires_at: datetime


class TokenAsked(BaseModel):
    """`member`: another than yourself, which only an admin may name."""

    model_config = ConfigDict(extra="forbid")

    member: str | None = Field(None, min_length=1, max_length=100)
    scope: Scope = "read"
    days: int = Field(90, ge=1, le=actions.LONGEST_DAYS)


class TokenGiven(BaseModel):
    """The token, shown this once."""

    token: str


@router.get("/members")
@allow(ADMINISTER)
def list_members(session: Reading, viewer: Asker) -> list[MemberOut]:  # noqa: ARG001
    """Everybody who is or was in, by name."""
    return queries.everyone(session)


@router.post("/members", status_code=201)
@allow(ADMINISTER)
def add_member(told: Annotated[NewMember, Body()], write: Writing, viewer: Asker) -> MemberOut:
    """Let somebody in. Then give them a link, by which they choose a password."""
    with write() as session:
        made = actions.add(session, told.name, told.role, viewer)
        return queries.shown(queries.by_id(session, made))


@router.post("/members/{member_id}/disable")
@allow(ADMINISTER)
def disable_member(member_id: UUID, write: Writing, viewer: Asker) -> MemberOut:
    """Shut a member out at once: their sign-ins, links and tokens end. What they did stays in history."""
    with write() as session:
        actions.disable(session, queries.by_id(session, member_id).name, viewer)
        return _fresh(session, member_id)


@router.post("/members/{member_id}/enable")
@allow(ADMINISTER)
def enable_member(member_id: UUID, write: Writing, viewer: Asker) -> MemberOut:
    """Let a member back in. What was ended stays ended."""
    with write() as session:
        actions.enable(session, queries.by_id(session, member_id).name, viewer)
        return _fresh(session, member_id)


@router.post("/members/{member_id}/role")
@allow(ADMINISTER)
def change_role(member_id: UUID, told: Annotated[RoleBody, Body()], write: Writing, viewer: Asker) -> MemberOut:
    """Give a member another role. Their sign-ins, links and tokens end, so that no old key opens new doors."""
    with write() as session:
        actions.change_role(session, queries.by_id(session, member_id).name, told.role, viewer)
        return _fresh(session, member_id)


@router.post("/members/{member_id}/links", status_code=201)
@allow(ADMINISTER)
def give_link(member_id: UUID, told: Annotated[LinkAsked, Body()], write: Writing, viewer: Asker) -> LinkGiven:
    """A one-use link, for one hour, by which a member chooses a password. The links before it stop working."""
    with write() as session:
        link = one_use.give_link(session, queries.by_id(session, member_id).name, viewer, reset=told.reset)
    return LinkGiven(link=link.secret, path=f"/setup?link={link.secret}", expires_at=link.expires_at)


@router.delete("/members/{member_id}/second-factor")
@allow(ADMINISTER)
def forget_second_factor(member_id: UUID, write: Writing, viewer: Asker) -> MemberOut:
    """For a member who has lost their device: their sign-ins end, and they set up another one."""
    with write() as session:
        actions.forget_second_factor(session, queries.by_id(session, member_id).name, viewer)
        return _fresh(session, member_id)


@router.get("/members/{member_id}/tokens")
@allow(ADMINISTER)
def list_tokens_of(member_id: UUID, session: Reading, viewer: Asker) -> list[Key]:  # noqa: ARG001
    """The tokens of a member by their public part, newest first."""
    return queries.keys(session, queries.by_id(session, member_id).name)


@router.get("/tokens")
@allow(OWN)
def list_tokens(session: Reading, viewer: Asker) -> list[Key]:
    """Your own tokens by their public part, newest first."""
    return queries.keys(session, viewer.name)


@router.post("/tokens", status_code=201)
@allow(OWN)
def create_token(told: Annotated[TokenAsked, Body()], write: Writing, viewer: Asker) -> TokenGiven:
    """Make a token for yourself, that allows no more than your role does; an admin makes one for any member."""
    _check_may_make(told, viewer)
    with write() as session:
        if told.member not in (None, viewer.name):
            _check_may_give(queries.by_name(session, told.member or "").role)
        token = actions.create_token(session, told.member or viewer.name, told.scope, told.days, viewer)
    return TokenGiven(token=token)


@router.delete("/tokens/{public}")
@allow(OWN)
def revoke_token(public: str, write: Writing, viewer: Asker) -> list[Key]:
    """Let a token of yours work no more; an admin revokes any. Answers the tokens you have."""
    with write() as session:
        actions.revoke_token(session, public, viewer, None if _looks_after_keys(viewer) else viewer.name)
        return queries.keys(session, viewer.name)


def _looks_after_keys(viewer: Viewer) -> bool:
    return viewer.role in ADMINISTER.roles and viewer.scope == ADMINISTER.scope


def _check_may_make(told: TokenAsked, viewer: Viewer) -> None:
    """A key that was lost must not beget others, nor one that allows more. Raises Forbidden and Untimely."""
    if _looks_after_keys(viewer):
        return
    if told.member not in (None, viewer.name):
        raise Forbidden("Only an admin makes tokens for others: leave `member` out.")
    if viewer.via != "web":
        raise Untimely("A token does not make tokens: sign in with name and password.")
    if SCOPES.index(told.scope) > SCOPES.index(viewer.scope):
        raise Forbidden(f"Your role does not need such a token: ask for the scope {viewer.scope}.")


def _check_may_give(role: str) -> None:
    """An admin reads no records, nor by the key of one who reads them all. Raises Forbidden."""
    if role in REQUIRED_OF:
        raise Forbidden("Reviewers and admins make their tokens themselves, signed in with their second factor.")


def _fresh(session: Session, which: UUID) -> MemberOut:
    session.expire_all()
    return queries.shown(queries.by_id(session, which))
