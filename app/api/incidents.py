"""/incidents: ask, report, change, withdraw."""

from typing import Annotated, Any
from uuid import UUID

import orjson
from fastapi import APIRouter, Body, Header, Query, Response
from fastapi.responses import RedirectResponse
from pydantic import BaseModel
from sqlmodel import Session

from app.access.policy import READ, WORK, WRITE, allow
from app.access.viewer import Viewer
from app.actions import incidents as actions
from app.actions import receipts
from app.api.examples import CHANGE, REPORT
from app.api.strict import StrictRoute
from app.depends import Asker, IfMatch, Opening, Reading, WritingBriefly
from app.queries import incidents as queries
from app.queries import one, whose
from app.queries.filter import IncidentPage
from app.queries.order import RELEVANCE
from app.queries.provenance import Provenance, provenance
from app.queries.ranking import MOST
from app.queries.written import row_text
from app.records.history import RevisionOut
from app.records.incident import IncidentChange, IncidentIn, IncidentOut, Redirection, Why

router = APIRouter(prefix="/incidents", tags=["Incidents"], route_class=StrictRoute)
Key = Annotated[str | None, Header(max_length=200, description="Makes a retry safe")]


class Page(BaseModel):
    """One page of the answer: flat rows with the columns of the CSV, how many there are in all, and where to go on.

    `ranked`: only with sort=relevance, of how many, the newest, the best come first. Fewer than `total` where a word is
    common: then the pages end there.
    """

    items: list[dict[str, Any]]
    total: int
    next: str | None
    question: str
    ranked: int | None = None


@router.get("", response_model=Page)
@allow(READ)
def list_incidents(question: Annotated[IncidentPage, Query()], read: Opening, viewer: Asker) -> Response:
    """The incidents that answer a question, newest first or those that answer its words best. Every one is alleged."""
    with read() as session:
        texts, cursor = queries.written_page(session, question, viewer)
        is_all = question.cursor is None and cursor is None
        total = len(texts) if is_all else queries.count(session, question, viewer)
    items = [orjson.Fragment(row_text(text)) for text in texts]
    answer = {"items": items, "total": total, "next": cursor, "question": question.sentence()}
    if question.sort == RELEVANCE:
        answer["ranked"] = min(total, MOST)
    return Response(orjson.dumps(answer), media_type="application/json")


@router.post("", status_code=201, response_model=IncidentOut)
@allow(WRITE)
def report_incident(
    told: Annotated[IncidentIn, Body(openapi_examples=REPORT)],
    write: WritingBriefly, viewer: Asker, response: Response, idempotency_key: Key = None,
) -> Response:  # fmt: skip
    """Put an allegation on record with the source that makes it. The same `id` or Idempotency-Key again is safe."""
    with write() as session:
        made = receipts.once(session, idempotency_key, told, viewer) or actions.report(session, told, viewer)
        if made.new:
            receipts.keep(session, idempotency_key, told, made.id, viewer)
        whole = shown(session, str(made.id), viewer, response)
    response.headers["Location"] = f"/api/v1/incidents/{made.id}"
    told_back = whole.model_copy(update={"candidates": list(made.candidates)}).model_dump_json()
    # Written out here: the framework would ask another thread to look through it once more.
    return Response(told_back, 201 if made.new else 200, response.headers, "application/json")


@router.get("/{which}", responses={308: {"description": "The incident leads to another"}})
@allow(READ)
def get_incident(which: str, session: Reading, viewer: Asker, response: Response) -> Any:
    """One incident by id or ref, with its accounts, acts, involvements and places."""
    incident = one.find(session, which, viewer)
    if incident.redirect_to is not None:
        return RedirectResponse(
            f"/api/v1/incidents/{incident.redirect_to}",
            status_code=308,
            headers={"ETag": actions.etag(incident.id, incident.version)},
        )
    return shown(session, which, viewer, response)


@router.patch("/{incident_id}")
@allow(WRITE)
def amend_incident(
    incident_id: UUID, change: Annotated[IncidentChange, Body(openapi_examples=CHANGE)],
    write: WritingBriefly, viewer: Asker, response: Response, if_match: IfMatch = None,
) -> IncidentOut:  # fmt: skip
    """Change the fields you name, for a reason. What was there before stays in history."""
    with write() as session:
        actions.amend(session, incident_id, change, if_match, viewer)
        return shown(session, str(incident_id), viewer, response)


@router.post("/{incident_id}/withdraw")
@allow(WRITE)
def withdraw_incident(
    incident_id: UUID, why: Why, write: WritingBriefly, viewer: Asker, response: Response, if_match: IfMatch = None
) -> IncidentOut:
    """Take an incident out of every answer but its own. Nothing of it is lost."""
    with write() as session:
        actions.withdraw(session, incident_id, why.reason, if_match, viewer)
        return shown(session, str(incident_id), viewer, response)


@router.post("/{incident_id}/redirect")
@allow(WRITE)
def redirect_incident(
    incident_id: UUID,
    to: Redirection,
    write: WritingBriefly,
    viewer: Asker,
    response: Response,
    if_match: IfMatch = None,
) -> IncidentOut:
    """Let an incident lead to another, as a duplicate does."""
    with write() as session:
        actions.redirect(session, incident_id, to.to, to.reason, if_match, viewer)
        return shown(session, str(incident_id), viewer, response)


@router.get("/{which}/provenance")
@allow(READ)
def get_provenance(which: str, session: Reading, viewer: Asker) -> Provenance:
    """For every field: its value, the rule that chose it, and every account that states it with its quote."""
    return provenance(session, one.find(session, which, viewer), viewer)


@router.get("/{which}/history")
@allow(WORK)
def get_history(which: str, session: Reading, viewer: Asker) -> list[RevisionOut]:
    """Who changed what, when and why. History outlives the incident: also that of an import taken back."""
    return whose.of_incident(session, which, viewer)


def shown(session: Session, which: str, viewer: Viewer, response: Response) -> IncidentOut:
    """An incident as it goes out, with its version in the ETag of the answer."""
    incident = one.find(session, which, viewer)
    response.headers["ETag"] = actions.etag(incident.id, incident.version)
    return one.whole(session, incident, viewer)
