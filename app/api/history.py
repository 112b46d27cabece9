"""What a record said before: versions, what differs between two, how to get one back, and the history of any record."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Body, Query, Response

from app.access.policy import HISTORY, WORK, WRITE, allow
from app.actions import restoring
from app.api.incidents import shown
from app.api.strict import StrictRoute
from app.depends import Asker, IfMatch, Reading, Writing
from app.queries import one, versions, whose
from app.queries.versions import Diff, Version
from app.records.history import RestoreIn, RevisionOut
from app.records.incident import IncidentOut

router = APIRouter(tags=["History"], route_class=StrictRoute)
Seq = Annotated[int | None, Query(ge=1, lt=2**63, description="Number of a version; the first or last without")]


@router.get("/incidents/{which}/versions")
@allow(WORK)
def list_versions(which: str, session: Reading, viewer: Asker) -> list[Version]:
    """The incident's own fields after each change, oldest first."""
    return versions.versions(session, one.find(session, which, viewer), viewer)


@router.get("/incidents/{which}/diff")
@allow(WORK)
def get_diff(
    which: str, session: Reading, viewer: Asker, first: Annotated[Seq, Query(alias="from")] = None,
    last: Annotated[Seq, Query(alias="to")] = None,
) -> Diff:  # fmt: skip
    """What differs between two versions, field by field."""
    return versions.diff(session, one.find(session, which, viewer), (first, last), viewer)


@router.post("/incidents/{incident_id}/restore")
@allow(WRITE)
def restore_incident(
    incident_id: UUID, told: Annotated[RestoreIn, Body()], write: Writing, viewer: Asker, response: Response,
    if_match: IfMatch = None,
) -> IncidentOut:  # fmt: skip
    """Set the incident's own fields to what an earlier version said. Accounts and acts stay; nothing is deleted."""
    with write() as session:
        restoring.restore(session, incident_id, told, if_match, viewer)
        return shown(session, str(incident_id), viewer, response)


@router.get("/history/{noun}/{record_id}")
@allow(HISTORY)
def get_history_of(noun: str, record_id: UUID, session: Reading, viewer: Asker) -> list[RevisionOut]:
    """Who changed what of any record, when and why: of a source, account, case, person, actor, file or link."""
    return whose.history_of(session, noun, record_id, viewer)


@router.get("/history/{noun}/{record_id}/diff")
@allow(WORK)
def get_diff_of(
    noun: str, record_id: UUID, session: Reading, viewer: Asker, first: Annotated[Seq, Query(alias="from")] = None,
    last: Annotated[Seq, Query(alias="to")] = None,
) -> Diff:  # fmt: skip
    """What changed of any record between two lines of its history, field by field."""
    return whose.diff_of(session, noun, record_id, (first, last), viewer)


@router.post("/history/{noun}/{record_id}/restore")
@allow(WRITE)
def restore_record(
    noun: str, record_id: UUID, told: Annotated[RestoreIn, Body()], write: Writing, viewer: Asker,
    if_match: IfMatch = None,
) -> list[RevisionOut]:  # fmt: skip
    """Set the fields of an incident, person, actor or case to what an earlier version said; answers its history."""
    with write() as session:
        restoring.restore_record(session, noun, record_id, told, viewer, seen=if_match)
        return whose.history_of(session, noun, record_id, viewer)
