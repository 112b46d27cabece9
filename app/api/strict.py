"""Read what comes in once, strictly: size, depth, duplicate names, numbers and characters that nothing should hold."""

import json
from collections.abc import Callable, Coroutine
from typing import Any

from anyio import CapacityLimiter, to_thread
from fastapi import Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.routing import APIRoute

from app.access.policy import declared
from app.api.incoming import check_address, check_is_no_form, composed, fault_of, keeping_up, names_of_question
from app.depends import about_to_read, admit, note_read
from app.errors import Fault, Invalid, TooLarge

LARGEST = 1024 * 1024
DEEPEST = 32
LONGEST = 10_000
# Those who wait to be written down, while an import holds the write lock, wait apart from all who need not be.
NOTING = CapacityLimiter(16)


class Undeclared(RuntimeError):
    """A route that does not say who is let in; the service does not start with it."""


class StrictRoute(APIRoute):
    """A route that lets in whom its policy names, and whose JSON bodies are read by `read`."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Raises Undeclared for a route without a policy."""
        handle, policy = super().get_route_handler(), declared(self.endpoint)
        if policy is None:
            raise Undeclared(f"{self.path} declares no policy: put @allow(...) under its decorator.")

        names = names_of_question(self.dependant)

        async def strictly(request: Request) -> Response:
            check_address(request.scope, names)
            await run_in_threadpool(admit, request, policy)
            check_is_no_form(request.scope)
            asked = about_to_read(request, policy, self.path)
            if asked is not None:
                await to_thread.run_sync(note_read, request, asked, limiter=NOTING)
            return await handle(StrictRequest(request.scope, keeping_up(request.receive)))

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
    return _checked(value, DEEPEST)


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


def _checked(value: Any, depth: int) -> Any:
    """The same value with its texts in composed form. Raises Invalid for what nothing should hold."""
    if depth < 0:
        raise _invalid("the values are nested too deeply", f"nest at most {DEEPEST} deep")
    if isinstance(value, str):
        return checked_text(value)
    if isinstance(value, dict):
        return _unique([(checked_text(name), _checked(inner, depth - 1)) for name, inner in value.items()])
    if isinstance(value, list):
        if len(value) > LONGEST:
            raise _invalid("a list is too long", f"send at most {LONGEST} at once")
        return [_checked(inner, depth - 1) for inner in value]
    return value


def checked_text(text: str) -> str:
    """A text in composed form. Raises Invalid for characters that nothing should hold."""
    found = fault_of(text)
    if found is not None:
        raise _invalid(f"a text holds {found[0]}", found[1])
    return composed(text)
