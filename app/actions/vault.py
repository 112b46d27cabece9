"""Take files of evidence in so that what is acknowledged is on the disk, whole, and what is not leaves nothing."""

import os
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Protocol

import puremagic
import pyrage

from app.errors import Damaged, Fault, Invalid, NotStored, TooLarge
from app.queries.vault import INCOMING, Digest, Vault, check

HEAD = 64 * 1024
UNKNOWN_TYPE = "application/octet-stream"
# A file on its way in that nobody has written to for so long, in seconds, is what an interruption left.
ABANDONED = 3600
ZIP = b"PK\x03\x04"
INSIDE_ZIP = {
    b"word/": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    b"xl/": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    b"ppt/": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    b"application/vnd.oasis.opendocument.text": "application/vnd.oasis.opendocument.text",
    b"application/epub+zip": "application/epub+zip",
}


class Readable(Protocol):
    """What bytes can be read from; no bytes at the end."""

    def read(self, size: int = -1, /) -> bytes: ...


@dataclass(frozen=True)
class Stored:
    """A file as it lies in the vault. `replaced`: it was here before, but damaged."""

    sha256: str
    size: int
    media_type: str
    replaced: bool = False


class Incoming:
    """What age reads from: counts and hashes what passes, and keeps its beginning."""

    def __init__(self, body: Readable, most: int) -> None:
        self.body, self.most = body, most
        self.head = b""
        self.seen = Digest()
        self.failure: BaseException | None = None

    def read(self, size: int = -1) -> bytes:
        try:
            piece = self._within_limits(self.body.read(size))
        except BaseException as failure:
            self.failure = failure
            raise
        self.seen.write(piece)
        if len(self.head) < HEAD:
            self.head += piece[: HEAD - len(self.head)]
        return piece

    def _within_limits(self, piece: bytes) -> bytes:
        if self.seen.size + len(piece) > self.most:
            raise TooLarge(f"The file is larger than {self.most} bytes, the most that GAWAH_LARGEST_EVIDENCE allows.")
        return piece


def store(vault: Vault, body: Readable, expected: str | None = None) -> Stored:
    """Encrypt and keep a file: hashed on its way, whole on the disk when this returns.

    `expected`: the SHA-256 that it must have. Raises Invalid for an empty or another file, TooLarge, and NotStored
    when the disk did not take it; then nothing is kept. An error of fsync is never tried again.
    """
    incoming = Incoming(body, vault.largest)
    with _temporary(vault) as path:
        _write(vault, incoming, path)
        seen = incoming.seen
        _check_received(seen, expected)
        replaced = _settle(vault, seen, path)
    return Stored(seen.sha256, seen.size, sniff(incoming.head), replaced)


@contextmanager
def _temporary(vault: Vault) -> Iterator[Path]:
    """A name for a file on its way in; whatever still lies under it in the end goes."""
    try:
        for folder in (vault.folder, vault.folder / INCOMING):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = vault.folder / INCOMING / secrets.token_hex(16)
        try:
            yield path
        finally:
            path.unlink(missing_ok=True)
    except OSError as problem:
        raise NotStored("The disk did not take the file, so nothing was recorded: is there room left?") from problem


def _write(vault: Vault, incoming: Incoming, path: Path) -> None:
    with path.open("xb") as file:
        path.chmod(0o400)
        _encrypt(vault, incoming, file)
        file.flush()
        os.fsync(file.fileno())


def _encrypt(vault: Vault, incoming: Incoming, file: BinaryIO) -> None:
    try:
        pyrage.encrypt_io(incoming, file, [vault.identity.to_public()])
    except pyrage.EncryptError as problem:
        if incoming.failure is not None:
            raise incoming.failure from None
        raise OSError(str(problem)) from problem


def _check_received(seen: Digest, expected: str | None) -> None:
    if not seen.size:
        raise Invalid("The file is empty.", [Fault("body", "no bytes", "send the file as the body")])
    if expected is not None and expected.lower() != seen.sha256:
        why = "what arrived has another SHA-256", "send the file again; nothing was kept"
        raise Invalid("This is not the file that was announced.", [Fault("sha256", *why)])


def _settle(vault: Vault, seen: Digest, path: Path) -> bool:
    """Give a file its lasting name, unless it is here already. Whether it takes the place of a damaged one."""
    lasting = vault.path_of(seen.sha256)
    there = lasting.exists()
    if there and _is_whole(vault, seen):
        _sync_folders(vault, lasting)
        return False
    lasting.parent.mkdir(mode=0o700, exist_ok=True)
    path.replace(lasting)
    try:
        _sync_folders(vault, lasting)
    except OSError:
        lasting.unlink(missing_ok=True)  # no record names it yet
        raise
    return there


def _is_whole(vault: Vault, seen: Digest) -> bool:
    try:
        check(vault, seen.sha256, seen.size)
    except Damaged:
        return False
    return True


def _sync_folders(vault: Vault, lasting: Path) -> None:
    """Make the name as lasting as the file."""
    if os.name == "nt":
        return  # folders cannot be opened there
    for folder in (lasting.parent, vault.folder, vault.folder.parent):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def sniff(head: bytes) -> str:
    """The media type by what the file begins with, never by what anybody claims."""
    if head.startswith(ZIP):
        return next((kind for mark, kind in INSIDE_ZIP.items() if mark in head), "application/zip")
    try:
        return puremagic.from_string(head, mime=True) or UNKNOWN_TYPE
    except (puremagic.PureError, ValueError):
        return UNKNOWN_TYPE


def sweep(vault: Vault, age: float = ABANDONED) -> int:
    """Delete what interrupted uploads left on the way in: nobody was ever told that it is here. How many."""
    swept = 0
    for path in (vault.folder / INCOMING).glob("*"):
        try:
            if time.time() - path.stat().st_mtime >= age:
                path.unlink()
                swept += 1
        except FileNotFoundError:
            continue  # it has just arrived
    return swept
