"""What may come in at all: an address and texts without tricks, in composed form, and a body that keeps coming."""

import re
import time
import unicodedata
from collections import Counter
from collections.abc import Callable
from typing import Any, get_args, get_origin
from urllib.parse import parse_qsl, unquote_to_bytes, urlencode

from anyio import fail_after
from fastapi.dependencies.models import Dependant
from pydantic import BaseModel
from starlette.types import Message, Receive, Scope

from app.errors import WHERE_TO_LOOK, Fault, Invalid, TooLong, TooSlow

LONGEST_ADDRESS = 8192
# Seconds that a body may rest; and how long it may take in all, at so many bytes a second.
REST, GRACE, PACE = 30, 60, 1024
# Characters that change what a reader sees without being seen; real texts in Urdu or Arabic do without them.
OVERRIDES = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
HALF_ESCAPED = re.compile(rb"%(?![0-9A-Fa-f]{2})")


def fault_of(text: str) -> tuple[str, str] | None:
    """What is wrong with a text and how to mend it; None when nothing is."""
    if text.isascii():
        return ("NUL or another control character", "leave it out") if CONTROLS.search(text) else None
    if any("\ud800" <= c <= "\udfff" for c in text):
        return "half a character", "leave it out"
    if CONTROLS.search(text):
        return "NUL or another control character", "leave it out"
    if not OVERRIDES.isdisjoint(text):
        return "characters that turn the direction of writing in secret", "leave them out"
    return None


def composed(text: str) -> str:
    """The same letters in the one form in which they are kept and compared (NFC)."""
    return text if text.isascii() else unicodedata.normalize("NFC", text)


def check_address(scope: Scope, repeatable: dict[str, bool]) -> None:
    """Let an address pass, its question in composed form. Raises TooLong and Invalid, without a word of it.

    `repeatable`: the names that this route knows, and whether each may stand more than once.
    """
    path, question = scope.get("raw_path") or scope["path"].encode(), scope["query_string"]
    if len(path) + len(question) > LONGEST_ADDRESS:
        raise TooLong(f"The address is longer than {LONGEST_ADDRESS} bytes: ask for less at once.")
    if HALF_ESCAPED.search(path) or HALF_ESCAPED.search(question):
        raise _wrong("% without two digits behind it", "write %25 for the sign itself")
    decoded = _decoded(path) + _decoded(question)
    found = fault_of(decoded)
    if found is not None:
        raise _wrong(*found)
    if question:
        _check_question(scope, repeatable, known_composed=unicodedata.is_normalized("NFC", decoded))


def check_is_no_form(scope: Scope) -> None:
    """Let a body pass that is what it is. Raises Invalid for a form, whose own lines would be taken for the file's."""
    if any(name == b"content-type" and kind.lower().startswith(b"multipart/") for name, kind in scope["headers"]):
        fault = Fault("body", "a form with a file in it", "send the file itself: curl --data-binary @FILE, not -F")
        raise Invalid("The body is not the file.", [fault])


def _decoded(part: bytes) -> str:
    try:
        return unquote_to_bytes(part).decode()
    except UnicodeDecodeError:
        raise _wrong("a text that is not UTF-8", "send UTF-8") from None


def _check_question(scope: Scope, repeatable: dict[str, bool], *, known_composed: bool) -> None:
    pairs = parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)
    times = Counter(name for name, _ in pairs)
    twice = [name for name, many in repeatable.items() if not many and times[name] > 1]
    if twice:
        raise Invalid(WHERE_TO_LOOK, [Fault(name, "it stands more than once", "send it once") for name in twice])
    if not known_composed:
        scope["query_string"] = urlencode([(composed(name), composed(value)) for name, value in pairs]).encode()


def _wrong(what: str, mend: str) -> Invalid:
    return Invalid("The address cannot be read.", [Fault("address", what, mend)])


def names_of_question(dependant: Dependant) -> dict[str, bool]:
    """The names that a route knows in a question, and whether each may stand more than once."""
    found: dict[str, bool] = {}
    for field in dependant.query_params:
        kind = field.field_info.annotation
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            found |= {inner.alias or name: _is_many(inner.annotation) for name, inner in kind.model_fields.items()}
        else:
            found[field.alias] = _is_many(kind)
    for inner in dependant.dependencies:
        found |= names_of_question(inner)
    return found


def _is_many(annotation: Any) -> bool:
    parts = get_args(annotation)
    if get_origin(annotation) is tuple:
        return Ellipsis in parts  # so many numbers and no more are one value: a box
    return get_origin(annotation) in {list, set, frozenset} or any(_is_many(part) for part in parts)


def keeping_up(receive: Receive, clock: Callable[[], float] = time.monotonic) -> Receive:
    """The same, but who sends a body too slowly is not waited for. Raises TooSlow."""
    begun, received, more = clock(), 0, True

    async def within_time() -> Message:
        nonlocal received, more
        if not more:
            return await receive()
        left = GRACE + received / PACE - (clock() - begun)
        try:
            with fail_after(min(REST, max(0.0, left))):
                message = await receive()
        except TimeoutError:
            raise TooSlow("The body came too slowly, and was not waited for: send it again.") from None
        received += len(message.get("body", b""))
        more = message.get("more_body", False)
        return message

    return within_time
