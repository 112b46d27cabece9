"""For operators: is it alive, is it ready."""

from fastapi import APIRouter

from app.depends import Reading
from app.queries.archive import kind

router = APIRouter(tags=["Operators"])


@router.get("/healthz")
def alive() -> dict[str, str]:
    """The process answers."""
    return {"status": "alive"}


@router.get("/readyz")
def ready(session: Reading) -> dict[str, str]:
    """The database answers too."""
    return {"status": "ready", "archive": kind(session) or "none"}
