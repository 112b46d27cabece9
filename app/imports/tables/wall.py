"""The wall: files of others are read in a child without network and secrets, with little memory and little time."""

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any, BinaryIO

import orjson

from app.errors import Unreadable
from app.imports.numbering import Numbering
from app.imports.tables.hints import Hints
from app.imports.tables.limits import MEMORY
from app.imports.tables.shape import Grid, Numbered
from app.imports.tables.source import file_at

# CPU seconds of a child: some, and more for each MiB. On top of them it may sit idle for so long.
SECONDS, SECONDS_A_MIB, IDLE = 10, 2, 60
LONGEST_LINE = 32 << 20
# The package `app.imports` would load the whole archive: the child gets an empty one in its place, and only the tables.
BEGIN = """\
import json, sys, types
sys.path.insert(0, sys.argv[1])
sys.modules["app.imports"] = empty = types.ModuleType("app.imports")
empty.__path__ = [sys.argv[2]]
told = json.loads(sys.argv[3])
from app.imports.tables.limits import confine
confine(told["seconds"])
from app.imports.tables.behind import main
main(told)
"""
HERE = Path(__file__).resolve().parents[1]
HOME = HERE.parents[1]
KEPT = ("SYSTEMROOT", "LD_LIBRARY_PATH")
ONE_THREAD = dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1")
TOO_LONG = "Reading the file takes longer than is allowed ({} seconds of work): save it as “CSV UTF-8”, or in parts."
TOO_MUCH = (
    f"Reading the file takes more memory than is allowed ({MEMORY >> 30} GiB): save it as “CSV UTF-8”, or in parts."
)
DAMAGED = "The file is damaged, or made to do harm: it cannot be read. Save it anew, as XLSX or “CSV UTF-8”."
HANGS = "Reading the file does not come to an end: save it as “CSV UTF-8” and import that."
# How a file begins that may be, or may hold, a map.
MAPS = (
    b"PK",
    b"SQLite",
    b"fgb",
    b"<",
    b"\x1f\x8b",
    b"\xef\xbb\xbf",
    b"\xff\xfe",
    b"\xfe\xff",
    b" ",
    b"\t",
    b"\r",
    b"\n",
)


@contextmanager
def walled(path: Path, hints: Hints) -> Iterator[Grid]:
    """The table in a file, read by a child that lives as long as the block. Raises Unreadable, also for later rows."""
    with file_at(path) as file, _begun(file, hints) as child:
        told = child.hear()
        numbering = Numbering(_text(told, "row"), _text(told, "within"))
        yield Grid(_texts(told, "names"), _text(told, "read_as"), _rows(child), _texts(told, "tags"), numbering)


class _Child:
    """A child and the time it was given."""

    def __init__(self, running: subprocess.Popen[bytes], seconds: int) -> None:
        self.running, self.seconds = running, seconds
        self.hangs = False

    def hear(self) -> Any:
        """The next thing it says. Raises Unreadable when that is a refusal, and when it dies or hangs."""
        told = self._understood(self._line())
        if isinstance(told, dict) and "unreadable" in told:
            raise Unreadable(str(told["unreadable"])[:500])
        if isinstance(told, dict) and "trouble" in told:
            raise Unreadable(TOO_MUCH if told["trouble"] == "memory" else DAMAGED)
        return told

    def _line(self) -> bytes:
        """One line, for which it is not waited for ever."""
        patience = threading.Timer(self.seconds + IDLE, self._give_up)
        patience.start()
        try:
            return self.running.stdout.readline(LONGEST_LINE) if self.running.stdout else b""
        finally:
            patience.cancel()

    def _give_up(self) -> None:
        self.hangs = True
        self.running.kill()

    def _understood(self, line: bytes) -> Any:
        if not line.endswith(b"\n"):
            raise Unreadable(self._last_words() if len(line) < LONGEST_LINE else DAMAGED)
        try:
            return orjson.loads(line)
        except orjson.JSONDecodeError as problem:
            raise Unreadable(DAMAGED) from problem

    def _last_words(self) -> str:
        """Why it died."""
        code = self.running.wait()
        if self.hangs:
            return HANGS
        if os.name == "posix" and code in {-signal.SIGXCPU, -signal.SIGKILL}:
            return TOO_LONG.format(self.seconds)
        # A library that gets no more memory ends the process.
        return TOO_MUCH if os.name == "posix" and code == -signal.SIGABRT else DAMAGED


@contextmanager
def _begun(file: BinaryIO, hints: Hints) -> Iterator[_Child]:
    """A child with the file as its standard input; it inherits nothing else, and is gone afterwards."""
    size = os.fstat(file.fileno()).st_size
    drivers = _drivers() if file.read(16).startswith(MAPS) else []
    file.seek(0)
    seconds = SECONDS + SECONDS_A_MIB * (size >> 20)
    told = json.dumps({"seconds": seconds, "size": size, "drivers": drivers, "hints": hints.as_json()})
    line = [sys.executable, "-I", "-B", "-X", "utf8", "-W", "ignore", "-c", BEGIN, str(HOME), str(HERE), told]
    running = subprocess.Popen(
        line,
        stdin=file,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=environment(),
        cwd=HOME,
        bufsize=1 << 17,
    )
    try:
        yield _Child(running, seconds)
    finally:
        running.kill()
        running.wait()
        if running.stdout:
            running.stdout.close()


def environment() -> dict[str, str]:
    """What a child knows of its surroundings: no keys, no addresses, no names."""
    return {name: os.environ[name] for name in KEPT if name in os.environ} | ONE_THREAD


def _rows(child: _Child) -> Iterator[Numbered]:
    while isinstance(batch := child.hear(), list):
        yield from batch


def _text(told: Any, key: str) -> str:
    return str(_said(told, key, str))


def _texts(told: Any, key: str) -> list[str]:
    return [str(text) for text in _said(told, key, list)]


def _said(told: Any, key: str, kind: type) -> Any:
    """What the child says, which may be made to say anything. Raises Unreadable."""
    if not isinstance(told, dict) or not isinstance(told.get(key), kind):
        raise Unreadable(DAMAGED)
    return told[key]


@cache
def _drivers() -> list[str]:
    """All that GDAL could read, so that all but one can be shut out before the child loads it."""
    import pyogrio  # noqa: PLC0415 - slow to load, and most imports are no maps

    return list(pyogrio.list_drivers())
