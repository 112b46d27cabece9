"""Publication: what of an incident may be public, how it will look, and the run that makes it so."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Body, Query
from pydantic import BaseModel, ConfigDict, Field

from app.access.policy import REVIEW, allow
from app.actions import publishing as actions
from app.api.strict import StrictRoute
from app.depends import Asker, IfMatch, Public, Reading, Writing
from app.queries import one, public_versions
from app.records.incident import IncidentOut, Why
from app.records.public_version import PublicationChange, PublicVersionIn, PublicVersionOut
from app.upkeep import publication

router = APIRouter(tags=["Publication"], route_class=StrictRoute)


class Publication(BaseModel):
    """What a publication did, or would do: one line an incident, and how many of each kind."""

    dry_run: bool
    counts: dict[str, int]
    changes: list[PublicationChange]


class PublicationAsked(BaseModel):
    """Whether to publish, or only to tell what would change."""

    model_config = ConfigDict(extra="forbid")

    dry_run: bool = Field(False, description="Only tell what would change")


class Preview(BaseModel):
    """An incident as the public would get it: by itself, and as a row of every table and map."""

    incident: IncidentOut
    row: dict[str, Any]


@router.put("/incidents/{incident_id}/public-version")
@allow(REVIEW)
def approve_public_version(
    incident_id: UUID, told: Annotated[PublicVersionIn, Body()], write: Writing, viewer: Asker, if_match: IfMatch = None
) -> PublicVersionOut:
    """Approve what everybody may read of an incident. Whoever reported it does not; nothing is public by this alone."""
    with write() as session:
        actions.approve(session, incident_id, told, if_match, viewer)
        return public_versions.of_incident(session, incident_id, viewer)


@router.get("/incidents/{incident_id}/public-version")
@allow(REVIEW)
def get_public_version(incident_id: UUID, session: Reading, viewer: Asker) -> PublicVersionOut:
    """The approved public version, with a warning for each restricted name that occurs in its text."""
    return public_versions.of_incident(session, incident_id, viewer)


@router.get("/incidents/{incident_id}/public-version/preview")
@allow(REVIEW)
def preview_public_version(incident_id: UUID, session: Reading, viewer: Asker) -> Preview:
    """What the public will get, from a published store made for this one look."""
    incident = one.find(session, str(incident_id), viewer)
    shown, row = publication.preview(session, incident.pk)
    return Preview(incident=shown, row=row)


@router.post("/incidents/{incident_id}/public-version/withdraw")
@allow(REVIEW)
def withdraw_public_version(
    incident_id: UUID, why: Why, write: Writing, viewer: Asker, if_match: IfMatch = None
) -> PublicVersionOut:
    """Take it back: at once the public gets nothing of it but a tombstone at its address."""
    with write() as session:
        before = public_versions.of_incident(session, incident_id, viewer)
        actions.withdraw(session, incident_id, why.reason, if_match, viewer)
        return public_versions.by_id(session, before.id, incident_id, viewer)


@router.post("/publication")
@allow(REVIEW)
def publish(asked: Annotated[PublicationAsked, Query()], write: Writing, viewer: Asker, public: Public) -> Publication:
    """Make public what is approved, and take out what is approved no more. `dry_run` tells what would change."""
    changes = publication.publish(write, public, viewer, dry_run=asked.dry_run)
    counts: dict[str, int] = {}
    for change in changes:
        counts[change.change] = counts.get(change.change, 0) + 1
    return Publication(dry_run=asked.dry_run, counts=counts, changes=changes)
