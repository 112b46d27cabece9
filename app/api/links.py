"""Links between incidents."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Body

from app.access.policy import READ, WRITE, allow
from app.actions import links as actions
from app.api.strict import StrictRoute
from app.depends import Asker, Reading, Writing
from app.queries import links as queries
from app.queries import one
from app.records.incident import Why
from app.records.link import LinkIn, LinkOut

router = APIRouter(tags=["Links"], route_class=StrictRoute)


@router.get("/incidents/{which}/links")
@allow(READ)
def list_links(which: str, session: Reading, viewer: Asker) -> list[LinkOut]:
    """What an incident is tied to, read from its side: to and from the incidents that you may see."""
    return queries.of_incident(session, one.find(session, which, viewer).pk, viewer)


@router.post("/incidents/{incident_id}/links", status_code=201)
@allow(WRITE)
def link_incident(incident_id: UUID, told: Annotated[LinkIn, Body()], write: Writing, viewer: Asker) -> LinkOut:
    """Tie an incident to another: `kind` is read from this one to the other. A duplicate does not lead there by it."""
    with write() as session:
        made = actions.link(session, incident_id, told, viewer)
        shown = queries.of_incident(session, one.find(session, str(incident_id), viewer).pk, viewer)
    return next(link for link in shown if link.id == made)


@router.post("/links/{link_id}/revoke", status_code=204)
@allow(WRITE)
def revoke_link(link_id: UUID, why: Why, write: Writing, viewer: Asker) -> None:
    """Take a link back, for a reason. That it stood stays in history."""
    with write() as session:
        actions.revoke(session, link_id, why.reason, viewer)
