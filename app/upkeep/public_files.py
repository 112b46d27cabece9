"""Files that were made for the public, kept so that the next who asks the same gets them at once."""

# They hold what is published and nothing else, so they lie here as they are. Whatever changes the published store takes
# them all away; and since the name of each says of which state of the store it is, none of another is ever given out.

import contextlib
import os
import secrets
import tempfile
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO

MOST_FILES = 256
MOST_BYTES = 2 * 1024**3
# Those who ask the same at once wait for one another; a few who ask something else wait with them.
TURNS = 32

Pieces = Callable[[], Iterator[bytes]]


class PublicFiles:
    """The files in one folder. Without a folder each is made anew, and gone when it is closed."""

    def __init__(self, folder: Path | None) -> None:
        self.folder = folder
        self._turns = [threading.Lock() for _ in range(TURNS)]

    def open(self, name: str, pieces: Pieces, is_still: Callable[[], bool]) -> BinaryIO:
        """The file of this name, made of the pieces where it is not there. Raises OSError when it cannot be written.

        `is_still`: whether the store is as it was when the pieces were asked for; else the file is not kept.
        """
        if self.folder is None:
            return _apart(pieces())
        path = self.folder / name
        with self._turns[hash(name) % TURNS]:
            try:
                file = path.open("rb")
            except FileNotFoundError:
                return self._make(path, pieces, is_still)
        with contextlib.suppress(OSError):
            os.utime(path)  # so that what is asked for often stays
        return file

    def clear(self) -> None:
        """Take them all away."""
        for path in self._held():
            _drop(path)

    def _held(self) -> list[Path]:
        return list(self.folder.iterdir()) if self.folder is not None and self.folder.is_dir() else []

    def _make(self, path: Path, pieces: Pieces, is_still: Callable[[], bool]) -> BinaryIO:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        part = path.with_name(f"{secrets.token_hex(8)}.part")
        try:
            with part.open("xb") as file:
                file.writelines(pieces())
            part.replace(path)
            made = path.open("rb")
        except FileNotFoundError:  # the store changed meanwhile, and all was taken away
            return _apart(pieces())
        except BaseException:
            _drop(part)
            raise
        # After it has its name: a change before this moment is seen here, and one after it clears the file away.
        if not is_still():
            _drop(path)
        self._make_room()
        return made

    def _make_room(self) -> None:
        """Let go of what nobody has asked for the longest."""
        found = []
        for path in self._held():
            with contextlib.suppress(FileNotFoundError):
                told = path.stat()
                found.append((told.st_mtime_ns, told.st_size, path))
        count, size = len(found), sum(size for _, size, _ in found)
        for _, mine, path in sorted(found):
            if count <= MOST_FILES and size <= MOST_BYTES:
                return
            _drop(path)
            count, size = count - 1, size - mine


def _apart(pieces: Iterator[bytes]) -> BinaryIO:
    file: BinaryIO = tempfile.TemporaryFile()  # noqa: SIM115 - whoever sends it closes it
    try:
        file.writelines(pieces)
    except BaseException:
        file.close()
        raise
    file.seek(0)
    return file


def _drop(path: Path) -> None:
    """On Windows a file that is being sent stays, under a name that is never asked for again, until the next change."""
    with contextlib.suppress(OSError):
        path.unlink()
