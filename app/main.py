"""The whole service on one page."""

import gc
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

from fastapi import FastAPI, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.routing import iter_route_contexts
from fastapi.telemetry import TelemetryConfig
from pydantic import ValidationError
from sqlalchemy import Engine
from sqlalchemy.exc import IntegrityError, OperationalError
from starlette.exceptions import HTTPException
from starlette.middleware.gzip import GZipMiddleware
from starlette.routing import compile_path

from app import __version__
from app.access.limits import Tries
from app.access.policy import OPEN, allow, declared
from app.actions import areas
from app.api import ROUTERS
from app.api.described import describe
from app.api.docs import router as docs
from app.api.headers import Headers
from app.api.ogc import router as ogc
from app.api.operators import router as operators
from app.api.problem import faults_of, problem
from app.api.strict import StrictRoute, Undeclared
from app.api.tiles import router as tiles
from app.errors import WHERE_TO_LOOK, Invalid, Refusal
from app.imports.background import Worker
from app.queries.board import Board
from app.queries.vault import Vault
from app.settings import Settings
from app.upkeep import publication
from app.upkeep.engines import connect, open_vault, provider_of
from app.upkeep.published import Store, open_store
from app.upkeep.replicas import open_replica

# The framework would otherwise look for somebody to tell of every request.
QUIET: TelemetryConfig = {
    "tracing": False, "metrics": False, "logs": False, "operation_spans": False, "auto_configure": False,
}  # fmt: skip
# New objects until young garbage is looked for: a batch of an answer makes as many, and none of them is garbage yet.
SELDOM = 10_000


class Gawah(FastAPI):
    """The service, which describes itself as `describe` does."""

    def openapi(self) -> dict[str, Any]:
        return describe(self)


@asynccontextmanager
async def _working(app: FastAPI) -> AsyncIterator[None]:
    """Jobs are worked on for as long as the service runs."""
    worker: Worker | None = app.state.worker
    if worker is None:
        yield
        return
    worker.start()
    try:
        with _settled():
            yield
    finally:
        await run_in_threadpool(worker.stop)


@contextmanager
def _settled() -> Iterator[None]:
    """What the service is made of stays: to look through all of it for garbage takes an eighth of a whole answer."""
    often = gc.get_threshold()
    gc.collect()
    gc.freeze()
    gc.set_threshold(SELDOM, *often[1:])
    try:
        yield
    finally:
        gc.set_threshold(*often)
        gc.unfreeze()


def create_app(engine: Engine, vault: Vault | None = None, published: Store | None = None) -> FastAPI:
    """`published`: the published store, which is all that the public reads. Raises Undeclared."""
    app = Gawah(title="Gawah", version=__version__, openapi_url=None, telemetry=QUIET, lifespan=_working)
    app.router.route_class = StrictRoute
    app.state.engine = engine
    app.state.tries = Tries()
    app.state.vault = vault
    app.state.board = None
    app.state.worker = None
    app.state.published = published
    app.state.mappings = None
    app.state.forms = None
    app.state.replica = None
    app.state.provider = None
    app.state.swept_on = None
    app.add_middleware(GZipMiddleware, minimum_size=1000, compresslevel=1)
    app.add_middleware(Headers)
    for router in ROUTERS:
        app.include_router(router, prefix="/api/v1")
    app.include_router(operators)
    app.include_router(tiles)
    app.include_router(docs)
    app.include_router(ogc)
    app.add_api_route("/", _welcome, include_in_schema=False)
    for error, answer in HANDLERS.items():
        app.add_exception_handler(error, answer)
    check_declared(app)
    return app


def check_declared(app: FastAPI) -> None:
    """Raises Undeclared for a route by which somebody could come in without a policy."""
    for route in iter_route_contexts(app.routes):
        if declared(route.endpoint) is None:
            raise Undeclared(f"{route.path} declares no policy: put @allow(...) under its decorator.")


def serve_from_settings() -> FastAPI:
    """What each process of several makes for itself."""
    settings = Settings()
    engine = connect(settings)
    return serve_archive(engine, settings)


def serve_archive(engine: Engine, settings: Settings, advance: Callable[[int], None] = lambda _: None) -> FastAPI:
    """The service over an open archive, with all that the settings name. `advance`: see `publication.refill`."""
    areas.keep_up(engine)
    store = open_store(settings, engine)
    publication.refill(store, advance)
    app = create_app(engine, open_vault(settings), store)
    app.state.mappings = settings.mappings_dir
    app.state.forms = settings.data_dir
    app.state.replica = open_replica(settings, engine)
    app.state.provider = provider_of(settings)
    app.state.board = Board(engine, app.state.vault)
    app.state.worker = Worker(app.state.board, settings.mappings_dir)
    return app


@allow(OPEN)
def _welcome() -> dict[str, str]:
    return {
        "name": "Gawah",
        "about": "An archive of alleged human-rights incidents. Every value says who says it.",
        "incidents": "/api/v1/incidents",
        "map": "/api/v1/incidents.geojson",
        "table": "/api/v1/incidents.csv",
        "maps": "/ogc",
        "description": "/openapi.json",
        "docs": "/docs",
    }


def _refuse(_: Request, refusal: Any) -> JSONResponse:
    answer = problem(refusal.status, refusal.title, refusal.detail, refusal.faults)
    answer.headers.update(refusal.headers)
    return answer


def _explain(_: Request, error: Any) -> JSONResponse:
    """What is wrong with a request, field by field, without its values."""
    options = {} if isinstance(error, RequestValidationError) else {"include_url": False, "include_input": False}
    return problem(422, Invalid.title, WHERE_TO_LOOK, faults_of(error.errors(**options)))


def _http(request: Request, error: Any) -> JSONResponse:
    if isinstance(error.__cause__, Refusal):  # raised while the body was read, and wrapped on its way
        return _refuse(request, error.__cause__)
    known = {
        404: ("Not found", "There is nothing at this address."),
        405: ("Not allowed", "This address has no such method."),
    }
    title, detail = known.get(error.status_code, ("Not possible", "The request cannot be answered."))
    answer = problem(error.status_code, title, detail, [])
    if error.status_code == 405:
        answer.headers["Allow"] = ", ".join(sorted(_methods_at(request)))
    return answer


def _methods_at(request: Request) -> set[str]:
    """What can be done at an address; the router knows it of its first route alone."""
    found: set[str] = set()
    for route in iter_route_contexts(request.app.routes):
        if compile_path(str(route.path))[0].fullmatch(request.url.path):
            found |= set(route.methods or ())
    return found


def _taken(_: Request, __: Any) -> JSONResponse:
    return problem(
        409, "Already there", "Something with this id is here already: leave the id out, or use a new one.", []
    )


def _busy(_: Request, __: Any) -> JSONResponse:
    return problem(503, "Busy", "The database does not answer just now: try again in a moment.", [])


HANDLERS: dict[Any, Any] = {
    Refusal: _refuse,
    RequestValidationError: _explain,
    ValidationError: _explain,
    HTTPException: _http,
    IntegrityError: _taken,
    OperationalError: _busy,
}
