"""/incidents.{format}: the whole answer as one file; for the public from a file that is kept, for others streamed."""

import hashlib
import os
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Annotated

import orjson
from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import StreamingResponse
from sqlmodel import Session

from app import __version__
from app.access.policy import READ, THE_PUBLIC, WORDS, allow
from app.access.viewer import Viewer
from app.api.parts_of_files import WHOLE_OR_PART, FromFile, is_known, part_wanted
from app.api.strict import StrictRoute
from app.db import now
from app.depends import Asker, ReadingWhole, store_of
from app.errors import NotFound, OutOfRange
from app.exports import CITATIONS, FORMATS, Format, Heading, answer
from app.queries import archive
from app.queries import incidents as queries
from app.queries.filter import CsvFilter, IncidentFilter
from app.upkeep import moments

# So many incidents make a file in less time than anybody notices.
FEW = 5_000
router = APIRouter(tags=["Downloads"], route_class=StrictRoute)


def as_file(request: Request, form: Format, question: IncidentFilter, session: Session, viewer: Viewer) -> Response:
    """The whole answer to a question as one file. Raises Invalid."""
    if viewer.role == THE_PUBLIC:
        return _published(request, form, question, session, viewer)
    heading = _heading(question, now())
    pieces = form.write(answer(session, form, question, viewer, heading))
    return StreamingResponse(pieces, media_type=form.media_type, headers=_headers(form, heading))


def _published(request: Request, form: Format, question: IncidentFilter, session: Session, viewer: Viewer) -> Response:
    """The same for the public: made once for each state of the published store, and kept as long as that lasts."""
    store, at = store_of(request), archive.as_of(session)
    name, heading = _name(form, question, at), _heading(question, at)
    tag, headers = f'"{name}"', _headers(form, heading)
    if is_known(request, tag):
        return Response(status_code=304, headers={"ETag": tag})
    told = answer(session, form, question, viewer, heading)  # refused here when it cannot be asked
    kept, is_still = f"{name}.{form.name}", lambda: moments.as_of(store.engine) == at
    headers |= {"ETag": tag, "Content-Encoding": "identity"}
    if _is_long(request, form) and not store.files.has(kept) and queries.are_more_than(session, question, viewer, FEW):
        body = store.files.passing(kept, form.write(told), is_still)
        return StreamingResponse(body, media_type=form.media_type, headers=headers)

    def pieces() -> Iterator[bytes]:
        return form.write(answer(session, form, question, viewer, heading))

    try:
        file = store.files.open(kept, pieces, is_still)
    except OSError:  # no room to keep it
        return StreamingResponse(form.write(told), media_type=form.media_type, headers=headers)
    size = os.fstat(file.fileno()).st_size
    try:
        part = part_wanted(request, tag, size)
    except OutOfRange:
        file.close()
        raise
    return FromFile(file, size, part, form.media_type, headers)


def _is_long(request: Request, form: Format) -> bool:
    """Whether the first byte may come before the file is whole: not where a part or its length is asked for."""
    return request.method == "GET" and "Range" not in request.headers and form.most is None


def _name(form: Format, question: IncidentFilter, at: datetime) -> str:
    """Another one for every format, question and state of the store; it tells nobody which."""
    told = [__version__, form.name, question.asked(), getattr(question, "hxl", False), at.isoformat()]
    return hashlib.sha256(orjson.dumps(told, option=orjson.OPT_SORT_KEYS)).hexdigest()[:32]


def _heading(question: IncidentFilter, at: datetime) -> Heading:
    return Heading(question.sentence(), at, getattr(question, "hxl", False))


def _headers(form: Format, heading: Heading) -> dict[str, str]:
    # What is compressed already is not compressed once more on its way.
    packed = {"Content-Encoding": "identity"} if form.packed else {}
    return packed | {
        "Content-Disposition": f'attachment; filename="incidents-{heading.asked_at:%Y-%m-%d}.{form.name}"',
        "X-Content-Type-Options": "nosniff",
    }


def _route(form: Format) -> Callable[..., Response]:
    @allow(READ)
    def download(
        request: Request, question: Annotated[IncidentFilter, Query()], session: ReadingWhole, viewer: Asker
    ) -> Response:
        return as_file(request, form, question, session, viewer)

    return download


@allow(READ)
def _download_csv(
    request: Request, question: Annotated[CsvFilter, Query()], session: ReadingWhole, viewer: Asker
) -> Response:
    return as_file(request, FORMATS["csv"], question, session, viewer)


for _name_of, _form in FORMATS.items():
    router.add_api_route(
        f"/incidents.{_name_of}",
        _download_csv if _name_of == "csv" else _route(_form),
        methods=["GET"],
        name=f"download_{_name_of.replace('.', '_')}",
        summary=f"All answers as {_name_of}",
        description=f"{_form.about}. The same filters and the same rows as GET /incidents counts.",
        response_class=StreamingResponse,
        responses=WHOLE_OR_PART | {200: {"content": {_form.media_type.split(";")[0]: {}}}},
    )


@router.get("/incidents.{name}", include_in_schema=False)
@allow(WORDS)
def unknown_format(name: str, viewer: Asker) -> None:  # noqa: ARG001 - the name must not be echoed
    raise NotFound(f"There is no such format. We have: {', '.join((*FORMATS, *CITATIONS))}.")
