"""Jobs: how far the work is that was left with the service, and how to stop it."""

from uuid import UUID

from fastapi import APIRouter

from app.access.policy import JOBS, WRITE, allow
from app.actions import jobs as actions
from app.api.strict import StrictRoute
from app.db import noting
from app.depends import Asker, Jobs, ReadingJobs
from app.queries import jobs as queries
from app.queries.jobs import ENDED
from app.records.job import JobOut

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


@router.post("/{job_id}/cancel")
@allow(WRITE)
def cancel_job(job_id: UUID, board: Jobs, viewer: Asker) -> JobOut:
    """Stop a job. One that has begun stops at its next rows, and nothing of it is recorded: ask again for its end."""
    with noting(board.engine) as session:
        job = queries.shown(actions.cancel(session, job_id, viewer), viewer)
    if job.state in ENDED:
        board.drop_upload(job_id)
    return job
