"""How the numbers come about, and who decides: rules, standings of accounts."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Body, Response

from app.access.policy import READ, WRITE, allow
from app.actions import accounts, deciding, incidents
from app.api.strict import StrictRoute
from app.depends import Asker, IfMatch, Reading, Writing
from app.queries import one
from app.queries.numbers import HarmNumbers, numbers
from app.queries.provenance import Provenance, provenance
from app.records.account import AccountOut, StandingIn
from app.records.decision import DecisionIn

router = APIRouter(tags=["Accounts"], route_class=StrictRoute)


@router.get("/incidents/{which}/numbers")
@allow(READ)
def get_numbers(which: str, session: Reading, viewer: Asker) -> dict[str, HarmNumbers]:
    """Every tally with its rule, what each account says of it, and the groups within; groups are never added up."""
    return numbers(session, one.find(session, which, viewer), viewer)


@router.post("/incidents/{incident_id}/decisions")
@allow(WRITE)
def decide(
    incident_id: UUID, told: Annotated[DecisionIn, Body()], write: Writing, viewer: Asker, response: Response,
    if_match: IfMatch = None,
) -> Provenance:  # fmt: skip
    """Let a field follow a rule or one account, and say why; without a rule the decision is taken back."""
    with write() as session:
        deciding.decide(session, incident_id, told, if_match, viewer)
        incident = one.find(session, str(incident_id), viewer)
        response.headers["ETag"] = incidents.etag(incident.id, incident.version)
        return provenance(session, incident, viewer)


@router.post("/accounts/{account_id}/standing")
@allow(WRITE)
def judge_account(account_id: UUID, told: Annotated[StandingIn, Body()], write: Writing, viewer: Asker) -> AccountOut:
    """Accept an account, set it aside or reject it; the numbers are worked out again."""
    with write() as session:
        accounts.judge_account(session, account_id, told, viewer)
        incident = one.of_account(session, account_id, viewer)
        return next(a for a in one.whole(session, incident, viewer).accounts if a.id == account_id)
