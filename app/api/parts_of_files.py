"""A file that is there, sent whole or in parts, and not at all to whoever has it already (RFC 9110)."""

import re
from dataclasses import dataclass
from typing import BinaryIO

from anyio import to_thread
from fastapi import Request, Response
from starlette.types import Receive, Scope, Send

from app.api.streaming import PIECE, THREADS
from app.errors import Fault, OutOfRange

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
        refusal = OutOfRange("The file is shorter.", [Fault("Range", "lies beyond the end", "ask for an earlier part")])
        refusal.headers = {"Content-Range": f"bytes */{size}"}
        raise refusal
    return part


class FromFile(Response):
    """Sends an open file, or a part of it, and closes it."""

    def __init__(self, file: BinaryIO, size: int, part: Part | None, media_type: str, headers: dict[str, str]) -> None:
        self.file, self.part = file, part or Part(0, size)
        told = {"Accept-Ranges": "bytes", "Content-Length": str(self.part.stop - self.part.start)} | headers
        if part is not None:
            told["Content-Range"] = f"bytes {part.start}-{part.stop - 1}/{size}"
        super().__init__(status_code=206 if part else 200, media_type=media_type, headers=told)

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
