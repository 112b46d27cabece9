"""Jobs: how far the work is that was left with the service, how to decide on names it asks about, how to stop it."""

import tempfile
from pathlib import Path
from typing import Any, Literal
from uuid import UUID

from fastapi import APIRouter, Request, Response
from fastapi.concurrency import run_in_threadpool
from pydantic import BaseModel
from sqlalchemy import Engine
from sqlmodel import Session

from app.access.policy import JOBS, NAMES, WRITE, allow
from app.access.viewer import Viewer, check_may_write
from app.access.wall import guarded
from app.actions import jobs as actions
from app.api.imports import save
from app.api.strict import StrictRoute
from app.db import noting
from app.depends import Asker, Database, Jobs, Reading, ReadingJobs
from app.exports.plain import PLAIN
from app.exports.workbook import MEDIA_TYPE
from app.imports import read_decisions
from app.imports.asking import named, names_table
from app.imports.likely import check_here
from app.imports.resolving import as_lines
from app.queries import jobs as queries
from app.queries.board import Board
from app.queries.jobs import ENDED
from app.records.job import JobOut

# What a table of decisions comes as.
DECISIONS: dict[str, Any] = {
    "requestBody": {"content": {kind: {} for kind in ("text/csv", "application/json", MEDIA_TYPE)}, "required": True}
}


class Meant(BaseModel):
    """Somebody or something here who may be meant by a name; `likeness` up to 100."""

    id: str
    name: str
    likeness: float


class NameAsked(BaseModel):
    """A name that nobody here has: in how many rows, where first, what was decided, and who may be meant.

    `column`, `read_as`: of a cell, its own, and what the mapping takes in its place.
    """

    kind: Literal["actor", "person", "place", "word"]
    name: str
    rows: int
    line: int
    place: str
    column: str
    do: str
    read_as: str
    likely: list[Meant]


class NamesAsked(BaseModel):
    """Names to decide on, and those that need no decision. `undecided` counts also those that are not told."""

    to_decide: list[NameAsked] = []
    need_no_decision: list[NameAsked] = []
    undecided: int = 0
    mentions_not_told: int = 0


router = APIRouter(prefix="/jobs", tags=["Imports"], route_class=StrictRoute)


@router.get("")
@allow(JOBS)
def list_jobs(session: ReadingJobs, viewer: Asker) -> list[JobOut]:
    """The jobs, newest first. One that ended two weeks ago is forgotten; what it brought is in GET /imports."""
    return queries.listed(session, viewer)


@router.get("/{job_id}")
@allow(JOBS)
def get_job(job_id: UUID, session: ReadingJobs, viewer: Asker) -> JobOut:
    """How far a job is, about how many seconds are left, and in the end what happened."""
    return queries.one(session, job_id, viewer)


@router.get("/{job_id}/names")
@allow(NAMES)
def get_names(job_id: UUID, session: Reading, jobs: ReadingJobs, viewer: Asker) -> NamesAsked:
    """The names on which a job asks for decisions, each with who here may be meant.

    They are told to whoever sent the file, and to others how many are undecided.
    """
    return _names(job_id, session, jobs, viewer)


@router.get("/{job_id}/names.csv", response_class=Response, responses={200: {"content": {"text/csv": {}}}})
@allow(NAMES)
def get_names_as_table(job_id: UUID, session: Reading, jobs: ReadingJobs, viewer: Asker) -> Response:
    """The same as a table: fill in its column `do`, and send it to PUT /jobs/{job_id}/decisions."""
    told = _names(job_id, session, jobs, viewer)
    headers = {"Content-Disposition": 'attachment; filename="names.csv"'}
    body = b"".join(PLAIN["csv"].write(names_table(told.model_dump())))
    return Response(body, media_type=PLAIN["csv"].media_type, headers=headers)


def _names(which: UUID, session: Session, jobs: Session, viewer: Viewer) -> NamesAsked:
    kept = queries.names_of(jobs, which, viewer)
    return NamesAsked.model_validate(named(session, kept, viewer)) if kept else NamesAsked()


@router.put("/{job_id}/decisions", openapi_extra=DECISIONS)
@allow(WRITE)
async def decide(job_id: UUID, request: Request, board: Jobs, database: Database, viewer: Asker) -> JobOut:
    """Decide on the names of a job, and let it go on with the file it has. Send all decisions each time.

    The body: the table of `names.csv` filled in, as CSV or a workbook; or a JSON list of objects with `kind`, `name`,
    `do` and, where they have one, `id` and `column`.
    """
    check_may_write(viewer)
    with tempfile.TemporaryDirectory() as room:
        path = Path(room) / "decisions"
        await save(request.stream(), path)
        return await run_in_threadpool(_decide, path, job_id, board, database, viewer)


def _decide(path: Path, which: UUID, board: Board, database: Engine, viewer: Viewer) -> JobOut:
    decisions = read_decisions(path)
    with guarded(database, viewer) as session:
        check_here(session, decisions, viewer)
    with noting(board.engine) as session:
        return queries.shown(actions.decide(session, which, as_lines(decisions), viewer), viewer)


@router.post("/{job_id}/cancel")
@allow(WRITE)
def cancel_job(job_id: UUID, board: Jobs, viewer: Asker) -> JobOut:
    """Stop a job. One that has begun stops at its next rows, and nothing of it is recorded: ask again for its end."""
    with noting(board.engine) as session:
        job = queries.shown(actions.cancel(session, job_id, viewer), viewer)
    if job.state in ENDED:
        board.drop_upload(job_id)
    return job
