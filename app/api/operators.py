"""For operators: is it alive, is it ready."""

from typing import Any

from fastapi import APIRouter

from app.access.policy import OPEN, allow
from app.api.strict import StrictRoute
from app.depends import Reading, Standby
from app.queries.archive import kind
from app.upkeep.replicas import told

router = APIRouter(tags=["Operators"], route_class=StrictRoute)


@router.get("/healthz")
@allow(OPEN)
def alive() -> dict[str, str]:
    """The process answers."""
    return {"status": "alive"}


@router.get("/readyz")
@allow(OPEN)
def ready(session: Reading, replica: Standby) -> dict[str, Any]:
    """The database answers too. `replica`: how the standby for reads stands, where there is one."""
    return {"status": "ready", "archive": kind(session) or "none"} | told(replica)
