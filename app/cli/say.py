"""What the command line says: results on standard output, everything else on standard error."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from app.errors import Fault

# Seconds between two drawings of a bar.
PAUSE = 0.1
error = Console(stderr=True, highlight=False, soft_wrap=True)


def complain(detail: str, faults: list[Fault]) -> None:
    error.print(detail, style="bold", markup=False)
    for fault in faults:
        mend = f" - {fault.mend}" if fault.mend else ""
        error.print(f"  {fault.where}: {fault.what}{mend}", markup=False)


def tell(text: str) -> None:
    """A plain line for whoever watches; not part of the result."""
    error.print(text, markup=False)


class Advance:
    """Counts work done on a bar that may not be shown, and draws it now and then: no thread of its own does."""

    def __init__(self, bar: Progress | None, total: int | None, what: str) -> None:
        self.bar = bar
        self.task = bar.add_task(what, total=total) if bar else None
        self.drawn = time.monotonic()

    def __call__(self, steps: int) -> None:
        if self.bar is not None and self.task is not None:
            self.bar.advance(self.task, steps)
            if time.monotonic() - self.drawn > PAUSE:
                self.bar.refresh()
                self.drawn = time.monotonic()


@contextmanager
def progress(what: str, total: int | None = None) -> Iterator[Advance]:
    """A bar on the terminal, without a thread, so that an import may copy its process; nothing on no terminal."""
    if not error.is_terminal:
        yield Advance(None, total, what)
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=error, transient=True, auto_refresh=False) as bar:
        yield Advance(bar, total, what)
