"""A large table looked at by two processes at once, half by half, where this one can be copied without danger."""

import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
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
# The share of this process: the other one also reads, and passes over, what is not its own.
OWN = 0.54
# Seconds between two words of the other process, after which this one goes on alone.
PATIENCE = 60.0
TEXTS = ("CSV, ", "TSV, ")


@dataclass(frozen=True)
class Half:
    """What was found in the second half of a file."""

    outcome: Outcome
    found: Checked


Look = Callable[[int, Progress], Half]


@dataclass
class Other:
    """The process that looks at all chunks from the first on that begins after the line `after`.

    `told`: how many rows it says that it has looked at.
    """

    after: int
    process: BaseProcess
    ears: Connection
    told: int = 0
    half: Half | None = None

    def has(self, chunk: list[Row]) -> bool:
        return chunk[0].line > self.after

    def hear(self, progress: Progress, patience: float = 0.0) -> Half | None:
        """Pass on how far it is. Its half, once it is done; None while it says nothing for so long, and if it died."""
        with suppress(EOFError, OSError):
            while self.half is None and self.ears.poll(patience):
                word = self.ears.recv()
                if isinstance(word, Half):
                    self.half = word
                else:
                    self.told += word
                    progress(word)
        return self.half

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
    ears, mouth = context.Pipe(duplex=False)
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
        mouth.send(look(after, mouth.send))
