"""/history: every line, for auditors: who read, searched, took out and changed what."""

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel

from app.access.policy import AUDIT, allow
from app.api.strict import StrictRoute
from app.depends import Asker, Reading
from app.queries import audit
from app.queries.audit import AuditLine, AuditPage

router = APIRouter(tags=["History"], route_class=StrictRoute)


class AuditLines(BaseModel):
    """One page of lines, newest first, and where to go on."""

    items: list[AuditLine]
    next: int | None


@router.get("/history")
@allow(AUDIT)
def list_history(asked: Annotated[AuditPage, Query()], session: Reading, viewer: Asker) -> AuditLines:  # noqa: ARG001
    """Who did what to which record and when, reads too. Neither what changed nor what was searched for."""
    items, cursor = audit.page(session, asked)
    return AuditLines(items=items, next=cursor)
