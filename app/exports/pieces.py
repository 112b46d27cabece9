"""Texts put together into pieces that are worth a way of their own."""

from collections.abc import Iterable, Iterator

PIECE = 256 * 1024


def in_pieces(parts: Iterable[bytes], size: int = PIECE) -> Iterator[bytes]:
    """The parts one after the other, in pieces of at least so many bytes; the last is what is left."""
    held: list[bytes] = []
    length = 0
    for part in parts:
        held.append(part)
        length += len(part)
        if length > size:
            yield b"".join(held)
            held, length = [], 0
    yield b"".join(held)
