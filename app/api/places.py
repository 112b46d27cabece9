"""Areas and settlements."""

from typing import Annotated

from fastapi import APIRouter, Query

from app.access.policy import WORDS, allow
from app.api.strict import StrictRoute
from app.depends import Asker, Reading
from app.queries import places
from app.queries.places import AreaSearch, SettlementSearch
from app.records.area import AreaOut, SettlementOut

router = APIRouter(tags=["Words and places"], route_class=StrictRoute)


@router.get("/areas")
@allow(WORDS)
def list_areas(asked: Annotated[AreaSearch, Query()], session: Reading, viewer: Asker) -> list[AreaOut]:  # noqa: ARG001
    """Administrative areas by name, country, level, parent, or those that hold a point."""
    return places.areas(session, asked)


@router.get("/areas/{code}")
@allow(WORDS)
def get_area(code: str, session: Reading, viewer: Asker) -> AreaOut:  # noqa: ARG001
    """One area by its code."""
    return places.area(session, code)


@router.get("/settlements")
@allow(WORDS)
def list_settlements(
    asked: Annotated[SettlementSearch, Query()], session: Reading, viewer: Asker  # noqa: ARG001
) -> list[SettlementOut]:  # fmt: skip
    """Towns and villages by the beginning of a name, in any script."""
    return places.settlements(session, asked)
