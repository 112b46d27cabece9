"""/export-links and /shared: one question as an address for Excel, Sheets and QGIS."""

from collections.abc import AsyncIterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID

from anyio import to_thread
from fastapi import APIRouter, Body, Depends, Request, Response
from fastapi.responses import StreamingResponse
from sqlmodel import Session

from app.access.export_links import Shared
from app.access.policy import LINK, OWN, THE_PUBLIC, WRITE, allow
from app.access.viewer import Viewer
from app.actions import export_links as actions
from app.api.downloads import as_file
from app.api.parts_of_files import WHOLE_OR_PART
from app.api.strict import NOTING, StrictRoute
from app.db import writing
from app.depends import Asker, Reading, Writing, engine_of, seen_by
from app.errors import UNKNOWN, WHERE_TO_LOOK, Fault, Invalid, NotFound
from app.exports import FORMATS
from app.queries import export_links as queries
from app.queries.export_links import ExportLinkIn, ExportLinkOut, NewExportLink
from app.queries.filter import IncidentFilter

router = APIRouter(tags=["Export links"], route_class=StrictRoute)
# A secret in an address must not go on from there, nor stay in a cache.
KEPT_CLOSE = {"Referrer-Policy": "no-referrer", "Cache-Control": "no-store", "X-Robots-Tag": "noindex"}
TABLES: dict[int | str, Any] = {200: {"content": {form.media_type.split(";")[0]: {} for form in FORMATS.values()}}}


@dataclass(frozen=True)
class Opened:
    """A link that holds, and the store that it reads: the published one for the public, the archive for partners."""

    shared: Shared
    session: Session


async def _opened(request: Request, secret: str, form: str) -> AsyncIterator[Opened]:
    if request.query_params:
        raise Invalid(WHERE_TO_LOOK, [Fault("query", *UNKNOWN)])
    shared = await to_thread.run_sync(_use, request, secret, form, limiter=NOTING)
    with _store(request, shared.viewer) as session:
        yield Opened(shared, session)


def _store(request: Request, viewer: Viewer) -> AbstractContextManager[Session]:
    if viewer.role == THE_PUBLIC and request.app.state.published is None:
        raise NotFound("Nothing is published yet.")
    return seen_by(request, viewer)


def _use(request: Request, secret: str, form: str) -> Shared:
    with writing(engine_of(request)) as session:
        return actions.use(session, secret, form)


@router.post("/export-links", status_code=201)
@allow(WRITE)
def create_export_link(
    told: Annotated[ExportLinkIn, Body()], write: Writing, viewer: Asker, response: Response
) -> NewExportLink:
    """Make an address that answers one question until a day. It is told this once; a partner's needs a reviewer."""
    with write() as session:
        made, secret = actions.create(session, told, viewer.name, viewer)
    response.headers["Cache-Control"] = "no-store"
    return NewExportLink(**made.model_dump(), address=queries.ADDRESS.format(secret, made.format))


@router.get("/export-links")
@allow(OWN)
def list_export_links(session: Reading, viewer: Asker) -> list[ExportLinkOut]:
    """Your links and whether they work; for an admin those of all, without what they ask. Never an address."""
    return queries.everyones(session, viewer)


@router.post("/export-links/{export_link_id}/revoke")
@allow(OWN)
def revoke_export_link(export_link_id: UUID, write: Writing, viewer: Asker) -> ExportLinkOut:
    """Let a link open nothing any more: your own or, for an admin, anybody's."""
    with write() as session:
        return actions.revoke(session, export_link_id, viewer)


@router.head("/shared/{secret}/incidents.{form}", response_class=Response, responses=TABLES)
@allow(LINK)
def look_at_shared(form: str, opened: Annotated[Opened, Depends(_opened)]) -> Response:  # noqa: ARG001
    """What a spreadsheet asks first: whether there is something, and what."""
    return Response(media_type=FORMATS[form].media_type, headers=KEPT_CLOSE)


@router.get("/shared/{secret}/incidents.{form}", response_class=StreamingResponse, responses=TABLES | WHOLE_OR_PART)
@allow(LINK)
def read_shared(request: Request, form: str, opened: Annotated[Opened, Depends(_opened)]) -> Response:
    """The answer to the one question of an export link, for whoever has its address."""
    question = IncidentFilter.model_validate(opened.shared.question)
    answer = as_file(request, FORMATS[form], question, opened.session, opened.shared.viewer)
    answer.headers.update(KEPT_CLOSE)
    return answer
