"""Imports: send a file, see what came of it, take it back."""

import tempfile
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Request
from fastapi.concurrency import run_in_threadpool
from pydantic import BaseModel, ConfigDict, Field

from app import imports
from app.access.policy import WORDS, WORK, WRITE, allow
from app.access.viewer import check_may_read, check_may_write
from app.actions import batches
from app.api.strict import StrictRoute
from app.depends import Asker, Database, Reading, Writing
from app.errors import TooLarge
from app.imports import Hints
from app.queries import history
from app.records.batch import BatchOut

router = APIRouter(prefix="/imports", tags=["Imports"], route_class=StrictRoute)
LARGEST = 25 * 1024 * 1024
SHOWN = 1000
# What a file is, is found from its content; these are the kinds that people send.
KINDS = (
    "text/csv",
    "text/tab-separated-values",
    "application/json",
    "application/geo+json",
    "application/x-ndjson",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "application/vnd.ms-excel",
    "application/vnd.oasis.opendocument.spreadsheet",
    "application/geopackage+sqlite3",
    "application/vnd.google-earth.kml+xml",
    "application/zip",
    "application/gzip",
)


class ImportAsked(BaseModel):
    """How the file is to be taken in."""

    model_config = ConfigDict(extra="forbid")

    format: str | None = Field(None, max_length=40, description="Name of the format; found from the heading without")
    name: str = Field("upload.csv", max_length=300, description="What the file is called")
    dry_run: bool = Field(False, description="Only check; nothing is written")
    keep_good: bool = Field(False, description="Record the good rows though others are refused")
    encoding: str | None = Field(None, max_length=40, description="utf-8, cp1252, cp1256 ...; found without")
    delimiter: str | None = Field(
        None, max_length=9, description="comma, semicolon, tab, pipe, or the sign; found without"
    )
    sheet: str | None = Field(
        None, max_length=200, description="Sheet of a workbook by name or number; the first without"
    )
    header_row: int | None = Field(None, ge=1, le=1_000_000, description="Row that names the columns; found without")

    def hints(self) -> Hints:
        return Hints(self.encoding, self.delimiter, self.sheet, self.header_row)


@router.get("/formats")
@allow(WORDS)
def list_formats(viewer: Asker) -> dict[str, str]:  # noqa: ARG001
    """The formats that can be read."""
    return {name: importer.about for name, importer in imports.IMPORTERS.items()}


@router.post("", openapi_extra={"requestBody": {"content": {kind: {} for kind in KINDS}, "required": True}})
@allow(WRITE)
async def import_file(
    request: Request, asked: Annotated[ImportAsked, Query()], database: Database, viewer: Asker
) -> dict[str, Any]:
    """Send the file as the body. All of it is recorded or, when a row is refused, nothing."""
    check_may_write(viewer)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "upload"
        await _save(request.stream(), path)
        return await run_in_threadpool(_run, path, asked, database, viewer)


async def _save(body: AsyncIterator[bytes], path: Path) -> None:
    size = 0
    with path.open("wb") as file:
        async for piece in body:
            size += len(piece)
            if size > LARGEST:
                raise TooLarge("The file is larger than 25 MiB: use `gawah import` on the server.")
            file.write(piece)


def _run(path: Path, asked: ImportAsked, database: Database, viewer: Asker) -> dict[str, Any]:
    plan = imports.plan(
        path, asked.format, dry_run=asked.dry_run, keep_good=asked.keep_good, name=asked.name, hints=asked.hints()
    )
    outcome = imports.run(database, plan, viewer).as_json()
    return outcome | {"errors": outcome["errors"][:SHOWN], "notes": outcome["notes"][:SHOWN]}


@router.get("")
@allow(WORK)
def list_imports(session: Reading, viewer: Asker) -> list[BatchOut]:
    """The imports, newest first."""
    check_may_read(viewer)
    return history.batches(session)


@router.get("/{batch_id}")
@allow(WORK)
def get_import(batch_id: UUID, session: Reading, viewer: Asker) -> BatchOut:
    """One import: which file, how many rows, whether it was taken back."""
    check_may_read(viewer)
    return history.batch(session, batch_id)


@router.post("/{batch_id}/undo")
@allow(WRITE)
def undo_import(batch_id: UUID, write: Writing, viewer: Asker, *, also_edited: bool = False) -> dict[str, int]:
    """Take a whole import back; what it changed is as before. History stays."""
    with write() as session:
        return {"incidents": batches.undo(session, batch_id, viewer, also_edited=also_edited)}
