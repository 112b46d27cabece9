"""/cases: disappearances as life lines, who is still sought, and what a submission to the UN still lacks."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Body, Query, Response
from sqlmodel import Session

from app.access.policy import WORK, WRITE, allow
from app.access.viewer import Viewer
from app.actions import cases as actions
from app.actions.incidents import etag
from app.api.strict import StrictRoute
from app.depends import Asker, IfMatch, Reading, Writing
from app.queries import cases as queries
from app.queries import history
from app.queries.cases import CaseFilter, CasePage, Cases, OneCase, ReadinessTotals
from app.records.case import CaseChange, CaseClosing, CaseEventIn, CaseEventOut, CaseIn, CaseOut, Readiness
from app.records.history import RevisionOut
from app.records.incident import Why

router = APIRouter(tags=["Cases"], route_class=StrictRoute)


@router.post("/incidents/{incident_id}/cases", status_code=201)
@allow(WRITE)
def open_case(
    incident_id: UUID, told: Annotated[CaseIn, Body()], write: Writing, viewer: Asker, response: Response
) -> CaseOut:
    """Open a case: one alleged disappearance of one person. Each event says who says so."""
    with write() as session:
        made, candidates = actions.open_case(session, incident_id, told, viewer)
        response.headers["Location"] = f"/api/v1/cases/{made}"
        return _shown(session, made, viewer, response).model_copy(update={"candidates": candidates})


@router.get("/cases")
@allow(WORK)
def list_cases(asked: Annotated[CasePage, Query()], session: Reading, viewer: Asker) -> Cases:
    """The cases that answer a question, with their life lines, in the order they were entered."""
    return queries.page(session, asked, viewer)


@router.get("/cases/readiness")
@allow(WORK)
def count_readiness(asked: Annotated[CaseFilter, Query()], session: Reading, viewer: Asker) -> ReadinessTotals:
    """How many of the cases could be handed to the UN Working Group today, and what the others lack, rule by rule."""
    return queries.totals(session, asked, viewer)


@router.get("/cases/{case_id}")
@allow(WORK)
def get_case(
    case_id: UUID, asked: Annotated[OneCase, Query()], session: Reading, viewer: Asker, response: Response
) -> CaseOut:
    """One case with its life line; with `as_known_on`, the life line as it was known here on that day."""
    shown = queries.whole(session, case_id, viewer, asked.as_known_on)
    response.headers["ETag"] = etag(shown.id, shown.version)
    return shown


@router.patch("/cases/{case_id}")
@allow(WRITE)
def amend_case(
    case_id: UUID, change: Annotated[CaseChange, Body()], write: Writing, viewer: Asker, response: Response,
    if_match: IfMatch = None,
) -> CaseOut:  # fmt: skip
    """Change the fields you name, for a reason. What was there before stays in history."""
    with write() as session:
        actions.amend(session, case_id, change, if_match, viewer)
        return _shown(session, case_id, viewer, response)


@router.post("/cases/{case_id}/events", status_code=201)
@allow(WRITE)
def add_event(case_id: UUID, told: Annotated[CaseEventIn, Body()], write: Writing, viewer: Asker) -> CaseEventOut:
    """Add to the life line. The current status is derived anew; nothing that was there goes."""
    with write() as session:
        made = actions.add_event(session, case_id, told, viewer)
        shown = queries.whole(session, case_id, viewer)
    return next(event for event in shown.events if event.id == made)


@router.post("/cases/{case_id}/events/{event_id}/reject")
@allow(WRITE)
def reject_event(case_id: UUID, event_id: UUID, why: Why, write: Writing, viewer: Asker, response: Response) -> CaseOut:
    """Set an event aside. It stays to be seen with the reason, and no longer counts."""
    with write() as session:
        actions.reject_event(session, case_id, event_id, why.reason, viewer)
        return _shown(session, case_id, viewer, response)


@router.post("/cases/{case_id}/close")
@allow(WRITE)
def close_case(case_id: UUID, closing: CaseClosing, write: Writing, viewer: Asker, response: Response) -> CaseOut:
    """Close a case that is a duplicate or no disappearance; `closed_as: null` opens it again."""
    with write() as session:
        actions.close(session, case_id, closing, viewer)
        return _shown(session, case_id, viewer, response)


@router.get("/cases/{case_id}/readiness")
@allow(WORK)
def get_readiness(case_id: UUID, session: Reading, viewer: Asker) -> Readiness:
    """Ready for the UN Working Group on Enforced or Involuntary Disappearances? Each gap names the field to mend."""
    return queries.readiness(session, case_id, viewer)


@router.get("/cases/{case_id}/history")
@allow(WORK)
def get_case_history(case_id: UUID, session: Reading, viewer: Asker) -> list[RevisionOut]:
    """Who changed what, when and why."""
    case, _ = queries.find(session, case_id, viewer)
    return history.of_record(session, case.id, viewer)


def _shown(session: Session, case: UUID, viewer: Viewer, response: Response) -> CaseOut:
    shown = queries.whole(session, case, viewer)
    response.headers["ETag"] = etag(shown.id, shown.version)
    return shown
