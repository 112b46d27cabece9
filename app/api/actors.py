"""/actors: bodies, units, groups and loose descriptions, with whom they belonged to and when."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Body, Query, Response
from pydantic import BaseModel
from sqlmodel import Session

from app.access.policy import READ, WORK, WRITE, allow
from app.access.viewer import Viewer
from app.actions import actors as actions
from app.api.strict import StrictRoute
from app.depends import Asker, IfMatch, Reading, Writing
from app.queries import actors as queries
from app.queries import history
from app.queries.actors import ActorPage
from app.records.actor import ActorChange, ActorOut, ActorParentIn, ActorWhole, NewActor
from app.records.history import RevisionOut

router = APIRouter(prefix="/actors", tags=["People and actors"], route_class=StrictRoute)


class Actors(BaseModel):
    """One page of actors, how many there are in all, and where to go on."""

    items: list[ActorOut]
    total: int
    next: UUID | None


@router.get("")
@allow(READ)
def list_actors(asked: Annotated[ActorPage, Query()], session: Reading, viewer: Asker) -> Actors:
    """Actors by the words of their names and aliases, by kind and country."""
    items, total = queries.actors(session, asked, viewer)
    return Actors(items=items, total=total, next=items[-1].id if len(items) == asked.limit else None)


@router.post("", status_code=201)
@allow(WRITE)
def enter_actor(told: Annotated[NewActor, Body()], write: Writing, viewer: Asker, response: Response) -> ActorWhole:
    """Enter an actor apart from any report. Those of the same name are offered in `candidates`, never merged."""
    with write() as session:
        made = actions.enter(session, told, viewer)
        shown = _shown(session, made.id, viewer, response)
    response.headers["Location"] = f"/api/v1/actors/{made.id}"
    return shown.model_copy(update={"candidates": made.candidates})


@router.get("/{actor_id}")
@allow(READ)
def get_actor(actor_id: UUID, session: Reading, viewer: Asker, response: Response) -> ActorWhole:
    """One actor with its parents and children over time, and in how many incidents it is said to be involved."""
    return _shown(session, actor_id, viewer, response)


@router.patch("/{actor_id}")
@allow(WRITE)
def amend_actor(
    actor_id: UUID, change: Annotated[ActorChange, Body()], write: Writing, viewer: Asker, response: Response,
    if_match: IfMatch = None,
) -> ActorWhole:  # fmt: skip
    """Change the fields you name, for a reason. What was there before stays in history."""
    with write() as session:
        actions.amend(session, actor_id, change, if_match, viewer)
        return _shown(session, actor_id, viewer, response)


@router.post("/{actor_id}/parents", status_code=201)
@allow(WRITE)
def add_parent(
    actor_id: UUID, told: Annotated[ActorParentIn, Body()], write: Writing, viewer: Asker, response: Response
) -> ActorWhole:
    """Say to whom an actor belonged and when; never in a circle at one time."""
    with write() as session:
        actions.add_parent(session, actor_id, told, viewer)
        return _shown(session, actor_id, viewer, response)


@router.get("/{actor_id}/history")
@allow(WORK)
def get_actor_history(actor_id: UUID, session: Reading, viewer: Asker) -> list[RevisionOut]:
    """Who changed what about an actor, when and why."""
    return history.of_record(session, queries.find(session, actor_id, viewer).id, viewer)


def _shown(session: Session, which: UUID, viewer: Viewer, response: Response) -> ActorWhole:
    response.headers["ETag"] = history.etag(session, which)
    return queries.whole(session, which, viewer)
