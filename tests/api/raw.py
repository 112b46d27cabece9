"""Requests byte for byte, as no decent client would send them."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import anyio
from fastapi import FastAPI

JSON = ((b"content-type", b"application/json"),)


@dataclass
class Heard:
    """An answer as it went out."""

    status: int = 0
    headers: tuple[tuple[bytes, bytes], ...] = ()
    body: bytes = b""

    @property
    def all(self) -> bytes:
        return b"".join(name + value for name, value in self.headers) + self.body

    def json(self) -> Any:
        return json.loads(self.body)


def send(
    app: FastAPI, how: str, address: bytes, token: str, body: Iterable[bytes | float] = (), more: Any = ()
) -> Heard:
    """Send an address and headers as they are. `body`: pieces, and seconds to wait between them."""
    path, _, question = address.partition(b"?")
    scope = {
        "type": "http", "asgi": {"version": "3.0", "spec_version": "2.4"}, "http_version": "1.1", "method": how,
        "scheme": "http", "path": path.decode("utf-8", "replace"), "raw_path": path, "query_string": question,
        "root_path": "", "client": ("127.0.0.1", 1), "server": ("testserver", 80), "state": {},
        "headers": [(b"host", b"testserver"), (b"authorization", b"Bearer " + token.encode()), *more],
    }  # fmt: skip
    pieces, heard = [*body], Heard()

    async def receive() -> dict[str, Any]:
        piece = pieces.pop(0) if pieces else b""
        if isinstance(piece, int | float):
            await anyio.sleep(piece)
            return await receive()
        return {"type": "http.request", "body": piece, "more_body": bool(pieces)}

    async def take(message: Any) -> None:
        if message["type"] == "http.response.start":
            heard.status, heard.headers = message["status"], tuple(message["headers"])
        else:
            heard.body += message.get("body", b"")

    anyio.run(app, scope, receive, take)
    return heard
