"""Leave work with the service, take it up, say how far it is, stop it, and write down what came of it."""

# None of this is history: what a job does to records leaves its own lines there.

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, delete, insert, or_, update
from sqlmodel import Session, col, select

from app.access.policy import REVIEWERS
from app.access.viewer import Viewer, check_may_write
from app.db import now
from app.errors import Forbidden, Untimely
from app.queries import jobs as queries
from app.queries.jobs import ENDED
from app.records import Job
from app.records.job import ASKING, CANCELLED, FAILED, RUNNING, WAITING

# A job whose process has given no sign of life for so long is taken up by another one.
LEASE = timedelta(seconds=20)
# Whatever was begun so often and never came to an end takes its process down with it.
MOST_TRIES = 5
KEPT = timedelta(days=14)
DECISIONS = "decisions"
WAS_CANCELLED = "Cancelled by {}; nothing was recorded."
NOBODY_DECIDED = "Nobody decided on its names in 14 days; nothing was recorded. Send the file again."
BEGUN = "This job does not wait for decisions: see GET /jobs/{id}."
GAVE_UP = "The service ended each time that it ran this; nothing was recorded. Tell whoever looks after the server."


@dataclass(frozen=True)
class Left:
    """What somebody leaves: the file by its name and SHA-256, how it is to be taken in, and about how many rows."""

    id: UUID
    file_name: str
    sha256: str
    asked: dict[str, Any]
    rows_in_all: int | None


@dataclass(frozen=True)
class End:
    """How a job ends. `findings`: only for whoever sent the file."""

    state: str
    error: str | None = None
    outcome: dict[str, Any] | None = None
    findings: dict[str, Any] | None = None


def leave(session: Session, left: Left, by: Viewer) -> None:
    """Make a job of it. Raises Forbidden."""
    check_may_write(by)
    row: dict[str, Any] = {
        "id": left.id, "what": "import", "file_name": left.file_name, "sha256": left.sha256, "asked": left.asked,
        "rows_in_all": left.rows_in_all, "sent_by": by.name, "sent_at": now(), "state": WAITING, "rows_done": 0,
        "tries": 0,
    }  # fmt: skip
    session.execute(insert(Job), row)


def cancel(session: Session, which: UUID, by: Viewer) -> Job:
    """Stop a job: at once if it has not begun, else at its next rows.

    Raises NotFound, Forbidden for somebody else's (a reviewer may), and Untimely once it has ended.
    """
    check_may_write(by)
    job = queries.find(session, which)
    if job.sent_by != by.name and by.role not in REVIEWERS:
        raise Forbidden("Only who sent it, or a reviewer, cancels a job.")
    mine, why = col(Job.id) == which, WAS_CANCELLED.format(by.name)
    ended = {"state": CANCELLED, "ended_at": now(), "error": why, "findings": None}
    session.execute(update(Job).where(mine, _rests()).values(**ended))
    asked = update(Job).where(mine, col(Job.state).in_((WAITING, RUNNING))).values(stop_asked_by=by.name)
    session.execute(asked)
    session.refresh(job)
    if job.state in ENDED and job.error != why:
        raise Untimely("This job has ended already: see what came of it with GET /jobs/{id}.")
    return job


def _rests() -> ColumnElement[bool]:
    """The condition on a job that nobody works on. One that was begun before may have come to its end unheard."""
    return or_(col(Job.state) == ASKING, and_(col(Job.state) == WAITING, col(Job.tries) == 0))


def ask(session: Session, which: UUID, worker: str, how: End) -> bool:
    """Let it wait until its sender has decided on names; whether the job was still this worker's."""
    asked: Any = session.execute(
        update(Job).where(*_of(which, worker)).values(
            state=ASKING, turn=None, worker=None, tries=0, seen_at=now(), outcome=how.outcome,
            rows_done=(how.outcome or {}).get("rows", Job.rows_done),
            findings=json.dumps(how.findings),
        )
    )  # fmt: skip
    return bool(asked.rowcount)


def decide(session: Session, which: UUID, decisions: list[list[str]], by: Viewer) -> Job:
    """Give it all that was decided on names, and let it go on; what was given before is replaced.

    Raises NotFound, Forbidden for somebody else's, and Untimely where it runs or has ended.
    """
    check_may_write(by)
    job = queries.find(session, which)
    queries.check_sender(job, by)
    told = {"state": WAITING, "tries": 0, "rows_done": 0, "started_at": None, "seen_at": None, "outcome": None}
    told |= {"findings": json.dumps({DECISIONS: decisions})}
    given: Any = session.execute(update(Job).where(col(Job.id) == which, _rests()).values(**told))
    if not given.rowcount:
        raise Untimely(BEGUN)
    session.refresh(job)
    return job


def decisions_of(job: Job) -> list[list[str]]:
    found: list[list[str]] = json.loads(job.findings or "{}").get(DECISIONS, [])
    return found


def take_up(session: Session, worker: str, is_here: Callable[[UUID], bool]) -> Job | None:
    """The next job, now this worker's; None while another one runs or nothing waits. `is_here`: its file lies here.

    Raises IntegrityError when another process took its turn at the same moment.
    """
    at = now()
    _let_go(session, at)
    if session.exec(select(Job.id).where(col(Job.state) == RUNNING)).first() is not None:
        return None
    waiting = session.exec(select(Job.id).where(col(Job.state) == WAITING).order_by(col(Job.id))).all()
    which = next((job for job in waiting if is_here(job)), None)
    if which is None:
        return None
    mine = {"state": RUNNING, "turn": 1, "worker": worker, "started_at": at, "seen_at": at, "rows_done": 0}
    claim = update(Job).where(col(Job.id) == which, col(Job.state) == WAITING)
    claimed: Any = session.execute(claim.values(**mine, tries=Job.tries + 1))
    return queries.find(session, which) if claimed.rowcount else None


def _let_go(session: Session, at: datetime) -> None:
    """What a process that is gone has left half done waits again; what ended long ago goes."""
    dead = col(Job.state) == RUNNING, col(Job.seen_at) < at - LEASE
    free = {"turn": None, "worker": None}
    given_up = free | {"state": FAILED, "ended_at": at, "error": GAVE_UP, "findings": None}
    session.execute(update(Job).where(*dead, col(Job.tries) >= MOST_TRIES).values(**given_up))
    session.execute(update(Job).where(*dead).values(state=WAITING, **free))
    forgotten = {"state": CANCELLED, "ended_at": at, "error": NOBODY_DECIDED, "findings": None}
    session.execute(update(Job).where(col(Job.state) == ASKING, col(Job.seen_at) < at - KEPT).values(**forgotten))
    session.execute(delete(Job).where(col(Job.ended_at) < at - KEPT))


def give_sign(session: Session, which: UUID, worker: str, rows_done: int) -> str | None:
    """Say that the worker lives and how far it is; who asked it to stop, if anybody.

    Raises Untimely when the job is not this worker's any more.
    """
    alive: Any = session.execute(update(Job).where(*_of(which, worker)).values(seen_at=now(), rows_done=rows_done))
    if not alive.rowcount:
        raise Untimely("This job has been taken up by another process.")
    return session.exec(select(Job.stop_asked_by).where(col(Job.id) == which)).one()


def put_back(session: Session, which: UUID, worker: str) -> None:
    """Let it wait for the next process that runs; that it was interrupted is no failure of its own."""
    values = {"state": WAITING, "turn": None, "worker": None, "rows_done": 0, "started_at": None, "seen_at": None}
    session.execute(update(Job).where(*_of(which, worker)).values(**values, tries=Job.tries - 1))


def end(session: Session, which: UUID, worker: str, how: End) -> bool:
    """Write down what happened; whether the job was still this worker's."""
    ended: Any = session.execute(
        update(Job).where(*_of(which, worker)).values(
            state=how.state, turn=None, worker=None, seen_at=now(), ended_at=now(), error=how.error,
            outcome=how.outcome, findings=json.dumps(how.findings) if how.findings else None,
            rows_done=(how.outcome or {}).get("rows", Job.rows_done),
        )
    )  # fmt: skip
    return bool(ended.rowcount)


def _of(which: UUID, worker: str) -> tuple[Any, ...]:
    return col(Job.id) == which, col(Job.worker) == worker, col(Job.state) == RUNNING
