"""Imports: send a file, see what came of it, take it back."""

import tempfile
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from fastapi.concurrency import run_in_threadpool
from pydantic import BaseModel, ConfigDict, Field

from app import imports
from app.access.policy import WORDS, WORK, WRITE, allow
from app.access.viewer import Viewer, check_may_read, check_may_write
from app.actions import batches
from app.api.strict import StrictRoute
from app.depends import Asker, Database, Kept, Reading, Writing, board_of
from app.errors import Conflict, Invalid, TooLarge
from app.exports.plain import PLAIN
from app.imports import Hints, background, mappings
from app.imports.asking import names_table
from app.imports.background import How
from app.queries import history
from app.records.batch import BatchOut

router = APIRouter(prefix="/imports", tags=["Imports"], route_class=StrictRoute)
LARGEST = 25 * 1024 * 1024
LARGEST_MAPPING = 200_000
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
TOML = "application/toml"
FILES: dict[str, Any] = {"requestBody": {"content": {kind: {} for kind in KINDS}, "required": True}}


class ImportAsked(BaseModel):
    """How the file is to be taken in."""

    model_config = ConfigDict(extra="forbid")

    format: str | None = Field(None, max_length=40, description="Name of the format; found from the heading without")
    mapping: str | None = Field(None, max_length=60, description="Name of a mapping for somebody else's table")
    name: str = Field("upload.csv", max_length=300, description="What the file is called")
    background: bool = Field(False, description="Answer at once with a job, and take the file in meanwhile")
    dry_run: bool = Field(False, description="Only check; nothing is written")
    keep_good: bool = Field(False, description="Record the good rows though others are refused")
    ask_first: bool = Field(False, description="Record nothing as long as a name that is not known here is undecided")
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

    def how(self) -> How:
        return How(self.format, self.mapping, self.name, self.dry_run, self.keep_good, self.hints(), self.ask_first)


class RefusedAsked(ImportAsked):
    """The same, and as what the refused rows or the names are wanted."""

    form: Literal["csv", "xlsx"] = Field("csv", description="A table for Excel and LibreOffice, or a workbook")


class Suggested(BaseModel):
    """The file for which a mapping is wanted."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field("upload.csv", max_length=300, description="What the file is called")


@router.get("/formats")
@allow(WORDS)
def list_formats(viewer: Asker) -> dict[str, str]:  # noqa: ARG001
    """The formats that can be read."""
    return {name: importer.about for name, importer in imports.IMPORTERS.items()}


@router.post("", openapi_extra=FILES, responses={202: {"description": "Left as a job: see Location"}})
@allow(WRITE)
async def import_file(
    request: Request,
    response: Response,
    asked: Annotated[ImportAsked, Query()],
    database: Database,
    viewer: Asker,
    folder: Kept,
) -> dict[str, Any]:
    """Send the file as the body. All of it is recorded or, when a row is refused, nothing.

    With `background` the answer is a job (202): it goes on while you are away, and `Location` tells how far it is.
    """
    check_may_write(viewer)
    board = await run_in_threadpool(board_of, request) if asked.background else None
    with tempfile.TemporaryDirectory() as room:
        path = Path(room) / "upload"
        await save(request.stream(), path)
        if board is None:
            return await run_in_threadpool(_run, path, asked.how(), database, viewer, folder)
        job = await run_in_threadpool(background.leave, board, path, asked.how(), viewer, folder)
    response.status_code, response.headers["Location"] = 202, f"/api/v1/jobs/{job.id}"
    return job.model_dump(mode="json")


async def save(body: AsyncIterator[bytes], path: Path) -> None:
    """Keep a body as a file. Raises TooLarge."""
    size = 0
    with path.open("wb") as file:
        async for piece in body:
            size += len(piece)
            if size > LARGEST:
                raise TooLarge("The file is larger than 25 MiB: use `gawah import` on the server.")
            file.write(piece)


def _run(path: Path, how: How, database: Database, viewer: Asker, folder: Kept) -> dict[str, Any]:
    outcome = imports.run(database, background.plan(path, how, folder), viewer).as_json()
    return outcome | {
        name: outcome[name][:SHOWN] for name in ("errors", "notes", "changes", "to_decide", "need_no_decision")
    }


@router.post(
    "/refused",
    openapi_extra=FILES,
    response_class=Response,
    responses={200: {"content": {form.media_type.split(";")[0]: {} for form in PLAIN.values()}}},
)
@allow(WRITE)
async def refused_rows(
    request: Request, asked: Annotated[RefusedAsked, Query()], database: Database, viewer: Asker, folder: Kept
) -> Response:
    """Send a file as the body: back come the rows that would be refused, under its own heading, and why.

    Mended, this file can be imported: the last column is passed over. Nothing is written.
    """
    check_may_write(viewer)
    with tempfile.TemporaryDirectory() as room:
        path = Path(room) / "upload"
        await save(request.stream(), path)
        rows = await run_in_threadpool(_refused, path, asked, database, viewer, folder)
    named = {"Content-Disposition": f'attachment; filename="refused.{asked.form}"'}
    return Response(rows, media_type=PLAIN[asked.form].media_type, headers=named)


def _refused(path: Path, asked: RefusedAsked, database: Database, viewer: Asker, folder: Kept) -> bytes:
    plan = replace(background.plan(path, asked.how(), folder), dry_run=True)
    outcome = imports.run(database, plan, viewer)
    return b"".join(PLAIN[asked.form].write(imports.refused_rows(path, outcome.errors, plan.hints)))


@router.post(
    "/names",
    openapi_extra=FILES,
    response_class=Response,
    responses={200: {"content": {form.media_type.split(";")[0]: {} for form in PLAIN.values()}}},
)
@allow(WRITE)
async def unknown_names(
    request: Request, asked: Annotated[RefusedAsked, Query()], database: Database, viewer: Asker, folder: Kept
) -> Response:
    """Send a file as the body: back comes a table of the names that are not known here, to be decided on.

    Nothing is written. Filled in, it goes to a job that was left with `background` and `ask_first`.
    """
    check_may_write(viewer)
    with tempfile.TemporaryDirectory() as room:
        path = Path(room) / "upload"
        await save(request.stream(), path)
        found = await run_in_threadpool(_names, path, asked, database, viewer, folder)
    named = {"Content-Disposition": f'attachment; filename="names.{asked.form}"'}
    return Response(found, media_type=PLAIN[asked.form].media_type, headers=named)


def _names(path: Path, asked: RefusedAsked, database: Database, viewer: Viewer, folder: Path | None) -> bytes:
    outcome = imports.run(database, replace(background.plan(path, asked.how(), folder), dry_run=True), viewer)
    return b"".join(PLAIN[asked.form].write(names_table(outcome.names.as_json(outcome.numbering))))


@router.get("/mappings")
@allow(WORK)
def list_mappings(viewer: Asker, folder: Kept) -> dict[str, str]:
    """The mappings for tables of others: those we ship, and those that this archive keeps."""
    check_may_read(viewer)
    return {name: mapping.about for name, mapping in mappings.listed(folder).items()}


@router.post(
    "/suggestions",
    openapi_extra=FILES,
    response_class=Response,
    responses={200: {"content": {TOML: {}}}},
)
@allow(WRITE)
async def suggest_mapping(request: Request, asked: Annotated[Suggested, Query()], viewer: Asker) -> Response:
    """Send a table of somebody else's as the body: back comes a mapping for it, as TOML to be looked at and mended."""
    check_may_write(viewer)
    with tempfile.TemporaryDirectory() as room:
        path = Path(room) / "upload"
        await save(request.stream(), path)
        text = await run_in_threadpool(mappings.suggest, path, asked.name)
    return Response(text, media_type=TOML)


@router.put("/mappings/{name}", openapi_extra={"requestBody": {"content": {TOML: {}}, "required": True}})
@allow(WRITE)
async def save_mapping(name: str, request: Request, viewer: Asker, folder: Kept) -> dict[str, str]:
    """Keep a mapping under a name; an older one of that name is replaced."""
    check_may_write(viewer)
    if folder is None:
        raise Conflict("This archive keeps no mappings: it has no folder for them.")
    text = await _text(request)
    mapping = await run_in_threadpool(mappings.save, folder, name, text)
    return {"name": name, "about": mapping.about}


async def _text(request: Request) -> str:
    raw = b""
    async for piece in request.stream():
        raw += piece
        if len(raw) > LARGEST_MAPPING:
            raise TooLarge("The mapping is larger than 200 KB.")
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        raise Invalid("The mapping is not UTF-8: save it so, and send it again.") from None


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
