"""Review: moves between stages, verification, comments, assignment, and what waits for whom."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Body, Response

from app.access.policy import WORK, WRITE, allow
from app.actions import reviews as actions
from app.api.incidents import shown
from app.api.strict import StrictRoute
from app.depends import Asker, IfMatch, Reading, Writing
from app.queries import one
from app.queries import reviews as queries
from app.queries.reviews import Queue
from app.records.incident import IncidentOut
from app.records.review import AssignmentIn, MoveIn, Noted, ReviewOut, VerificationIn

router = APIRouter(tags=["Review"], route_class=StrictRoute)


@router.post("/incidents/{incident_id}/moves")
@allow(WRITE)
def move_incident(
    incident_id: UUID, told: Annotated[MoveIn, Body()], write: Writing, viewer: Asker, response: Response,
    if_match: IfMatch = None,
) -> IncidentOut:  # fmt: skip
    """Take a record to another stage. Whoever reported it or handed it in does not approve it."""
    with write() as session:
        actions.move(session, incident_id, told, if_match, viewer)
        return shown(session, str(incident_id), viewer, response)


@router.post("/incidents/{incident_id}/verification")
@allow(WRITE)
def verify_incident(
    incident_id: UUID, told: Annotated[VerificationIn, Body()], write: Writing, viewer: Asker, response: Response,
    if_match: IfMatch = None,
) -> IncidentOut:  # fmt: skip
    """Say how far the allegation is borne out. Corroborated needs two independent sources, established a finding."""
    with write() as session:
        actions.verify(session, incident_id, told, if_match, viewer)
        return shown(session, str(incident_id), viewer, response)


@router.post("/incidents/{incident_id}/assignment")
@allow(WRITE)
def assign_incident(
    incident_id: UUID, told: Annotated[AssignmentIn, Body()], write: Writing, viewer: Asker, response: Response
) -> IncidentOut:
    """Ask a member to look after a record; null for nobody."""
    with write() as session:
        actions.assign(session, incident_id, told, viewer)
        return shown(session, str(incident_id), viewer, response)


@router.post("/incidents/{incident_id}/comments", status_code=201)
@allow(WRITE)
def comment_on_incident(incident_id: UUID, told: Annotated[Noted, Body()], write: Writing, viewer: Asker) -> ReviewOut:
    """Leave a remark for those who work on a record."""
    with write() as session:
        made = actions.comment(session, incident_id, told, viewer)
        steps = queries.of_incident(session, one.find(session, str(incident_id), viewer), viewer)
    return next(step for step in steps if step.id == made)


@router.get("/incidents/{which}/reviews")
@allow(WORK)
def list_reviews(which: str, session: Reading, viewer: Asker) -> list[ReviewOut]:
    """Every move, verification, assignment and comment of one record, in order."""
    return queries.of_incident(session, one.find(session, which, viewer), viewer)


@router.get("/reviews/queue")
@allow(WORK)
def get_queue(session: Reading, viewer: Asker) -> Queue:
    """How many records stand where, how many are yours, and which have waited longest for a reviewer."""
    return queries.queue(session, viewer)
