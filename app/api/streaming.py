"""Files of any size through the service: piece by piece, on threads of their own, never whole in memory."""

from base64 import b64encode
from collections.abc import AsyncIterator

from anyio import CapacityLimiter, from_thread, to_thread
from fastapi import Request, Response
from starlette.types import Message, Receive, Scope, Send

from app.actions.vault import Stored, store
from app.errors import TooLarge
from app.queries.vault import Digest, Vault, pour

# Slow lines may take all of these without holding up anybody else.
THREADS = CapacityLimiter(16)
PIECE = 256 * 1024


class Body:
    """The body of a request, read from a thread."""

    def __init__(self, pieces: AsyncIterator[bytes]) -> None:
        self.pieces = pieces
        self.held = memoryview(b"")

    def read(self, size: int = -1) -> bytes:
        while not self.held:
            piece = from_thread.run(self._next)
            if piece is None:
                return b""
            self.held = memoryview(piece)
        size = len(self.held) if size < 0 else size
        given, self.held = bytes(self.held[:size]), self.held[size:]
        return given

    async def _next(self) -> bytes | None:
        return await anext(self.pieces, None)


async def receive(request: Request, vault: Vault, expected: str | None) -> Stored:
    """Store the body of a request. Raises as `store` does, and before reading when too much is announced."""
    announced = request.headers.get("Content-Length", "")
    if announced.isdecimal() and int(announced) > vault.largest:
        raise TooLarge(f"The file is larger than {vault.largest} bytes, the most that GAWAH_LARGEST_EVIDENCE allows.")
    return await to_thread.run_sync(store, vault, Body(request.stream()), expected, limiter=THREADS)


class Pouring(Response):
    """Sends a file while it is decrypted. One that turns out to be changed on the way breaks off."""

    def __init__(self, vault: Vault, sha256: str, size: int, name: str, media_type: str) -> None:
        super().__init__(media_type=media_type, headers={
            "Content-Disposition": f'attachment; filename="{name}"',
            "Content-Length": str(size),
            "Content-Security-Policy": "default-src 'none'; sandbox",
            "Cache-Control": "no-store",
            "X-Content-Type-Options": "nosniff",
            "Content-Encoding": "identity",
            "Repr-Digest": f"sha-256=:{_base64(sha256)}:",
        })  # fmt: skip
        self.vault, self.sha256 = vault, sha256

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        await to_thread.run_sync(self._pour, send, limiter=THREADS)
        await send({"type": "http.response.body", "body": b"", "more_body": False})

    def _pour(self, send: Send) -> None:
        held = bytearray()

        async def send_on(message: Message) -> None:
            await send(message)

        def flush() -> None:
            from_thread.run(send_on, {"type": "http.response.body", "body": bytes(held), "more_body": True})
            held.clear()

        def hand_on(piece: bytes) -> None:
            held.extend(piece)
            if len(held) >= PIECE:
                flush()

        pour(self.vault, self.sha256, Digest(hand_on))
        flush()


def _base64(sha256: str) -> str:
    return b64encode(bytes.fromhex(sha256)).decode()
