"""/erasures: erase a person for good, by two members, with a ledger that holds ids and no name."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Body

from app.access.policy import ERASE, ERASURES, REVIEW, allow
from app.actions import erasure as actions
from app.api.strict import StrictRoute
from app.depends import Asker, Database, Files, Reading, Writing
from app.queries import erasures as queries
from app.records.erasure import ErasureDone, ErasureIn, ErasureOut
from app.upkeep import erasures as upkeep

router = APIRouter(tags=["People and actors"], route_class=StrictRoute)


@router.post("/persons/{person_id}/erasure", status_code=201)
@allow(REVIEW)
def ask_for_erasure(person_id: UUID, told: Annotated[ErasureIn, Body()], write: Writing, viewer: Asker) -> ErasureOut:
    """Ask that a person be erased, on a legal basis. Nothing happens until another member confirms it."""
    with write() as session:
        return actions.ask(session, person_id, told, viewer)


@router.post("/erasures/{erasure_id}/confirm")
@allow(ERASE)
def confirm_erasure(erasure_id: UUID, write: Writing, engine: Database, files: Files, viewer: Asker) -> ErasureDone:
    """Erase the person for good, everywhere: the key, the names in every text, the index and the history.

    The chain of history still verifies. The answer says which records were changed and which files to look at.
    """
    return upkeep.carry_out(write, engine, files.folder.parent / upkeep.LEDGER, erasure_id, viewer)


@router.get("/erasures")
@allow(ERASURES)
def list_erasures(session: Reading, viewer: Asker) -> list[ErasureOut]:  # noqa: ARG001 - the policy lets in
    """The ledger: whose erasure was asked for, by whom, and when it was done. Ids and no names."""
    return queries.ledger(session)
