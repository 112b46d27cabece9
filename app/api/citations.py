"""References for Zotero and its kin: out for sources and for the answer to a question, and in."""

from collections.abc import Callable, Iterable
from typing import Annotated, Any
from uuid import UUID

import orjson
from fastapi import APIRouter, Query, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, ConfigDict, Field

from app.access.policy import READ, WRITE, allow
from app.access.viewer import check_may_write
from app.actions.sources import enter_sources
from app.api.imports import LARGEST, SHOWN
from app.api.strict import StrictRoute
from app.db import now
from app.depends import Asker, Database, Reading, Writing
from app.errors import TooLarge
from app.exports import CITATIONS, CitationFormat
from app.exports.citations import reference
from app.imports import citations as imports
from app.queries import catalogue, cited, one
from app.queries.catalogue import SourceFilter
from app.queries.filter import IncidentFilter
from app.records.source import SourceIn, SourceOut

router = APIRouter(tags=["Citations"], route_class=StrictRoute)
FILES = {"requestBody": {"content": {form.media_type: {} for form in CITATIONS.values()}, "required": True}}


class Citation(BaseModel):
    """One source to be copied: as a line of text, and as an entry of each kind of library."""

    id: UUID
    text: str
    csljson: dict[str, Any]
    ris: str
    bib: str


class LibraryAsked(BaseModel):
    """How a library is to be taken in."""

    model_config = ConfigDict(extra="forbid")

    format: str | None = Field(None, max_length=40, description="csljson, ris or bib; found from the text without")
    name: str = Field("library", max_length=300, description="What the file is called")
    dry_run: bool = Field(False, description="Only check; nothing is written")
    keep_good: bool = Field(False, description="Enter the good entries though others are refused")


def _file(form: CitationFormat, sources: Iterable[SourceOut]) -> StreamingResponse:
    headers = {
        "Content-Disposition": f'attachment; filename="sources-{now():%Y-%m-%d}.{form.ending}"',
        "X-Content-Type-Options": "nosniff",
    }
    return StreamingResponse(form.write(sources), media_type=f"{form.media_type}; charset=utf-8", headers=headers)


def _of_sources(form: CitationFormat) -> Callable[..., StreamingResponse]:
    @allow(READ)
    def download(asked: Annotated[SourceFilter, Query()], session: Reading, viewer: Asker) -> StreamingResponse:
        return _file(form, cited.stream(session, asked, viewer))

    return download


def _of_incidents(form: CitationFormat) -> Callable[..., StreamingResponse]:
    @allow(READ)
    def download(question: Annotated[IncidentFilter, Query()], session: Reading, viewer: Asker) -> StreamingResponse:
        return _file(form, cited.stream(session, question, viewer))

    return download


def _of_one(form: CitationFormat) -> Callable[..., StreamingResponse]:
    @allow(READ)
    def download(source_id: UUID, session: Reading, viewer: Asker) -> StreamingResponse:
        return _file(form, [catalogue.source(session, source_id, viewer)])

    return download


DOORS = (
    ("/sources", _of_sources, "All sources", "The same filters as GET /sources, without pages."),
    ("/incidents", _of_incidents, "The sources of all answers", "What the incidents that answer cite, each once."),
    ("/sources/{source_id}", _of_one, "One source", "For a reference manager."),
)
for _path, _make, _what, _more in DOORS:
    for _name, _form in CITATIONS.items():
        router.add_api_route(
            f"{_path}.{_name}",
            _make(_form),
            methods=["GET"],
            name=f"cite{_path.replace('/', '_').strip('{}')}_{_name}",
            summary=f"{_what} as {_name}",
            description=f"{_form.about}. {_more}",
            response_class=StreamingResponse,
            responses={200: {"content": {_form.media_type: {}}}},
        )


@router.get("/sources/{source_id}/citation")
@allow(READ)
def get_citation(source_id: UUID, session: Reading, viewer: Asker) -> Citation:
    """One source to be copied into a text or a library."""
    return _citation(catalogue.source(session, source_id, viewer))


@router.get("/incidents/{which}/citations")
@allow(READ)
def list_citations(which: str, session: Reading, viewer: Asker) -> list[Citation]:
    """The sources of one incident, each once, in the order of its accounts."""
    incident = one.find(session, which, viewer)
    return [_citation(source) for source in cited.of_incident(session, incident, viewer)]


def _citation(source: SourceOut) -> Citation:
    written = {name: b"".join(form.write([source])) for name, form in CITATIONS.items()}
    (item,) = orjson.loads(written["csljson"])
    ris, bib = written["ris"].decode(), written["bib"].decode()
    return Citation(id=source.id, text=reference(source), csljson=item, ris=ris, bib=bib)


@router.post("/sources", status_code=201, tags=["Sources"])
@allow(WRITE)
def enter_source(told: SourceIn, write: Writing, viewer: Asker, response: Response) -> SourceOut:
    """Put a source on record before any incident cites it. The very same one again is the one that is here."""
    with write() as session:
        (kept,) = enter_sources(session, [told], viewer)
        shown = catalogue.as_entered(session, kept.id, viewer)
    response.status_code = 201 if kept.new else 200
    response.headers["Location"] = f"/api/v1/sources/{kept.id}"
    return shown


@router.post("/sources/import", tags=["Sources"], openapi_extra=FILES)
@allow(WRITE)
async def import_sources(
    request: Request, asked: Annotated[LibraryAsked, Query()], database: Database, viewer: Asker
) -> dict[str, Any]:
    """Send a library of references as the body. All of it is entered or, when an entry is refused, nothing.

    What is here already stays as it is. `POST /imports/{batch}/undo` takes back what no incident has cited since.
    """
    check_may_write(viewer)
    raw = await _body(request)
    return await run_in_threadpool(_take, raw, asked, database, viewer)


async def _body(request: Request) -> bytes:
    raw = bytearray()
    async for piece in request.stream():
        raw += piece
        if len(raw) > LARGEST:
            raise TooLarge("The file is larger than 25 MiB: use `gawah import` on the server.")
    return bytes(raw)


def _take(raw: bytes, asked: LibraryAsked, database: Database, viewer: Asker) -> dict[str, Any]:
    library = imports.library_of(raw, asked.name, asked.format)
    delivery = imports.Delivery(raw, library, asked.name, asked.dry_run, asked.keep_good)
    outcome = imports.take(database, delivery, viewer).as_json()
    return outcome | {"errors": outcome["errors"][:SHOWN], "notes": outcome["notes"][:SHOWN]}
