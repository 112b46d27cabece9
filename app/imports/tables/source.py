"""The bytes of a table: as they lie, or out of one gz or zip around them, counted so that no bomb goes off."""

import gzip
import io
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import cached_property
from pathlib import Path
from typing import IO, BinaryIO, Protocol

from app.errors import Unreadable

GZIP, ZIP = b"\x1f\x8b", b"PK\x03\x04"
START = 64 * 1024
PIECE = 1 << 20
# How much may come out of what is packed. A table shrinks to a tenth, a bomb to a thousandth.
MOST_UNPACKED, MOST_MEMBERS, MOST_RATIO, SMALL = 512 << 20, 1000, 150, 16 << 20
DAMAGED = "The {} file is cut off or damaged: fetch it again."
TOO_MUCH = (
    "Unpacked, the file would be larger than is allowed (512 MiB, and 150 times what was sent): send it in parts."
)
CLOSED = "The file cannot be opened: is the name right, and may you read it?"
NO_TABLE = frozenset({"__MACOSX", ".DS_Store", "Thumbs.db"})


def file_at(path: Path) -> BinaryIO:
    """A file that somebody named. Raises Unreadable."""
    try:
        return path.open("rb")
    except OSError as problem:
        raise Unreadable(CLOSED) from problem


def line_ends(path: Path) -> int:
    """How many lines a text has, where they end as on most machines; of another file some number."""
    with path.open("rb") as text:
        return sum(piece.count(b"\n") for piece in iter(lambda: text.read(PIECE), b""))


class _Reads(Protocol):
    def read(self, size: int, /) -> bytes: ...


class _Opens(Protocol):
    def open(self) -> AbstractContextManager[_Reads]: ...


class Source:
    """Bytes that can be read from the start again and again. `wrapping`: what they were taken out of, in words."""

    def __init__(self, opens: _Opens, size: int, wrapping: str = "") -> None:
        self._opens, self.size, self.wrapping = opens, size, wrapping

    @contextmanager
    def open(self) -> Iterator[io.BufferedReader]:
        """Raises Unreadable, also later while it is read."""
        with self._opens.open() as raw:
            yield io.BufferedReader(_Counted(raw, self.size, self.wrapping))

    def pieces(self) -> Iterator[bytes]:
        with self.open() as raw:
            while piece := raw.read(PIECE):
                yield piece

    @cached_property
    def start(self) -> bytes:
        """The first bytes."""
        with self.open() as raw:
            return raw.read(START)

    def whole(self) -> bytes:
        return b"".join(self.pieces())


class _Counted(io.RawIOBase):
    """What is unpacked, as far as it may be."""

    def __init__(self, raw: _Reads, size: int, wrapping: str) -> None:
        self.raw, self.wrapping = raw, wrapping
        self.left = most_of(size) if wrapping else None

    def readable(self) -> bool:
        return True

    def readinto(self, into: memoryview) -> int:  # type: ignore[override]
        try:
            piece = self.raw.read(len(into))
        except (EOFError, OSError, zlib.error, zipfile.BadZipFile) as problem:
            raise Unreadable(DAMAGED.format(self.wrapping.removeprefix(" in ") or "whole")) from problem
        into[: len(piece)] = piece
        if self.left is not None:
            self.left -= len(piece)
            if self.left < 0:
                raise Unreadable(TOO_MUCH)
        return len(piece)


def most_of(size: int) -> int:
    """The most bytes that may come out of so many."""
    return min(MOST_UNPACKED, max(SMALL, size * MOST_RATIO))


class Plain:
    """A file that is open already; closing a reading of it leaves it open."""

    def __init__(self, file: IO[bytes]) -> None:
        self.file = file

    def open(self) -> AbstractContextManager[_Reads]:
        self.file.seek(0)
        return nullcontext(self.file)


class _Gzipped:
    def __init__(self, file: IO[bytes]) -> None:
        self.file = file

    def open(self) -> AbstractContextManager[_Reads]:
        self.file.seek(0)
        return gzip.open(self.file)


class _Member:
    def __init__(self, archive: zipfile.ZipFile, name: str) -> None:
        self.archive, self.name = archive, name

    def open(self) -> AbstractContextManager[_Reads]:
        return self.archive.open(self.name)


def unwrapped(file: IO[bytes], size: int) -> Source:
    """The table in a file: out of its gz, or out of a zip that holds it alone. Raises Unreadable."""
    plain = Source(Plain(file), size)
    if plain.start.startswith(GZIP):
        return Source(_Gzipped(file), size, " in gz")
    if not plain.start.startswith(ZIP):
        return plain
    archive = opened(file, size)
    tables = contents(archive)
    if len(tables) != 1 or is_a_format(tables):
        return plain
    return Source(_Member(archive, tables[0]), size, " in zip")


def is_a_format(names: list[str]) -> bool:
    """Whether a zip is itself the table: a workbook, a KMZ."""
    return "[Content_Types].xml" in names or "mimetype" in names or names[0].lower().endswith(".kml")


def contents(archive: zipfile.ZipFile) -> list[str]:
    """What is in a zip, less what a Mac or Windows leaves there."""
    names = [one.filename for one in archive.infolist() if not one.is_dir()]
    return [
        name
        for name in names
        if not NO_TABLE.intersection(name.split("/")) and not name.rpartition("/")[2].startswith("._")
    ]


def opened(file: IO[bytes], size: int) -> zipfile.ZipFile:
    """A zip, looked over before anything is unpacked. Raises Unreadable."""
    try:
        file.seek(0)
        archive = zipfile.ZipFile(file)
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, EOFError) as problem:
        raise Unreadable(DAMAGED.format("zip or workbook")) from problem
    members = archive.infolist()
    if len(members) > MOST_MEMBERS:
        raise Unreadable(f"The zip holds more than {MOST_MEMBERS:,} files: send the table alone.")
    if sum(one.file_size for one in members) > most_of(size):
        raise Unreadable(TOO_MUCH)
    if any(one.flag_bits & 1 for one in members):
        raise Unreadable("The file is locked with a password: take that off and send it again.")
    if any(_leads_out(one.filename) for one in members):
        raise Unreadable("The zip names files outside of itself: pack it anew.")
    return archive


def _leads_out(name: str) -> bool:
    return name.startswith(("/", "\\")) or ".." in name.replace("\\", "/").split("/") or ":" in name.partition("/")[0]
