"""/incidents.{format}: the whole answer as one file, streamed."""

from collections.abc import Callable
from typing import Annotated, Any

from fastapi import APIRouter, Query
from fastapi.responses import StreamingResponse

from app.access.policy import READ, WORDS, allow
from app.api.strict import StrictRoute
from app.db import now
from app.depends import Asker, Reading
from app.errors import NotFound
from app.exports import CITATIONS, FORMATS, Answer, Format, Heading
from app.queries import incidents as queries
from app.queries.filter import CsvFilter, IncidentFilter

router = APIRouter(tags=["Downloads"], route_class=StrictRoute)


def as_file(form: Format, question: Any, session: Any, viewer: Any) -> StreamingResponse:
    """The whole answer to a question as one file."""
    rows = queries.stream(session, question, viewer)
    asked_at = now()
    heading = Heading(question.sentence(), asked_at, getattr(question, "hxl", False))
    headers = {
        "Content-Disposition": f'attachment; filename="incidents-{asked_at:%Y-%m-%d}.{form.name}"',
        "X-Content-Type-Options": "nosniff",
    }
    return StreamingResponse(form.write(Answer(rows, heading)), media_type=form.media_type, headers=headers)


def _route(form: Format) -> Callable[..., StreamingResponse]:
    @allow(READ)
    def download(question: Annotated[IncidentFilter, Query()], session: Reading, viewer: Asker) -> StreamingResponse:
        return as_file(form, question, session, viewer)

    return download


@allow(READ)
def _download_csv(question: Annotated[CsvFilter, Query()], session: Reading, viewer: Asker) -> StreamingResponse:
    return as_file(FORMATS["csv"], question, session, viewer)


for _name, _form in FORMATS.items():
    router.add_api_route(
        f"/incidents.{_name}",
        _download_csv if _name == "csv" else _route(_form),
        methods=["GET"],
        name=f"download_{_name}",
        summary=f"All answers as {_name}",
        description=f"{_form.about}. The same filters and the same rows as GET /incidents counts.",
        response_class=StreamingResponse,
        responses={200: {"content": {_form.media_type.split(";")[0]: {}}}},
    )


@router.get("/incidents.{name}", include_in_schema=False)
@allow(WORDS)
def unknown_format(name: str, viewer: Asker) -> None:  # noqa: ARG001 - the name must not be echoed
    raise NotFound(f"There is no such format. We have: {', '.join((*FORMATS, *CITATIONS))}.")
