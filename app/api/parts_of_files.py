"""A file that is there, sent whole or in parts, and not at all to whoever has it already (RFC 9110)."""

import re
from dataclasses import dataclass
from typing import Any, BinaryIO

from anyio import to_thread
from fastapi import Request, Response
from starlette.types import Receive, Scope, Send

from app.api.problem import PROBLEM
from app.api.streaming import THREADS
from app.errors import OutOfRange

WHOLE_OR_PART: dict[int | str, dict[str, Any]] = {
    206: {"description": "The part that `Range` asks for; of published files only"},
    304: {"description": "You have it already (`If-None-Match`)"},
    416: {
        "description": "The file ends before this part",
        "content": {PROBLEM: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    },
}
# Each piece is a way between threads: of few large ones a file is sent as cheaply as by a plain file server.
PIECE = 1024 * 1024
RANGE = re.compile(r"bytes=(\d{0,15})-(\d{0,15})")


@dataclass(frozen=True)
class Part:
    """From the first byte to before the last one."""

    start: int
    stop: int


def is_known(request: Request, tag: str) -> bool:
    """Whether the asker has the file of this ETag already."""
    known = [one.strip().removeprefix("W/") for one in request.headers.get("If-None-Match", "").split(",")]
    return tag in known or known == ["*"]


def part_wanted(request: Request, tag: str, size: int) -> Part | None:
    """Which part is asked for; None for the whole file: also of several parts at once, and of a file that has changed.

    Raises OutOfRange.
    """
    found = RANGE.fullmatch(request.headers.get("Range", "").replace(" ", ""))
    unchanged = request.headers.get("If-Range", tag) == tag
    if found is None or not any(found.groups()) or not unchanged:
        return None
    first, last = found.groups()
    if first:
        part = Part(int(first), min(int(last) + 1, size) if last else size)
        if last and int(last) < int(first):  # no range at all
            return None
    else:
        part = Part(max(size - int(last), 0), size)
    if part.start >= part.stop:
        raise OutOfRange("The file has no such part: see Content-Range for its size.", size)
    return part


def told_of(part: Part | None, size: int) -> dict[str, str]:
    """The headers that say what is sent: the whole file or a part of it."""
    sent = part or Part(0, size)
    told = {"Accept-Ranges": "bytes", "Content-Length": str(sent.stop - sent.start)}
    return told if part is None else told | {"Content-Range": f"bytes {part.start}-{part.stop - 1}/{size}"}


class FromFile(Response):
    """Sends an open file, or a part of it, and closes it."""

    def __init__(self, file: BinaryIO, size: int, part: Part | None, media_type: str, headers: dict[str, str]) -> None:
        self.file, self.part = file, part or Part(0, size)
        super().__init__(None, 206 if part else 200, told_of(part, size) | headers, media_type)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002
        try:
            await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
            self.file.seek(self.part.start)
            left = self.part.stop - self.part.start
            while left and (piece := await to_thread.run_sync(self.file.read, min(PIECE, left), limiter=THREADS)):
                left -= len(piece)
                await send({"type": "http.response.body", "body": piece, "more_body": True})
            await send({"type": "http.response.body", "body": b"", "more_body": False})
        finally:
            self.file.close()
