"""Jobs as those who may import see them: how far each is, how long it will take, and what came of it."""

import json
from typing import Any
from uuid import UUID

from sqlmodel import Session, col, select

from app.access.viewer import Viewer
from app.db import now
from app.errors import Forbidden, NotFound
from app.records import Job
from app.records.job import ASKING, CANCELLED, DONE, FAILED, REFUSED, RUNNING, WAITING, JobFields, JobOut

ENDED = frozenset({DONE, REFUSED, CANCELLED, FAILED})
SHOWN = 100
NAMES, FINDINGS = "names", ("errors", "notes")
ASKS = "Names to decide on: {1}; nothing was recorded. GET /jobs/{0}/names, then PUT /jobs/{0}/decisions."
COUNTED = ("rows", "new", "changed", "unchanged", "refused")


def listed(session: Session, viewer: Viewer) -> list[JobOut]:
    """The newest first."""
    found = session.exec(select(Job).order_by(col(Job.id).desc()).limit(SHOWN)).all()
    return [shown(job, viewer) for job in found]


def one(session: Session, which: UUID, viewer: Viewer) -> JobOut:
    """Raises NotFound."""
    return shown(find(session, which), viewer)


def find(session: Session, which: UUID) -> Job:
    """Raises NotFound."""
    job = session.exec(select(Job).where(col(Job.id) == which)).first()
    if job is None:
        raise NotFound("No job has this id: see GET /jobs.")
    return job


def check_sender(job: Job, viewer: Viewer) -> None:
    """Raises Forbidden: who is meant by the names of a file is for whoever sent it to say."""
    if job.sent_by != viewer.name:
        raise Forbidden("Only who sent the file decides on its names.")


def names_of(session: Session, which: UUID, viewer: Viewer) -> dict[str, Any]:
    """The names on which a job asks for decisions: for whoever sent the file; for others how many. Raises NotFound."""
    job = find(session, which)
    found: dict[str, Any] = json.loads(job.findings or "{}").get(NAMES) or {}
    if job.sent_by == viewer.name or not found:
        return found
    return found | {"to_decide": [], "need_no_decision": []}


def shown(job: Job, viewer: Viewer) -> JobOut:
    """What was found in a file may tell what the file holds: it is for whoever sent it."""
    theirs = job.sent_by == viewer.name and job.findings is not None
    found = {name: told for name, told in json.loads(job.findings or "{}").items() if name in FINDINGS}
    fields: dict[str, Any] = {name: getattr(job, name) for name in JobFields.model_fields}
    return JobOut(
        **fields, id=job.id, told=told(job), seconds_left=seconds_left(job),
        findings=found if theirs else None,
    )  # fmt: skip


def to_do(session: Session) -> set[UUID]:
    """The ids of those that have not ended."""
    return set(session.exec(select(Job.id).where(col(Job.state).in_((WAITING, RUNNING, ASKING)))).all())


def seconds_left(job: Job) -> int | None:
    """At the pace so far; None while nobody can say."""
    if job.state != RUNNING or not job.rows_done or job.rows_in_all is None or job.started_at is None:
        return None
    pace = ((job.seen_at or now()) - job.started_at).total_seconds() / job.rows_done
    return max(0, round(pace * (job.rows_in_all - job.rows_done)))


def told(job: Job) -> str:
    """One sentence or two."""
    if job.error is not None:
        return job.error
    if job.state == WAITING:
        return "It waits for its turn."
    if job.state == RUNNING:
        of = f" of about {job.rows_in_all}" if job.rows_in_all is not None else ""
        return f"{job.rows_done}{of} rows are read; nothing is recorded before the end."
    came = job.outcome or {}
    if job.state == ASKING:
        return ASKS.format(job.id, came.get("undecided", 0))
    counts = ", ".join(f"{came.get(name, 0)} {name}" for name in COUNTED)
    if came.get("recorded"):
        return f"Recorded: {counts}. To take it back: POST /imports/{job.id}/undo."
    why = "Only checked" if job.asked.get("dry_run") else "Rows were refused" if came.get("refused") else "Nothing new"
    return f"{why}; nothing was recorded: {counts}."
