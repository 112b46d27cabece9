"""What is added to an incident: accounts, acts, involvements, places."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Body, Response

from app.access.policy import READ, WRITE, allow
from app.actions import accounts as actions
from app.actions import disclosing
from app.api.strict import StrictRoute
from app.depends import Asker, IfMatch, Reading, Writing
from app.queries import one
from app.records.account import AccountIn, AccountOut
from app.records.act import ActIn, ActOut
from app.records.involvement import Disclosure, InvolvementIn, InvolvementOut
from app.records.place import PlaceIn, PlaceOut

router = APIRouter(tags=["Incidents"], route_class=StrictRoute)


@router.get("/incidents/{which}/accounts")
@allow(READ)
def list_accounts(which: str, session: Reading, viewer: Asker) -> list[AccountOut]:
    """Every source's version of one incident, side by side."""
    return one.whole(session, one.find(session, which, viewer), viewer).accounts


@router.get("/accounts/{account_id}", tags=["Accounts"])
@allow(READ)
def get_account(account_id: UUID, session: Reading, viewer: Asker) -> AccountOut:
    """One account."""
    incident = one.of_account(session, account_id, viewer)
    return next(a for a in one.whole(session, incident, viewer).accounts if a.id == account_id)


@router.post("/incidents/{incident_id}/accounts", status_code=201)
@allow(WRITE)
def add_account(
    incident_id: UUID, told: Annotated[AccountIn, Body()], write: Writing, viewer: Asker, response: Response
) -> AccountOut:
    """Keep a further source's version beside the others; the incident's own values do not change by it."""
    with write() as session:
        made = actions.add_account(session, incident_id, told, viewer)
        response.headers["Location"] = f"/api/v1/accounts/{made}"
        shown = one.whole(session, one.find(session, str(incident_id), viewer), viewer)
    return next(a for a in shown.accounts if a.id == made)


@router.post("/incidents/{incident_id}/acts", status_code=201)
@allow(WRITE)
def add_act(incident_id: UUID, told: Annotated[ActIn, Body()], write: Writing, viewer: Asker) -> ActOut:
    """Add an act: one violation against one person or one described group."""
    with write() as session:
        made = actions.add_act(session, incident_id, told, viewer)
        shown = one.whole(session, one.find(session, str(incident_id), viewer), viewer)
    return next(a for a in shown.acts if a.id == made)


@router.post("/incidents/{incident_id}/involvements", status_code=201)
@allow(WRITE)
def add_involvement(
    incident_id: UUID, told: Annotated[InvolvementIn, Body()], write: Writing, viewer: Asker
) -> InvolvementOut:
    """Add who is alleged to be responsible."""
    with write() as session:
        made = actions.add_involvement(session, incident_id, told, viewer)
        shown = one.whole(session, one.find(session, str(incident_id), viewer), viewer)
    return next(i for i in shown.involvements if i.id == made)


@router.post("/involvements/{involvement_id}/disclosure")
@allow(WRITE)
def disclose_involvement(
    involvement_id: UUID, told: Annotated[Disclosure, Body()], write: Writing, viewer: Asker, if_match: IfMatch = None
) -> InvolvementOut:
    """Say whether a person may be called alleged responsible once that is borne out. Only a reviewer allows it.

    `If-Match` is the ETag of the incident.
    """
    with write() as session:
        incident = disclosing.disclose(session, involvement_id, told, if_match, viewer)
        shown = one.whole(session, one.find(session, str(incident), viewer), viewer)
    return next(i for i in shown.involvements if i.id == involvement_id)


@router.post("/incidents/{incident_id}/places", status_code=201)
@allow(WRITE)
def add_place(incident_id: UUID, told: Annotated[PlaceIn, Body()], write: Writing, viewer: Asker) -> PlaceOut:
    """Add a further place with its role."""
    with write() as session:
        made = actions.add_place(session, incident_id, told, viewer)
        shown = one.whole(session, one.find(session, str(incident_id), viewer), viewer)
    return next(p for p in shown.places if p.id == made)
