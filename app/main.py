"""The whole service on one page."""

from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.routing import iter_route_contexts
from pydantic import ValidationError
from sqlalchemy import Engine
from sqlalchemy.exc import IntegrityError, OperationalError
from starlette.exceptions import HTTPException
from starlette.middleware.gzip import GZipMiddleware

from app import __version__
from app.access.policy import OPEN, allow, declared
from app.api import ROUTERS
from app.api.operators import router as operators
from app.api.strict import StrictRoute, Undeclared
from app.errors import UNKNOWN, WHERE_TO_LOOK, Fault, Invalid, Refusal
from app.queries.vault import Vault
from app.settings import Settings
from app.upkeep.engines import connect, open_vault

ABOUT = (
    "The witness: an archive of **alleged** human-rights incidents in which every value says who says it. "
    "Nothing here is a finding; everything is according to the sources it names."
)
PROBLEM = "application/problem+json"


def create_app(engine: Engine, vault: Vault | None = None, published: Engine | None = None) -> FastAPI:
    """`published`: the published store, which is all that the public reads. Raises Undeclared."""
    app = FastAPI(title="Gawah", version=__version__, description=ABOUT, docs_url=None, redoc_url=None)
    app.router.route_class = StrictRoute
    app.state.engine = engine
    app.state.vault = vault
    app.state.published = published
    app.add_middleware(GZipMiddleware, minimum_size=1000, compresslevel=1)
    for router in ROUTERS:
        app.include_router(router, prefix="/api/v1")
    app.include_router(operators)
    app.add_api_route("/", _welcome, include_in_schema=False)
    for error, answer in HANDLERS.items():
        app.add_exception_handler(error, answer)
    check_declared(app)
    return app


def check_declared(app: FastAPI) -> None:
    """Raises Undeclared for a route by which somebody could come in without a policy."""
    for route in iter_route_contexts(app.routes):
        if route.path != app.openapi_url and declared(route.endpoint) is None:
            raise Undeclared(f"{route.path} declares no policy: put @allow(...) under its decorator.")


def serve_from_settings() -> FastAPI:
    """What each process of several makes for itself."""
    settings = Settings()
    engine = connect(settings)
    return create_app(engine, open_vault(settings))


@allow(OPEN)
def _welcome() -> dict[str, str]:
    return {
        "name": "Gawah",
        "about": "An archive of alleged human-rights incidents. Every value says who says it.",
        "incidents": "/api/v1/incidents",
        "map": "/api/v1/incidents.geojson",
        "table": "/api/v1/incidents.csv",
        "description": "/openapi.json",
    }


def problem(status: int, title: str, detail: str, faults: list[Fault]) -> JSONResponse:
    """An error as RFC 9457 has it. It never holds what was sent."""
    body = {
        "type": "about:blank",
        "title": title,
        "status": status,
        "detail": detail,
        "errors": [fault.as_json() for fault in faults],
    }
    headers = {"WWW-Authenticate": "Bearer"} if status == 401 else None
    return JSONResponse(body, status, media_type=PROBLEM, headers=headers)


def _refuse(_: Request, refusal: Any) -> JSONResponse:
    return problem(refusal.status, refusal.title, refusal.detail, refusal.faults)


def _explain(_: Request, error: Any) -> JSONResponse:
    """What is wrong with a request, field by field, without its values."""
    options = {} if isinstance(error, RequestValidationError) else {"include_url": False, "include_input": False}
    faults = [_fault(found) for found in error.errors(**options)]
    return problem(422, Invalid.title, WHERE_TO_LOOK, faults)


def _fault(found: dict[str, Any]) -> Fault:
    where = ".".join(str(part) for part in found["loc"] if part not in ("body", "query", "path", "header"))
    if found["type"] == "extra_forbidden":
        return Fault(_own(where, found), *UNKNOWN)
    return Fault(where or "body", str(found["msg"]).removeprefix("Value error, "))


def _own(where: str, found: dict[str, Any]) -> str:
    """An unknown name came from outside: only its place is said, not the name."""
    return "query" if found["loc"][0] == "query" else ".".join(where.split(".")[:-1]) or "body"


def _http(request: Request, error: Any) -> JSONResponse:
    if isinstance(error.__cause__, Refusal):  # raised while the body was read, and wrapped on its way
        return _refuse(request, error.__cause__)
    known = {
        404: ("Not found", "There is nothing at this address."),
        405: ("Not allowed", "This address has no such method."),
    }
    title, detail = known.get(error.status_code, ("Not possible", "The request cannot be answered."))
    return problem(error.status_code, title, detail, [])


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
