"""Sign in and out, choose a password, set up a second factor, and see where one is signed in."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Body, Request, Response
from pydantic import BaseModel, ConfigDict, Field, SecretStr

from app.access import browsers, passwords, second_factor
from app.access.limits import Tries, peer_of
from app.access.policy import ENTER, OPEN, OWN, allow
from app.access.sessions import SignedIn
from app.actions import signing_in as actions
from app.actions.signing_in import Claim, Entered
from app.api.strict import StrictRoute
from app.db import reading
from app.depends import Asker, Database, Failed, Here, Reading, Writing
from app.errors import Gone, NotSignedIn
from app.queries import members as queries
from app.queries.members import SignIn

router = APIRouter(tags=["Signing in"], route_class=StrictRoute)
# One sentence for a wrong name, a wrong password, a wrong code and a member who is out.
NO_FIT = "Name, password or code do not fit. Codes work once: wait for the next one. Who has lost one asks an admin."
NO_CODE = "This code does not fit. Codes work once: wait for the next one."

Password = Annotated[SecretStr, Field(min_length=1, max_length=passwords.LONGEST)]
Code = Annotated[SecretStr, Field(max_length=40, description="The six digits that your device shows")]
LinkSecret = Annotated[SecretStr, Field(min_length=1, max_length=200, description="What follows `link=`")]


class Told(BaseModel):
    model_config = ConfigDict(extra="forbid")


class SignInBody(Told):
    """Name and password; the code too, once a second factor is set up."""

    name: str = Field(min_length=1, max_length=100)
    password: Password
    code: Code = SecretStr("")


class LinkBody(Told):
    link: LinkSecret


class SetupBody(Told):
    """The link, and the password that you choose."""

    link: LinkSecret
    password: Password


class PasswordBody(Told):
    """The password you have, and the one you choose."""

    old: Password
    new: Password


class CodeBody(Told):
    code: Code


class MaybeCodeBody(Told):
    """A code of the device you have, if you have one already."""

    code: Code = SecretStr("")


class Who(BaseModel):
    """Who asks. `csrf`: send it as X-CSRF with every change; `needs`: what must be set up before anything else."""

    member: str
    role: str
    scope: str
    csrf: str | None = None
    needs: list[str] = []


class Device(BaseModel):
    """What your authenticator app reads: as an address, and as a QR code in a `data:` address. Shown this once."""

    address: str
    picture: str


class Chosen(BaseModel):
    member: str


class Ended(BaseModel):
    ended: int


@router.post("/session")
@allow(OPEN)
def sign_in(
    told: Annotated[SignInBody, Body()], request: Request, response: Response, engine: Database, write: Writing,
    tries: Failed,
) -> Who:  # fmt: skip
    """Sign in. The answer sets a cookie; `csrf` goes with every change, and `needs` says what is to be set up first."""
    cookie = _from_here(request)
    with reading(engine) as session:
        claim = actions.claim(session, told.name)
    claim = _weigh(claim, told.name, told.password, request, tries)
    with write() as session:
        entered = actions.sign_in(session, claim, told.code.get_secret_value(), tries)
    return _enter(entered, cookie, response, NO_FIT)


@router.post("/session/by-link")
@allow(OPEN)
def sign_in_by_link(
    told: Annotated[LinkBody, Body()], request: Request, response: Response, write: Writing, tries: Failed
) -> Who:
    """Sign in to the sample archive by the link that its start shows. It works once."""
    cookie, peer = _from_here(request), _peer(request)
    tries.check("", peer)
    try:
        with write() as session:
            entered = actions.sign_in_by_link(session, told.link.get_secret_value())
    except Gone:
        _note_link(write, tries, peer)
        raise
    return _enter(entered, cookie, response, NO_FIT)


@router.post("/setup")
@allow(OPEN)
def choose_password(
    told: Annotated[SetupBody, Body()], request: Request, engine: Database, write: Writing, tries: Failed
) -> Chosen:
    """Choose a password by a one-use link, then sign in with it. Every sign-in there was ends."""
    _from_here(request)
    peer, link, password = _peer(request), told.link.get_secret_value(), told.password.get_secret_value()
    tries.check("", peer)
    try:
        with reading(engine) as session:
            passwords.check_fit(password, actions.whose_link(session, link))
        with passwords.turn():
            hashed = passwords.hashed(password)
        with write() as session:
            return Chosen(member=actions.use_link(session, link, hashed).name)
    except Gone:
        _note_link(write, tries, peer)
        raise


@router.get("/session")
@allow(ENTER)
def get_session(request: Request, viewer: Asker) -> Who:
    """Who you are here, by a sign-in or by a token."""
    here: SignedIn | None = request.state.here
    return _who(here) if here is not None else Who(member=viewer.name, role=viewer.role, scope=viewer.scope)


@router.delete("/session")
@allow(ENTER)
def sign_out(request: Request, here: Here, response: Response, write: Writing) -> Ended:
    """Sign out here."""
    with write() as session:
        actions.sign_out(session, here.id, here.viewer)
    _drop(request, response)
    return Ended(ended=1)


@router.get("/sessions")
@allow(OWN)
def list_sign_ins(request: Request, session: Reading, viewer: Asker) -> list[SignIn]:
    """Where you are signed in, newest first."""
    here: SignedIn | None = request.state.here
    return queries.sign_ins(session, viewer.name, here.id if here is not None else None)


@router.delete("/sessions")
@allow(ENTER)
def sign_out_everywhere(request: Request, here: Here, response: Response, write: Writing) -> Ended:
    """Sign out everywhere at once, here too."""
    with write() as session:
        ended = actions.sign_out_everywhere(session, here)
    _drop(request, response)
    return Ended(ended=ended)


@router.delete("/sessions/{sign_in_id}")
@allow(ENTER)
def end_sign_in(sign_in_id: UUID, here: Here, write: Writing) -> Ended:
    """Sign out in one place."""
    with write() as session:
        actions.sign_out(session, sign_in_id, here.viewer)
    return Ended(ended=1)


@router.post("/session/password")
@allow(ENTER)
def change_password(
    told: Annotated[PasswordBody, Body()], here: Here, request: Request, response: Response, engine: Database,
    write: Writing, tries: Failed,
) -> Who:  # fmt: skip
    """Choose another password. Every sign-in ends, and a new one begins here."""
    name, new = here.viewer.name, told.new.get_secret_value()
    passwords.check_fit(new, name)
    with reading(engine) as session:
        claim = actions.claim(session, name)
    claim = _weigh(claim, name, told.old, request, tries)
    with passwords.turn():
        hashed = passwords.hashed(new)
    with write() as session:
        entered = actions.change_password(session, claim, hashed)
    return _enter(entered, browsers.check_way_is_safe(request), response, NO_FIT)


@router.post("/session/second-factor")
@allow(ENTER)
def begin_second_factor(
    told: Annotated[MaybeCodeBody, Body()], here: Here, response: Response, write: Writing, tries: Failed
) -> Device:
    """Begin to set up an authenticator app. Whoever has one already sends a code of it, to change to another device."""
    with write() as session:
        secret = actions.begin_second_factor(session, here, told.code.get_secret_value(), tries)
    if secret is None:
        raise NotSignedIn(NO_CODE)
    response.headers["Cache-Control"] = "no-store"
    address = second_factor.address(secret, here.viewer.name)
    return Device(address=address, picture=second_factor.picture(address))


@router.put("/session/second-factor")
@allow(ENTER)
def confirm_second_factor(
    told: Annotated[CodeBody, Body()], here: Here, request: Request, response: Response, write: Writing, tries: Failed
) -> Who:
    """Show a code of the new device: from now on every sign-in needs one. Every sign-in ends, and a new one begins."""
    actions.check_code_shape(told.code.get_secret_value())
    with write() as session:
        entered = actions.confirm_second_factor(session, here, told.code.get_secret_value(), tries)
    return _enter(entered, browsers.check_way_is_safe(request), response, NO_CODE)


def _from_here(request: Request) -> str:
    """The name of the cookie, for a page of ours on a safe way. Raises Invalid and Forbidden."""
    browsers.check_same_origin(request, needed=False)
    return browsers.check_way_is_safe(request)


def _peer(request: Request) -> str:
    return peer_of(request.client.host if request.client is not None else None)


def _weigh(claim: Claim, name: str, password: SecretStr, request: Request, tries: Tries) -> Claim:
    """Weigh a password in turn, so that no more tries are under way than are counted. Raises TooMany."""
    peer = _peer(request)
    with passwords.turn():
        tries.check(name, peer)
        weighed = actions.prove(claim, password.get_secret_value())
        if not weighed.fits:
            tries.failed(name, peer)
    return weighed


def _note_link(write: Writing, tries: Tries, peer: str) -> None:
    tries.failed("", peer)
    with write() as session:
        actions.note_used_up(session)


def _enter(entered: Entered | None, cookie: str, response: Response, refusal: str) -> Who:
    if entered is None:
        raise NotSignedIn(refusal)
    response.headers["Set-Cookie"] = browsers.set_cookie(cookie, entered.secret)
    response.headers["Cache-Control"] = "no-store"
    return _who(entered.here)


def _drop(request: Request, response: Response) -> None:
    response.headers["Set-Cookie"] = browsers.drop_cookie(browsers.check_way_is_safe(request))


def _who(here: SignedIn) -> Who:
    viewer = here.viewer
    needs = ["second_factor"] if here.confined else []
    return Who(member=viewer.name, role=viewer.role, scope=viewer.scope, csrf=here.csrf, needs=needs)
