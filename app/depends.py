"""What routes ask for: Reading, Writing, Asker, IfMatch."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import Annotated

from fastapi import Depends, Header, Request
from sqlalchemy import Engine
from sqlmodel import Session

from app.access import tokens
from app.access.policy import THE_PUBLIC, Policy
from app.access.viewer import Viewer, check_allowed
from app.db import reading, writing
from app.errors import Fault, Invalid, Unauthorised
from app.queries.vault import Vault

OUTSIDER = Viewer("the public", role=THE_PUBLIC, scope="read")
SAFE = frozenset({"GET", "HEAD"})


def engine_of(request: Request) -> Engine:
    engine: Engine = request.app.state.engine
    return engine


def vault_of(request: Request) -> Vault:
    vault: Vault = request.app.state.vault
    return vault


def published_of(request: Request) -> Engine:
    """The published store, which is all that the public reads."""
    engine: Engine | None = request.app.state.published
    if engine is None:
        raise _nobody()
    return engine


def _reading(request: Request) -> Iterator[Session]:
    viewer: Viewer | None = request.state.viewer
    outside = viewer is not None and viewer.role == THE_PUBLIC
    with reading(published_of(request) if outside else engine_of(request)) as session:
        yield session


def _writing(request: Request) -> Callable[[], AbstractContextManager[Session]]:
    """The route opens the session itself, on its own thread.

    Were it opened here, writers that wait for their turn could hold every thread while the one whose turn it is has
    none to go on with.
    """
    return lambda: writing(engine_of(request))


def admit(request: Request, policy: Policy) -> None:
    """Let somebody in at a door, or not: before a word of the body is read. Raises Unauthorised and Forbidden."""
    if "\0" in request.url.path or "%00" in request.url.query:
        raise Invalid("The address holds the character NUL.", [Fault("address", "NUL", "leave it out")])
    request.state.viewer = None
    if policy.anonymous == "open":
        return
    viewer = _who(request)
    if viewer is None:
        if policy.anonymous != "published" or request.method not in SAFE:
            raise _nobody()
        published_of(request)
        viewer = OUTSIDER
    else:
        check_allowed(policy, viewer)
    request.state.viewer = viewer


def _who(request: Request) -> Viewer | None:
    """The member whose token comes with a request; None when none does. Raises Unauthorised for one that is no key."""
    authorization = request.headers.get("Authorization")
    if authorization is None:
        return None
    scheme, _, token = authorization.partition(" ")
    with reading(engine_of(request)) as session:
        viewer = tokens.holder(session, token.strip()) if scheme.lower() == "bearer" else None
    if viewer is None:
        raise Unauthorised("This token is not valid (any more): make a new one with `gawah token create`.")
    return viewer


def _nobody() -> Unauthorised:
    return Unauthorised("Send a token: Authorization: Bearer gwh_... (make one with `gawah token create`).")


def _asker(request: Request) -> Viewer:
    """Whom `admit` has let in."""
    viewer: Viewer = request.state.viewer
    return viewer


Reading = Annotated[Session, Depends(_reading)]
Writing = Annotated[Callable[[], AbstractContextManager[Session]], Depends(_writing)]
Asker = Annotated[Viewer, Depends(_asker)]
Database = Annotated[Engine, Depends(engine_of)]
Files = Annotated[Vault, Depends(vault_of)]
IfMatch = Annotated[str | None, Header(description="The ETag of the version you saw")]
