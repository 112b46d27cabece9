"""Sign in by another house: there and back."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Body, Request, Response
from fastapi.responses import RedirectResponse
from pydantic import BaseModel, ConfigDict, Field

from app.access import browsers, oidc
from app.access.oidc import Flow, Provider
from app.access.policy import ADMINISTER, OPEN, allow
from app.actions import members
from app.actions import signing_in as actions
from app.api.strict import StrictRoute
from app.depends import Asker, Writing
from app.errors import NotFound, NotSignedIn
from app.queries import members as queries
from app.records.member import MemberOut

router = APIRouter(tags=["Signing in"], route_class=StrictRoute)
BACK = "/api/v1/oidc/return"
WAYS = {307: {"description": "To the provider"}, 303: {"description": "Signed in"}}


class OidcBody(BaseModel):
    """Whom the provider calls so. null for both: nobody signs in by it as this member any more."""

    model_config = ConfigDict(extra="forbid")

    issuer: str | None = Field(max_length=300)
    subject: str | None = Field(max_length=300)


@router.get("/oidc/start", status_code=307, response_class=RedirectResponse, responses={307: WAYS[307]})
@allow(OPEN)
def go_to_provider(request: Request) -> Response:
    """Go to the provider of sign-ins that the operator has named; it sends you back here."""
    cookie, provider, flow = browsers.check_way_is_safe(request), _provider(request), oidc.begin()
    answer = RedirectResponse(oidc.address_to_go(provider, flow, _back(request)), status_code=307)
    answer.headers["Set-Cookie"] = browsers.set_cookie(_flow_cookie(cookie), flow.secret)
    return answer


@router.get("/oidc/return", status_code=303, response_class=RedirectResponse, responses={303: WAYS[303]})
@allow(OPEN)
def come_back(request: Request, write: Writing) -> Response:
    """Come back from the provider: who is known by its issuer and subject is signed in."""
    cookie, provider = browsers.check_way_is_safe(request), _provider(request)
    secret = request.cookies.get(_flow_cookie(cookie))
    if secret is None:
        raise NotSignedIn(oidc.NO_FIT)
    who = oidc.identity(provider, Flow(secret), _back(request), dict(request.query_params))
    with write() as session:
        entered = actions.sign_in_by_provider(session, who)
    if entered is None:
        raise NotSignedIn("Nobody here is known by this sign-in: ask an admin to tie it to you.")
    answer = RedirectResponse("/", status_code=303)
    answer.headers.append("Set-Cookie", browsers.set_cookie(cookie, entered.secret))
    answer.headers.append("Set-Cookie", browsers.drop_cookie(_flow_cookie(cookie)))
    return answer


@router.put("/members/{member_id}/oidc")
@allow(ADMINISTER)
def tie_member(member_id: UUID, told: Annotated[OidcBody, Body()], write: Writing, viewer: Asker) -> MemberOut:
    """Say by which issuer and subject the provider knows a member. Their sign-ins end."""
    with write() as session:
        members.tie(session, member_id, (told.issuer, told.subject), viewer)
        session.expire_all()
        return queries.shown(queries.by_id(session, member_id))


def _provider(request: Request) -> Provider:
    provider: Provider | None = request.app.state.provider
    if provider is None:
        raise NotFound("This archive has no provider of sign-ins: sign in with name and password.")
    return provider


def _back(request: Request) -> str:
    return f"{request.url.scheme}://{request.url.netloc}{BACK}"


def _flow_cookie(cookie: str) -> str:
    """The flow's own cookie, as strict as that of the session."""
    return f"{cookie}-oidc"
