"""Where somebody who follows the archive stands: a mark that is handed out, kept by them, and sent back."""

import base64
import binascii
import hashlib
from datetime import datetime
from typing import Any

import orjson
from pydantic import BaseModel, ConfigDict, Field

from app.errors import Fault, Invalid
from app.queries.filter import in_utc

MEND = "send `next` of the page before letter for letter, a moment like 2026-11-01T00:00:00Z, or start without it"


class ChangesPage(BaseModel):
    """From where on, and how many at once."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    since: str | None = Field(
        None, max_length=200, description="`next` of the page before, or a moment; from the beginning without"
    )
    limit: int = Field(200, ge=1, le=1000)

    @property
    def moment(self) -> datetime | None:
        """The moment that is asked for; None for a cursor. Raises Invalid for one that no calendar has."""
        if self.since is None or self.since[4:5] != "-" or not self.since[:4].isdecimal():
            return None
        try:
            return in_utc(datetime.fromisoformat(self.since.replace(" ", "+")))  # a plus sign that nobody escaped
        except ValueError:
            raise damaged() from None


def damaged(where: str = "since") -> Invalid:
    return Invalid("The cursor is damaged.", [Fault(where, "not one of ours, or no moment", MEND)])


def written(*parts: Any) -> str:
    """A mark that means nothing to others. It is no secret: it opens nothing."""
    told = orjson.dumps(parts)
    return base64.urlsafe_b64encode(_sum(told) + told).decode().rstrip("=")


def read(cursor: str, kinds: tuple[type, ...], where: str = "since") -> list[Any]:
    """The parts of a mark, of these kinds. Raises Invalid for one that was not handed out like this."""
    try:
        raw = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        parts = orjson.loads(raw[6:])
    except (ValueError, binascii.Error):
        raise damaged(where) from None
    if raw[:6] != _sum(raw[6:]) or not isinstance(parts, list) or tuple(map(type, parts)) != kinds:
        raise damaged(where)
    return parts


def _sum(told: bytes) -> bytes:
    return hashlib.sha256(told).digest()[:6]
