"""Layers of areas: send one, and see which lie over those we ship."""

import tempfile
from datetime import date
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.concurrency import run_in_threadpool
from pydantic import BaseModel, ConfigDict, Field

from app.access.policy import REVIEW, WORDS, allow
from app.api.imports import FILES, SHOWN, save
from app.api.strict import StrictRoute
from app.depends import Asker, Database, Reading
from app.imports import Hints, areas
from app.queries import area_layers
from app.records.area import AreaLayerOut
from app.upkeep.published import Store, show_areas

router = APIRouter(tags=["Words and places"], route_class=StrictRoute)


class AreasAsked(BaseModel):
    """What the file is, and how it is to be taken in."""

    model_config = ConfigDict(extra="forbid")

    layer: str = Field(min_length=1, max_length=200, description="What this set of areas is called, with its date")
    source: str = Field(min_length=1, max_length=500, description="Who says so, as they want to be named")
    licence: str = Field(min_length=1, max_length=200, description="Under which licence, such as ODbL 1.0")
    as_of: date | None = Field(None, description="The day for which the areas are so")
    country: str | None = Field(None, pattern=r"^[A-Z]{3}$", description="The country of rows that name none")
    name: str = Field("areas", max_length=300, description="What the file is called")
    dry_run: bool = Field(False, description="Only check; nothing is written")
    keep_good: bool = Field(False, description="Take the good rows though others are refused")
    sheet: str | None = Field(None, max_length=200, description="Sheet or layer by name or number; the first without")

    def plan(self, path: Path) -> areas.Layer:
        return areas.Layer(
            path, self.layer, self.source, self.licence, self.as_of, self.country, self.dry_run, self.keep_good,
            self.name, Hints(sheet=self.sheet),
        )  # fmt: skip


@router.post("/imports/areas", openapi_extra=FILES)
@allow(REVIEW)
async def import_areas(
    request: Request,
    asked: Annotated[AreasAsked, Query()],
    database: Database,
    viewer: Asker,
) -> dict[str, Any]:
    """Send a file of p-codes or boundaries as the body. It is laid over the areas that are here, and replaces none.

    Where new and changed incidents lie is then told by it. `POST /imports/{batch_id}/undo` takes it back.
    """
    with tempfile.TemporaryDirectory() as room:
        path = Path(room) / "upload"
        await save(request.stream(), path)
        return await run_in_threadpool(_run, asked.plan(path), database, request.app.state.published, viewer)


def _run(layer: areas.Layer, database: Database, published: Store | None, viewer: Asker) -> dict[str, Any]:
    outcome = areas.run(database, layer, viewer)
    if outcome.recorded:
        show_areas(database, published)
    told = outcome.as_json()
    return told | {name: told[name][:SHOWN] for name in ("errors", "notes", "changes")}


@router.get("/area-layers")
@allow(WORDS)
def list_layers(session: Reading, viewer: Asker) -> list[AreaLayerOut]:  # noqa: ARG001
    """The sets of areas that lie over those we ship, the latest first: who made them, of what day, which licence."""
    return area_layers.layers(session)
