"""/changes: what became of the incidents since you last asked, as pages and as a feed."""

from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from app.access.policy import READ, THE_PUBLIC, WORDS, allow
from app.api.strict import StrictRoute
from app.depends import Asker, PublicReading, Reading
from app.exports import atom
from app.queries import changes, public_changes
from app.queries.cursors import ChangesPage
from app.records.change import Changes

router = APIRouter(tags=["Changes"], route_class=StrictRoute)
ADDRESS = "/api/v1/changes.atom"


class FeedPage(BaseModel):
    """Which part of the feed."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    before: str | None = Field(None, max_length=200, description="Taken from the link `next` of the part before")


@router.get("/changes")
@allow(READ)
def list_changes(asked: Annotated[ChangesPage, Query()], session: Reading, viewer: Asker) -> Changes:
    """What is new, changed, withdrawn, redirected or erased, oldest first. Keep `next` and come back with it."""
    if viewer.role == THE_PUBLIC:
        return public_changes.page(session, asked)
    return changes.page(session, asked, viewer)


@router.get("/changes.atom", response_class=Response, responses={200: {"content": {atom.MEDIA_TYPE: {}}}})
@allow(WORDS)
def read_feed(asked: Annotated[FeedPage, Query()], session: PublicReading, viewer: Asker) -> Response:  # noqa: ARG001
    """What was published last, as a feed (Atom): the same for everybody."""
    entries, older = public_changes.newest(session, asked.before)
    mine, after = (ADDRESS + (f"?{urlencode({'before': mark})}" if mark else "") for mark in (asked.before, older))
    told = atom.feed(entries, public_changes.name_of_log(session), mine, after if older else None)
    return Response(told, media_type=atom.MEDIA_TYPE)
