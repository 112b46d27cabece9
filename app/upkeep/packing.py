"""The shape of a backup: one tar, written and read piece by piece, of plain files under names that we know."""

import hashlib
import re
import tarfile
from collections.abc import Callable, Generator, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from app.errors import Unreadable

BLOCK = 512
PIECE = 256 * 1024
END = bytes(2 * BLOCK)
ABOUT, KEY, LEDGER, DATABASE, MANIFEST = "about.json", "archive.key", "erasures.jsonl", "archive.db", "manifest.json"
PART = "database/{:06d}"
# Most bytes of what is read into memory at once; what has no limit here goes to the disk as it comes.
SMALL = {ABOUT: 1 << 20, KEY: 1 << 10, LEDGER: 64 << 20, MANIFEST: 512 << 20}
KNOWN = re.compile(
    r"about\.json|archive\.key|erasures\.jsonl|archive\.db|database/[0-9]{6}|manifest\.json|"
    r"evidence/[0-9a-f]{2}/[0-9a-f]{62}"
)
BROKEN = "The backup is cut short, changed, or not one of ours: nothing was restored."


@dataclass(frozen=True)
class Member:
    """One file of a backup: its name, how many bytes it has, and they themselves."""

    name: str
    size: int
    pieces: Iterable[bytes]


class Sink(Protocol):
    """Where a file that is read goes."""

    def write(self, piece: bytes, /) -> object: ...

    def close(self) -> None: ...


@dataclass
class Stream:
    """Pieces as something to read from; whatever went wrong in making them is kept, for age tells only that it did."""

    pieces: Iterator[bytes]
    held: bytes = b""
    failure: BaseException | None = None

    def read(self, size: int = -1) -> bytes:
        try:
            while not self.held:
                self.held = next(self.pieces)
        except StopIteration:
            return b""
        except BaseException as failure:
            self.failure = failure
            raise
        size = len(self.held) if size < 0 else size
        given, self.held = self.held[:size], self.held[size:]
        return given


def pack(members: Iterable[Member], sums: dict[str, str]) -> Iterator[bytes]:
    """The files as a tar without its end. `sums` takes the SHA-256 of each. Raises Unreadable for a changing file."""
    for member in members:
        yield head(member.name, member.size)
        seen, left = hashlib.sha256(), member.size
        for piece in member.pieces:
            seen.update(piece)
            left -= len(piece)
            yield piece
        if left:
            raise Unreadable("A file changed while it was backed up: try again.")
        sums[member.name] = seen.hexdigest()
        yield bytes(-member.size % BLOCK)


def pieces_of(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while piece := file.read(PIECE):
            yield piece


def head(name: str, size: int) -> bytes:
    """What stands before a file in a tar."""
    told = tarfile.TarInfo(name)
    told.size, told.mode = size, 0o600
    return told.tobuf(tarfile.GNU_FORMAT)


@dataclass
class Unpacking:
    """Takes a tar in piece by piece. `open_member` says where each file goes; what it raises is kept in `failure`.

    Nothing of the tar is believed: not a link, a device, a path that leads away, a name twice or one that we do not
    know, nor a header of any longer kind.
    """

    open_member: Callable[[str, int], Sink]
    whole: bool = False
    failure: Exception | None = None
    begun: bool = False
    sums: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._reading = self._read()
        next(self._reading)

    def write(self, piece: bytes) -> int:
        self.begun = True
        try:
            self._reading.send(piece)
        except Exception as failure:
            self.failure = failure
            raise
        return len(piece)

    def flush(self) -> None:
        """Nothing is held back."""

    def _read(self) -> Generator[None, bytes, None]:
        held = bytearray()
        while True:
            while len(held) < BLOCK:
                held += yield
            block = bytes(held[:BLOCK])
            del held[:BLOCK]
            if block == bytes(BLOCK):
                break
            yield from self._take(self._named(block), held)
        self.whole = True
        while not any(held):
            held = bytearray((yield))
        raise Unreadable(BROKEN)

    def _take(self, told: tarfile.TarInfo, held: bytearray) -> Generator[None, bytes, None]:
        sink, seen, left = self.open_member(told.name, told.size), hashlib.sha256(), told.size
        while left:
            if not held:
                held += yield
            piece = bytes(held[:left])
            del held[: len(piece)]
            left -= len(piece)
            seen.update(piece)
            sink.write(piece)
        sink.close()
        self.sums[told.name] = seen.hexdigest()
        while len(held) < -told.size % BLOCK:
            held += yield
        del held[: -told.size % BLOCK]

    def _named(self, block: bytes) -> tarfile.TarInfo:
        try:
            told = tarfile.TarInfo.frombuf(block, "ascii", "strict")
        except (tarfile.HeaderError, ValueError):
            raise Unreadable(BROKEN) from None
        plain = told.type == tarfile.REGTYPE and KNOWN.fullmatch(told.name) and told.name not in self.sums
        if not plain or not 0 <= told.size <= SMALL.get(told.name, 1 << 50):
            raise Unreadable(BROKEN)
        return told
