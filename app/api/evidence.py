"""Evidence: hand a file in, see what it bears on and in whose hands it was, take it out."""

import mimetypes
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from io import BytesIO
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.concurrency import run_in_threadpool
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import Engine
from sqlmodel import Session

from app.access.policy import NAMES, WORK, WRITE, allow
from app.access.viewer import Viewer
from app.access.wall import guarded
from app.actions import copying, vault
from app.actions import evidence as actions
from app.api.streaming import Pouring, receive
from app.api.strict import StrictRoute
from app.depends import Asker, Database, Files, Reading, Writing
from app.errors import Damaged
from app.queries import evidence as queries
from app.queries.evidence import EvidencePage, Held
from app.queries.vault import Vault, check, whole
from app.records.evidence import Bearing, CustodyEvent, DerivedIn, EvidenceIn, EvidenceOut

router = APIRouter(tags=["Evidence"], route_class=StrictRoute)
Told = Annotated[EvidenceIn, Query()]
SEND: dict[str, Any] = {
    "status_code": 201,
    "openapi_extra": {"requestBody": {"content": {"application/octet-stream": {}}, "required": True}},
    "responses": {200: {"description": "The same content was here already"}},
}
HAND_OUT: dict[str, Any] = {
    "response_class": Response,
    "responses": {200: {"content": {"*/*": {}}, "description": "The file, as what it is"}},
}


@dataclass(frozen=True)
class Sender:
    """Somebody who hands something in, and all that it takes to keep it."""

    request: Request
    response: Response
    database: Engine
    write: Callable[[], AbstractContextManager[Session]]
    files: Vault
    viewer: Viewer


def _sender(
    request: Request, response: Response, database: Database, write: Writing, files: Files, viewer: Asker
) -> Sender:
    return Sender(request, response, database, write, files, viewer)


Sent = Annotated[Sender, Depends(_sender)]


class EvidenceList(BaseModel):
    """One page of files, how many there are in all, and where to go on."""

    items: list[EvidenceOut]
    total: int
    next: UUID | None


class Purpose(BaseModel):
    """What a file is taken out for; it stands in its custody for good."""

    model_config = ConfigDict(extra="forbid")

    purpose: str = Field(min_length=3, max_length=1000)


class MaybePurpose(BaseModel):
    """The same where it need not be said."""

    model_config = ConfigDict(extra="forbid")

    purpose: str | None = Field(None, min_length=3, max_length=1000)


@router.post("/incidents/{incident_id}/evidence", **SEND)
@allow(WRITE)
async def add_to_incident(incident_id: UUID, told: Told, sent: Sent) -> EvidenceOut:
    """Send a file as the body. The same content again is the same evidence with one more attachment."""
    return await _take_in(sent, told, Bearing(incident_id=incident_id))


@router.post("/sources/{source_id}/evidence", **SEND)
@allow(WRITE)
async def add_to_source(source_id: UUID, told: Told, sent: Sent) -> EvidenceOut:
    """The same for the file of a source."""
    return await _take_in(sent, told, Bearing(source_id=source_id))


@router.post("/accounts/{account_id}/evidence", **SEND)
@allow(WRITE)
async def add_to_account(account_id: UUID, told: Told, sent: Sent) -> EvidenceOut:
    """The same for what bears on one account."""
    return await _take_in(sent, told, Bearing(account_id=account_id))


@router.post("/acts/{act_id}/evidence", **SEND)
@allow(WRITE)
async def add_to_act(act_id: UUID, told: Told, sent: Sent) -> EvidenceOut:
    """The same for what bears on one act."""
    return await _take_in(sent, told, Bearing(act_id=act_id))


@router.get("/evidence")
@allow(WORK)
def list_evidence(asked: Annotated[EvidencePage, Query()], session: Reading, viewer: Asker) -> EvidenceList:
    """Files by content, kind or incident."""
    items, total = queries.page(session, asked, viewer)
    return EvidenceList(items=items, total=total, next=items[-1].id if len(items) == asked.limit else None)


@router.get("/evidence/{evidence_id}")
@allow(WORK)
def get_evidence(evidence_id: UUID, session: Reading, viewer: Asker) -> EvidenceOut:
    """What is known of one file, and what it bears on."""
    return queries.one(session, evidence_id, viewer)


@router.get("/evidence/{evidence_id}/custody")
@allow(WORK)
def get_custody(evidence_id: UUID, session: Reading, viewer: Asker) -> list[CustodyEvent]:
    """Who had the file in their hands, when, for what, and what it was then: lines of the sealed history."""
    return queries.custody(session, evidence_id, viewer)


@router.get("/evidence/{evidence_id}/file", **HAND_OUT)
@allow(NAMES)
def take_original(evidence_id: UUID, asked: Annotated[Purpose, Query()], sent: Sent) -> Pouring:
    """The original, byte for byte. It is read again first, and its custody says who took it and what for."""
    with guarded(sent.database, sent.viewer) as session:
        file = queries.original(session, evidence_id, sent.viewer)
    return _hand_out(sent, file, "exported", asked.purpose)


@router.get("/evidence/{evidence_id}/working-copy", **HAND_OUT)
@allow(WORK)
def take_working_copy(evidence_id: UUID, asked: Annotated[MaybePurpose, Query()], sent: Sent) -> Pouring:
    """A picture without what the device noted beside it (place, time, names); made at the first call."""
    with guarded(sent.database, sent.viewer) as session:
        original = queries.find(session, evidence_id, sent.viewer)
        made = queries.working_copy_of(session, original)
        held, copy = Held.of(original), Held.of(made) if made else None
    if copy is None:
        copy = _make_working_copy(sent, held)
    return _hand_out(sent, copy, "viewed", asked.purpose)


@router.post("/evidence/{evidence_id}/derived", **SEND)
@allow(WRITE)
async def add_derived(evidence_id: UUID, told: Annotated[DerivedIn, Query()], sent: Sent) -> EvidenceOut:
    """Send what was made from a file as the body: a redaction, a transcript, a translation ..."""
    await run_in_threadpool(_look, sent, actions.check_may_derive, evidence_id)
    file = await receive(sent.request, sent.files, told.sha256)
    return await run_in_threadpool(_record, sent, lambda s: actions.derive(s, evidence_id, file, told, sent.viewer))


@router.post("/evidence/{evidence_id}/attachments", status_code=201)
@allow(WRITE)
def attach(evidence_id: UUID, on: Bearing, sent: Sent) -> EvidenceOut:
    """Let a file that is here bear on one more record."""
    with sent.write() as session:
        new = actions.attach(session, evidence_id, on, sent.viewer)
        sent.response.status_code = 201 if new else 200
        return queries.one(session, evidence_id, sent.viewer)


async def _take_in(sent: Sender, told: EvidenceIn, on: Bearing) -> EvidenceOut:
    """Whether it may be kept is asked before the body is read, and again when it is recorded."""
    await run_in_threadpool(_look, sent, actions.check_may_take_in, on)
    file = await receive(sent.request, sent.files, told.sha256)
    return await run_in_threadpool(_record, sent, lambda s: actions.take_in(s, file, told, on, sent.viewer))


def _look(sent: Sender, may: Callable[..., None], what: object) -> None:
    with guarded(sent.database, sent.viewer) as session:
        may(session, what, sent.viewer)


def _record(sent: Sender, record: Callable[[Session], tuple[UUID, bool]]) -> EvidenceOut:
    with sent.write() as session:
        made, new = record(session)
        shown = queries.one(session, made, sent.viewer)
    sent.response.status_code = 201 if new else 200
    sent.response.headers["Location"] = f"/api/v1/evidence/{made}"
    return shown


def _make_working_copy(sent: Sender, original: Held) -> Held:
    copying.check_is_picture(original.media_type)
    picture = copying.without_metadata(_read_again(sent, original, copying.LARGEST))
    file = vault.store(sent.files, BytesIO(picture))
    with sent.write() as session:
        return actions.record_working_copy(session, original.id, file, sent.viewer)


def _hand_out(sent: Sender, file: Held, action: str, purpose: str | None) -> Pouring:
    """Read a file again, write down who takes it, and only then send it."""
    _read_again(sent, file)
    with sent.write() as session:
        actions.touch(session, file, action, purpose, sent.viewer)
    name = f"{file.id}{mimetypes.guess_extension(file.media_type) or ''}"
    return Pouring(sent.files, file.sha256, file.size, name, file.media_type)


def _read_again(sent: Sender, file: Held, most: int | None = None) -> bytes:
    """Nothing that is not what was taken in leaves the house, and the attempt is written down."""
    try:
        if most is not None:
            return whole(sent.files, file.sha256, most)
        check(sent.files, file.sha256, file.size)
    except Damaged as damage:
        with sent.write() as session:
            actions.touch(session, file, "found_damaged", damage.detail, sent.viewer)
        raise Damaged(f"This file is not handed out: {damage.detail}. Restore it from a backup.") from None
    return b""
