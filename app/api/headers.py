"""What every answer says of itself to browsers and caches, by one table, also when the service fails."""

import logging
import traceback
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from starlette.datastructures import MutableHeaders
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.access.policy import THE_PUBLIC
from app.access.viewer import Viewer
from app.api.problem import problem

log = logging.getLogger("gawah")
HOME = Path(__file__).resolve().parents[1]

NOTHING = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
SANDBOX = NOTHING + "; sandbox"
PAGE = NOTHING + "; style-src 'self'"
# Features of browsers that no page of ours needs.
OFF = (
    "accelerometer", "autoplay", "browsing-topics", "camera", "display-capture", "encrypted-media", "fullscreen",
    "geolocation", "gyroscope", "idle-detection", "magnetometer", "microphone", "midi", "payment",
    "publickey-credentials-get", "screen-wake-lock", "serial", "usb", "xr-spatial-tracking",
)  # fmt: skip
ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": ", ".join(f"{feature}=()" for feature in OFF),
}
FAILED = "Something failed here, and it was noted: try again later, or tell whoever looks after it."
HSTS = "max-age=63072000"
TELLING_ALL = ("Authorization", "Cookie")
# A cache may keep what is published but asks every time: what is withdrawn is withdrawn at once.
PUBLIC = "public, no-cache"
STILL = "public, max-age=300"
# A whole answer, a part of one, and the word that the asker has it.
WHOLE = frozenset({200, 206, 304})
SECRET = "no-store"  # noqa: S105 - a word to caches
# The same for everybody, whoever asks; and of these the ones that a browser shows as a page.
STANDING = frozenset({"/", "/docs", "/docs.css", "/openapi.json"})
PAGES = frozenset({"/docs"})
# Here one address answers with a page or with data, as it is asked.
MAPS = "/ogc"


def contract(scope: Scope, status: int, given: Mapping[str, str]) -> dict[str, str]:
    """The headers that an answer must have. `given`: what the route itself says."""
    headers = dict(ALWAYS)
    headers["Content-Security-Policy"] = _content_policy(scope["path"], given)
    headers["Cache-Control"] = _caching(scope, status, given)
    if scope["scheme"] == "https":
        headers["Strict-Transport-Security"] = HSTS
    return headers


def _content_policy(path: str, given: Mapping[str, str]) -> str:
    if "content-disposition" in given:
        return SANDBOX
    page = path in PAGES or (path.startswith(MAPS) and given.get("content-type", "").startswith("text/html"))
    return PAGE if page else NOTHING


def _caching(scope: Scope, status: int, given: Mapping[str, str]) -> str:
    """An answer to a member is in no cache, nor anything but a whole one (or "as you have it") with no cookie."""
    viewer: Viewer | None = scope["state"].get("viewer")
    if status not in WHOLE or "set-cookie" in given or scope["method"] not in {"GET", "HEAD"}:
        return SECRET
    if scope["path"] in STANDING:
        return STILL
    by_link = given.get("cache-control") == SECRET
    return PUBLIC if viewer is not None and viewer.role == THE_PUBLIC and not by_link else SECRET


class Headers:
    """Puts them on every answer; answers HEAD where only GET is known, and 500 without a word where a route fails."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        # One dictionary for the routes and for us: who was let in stands in it.
        scope = {**scope, "state": dict(scope.get("state", {}))}
        answer = Answer(scope, send)
        await self._attempt(scope, receive, answer)
        if not answer.begun and answer.held:
            await self._attempt({**scope, "method": "GET"}, receive, answer)

    async def _attempt(self, scope: Scope, receive: Receive, answer: "Answer") -> None:
        try:
            await self.app(scope, receive, answer.send_on)
        except ClientDisconnect:
            return
        except Exception as failure:  # noqa: BLE001 - whatever it is, it is told to nobody outside
            if answer.enough:
                return
            _note(failure)
            if not answer.begun:
                failed = problem(500, "Failed", FAILED, [])
                await failed(scope, receive, answer.send_on)


@dataclass
class Answer:
    """One answer on its way out. `held`: HEAD is not known here, and GET may be; `enough`: no more than the head."""

    scope: Scope
    send: Send
    begun: bool = False
    held: bool = False
    enough: bool = False

    async def send_on(self, message: Message) -> None:
        """Hand a message on, with the headers of the contract. Raises OSError once there is enough."""
        if self.enough:
            raise OSError("only the head of the answer was asked for")
        head_only = self.scope["method"] == "HEAD"
        if message["type"] == "http.response.start":
            if head_only and message["status"] == 405 and not self.held:
                self.held = True
                return
            self._complete(message)
            self.begun = True
        elif not self.begun:
            return
        elif head_only:
            message = {"type": "http.response.body", "body": b"", "more_body": False}
            self.enough = True
        await self.send(message)

    def _complete(self, message: Message) -> None:
        message["headers"] = list(message.get("headers", ()))
        headers = MutableHeaders(raw=message["headers"])
        for name, value in contract(self.scope, message["status"], headers).items():
            headers[name] = value
        for name in TELLING_ALL:
            headers.add_vary_header(name)


def _note(failure: BaseException) -> None:
    """What failed and where in our code: neither what was sent nor what the failure says, for names stand in it."""
    steps = [step for step, _ in traceback.walk_tb(failure.__traceback__)]
    ours = [step for step in steps if HOME in Path(step.f_code.co_filename).parents] or steps
    places = [f"{Path(step.f_code.co_filename).name} {step.f_code.co_name}" for step in (*ours[-3:], *steps[-1:])]
    log.error("A request failed: %s at %s", type(failure).__name__, " > ".join(dict.fromkeys(places)))
