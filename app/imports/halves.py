"""A large table looked at by two processes at once, half by half, where this one can be copied without danger."""

import multiprocessing
import os
import signal
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path

from sqlalchemy import Engine

from app import geography
from app.imports.checking import Checked
from app.imports.importer import Progress, Row
from app.imports.outcome import Outcome
from app.imports.tables.source import line_ends

# Below this many lines the copy costs more than it saves.
LARGE = 10_000
# The share of this process. Both read all of the file.
OWN = 0.5
# Seconds between two words of the other process, after which this one goes on alone.
PATIENCE = 60.0
TEXTS = ("CSV, ", "TSV, ")


@dataclass(frozen=True)
class Piece:
    """What was found in one chunk of a file."""

    outcome: Outcome
    found: Checked


Tell = Callable[[Piece], None]
Look = Callable[[int, Tell], None]


@dataclass
class Other:
    """The process that looks at all chunks from the first on that begins after the line `after`.

    `pieces`: what it has told and nobody has asked for; `is_lost`: it died, or was silent for too long.
    """

    after: int
    process: BaseProcess
    ears: Connection
    pieces: deque[Piece] = field(default_factory=deque)
    is_lost: bool = False

    def of(self, chunk: list[Row], progress: Progress) -> Piece | None:
        """What it found in a chunk; None where that is not its own, and once it is lost."""
        if self.is_lost:
            return None
        is_its_own = chunk[0].line > self.after
        self._hear(progress, PATIENCE if is_its_own and not self.pieces else 0.0)
        self.is_lost = is_its_own and not self.pieces
        return self.pieces.popleft() if is_its_own and self.pieces else None

    def _hear(self, progress: Progress, patience: float) -> None:
        """Take what it has told meanwhile, and pass on how far it is. `patience`: seconds to wait for a first word."""
        with suppress(EOFError, OSError):
            while self.ears.poll(0.0 if self.pieces else patience):
                self.pieces.append(self.ears.recv())
                progress(self.pieces[-1].outcome.rows)

    def end(self) -> None:
        """Whatever it is at: nobody waits for it, and no trace of it stays."""
        self.process.kill()
        self.process.join()
        self.process.close()
        self.ears.close()


def line_between(path: Path, read_as: str) -> int | None:
    """The last line of this process; None where it is to do the whole file alone. `read_as`: as the file was found."""
    if not read_as.startswith(TEXTS) or not may_copy():
        return None
    lines = line_ends(path)
    return round(lines * OWN) if lines >= LARGE else None


def may_copy() -> bool:
    """Whether a copy finds every lock open, as it does where no other thread is, and a processor of its own."""
    return sys.platform == "linux" and threading.active_count() == 1 and len(os.sched_getaffinity(0)) > 1


@contextmanager
def beside(engine: Engine, after: int | None, look: Look) -> Iterator[Other | None]:
    """A copy of this process that does `look` meanwhile, and ends with the block; None where there is to be none."""
    other = _begun(engine, after, look) if after is not None else None
    try:
        yield other
    finally:
        if other is not None:
            other.end()


def _begun(engine: Engine, after: int, look: Look) -> Other | None:
    """None when the machine has no room for another process."""
    geography.areas_at_many([0.0], [0.0])  # read once, for both
    engine.dispose()  # a connection must not be in two processes
    context = multiprocessing.get_context("fork")
    ears, mouth = context.Pipe()  # both ways: such a one holds more, so that nobody waits for the other to hear
    process = context.Process(target=_be, args=(ears, mouth, after, look), daemon=True)
    try:
        process.start()
    except OSError:
        ears.close()
        return None
    finally:
        mouth.close()  # so that its end is heard
    return Other(after, process, ears)


def _be(ears: Connection, mouth: Connection, after: int, look: Look) -> None:
    """The other process. Whatever goes wrong in it, the first one does over, and meets it too."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the first one hears it, and ends both
    ears.close()  # so that the end of the first one is heard
    with suppress(Exception):
        look(after, mouth.send)
