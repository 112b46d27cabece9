"""How /ogc is asked: errors are 400 as its standard has it, and an answer is JSON or a page."""

from collections.abc import Callable, Coroutine, Iterable, Iterator
from typing import Any, Literal

from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ConfigDict, Field

from app.api.problem import faults_of
from app.api.strict import StrictRoute
from app.errors import UNKNOWN, WHERE_TO_LOOK, Fault, Invalid, NotAsked

Form = Literal["json", "html"]
Handle = Callable[[Request], Coroutine[Any, Any, Response]]


class OgcRoute(StrictRoute):
    """A strict route that answers 400, and not 422, to a question that cannot be asked."""

    def get_route_handler(self) -> Handle:
        handle = super().get_route_handler()

        async def ask(request: Request) -> Response:
            try:
                return await handle(request)
            except RequestValidationError as error:
                raise NotAsked(WHERE_TO_LOOK, _told(faults_of(error.errors()))) from None
            except Invalid as refusal:
                raise NotAsked(refusal.detail, _told(refusal.faults)) from None

        return ask


def _told(faults: Iterable[Fault]) -> list[Fault]:
    """The same faults; what is unknown is to be looked up in the description of this API."""
    return [Fault(one.where, one.what, "see /ogc/api") if (one.what, one.mend) == UNKNOWN else one for one in faults]


class Shown(BaseModel):
    """All that can be asked of a page without incidents."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    f: Form | None = Field(None, description="json or html; the header Accept says it too")


def wants_page(request: Request, form: Form | None) -> bool:
    """Whether to answer with a page: `f` says so, or a browser asks, which likes HTML best."""
    if form is not None:
        return form == "html"
    liked = dict(_liked(request.headers.get("Accept", "")))
    others = [weight for kind, weight in liked.items() if kind == "*/*" or "json" in kind]
    return liked.get("text/html", 0.0) > max(others, default=0.0)


def _liked(accept: str) -> Iterator[tuple[str, float]]:
    """The media types of a header, and how much each is liked."""
    for part in accept.split(","):
        kind, *told = (word.strip().lower() for word in part.split(";"))
        weight = next((word[2:] for word in told if word.startswith("q=")), "1")
        yield kind, float(weight) if weight.replace(".", "", 1).isdecimal() else 0.0


def home_of(request: Request) -> str:
    """The address of the landing page, as the asker reaches it."""
    return str(request.base_url).rstrip("/") + "/ogc"
