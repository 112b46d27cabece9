"""A KoboToolbox server by its API: submissions page by page, and the files that hang on them."""

import json
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPException
from typing import Any, TypeVar
from urllib.error import HTTPError
from urllib.parse import urlencode, urlsplit
from urllib.request import HTTPRedirectHandler, OpenerDirector, ProxyHandler, Request, build_opener

from app.errors import Fault, Forbidden, Invalid, NotFound, Refusal, TooLarge, Untimely

T = TypeVar("T")
Submission = dict[str, Any]
# The most submissions that KoboToolbox gives at once; a server that gives fewer is asked more often.
PAGE = 1000
LARGEST_PAGE = 64 * 1024**2
PIECE = 64 * 1024
# Seconds: without a byte; for one answer in all; between tries.
SILENCE, LONGEST = 60.0, 1800.0
WAITS = (1.0, 5.0, 20.0)
LONGEST_WAIT = 60.0
BUSY = frozenset({429, 500, 502, 503, 504})
LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
TOKEN = re.compile(r"[!-~]{1,200}")
OTHER = "The server does not answer as KoboToolbox does: is it the address of the KoboToolbox server itself?"


class _StayHere(HTTPRedirectHandler):
    """Follows no redirect: the token would go along, and what asks for it must be the server that was named."""

    def redirect_request(self, *_: Any, **__: Any) -> None:
        return None


@dataclass(frozen=True)
class Server:
    """A server by its address, as `checked_address` lets it through, and the token of an account on it."""

    address: str
    token: str = field(repr=False)

    def pages(self, form: str, since: str | None = None) -> Iterator[list[Submission]]:
        """The submissions of a form, oldest first; `since`: received on this day or later.

        Raises Forbidden, NotFound, TooLarge, and Untimely when the server fails or changes its mind half-way.
        """
        start = counted = 0
        while True:
            told = _page(self._again(lambda start=start: self._read(self._address_of(form, start, since))))  # type: ignore[misc]
            if told["count"] < counted:
                raise Untimely("Submissions were deleted while they were read: pull again.")
            counted = told["count"]
            if told["results"]:
                yield told["results"]
            start += len(told["results"])
            if told["next"] is None or not told["results"]:
                break
        if start < counted:
            raise Untimely(f"The server gave {start} of the {counted} submissions that it counts: pull again.")

    @contextmanager
    def file(self, address: str) -> Iterator["Body"]:
        """A file of a submission, to be read. Raises Forbidden, NotFound, and Untimely."""
        if _origin(address) != _origin(self.address):
            raise Forbidden("It lies on another server, which is not asked: the token is for this one.")
        with self._again(lambda: self._open(address)) as answer:
            yield Body(answer)

    def _address_of(self, form: str, start: int, since: str | None) -> str:
        asked: dict[str, Any] = {"format": "json", "limit": PAGE, "start": start, "sort": json.dumps({"_id": 1})}
        if since is not None:
            asked["query"] = json.dumps({"_submission_time": {"$gte": since}})
        return f"{self.address}/api/v2/assets/{form}/data/?{urlencode(asked)}"

    def _read(self, address: str) -> bytes:
        with self._open(address) as answer:
            body, found = Body(answer), bytearray()
            while piece := body.read(PIECE):
                found += piece
                if len(found) > LARGEST_PAGE:
                    raise TooLarge(
                        f"The server sent more than {LARGEST_PAGE // 1024**2} MiB at once; nothing was taken."
                    )
        return bytes(found)

    def _open(self, address: str) -> Any:
        headers = {"Authorization": f"Token {self.token}", "User-Agent": "gawah"}
        return _opener(address).open(Request(address, headers=headers), timeout=SILENCE)  # noqa: S310 - https, or loopback

    def _again(self, ask: Callable[[], T]) -> T:
        """Ask, and ask again where that may help."""
        for wait in (*WAITS, None):
            try:
                return ask()
            except HTTPError as problem:
                problem.close()
                if problem.code not in BUSY or wait is None:
                    raise _refusal(problem.code) from None
                time.sleep(_pause(problem, wait))
            except (OSError, HTTPException):
                if wait is None:
                    break
                time.sleep(wait)
        raise Untimely("The server cannot be reached, or broke off: nothing was taken. Try again later.")


class Body:
    """What a server answers, within a time, and whole or not at all. Its errors are OSError."""

    def __init__(self, answer: Any) -> None:
        self.answer = answer
        self.until = time.monotonic() + LONGEST
        stated = str(answer.headers.get("Content-Length") or "")
        self.left = int(stated) if stated.isascii() and stated.isdigit() else None

    def read(self, size: int = -1, /) -> bytes:
        if time.monotonic() > self.until:
            raise TimeoutError
        piece: bytes = self.answer.read(size if size > 0 else None)
        if self.left is not None:
            self.left -= len(piece)
            if self.left > 0 and not piece:
                raise ConnectionError
        return piece


def checked_address(address: str) -> str:
    """The address of a server without what follows it. Raises ValueError for one to which no token should go."""
    try:
        parts = urlsplit(address.strip())
        parts.port  # noqa: B018 - it is read only now
    except ValueError:
        raise ValueError("not the address of a server") from None
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in LOOPBACK):
        raise ValueError("not an https:// address, and over anything else the token could be read on its way")
    if not parts.hostname or parts.username or parts.password or parts.query or parts.fragment:
        raise ValueError("more or less than the address of a server, such as https://eu.kobotoolbox.org")
    return f"{parts.scheme}://{parts.netloc}{parts.path.rstrip('/')}"


def checked_token(token: str) -> str:
    """A token as it stands in a file. Raises Invalid, and does not repeat it."""
    found = token.strip()
    if not TOKEN.fullmatch(found):
        fault = Fault("token", "not one word", "copy it from Account Settings, Security, in KoboToolbox")
        raise Invalid("The token cannot be used.", [fault])
    return found


def _opener(address: str) -> OpenerDirector:
    """One that follows nothing and, on this machine, asks no proxy."""
    near = urlsplit(address).hostname in LOOPBACK
    return build_opener(_StayHere, *([ProxyHandler({})] if near else []))


def _page(raw: bytes) -> dict[str, Any]:
    """One page: `count`, `next`, and `results`, a list of objects. Raises Untimely for anything else."""
    try:
        told = json.loads(raw)
    except (ValueError, RecursionError):
        raise Untimely(OTHER) from None
    results = told.get("results") if isinstance(told, dict) else None
    if not isinstance(results, list) or not all(isinstance(one, dict) for one in results):
        raise Untimely(OTHER)
    if not isinstance(told.get("count"), int) or "next" not in told:
        raise Untimely(OTHER)
    return dict(told)


def _origin(address: str) -> tuple[str, str]:
    parts = urlsplit(address)
    return parts.scheme, parts.netloc.lower()


def _pause(problem: HTTPError, wait: float) -> float:
    """As long as a busy server asks for, within reason."""
    asked = str(problem.headers.get("Retry-After") or "")
    return min(float(asked), LONGEST_WAIT) if asked.isascii() and asked.isdigit() else wait


def _refusal(code: int) -> Refusal:
    if code in {401, 403}:
        return Forbidden("The server does not take this token, or its account may not see the submissions.")
    if code == 404:
        return NotFound("The server has no such form or file, or the account of the token may not see it.")
    if 300 <= code < 400:
        return Untimely(
            "The server sends us on to another address, where no token is sent: name that one, if it is yours."
        )
    if code in BUSY:
        return Untimely(f"The server is busy or has failed (it says {code}): nothing was taken. Try again later.")
    return Untimely(OTHER)
