"""What routes ask for: Reading, Writing, Asker, IfMatch."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Annotated

from fastapi import Depends, Header, Request
from sqlalchemy import Engine
from sqlmodel import Session

from app.access import browsers, sessions, tokens
from app.access.limits import Tries
from app.access.policy import THE_PUBLIC, Policy
from app.access.sessions import SignedIn
from app.access.viewer import OUTSIDER, Viewer, check_allowed
from app.access.wall import guarded, unguarded
from app.actions import reads
from app.actions.sharing import writing_together
from app.db import now, reading, reading_once, whole, writing, writing_if_free
from app.errors import Fault, Forbidden, Invalid, NoKey, NotBegun, NotFound, NotSignedIn, Unauthorised, Untimely
from app.queries.board import Board
from app.queries.vault import Vault
from app.upkeep import publication
from app.upkeep.published import Store
from app.upkeep.replicas import Mark, Replica


def engine_of(request: Request) -> Engine:
    engine: Engine = request.app.state.engine
    return engine


def vault_of(request: Request) -> Vault:
    vault: Vault = request.app.state.vault
    return vault


def board_of(request: Request) -> Board:
    """Where the jobs of this archive stand; opened at the first question. Raises NoKey without a vault."""
    state = request.app.state
    engine, vault = engine_of(request), vault_of(request)
    board: Board | None = state.board
    if vault is None:
        raise NoKey("This archive has no place for uploads, so it takes no jobs.")
    if board is None or (board.archive, board.vault) != (engine, vault):
        if board is not None:
            board.close()
        board = state.board = Board(engine, vault)
    return board


def _jobs(request: Request) -> Iterator[Session]:
    """What somebody may see of the jobs, also while an import holds the archive."""
    with guarded(board_of(request).engine, request.state.viewer) as session:
        yield session


def store_of(request: Request) -> Store:
    """The published store. Raises Unauthorised where there is none."""
    store: Store | None = request.app.state.published
    if store is None:
        raise _nobody()
    return store


def published_of(request: Request) -> Engine:
    """What the public reads: the published store alone, without what may not stay in it from today on."""
    store, today = store_of(request), now().date()
    if request.app.state.swept_on != (store, today):
        publication.catch_up(engine_of(request), store, today)
        request.app.state.swept_on = (store, today)
        request.state.mark = None  # this request reads on the primary, where it has just swept
    return store.engine


def replica_of(request: Request) -> Replica | None:
    replica: Replica | None = request.app.state.replica
    return replica


def seen_by(
    request: Request, viewer: Viewer, *, of: Callable[[Engine], Engine] = lambda engine: engine
) -> AbstractContextManager[Session]:
    """What somebody may read: on the standby, if it shows what the primary showed as they came in; else on the primary.

    Whoever is about to change something reads where they write. `of`: how the engine is used.
    """
    public = viewer.role == THE_PUBLIC
    engine = published_of(request) if public else engine_of(request)
    replica = replica_of(request)
    if replica is not None and request.method in browsers.SAFE and replica.has(_mark(request, replica)):
        engine = replica.published if public else replica.working
    return unguarded(of(engine)) if public else guarded(of(engine), viewer)


def _mark(request: Request, replica: Replica) -> Mark | None:
    """Taken at the door, so that the standby need not wait for the line that history keeps of this very read."""
    if not hasattr(request.state, "mark"):
        request.state.mark = replica.mark()
    mark: Mark | None = request.state.mark
    return mark


def mappings_of(request: Request) -> Path | None:
    """The folder of the mappings that the archive keeps; None where it keeps none."""
    folder: Path | None = getattr(request.app.state, "mappings", None)
    return folder


def forms_of(request: Request) -> Path | None:
    """The folder with the list of kept forms; None where there is none."""
    folder: Path | None = request.app.state.forms
    return folder


def _reading(request: Request) -> Iterator[Session]:
    viewer: Viewer | None = request.state.viewer
    opened = reading(engine_of(request)) if viewer is None else seen_by(request, viewer)
    with opened as session:
        yield session


def _reading_whole(request: Request) -> Iterator[Session]:
    """For an answer with all there is."""
    with seen_by(request, request.state.viewer, of=whole) as session:
        yield session


def _public_reading(request: Request) -> Iterator[Session]:
    if request.app.state.published is None:
        raise NotFound("Nothing is published yet.")
    with reading(published_of(request)) as session:
        yield session


async def _opening(request: Request) -> Callable[[], AbstractContextManager[Session]]:
    """The route opens the session itself, on its own thread: opened and closed here, it would take three more."""
    viewer: Viewer | None = request.state.viewer
    return lambda: reading(engine_of(request)) if viewer is None else seen_by(request, viewer)


async def _writing(request: Request) -> Callable[[], AbstractContextManager[Session]]:
    """The route opens the session itself, on its own thread.

    Were it opened here, writers that wait for their turn could hold every thread while the one whose turn it is has
    none to go on with.
    """
    engine, store = engine_of(request), request.app.state.published
    return lambda: publication.minded(writing(engine), engine, store)


async def _writing_briefly(request: Request) -> Callable[[], AbstractContextManager[Session]]:
    """The same for what takes milliseconds: those who come at once share a commit, and wait for one another."""
    engine, store = engine_of(request), request.app.state.published
    return lambda: publication.minded(writing_together(engine), engine, store)


def admit(request: Request, policy: Policy) -> None:
    """Let somebody in at a door, or not: before a word of the body is read. Raises Unauthorised and Forbidden."""
    if "\0" in request.url.path or "%00" in request.url.query:
        raise Invalid("The address holds the character NUL.", [Fault("address", "NUL", "leave it out")])
    request.state.viewer = request.state.here = None
    _check_begun(request)
    if policy.anonymous == "open":
        return
    viewer = _who(request)
    if viewer is None:
        if policy.anonymous != "published" or request.method not in browsers.SAFE:
            raise _nobody()
        published_of(request)
        viewer = OUTSIDER
    else:
        _check_proven(policy, request.state.here)
        check_allowed(policy, viewer)
    request.state.viewer = viewer
    replica = replica_of(request)
    if replica is not None and request.method in browsers.SAFE:
        _mark(request, replica)


def about_to_read(request: Request, policy: Policy, route: str) -> reads.Asked | None:
    """What history must say of a request before it is answered; None when nothing. `route`: the template it matched."""
    if request.method not in browsers.SAFE:  # what is done leaves a line of its own
        return None
    filters = {name: request.query_params.getlist(name) for name in request.query_params}
    asked = reads.Asked(route, request.path_params, filters)
    return asked if reads.is_noted(policy, asked, request.state.viewer) else None


def note_read(request: Request, asked: reads.Asked) -> None:
    """Write down who reads what. Raises NotNoted."""
    reads.note(engine_of(request), asked, request.state.viewer)


def _who(request: Request) -> Viewer | None:
    """The member whose token or cookie comes with a request; None when none does.

    Raises Unauthorised for one that is no key (any more), Invalid for two at once, Forbidden for a foreign page.
    """
    authorization = request.headers.get("Authorization")
    name = browsers.cookie_name(request)
    secret = request.cookies.get(name) if name is not None else None
    if authorization is not None and secret is not None:
        fault = Fault("Authorization", "a token beside the cookie of a sign-in", "send one of the two")
        raise Invalid("Two keys came at once.", [fault])
    if name is not None and secret is not None:
        return _signed_in(request, name, secret).viewer
    return None if authorization is None else _bearer(request, authorization)


def _bearer(request: Request, authorization: str) -> Viewer:
    scheme, _, token = authorization.partition(" ")
    with reading_once(engine_of(request)) as connection:
        viewer = tokens.holder(connection, token.strip()) if scheme.lower() == "bearer" else None
    if viewer is None:
        raise Unauthorised("This token is not valid (any more): make a new one with `gawah token create`.")
    return viewer


def _signed_in(request: Request, name: str, secret: str) -> SignedIn:
    with reading(engine_of(request)) as session:
        here = sessions.holder(session, secret)
    if here is None:
        refusal = NotSignedIn("You are signed out: sign in again.")
        refusal.headers = {"Set-Cookie": browsers.drop_cookie(name)}
        raise refusal
    browsers.check_page_is_ours(request, here.csrf)
    if here.is_stale:
        with writing_if_free(engine_of(request)) as free:
            if free is not None:
                sessions.note_seen(free, here.id)
    request.state.here = here
    return here


def _check_proven(policy: Policy, here: SignedIn | None) -> None:
    """Raises Forbidden for a sign-in that must first set up a second factor."""
    if here is not None and here.confined and not policy.unproven:
        raise Forbidden(
            "Your role needs a second factor: set it up first, with POST and PUT /api/v1/session/second-factor."
        )


def _check_begun(request: Request) -> None:
    """Raises NotBegun for somebody's own archive that has no admin; only the sign of life is given there."""
    engine: Engine | None = request.app.state.engine
    if engine is None or request.url.path == "/healthz" or getattr(request.app.state, "begun", None) is engine:
        return
    with reading(engine) as session:
        if sessions.lacks_an_admin(session):
            raise NotBegun("This archive has no admin yet: make one with `gawah member add NAME --role admin`.")
    request.app.state.begun = engine


def _nobody() -> Unauthorised:
    return Unauthorised("Send a token: Authorization: Bearer gwh_... (make one with `gawah token create`).")


# What only hands on something is asked for on the loop (`async`): a thread for it would cost more than it does.
async def _asker(request: Request) -> Viewer:
    """Whom `admit` has let in."""
    viewer: Viewer = request.state.viewer
    return viewer


async def _here(request: Request) -> SignedIn:
    """The sign-in that asks. Raises Untimely for a token: what is done here is for people."""
    here: SignedIn | None = request.state.here
    if here is None:
        raise Untimely("This is for a sign-in with name and password, not for a token.")
    return here


async def _tries_of(request: Request) -> Tries:
    tries: Tries = request.app.state.tries
    return tries


Reading = Annotated[Session, Depends(_reading)]
ReadingWhole = Annotated[Session, Depends(_reading_whole)]
# The same for the answers that are asked for most.
Opening = Annotated[Callable[[], AbstractContextManager[Session]], Depends(_opening)]
# The published store, whoever asks.
PublicReading = Annotated[Session, Depends(_public_reading)]
Writing = Annotated[Callable[[], AbstractContextManager[Session]], Depends(_writing)]
WritingBriefly = Annotated[Callable[[], AbstractContextManager[Session]], Depends(_writing_briefly)]
Asker = Annotated[Viewer, Depends(_asker)]
Here = Annotated[SignedIn, Depends(_here)]
Failed = Annotated[Tries, Depends(_tries_of)]
Database = Annotated[Engine, Depends(engine_of)]
Files = Annotated[Vault, Depends(vault_of)]
Public = Annotated[Store, Depends(store_of)]
Forms = Annotated[Path | None, Depends(forms_of)]
Kept = Annotated[Path | None, Depends(mappings_of)]
Jobs = Annotated[Board, Depends(board_of)]
ReadingJobs = Annotated[Session, Depends(_jobs)]
Standby = Annotated[Replica | None, Depends(replica_of)]
IfMatch = Annotated[str | None, Header(description="The ETag of the version you saw")]
