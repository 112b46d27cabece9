"""/releases: answers frozen under a name, to cite and to fetch, and to make and recall."""

from base64 import b64encode
from collections.abc import Iterator
from typing import Annotated

from fastapi import APIRouter, Body, Request, Response
from fastapi.responses import StreamingResponse

from app.access.policy import REVIEW, WORDS, allow
from app.actions import releases as actions
from app.api.parts_of_files import WHOLE_OR_PART, Part, is_known, part_wanted, told_of
from app.api.strict import StrictRoute
from app.depends import Asker, Public, PublicReading, Writing
from app.queries import releases as queries
from app.queries.release_files import MEDIA_TYPES
from app.records.release import RecallIn, ReleaseFile, ReleaseIn, ReleaseOut
from app.upkeep import laying
from app.upkeep import releases as upkeep

router = APIRouter(prefix="/releases", tags=["Releases"], route_class=StrictRoute)
FILE = WHOLE_OR_PART | {200: {"content": {media.split(";")[0]: {} for media in MEDIA_TYPES.values()}}}


@router.get("")
@allow(WORDS)
def list_releases(session: PublicReading, viewer: Asker) -> list[ReleaseOut]:  # noqa: ARG001 - the same for everybody
    """Every release, newest first: what it asked, as of when, its files and their checksums."""
    return queries.every(session)


@router.post("", status_code=201)
@allow(REVIEW)
def create_release(
    told: Annotated[ReleaseIn, Body()], write: Writing, viewer: Asker, public: Public, response: Response
) -> ReleaseOut:
    """Freeze what the published store answers to a question now. It gives the same files for ever."""
    made = upkeep.create(write, public, told, viewer)
    response.headers["Location"] = f"/api/v1/releases/{made.name}"
    return made


@router.get("/{release}")
@allow(WORDS)
def get_release(release: str, session: PublicReading, viewer: Asker) -> ReleaseOut:  # noqa: ARG001
    """One release, also what was taken out of it since, and what its files were before."""
    return queries.shown(queries.find(session, release))


@router.post("/{release}/recall")
@allow(REVIEW)
def recall_from_release(
    release: str, told: Annotated[RecallIn, Body()], write: Writing, viewer: Asker, public: Public
) -> ReleaseOut:
    """Take incidents out of a release. It says so from then on, with the checksums it had before and has now."""
    with write() as session:
        actions.recall_from(session, release, told, viewer)
        shown = queries.shown(queries.find(session, release))
    laying.lay(public.working, public.engine, public.writing)
    return shown


@router.get("/{release}/{file}", response_class=StreamingResponse, responses=FILE)
@allow(WORDS)
def get_release_file(
    release: str, file: str, request: Request, session: PublicReading, viewer: Asker,  # noqa: ARG001
) -> Response:  # fmt: skip
    """One file of a release, whole or in parts."""
    found = queries.find(session, release)
    told = queries.file_of(queries.shown(found), file)
    headers = _headers(found.name, told)
    if is_known(request, headers["ETag"]):
        return Response(status_code=304, headers=headers)
    part = part_wanted(request, headers["ETag"], told.size)
    sent = part or Part(0, told.size)
    body: Iterator[bytes] = queries.pieces(session, found.pk, file, (sent.start, sent.stop - 1))
    media_type = MEDIA_TYPES.get(file, "application/octet-stream")
    return StreamingResponse(body, 206 if part else 200, headers | told_of(part, told.size), media_type)


def _headers(release: str, file: ReleaseFile) -> dict[str, str]:
    digest = b64encode(bytes.fromhex(file.sha256)).decode()
    return {
        "ETag": f'"{file.sha256}"', "Repr-Digest": f"sha-256=:{digest}:", "Content-Encoding": "identity",
        "Content-Disposition": f'attachment; filename="{release.replace("@", "-")}-{file.name}"',
    }  # fmt: skip
