"""A zip archive that goes out while it is written: nothing in it is ever whole in memory or on disk."""

import io
import json
from collections.abc import Iterable, Iterator
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

PIECE = 64 * 1024
# As gzip does it, the higher levels take five times as long for a tenth less.
LEVEL = 1


class Drain(io.RawIOBase):
    """A file to a library that writes, and pieces to whoever sends them on."""

    def __init__(self) -> None:
        super().__init__()
        self.held = bytearray()
        self.written = 0

    def writable(self) -> bool:
        return True

    def write(self, piece: Any) -> int:
        self.held += piece
        self.written += len(piece)
        return len(piece)

    def tell(self) -> int:
        return self.written

    @property
    def is_full(self) -> bool:
        return len(self.held) > PIECE

    def take(self) -> bytes:
        """What was written since the last time."""
        taken = bytes(self.held)
        self.held.clear()
        return taken


def zipped(files: Iterable[tuple[str, Iterable[bytes]]], *, huge: bool = False) -> Iterator[bytes]:
    """An archive of files, each told in pieces, in their order. Equal files make equal bytes: no time is in it.

    `files` is asked for the next one only when the one before is written, so that the last may tell of the others.
    `huge`: one of them may have more than 2 GiB; not every program opens such an archive.
    """
    drain = Drain()
    with ZipFile(drain, "w", ZIP_DEFLATED, compresslevel=LEVEL) as archive:
        for name, pieces in files:
            # By its name alone: the day of every file is then the first that a zip can say.
            with archive.open(name, "w", force_zip64=huge) as file:
                for piece in pieces:
                    file.write(piece)
                    if drain.is_full:
                        yield drain.take()
    yield drain.take()


def as_json(told: Any) -> bytes:
    """JSON for people: indented, in the letters it is about."""
    return (json.dumps(told, ensure_ascii=False, indent=2) + "\n").encode()
