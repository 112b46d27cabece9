"""For operators: is it alive, is it ready."""

from fastapi import APIRouter

from app.access.policy import OPEN, allow
from app.api.strict import StrictRoute
from app.depends import Reading
from app.queries.archive import kind

router = APIRouter(tags=["Operators"], route_class=StrictRoute)


@router.get("/healthz")
@allow(OPEN)
def alive() -> dict[str, str]:
    """The process answers."""
    return {"status": "alive"}


@router.get("/readyz")
@allow(OPEN)
def ready(session: Reading) -> dict[str, str]:
    """The database answers too."""
    return {"status": "ready", "archive": kind(session) or "none"}
