"""/totals: how many, by month, area, kind."""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Query, Response
from fastapi.responses import StreamingResponse
from pydantic import BaseModel

from app.access.policy import READ, allow
from app.api.strict import StrictRoute
from app.db import now
from app.depends import Asker, Reading
from app.exports.format import Heading
from app.exports.totals import TOTALS, TotalsFormat, as_json
from app.queries import totals as queries
from app.queries.totals import TotalsQuestion

router = APIRouter(tags=["Totals"], route_class=StrictRoute)


class TotalsOut(BaseModel):
    """The groups in the order of their codes.

    They and what is left out add up to `total`, but for incidents that stand in several groups.
    """

    question: str
    asked_at: datetime
    by: list[str]
    total: int
    groups: list[dict[str, Any]]
    left_out: dict[str, int]
    left_out_groups: list[dict[str, Any]]
    counted_more_than_once: int
    definitions: dict[str, str]
    disclaimer: str


@router.get("/totals", response_model=TotalsOut)
@allow(READ)
def get_totals(question: Annotated[TotalsQuestion, Query()], session: Reading, viewer: Asker) -> Response:
    """How many incidents and people, by one to three things. Every incident is alleged; what is left out is told."""
    found = queries.totals(session, question, viewer)
    answer = as_json(found, Heading(question.sentence(), now()))
    return Response(orjson.dumps(answer), media_type="application/json")


def _route(form: TotalsFormat) -> Callable[..., StreamingResponse]:
    @allow(READ)
    def download(question: Annotated[TotalsQuestion, Query()], session: Reading, viewer: Asker) -> StreamingResponse:
        found, heading = queries.totals(session, question, viewer), Heading(question.sentence(), now())
        headers = {"Content-Disposition": f'attachment; filename="totals-{heading.asked_at:%Y-%m-%d}.{form.name}"'}
        headers |= {"Content-Encoding": "identity"} if form.packed else {}
        return StreamingResponse(form.write(found, heading), media_type=form.media_type, headers=headers)

    return download


for _name, _form in TOTALS.items():
    router.add_api_route(
        f"/totals.{_name}",
        _route(_form),
        methods=["GET"],
        name=f"download_totals_{_name}",
        summary=f"Totals as {_name}",
        description=f"{_form.about}: the groups of GET /totals, one a row, and after them what is left out.",
        response_class=StreamingResponse,
        responses={200: {"content": {_form.media_type.split(";")[0]: {}}}},
    )
