"""Sources, and the words of the vocabularies."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Body, Query, Response
from fastapi.responses import StreamingResponse
from pydantic import BaseModel

from app.access.policy import READ, WORDS, WRITE, allow
from app.actions import sources
from app.api.strict import StrictRoute
from app.depends import Asker, IfMatch, Reading, Writing
from app.errors import NotFound
from app.exports import field_form
from app.exports.workbook import MEDIA_TYPE
from app.queries import catalogue, history
from app.queries.catalogue import SourcePage
from app.records.source import SourceChange, SourceOut
from app.vocabulary import word

router = APIRouter(route_class=StrictRoute)


class Sources(BaseModel):
    items: list[SourceOut]
    total: int
    next: UUID | None


class WordOut(BaseModel):
    """One word: its code, labels by language, definition, and what other recorders call it."""

    code: str
    label: dict[str, str]
    definition: str
    family: str | None
    law: list[str]
    crosswalk: dict[str, list[Any]]
    traits: dict[str, Any]


@router.get("/sources", tags=["Sources"])
@allow(READ)
def list_sources(asked: Annotated[SourcePage, Query()], session: Reading, viewer: Asker) -> Sources:
    """Sources by words of their title, author and publication, or by address."""
    items, total = catalogue.sources(session, asked, viewer)
    return Sources(items=items, total=total, next=items[-1].id if len(items) == asked.limit else None)


@router.get("/sources/{source_id}", tags=["Sources"])
@allow(READ)
def get_source(source_id: UUID, session: Reading, viewer: Asker, response: Response) -> SourceOut:
    """One source with its publication and citation."""
    shown = catalogue.source(session, source_id, viewer)
    response.headers["ETag"] = history.etag(session, source_id)
    return shown


@router.patch("/sources/{source_id}", tags=["Sources"])
@allow(WRITE)
def amend_source(
    source_id: UUID, change: Annotated[SourceChange, Body()], write: Writing, viewer: Asker, response: Response,
    if_match: IfMatch = None,
) -> SourceOut:  # fmt: skip
    """Say anew how a source is to be taken, for a reason. To lower its sensitivity takes a reviewer and consent."""
    with write() as session:
        sources.amend(session, source_id, change, if_match, viewer)
        response.headers["ETag"] = history.etag(session, source_id)
        return catalogue.as_entered(session, source_id, viewer)


@router.get("/vocabularies", tags=["Words and places"])
@allow(WORDS)
def list_vocabularies(viewer: Asker) -> dict[str, list[str]]:  # noqa: ARG001
    """The vocabularies and their codes."""
    return {name: list(word.vocabulary(name)) for name in word.names()}


@router.get("/vocabularies/{name}", tags=["Words and places"])
@allow(WORDS)
def get_vocabulary(name: str, viewer: Asker) -> list[WordOut]:  # noqa: ARG001
    """The words of one vocabulary, with labels in every language we have, definitions and crosswalks."""
    if name not in word.names():
        raise NotFound("There is no such vocabulary: see /api/v1/vocabularies.")
    return [WordOut.model_validate(w, from_attributes=True) for w in word.vocabulary(name).values()]


@router.get(
    "/field-form.xlsx",
    tags=["Words and places"],
    response_class=StreamingResponse,
    responses={200: {"content": {MEDIA_TYPE: {}}}},
)
@allow(WORDS)
def download_field_form(viewer: Asker) -> StreamingResponse:  # noqa: ARG001
    """The form for the field, as an XLSForm for KoboToolbox and ODK, in English and Urdu."""
    headers = {"Content-Disposition": f'attachment; filename="{field_form.FILE}"', "Content-Encoding": "identity"}
    return StreamingResponse(field_form.xlsform(), media_type=MEDIA_TYPE, headers=headers)
