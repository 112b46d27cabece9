"""/persons: who is named, by which names, and how far that is protected."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Body, Query, Response
from pydantic import BaseModel
from sqlmodel import Session

from app.access.policy import NAMES, WRITE, allow
from app.access.viewer import Viewer
from app.actions import people as actions
from app.api.strict import StrictRoute
from app.depends import Asker, IfMatch, Reading, Writing
from app.queries import history
from app.queries import people as queries
from app.queries.people import PersonPage
from app.records.history import RevisionOut
from app.records.person import NewPerson, PersonChange, PersonFound, PersonNameIn, PersonWhole

router = APIRouter(prefix="/persons", tags=["People and actors"], route_class=StrictRoute)


class People(BaseModel):
    """One page of people, how many there are in all, and where to go on."""

    items: list[PersonFound]
    total: int
    next: UUID | None


@router.get("")
@allow(NAMES)
def list_people(asked: Annotated[PersonPage, Query()], session: Reading, viewer: Asker) -> People:
    """People by their names in any script and spelling, or those whose names are alike, the most alike first.

    Only for roles that read who people are.
    """
    items, total = queries.persons(session, asked, viewer)
    more = len(items) == asked.limit and asked.like is None
    return People(items=items, total=total, next=items[-1].id if more else None)


@router.post("", status_code=201)
@allow(WRITE)
def enter_person(told: Annotated[NewPerson, Body()], write: Writing, viewer: Asker, response: Response) -> PersonWhole:
    """Enter a person apart from any report. Who is alike is offered in `candidates`, never merged in silence."""
    with write() as session:
        made = actions.enter(session, told, viewer)
        shown = _shown(session, made.id, viewer, response)
    response.headers["Location"] = f"/api/v1/persons/{made.id}"
    return shown.model_copy(update={"candidates": made.candidates})


@router.get("/{person_id}")
@allow(NAMES)
def get_person(person_id: UUID, session: Reading, viewer: Asker, response: Response) -> PersonWhole:
    """One person with the incidents and cases that name them. Everything in it is alleged."""
    return _shown(session, person_id, viewer, response)


@router.patch("/{person_id}")
@allow(WRITE)
def amend_person(
    person_id: UUID, change: Annotated[PersonChange, Body()], write: Writing, viewer: Asker, response: Response,
    if_match: IfMatch = None,
) -> PersonWhole:  # fmt: skip
    """Change the fields you name, for a reason. Only a reviewer lowers the protection of an identity."""
    with write() as session:
        actions.amend(session, person_id, change, if_match, viewer)
        return _shown(session, person_id, viewer, response)


@router.post("/{person_id}/names", status_code=201)
@allow(WRITE)
def add_name(
    person_id: UUID, told: Annotated[PersonNameIn, Body()], write: Writing, viewer: Asker, response: Response
) -> PersonWhole:
    """Add a further name, letter for letter; its script is read from the letters when it is not given."""
    with write() as session:
        actions.add_name(session, person_id, told, viewer)
        return _shown(session, person_id, viewer, response)


@router.get("/{person_id}/history")
@allow(NAMES)
def get_person_history(person_id: UUID, session: Reading, viewer: Asker) -> list[RevisionOut]:
    """Who changed what about a person, when and why."""
    return history.of_record(session, queries.find(session, person_id, viewer).id, viewer)


def _shown(session: Session, which: UUID, viewer: Viewer, response: Response) -> PersonWhole:
    response.headers["ETag"] = history.etag(session, which)
    return queries.whole(session, which, viewer)
