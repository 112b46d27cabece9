"""What routes ask for: Reading, Writing, Asker, IfMatch."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import Annotated

from fastapi import Depends, Header, Request
from sqlalchemy import Engine
from sqlmodel import Session

from app.access import tokens
from app.access.viewer import Viewer
from app.db import reading, writing
from app.errors import Fault, Invalid, Unauthorised
from app.queries.vault import Vault

GUEST = Viewer("visitor", role="viewer", scope="read")
SAFE = frozenset({"GET", "HEAD"})


def engine_of(request: Request) -> Engine:
    engine: Engine = request.app.state.engine
    return engine


def vault_of(request: Request) -> Vault:
    vault: Vault = request.app.state.vault
    return vault


def _reading(request: Request) -> Iterator[Session]:
    with reading(engine_of(request)) as session:
        yield session


def _writing(request: Request) -> Callable[[], AbstractContextManager[Session]]:
    """The route opens the session itself, on its own thread.

    Were it opened here, writers that wait for their turn could hold every thread while the one whose turn it is has
    none to go on with.
    """
    return lambda: writing(engine_of(request))


def _asker(request: Request, authorization: Annotated[str | None, Header()] = None) -> Viewer:
    """The holder of the token. Without one: a guest, and only to read the sample archive on this machine."""
    if "\0" in request.url.path or "%00" in request.url.query:
        raise Invalid("The address holds the character NUL.", [Fault("address", "NUL", "leave it out")])
    if authorization is None:
        if request.app.state.open_to_guests and request.method in SAFE:
            return GUEST
        raise Unauthorised("Send a token: Authorization: Bearer gwh_... (make one with `gawah token create`).")
    scheme, _, token = authorization.partition(" ")
    with reading(engine_of(request)) as session:
        viewer = tokens.holder(session, token.strip()) if scheme.lower() == "bearer" else None
    if viewer is None:
        raise Unauthorised("This token is not valid (any more): make a new one with `gawah token create`.")
    return viewer


Reading = Annotated[Session, Depends(_reading)]
Writing = Annotated[Callable[[], AbstractContextManager[Session]], Depends(_writing)]
Asker = Annotated[Viewer, Depends(_asker)]
Database = Annotated[Engine, Depends(engine_of)]
Files = Annotated[Vault, Depends(vault_of)]
IfMatch = Annotated[str | None, Header(description="The ETag of the version you saw")]
