"""/releases: answers frozen under a name, to cite and to fetch, and to make and recall."""

import re
from base64 import b64encode
from collections.abc import Iterator
from typing import Annotated, Any

from fastapi import APIRouter, Body, Header, Response
from fastapi.responses import StreamingResponse

from app.access.policy import REVIEW, WORDS, allow
from app.actions import releases as actions
from app.api.strict import StrictRoute
from app.depends import Asker, Public, PublicReading, Writing
from app.errors import OutOfRange
from app.queries import releases as queries
from app.queries.release_files import MEDIA_TYPES
from app.records.release import RecallIn, ReleaseFile, ReleaseIn, ReleaseOut
from app.upkeep import laying
from app.upkeep import releases as upkeep

router = APIRouter(prefix="/releases", tags=["Releases"], route_class=StrictRoute)
RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})")
FILE: dict[int | str, Any] = {
    200: {"content": {media.split(";")[0]: {} for media in MEDIA_TYPES.values()}},
    206: {"description": "The part of the file that Range asks for"},
    304: {"description": "You have it already: If-None-Match names it"},
}
IfNoneMatch = Annotated[str | None, Header(description="The ETag of the file that you have")]
Part = Annotated[str | None, Header(alias="Range", description="bytes=FIRST-LAST: a part of the file, to go on")]
IfRange = Annotated[str | None, Header(description="The ETag of the file that a part of is wanted; else all of it")]


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
    release: str, file: str, session: PublicReading, viewer: Asker,  # noqa: ARG001
    if_none_match: IfNoneMatch = None, part: Part = None, if_range: IfRange = None,
) -> Response:  # fmt: skip
    """One file of a release, whole or in parts."""
    found = queries.find(session, release)
    told = queries.file_of(queries.shown(found), file)
    headers = _headers(found.name, told)
    if if_none_match is not None and headers["ETag"] in re.split(r",\s*", if_none_match):
        return Response(status_code=304, headers=headers)
    span = _span(part if if_range in {None, headers["ETag"]} else None, told.size)
    size = told.size if span is None else span[1] - span[0] + 1
    headers |= {"Content-Length": str(size)}
    if span is not None:
        headers |= {"Content-Range": f"bytes {span[0]}-{span[1]}/{told.size}"}
    body: Iterator[bytes] = queries.pieces(session, found.pk, file, span or (0, told.size - 1))
    status = 200 if span is None else 206
    return StreamingResponse(body, status, headers, media_type=MEDIA_TYPES.get(file, "application/octet-stream"))


def _headers(release: str, file: ReleaseFile) -> dict[str, str]:
    digest = b64encode(bytes.fromhex(file.sha256)).decode()
    return {
        "ETag": f'"{file.sha256}"', "Repr-Digest": f"sha-256=:{digest}:", "Accept-Ranges": "bytes",
        "Content-Encoding": "identity",
        "Content-Disposition": f'attachment; filename="{release.replace("@", "-")}-{file.name}"',
    }  # fmt: skip


def _span(asked: str | None, size: int) -> tuple[int, int] | None:
    """The first and last byte that is asked for; None for all. Raises OutOfRange for a part that is not there.

    What is no range of bytes, or several at once, is answered with the whole file, as RFC 9110 allows.
    """
    met = RANGE.fullmatch(asked or "")
    if met is None or met[1] == met[2] == "":
        return None
    if met[1] == "":
        first, last = max(0, size - int(met[2])), size - 1
    else:
        first, last = int(met[1]), min(int(met[2] or size), size - 1)
        if met[2] and int(met[2]) < first:
            return None
    if first > last:
        raise OutOfRange("The file has no such part: see Content-Range for its size.", size)
    return first, last
