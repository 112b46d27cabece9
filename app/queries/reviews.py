"""The steps taken on a record, and what waits for whom."""

from collections import Counter
from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel
from sqlmodel import Session, col, func, select

from app.access.viewer import Viewer, check_may_read
from app.access.visibility import redacted, visible
from app.records import Incident, Review
from app.records.review import ReviewFields, ReviewOut
from app.vocabulary.word import vocabulary

WAITING = ("submitted", "in_review")
OLDEST = 20


class Waiting(BaseModel):
    """One record that waits for a reviewer, and since when."""

    id: UUID
    ref: str
    title: str
    stage: str
    assigned_to: str | None
    since: datetime


class Queue(BaseModel):
    """How the work stands: records by stage; without the withdrawn ones by verification and by assignee."""

    by_stage: dict[str, int]
    by_verification: dict[str, int]
    by_assignee: dict[str, int]
    unassigned: int
    mine: int
    oldest_waiting: list[Waiting]


def of_incident(session: Session, incident: Incident, viewer: Viewer) -> list[ReviewOut]:
    """Every step taken on an incident, in order."""
    mine = select(Review).where(col(Review.incident_pk) == incident.pk).order_by(col(Review.pk))
    return [
        ReviewOut(
            **redacted(ReviewFields, {name: getattr(step, name) for name in ReviewFields.model_fields}, viewer),
            id=step.id,
            incident_id=incident.id,
            incident_ref=incident.ref,
        )
        for step in session.exec(mine).all()
    ]


def queue(session: Session, viewer: Viewer) -> Queue:
    """How the work stands, over the records that the viewer may see."""
    check_may_read(viewer)
    kinds: tuple[Any, ...] = (Incident.stage, Incident.verification, Incident.assigned_to)
    asked = select(*kinds, func.count()).where(*visible(viewer)).group_by(*kinds)  # type: ignore[call-overload]
    stages, weighed, assigned = Counter[str](), Counter[str](), Counter[str | None]()
    for stage, verification, member, number in session.execute(asked):
        stages[stage] += number
        if stage != "withdrawn":
            weighed[verification] += number
            assigned[member] += number
    unassigned = assigned.pop(None, 0)
    return Queue(
        by_stage=_in_order("stages", stages),
        by_verification=_in_order("verifications", weighed),
        by_assignee={name: assigned[name] for name in sorted(map(str, assigned))},
        unassigned=unassigned,
        mine=assigned[viewer.name],
        oldest_waiting=_oldest(session, viewer),
    )


def _in_order(words: str, counted: Counter[str]) -> dict[str, int]:
    return {code: counted[code] for code in vocabulary(words) if counted[code]}


def _oldest(session: Session, viewer: Viewer) -> list[Waiting]:
    """Those handed in longest ago: since their last move."""
    moved = (
        select(func.max(Review.at))
        .where(col(Review.incident_pk) == Incident.pk, col(Review.kind) == "move")
        .correlate(Incident)
        .scalar_subquery()
    )
    since = func.coalesce(moved, Incident.updated_at)
    shown = (Incident.id, Incident.ref, Incident.title, Incident.stage, Incident.assigned_to)
    asked = select(*shown, since.label("since")).where(*visible(viewer), col(Incident.stage).in_(WAITING))  # type: ignore[call-overload]
    rows = session.execute(asked.order_by(since, col(Incident.pk)).limit(OLDEST)).mappings()
    return [Waiting.model_validate(dict(row)) for row in rows]
