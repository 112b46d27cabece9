"""Read what comes in once, strictly: size, depth, duplicate names, numbers and characters that nothing should hold."""

import json
from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.routing import APIRoute

from app.access.policy import declared
from app.depends import admit
from app.errors import Fault, Invalid, TooLarge

LARGEST = 1024 * 1024
DEEPEST = 32
# Characters that change what a reader sees without being seen; real texts in Urdu or Arabic do without them.
OVERRIDES = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


class Undeclared(RuntimeError):
    """A route that does not say who is let in; the service does not start with it."""


class StrictRoute(APIRoute):
    """A route that lets in whom its policy names, and whose JSON bodies are read by `read`."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Raises Undeclared for a route without a policy."""
        handle, policy = super().get_route_handler(), declared(self.endpoint)
        if policy is None:
            raise Undeclared(f"{self.path} declares no policy: put @allow(...) under its decorator.")

        async def strictly(request: Request) -> Response:
            await run_in_threadpool(admit, request, policy)
            return await handle(StrictRequest(request.scope, request.receive))

        return strictly


class StrictRequest(Request):
    """A request that refuses JSON which two readers could take for two different things."""

    async def json(self) -> Any:
        size = 0
        pieces = []
        async for piece in self.stream():
            size += len(piece)
            if size > LARGEST:
                raise TooLarge("The body is larger than 1 MiB: send less, or use an import.")
            pieces.append(piece)
        return read(b"".join(pieces))


def read(body: bytes) -> Any:
    """The value of a JSON text. Raises Invalid, without a word of what was sent."""
    try:
        value = json.loads(
            body.decode(),
            object_pairs_hook=_unique,
            parse_constant=_no_constant,
            parse_float=_number,
            parse_int=_whole,
        )
    except UnicodeDecodeError:
        raise _invalid("the text is not UTF-8", "send UTF-8") from None
    except RecursionError:
        raise _invalid("the values are nested too deeply", f"nest at most {DEEPEST} deep") from None
    except ValueError:
        raise _invalid("this is not JSON", "check commas, quotation marks and brackets") from None
    _check(value, DEEPEST)
    return value


def _invalid(what: str, mend: str) -> Invalid:
    return Invalid("The body cannot be read.", [Fault("body", what, mend)])


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise _invalid("a name stands twice in one object", "keep one of the two")
    return found


def _no_constant(_: str) -> None:
    raise _invalid("NaN and Infinity are not numbers", "write null for what is not known")


def _number(text: str) -> float:
    value = float(text)
    if value in {float("inf"), float("-inf")}:
        raise _invalid("a number is too large", "write a smaller one")
    return value


def _whole(text: str) -> int:
    """History is sealed over JSON whose whole numbers have 64 bits."""
    value = int(text)
    if not -(2**63) <= value < 2**63:
        raise _invalid("a number is too large", "write a smaller one")
    return value


def _check(value: Any, depth: int) -> None:
    if depth < 0:
        raise _invalid("the values are nested too deeply", f"nest at most {DEEPEST} deep")
    if isinstance(value, str):
        check_text(value)
    elif isinstance(value, dict):
        for name, inner in value.items():
            check_text(name)
            _check(inner, depth - 1)
    elif isinstance(value, list):
        for inner in value:
            _check(inner, depth - 1)


def check_text(text: str) -> None:
    """Raises Invalid for characters that nothing should hold."""
    if text.isascii():
        if "\0" in text:
            raise _invalid("a text holds the character NUL", "leave it out")
        return
    if "\0" in text or any("\ud800" <= c <= "\udfff" for c in text):
        raise _invalid("a text holds NUL or half a character", "leave it out")
    if not OVERRIDES.isdisjoint(text):
        raise _invalid("a text holds characters that turn the direction of writing in secret", "leave them out")
