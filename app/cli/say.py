"""What the command line says: results on standard output, everything else on standard error."""

from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from app.errors import Fault

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
    """Counts work done on a bar that may not be shown."""

    def __init__(self, bar: Progress | None, total: int | None, what: str) -> None:
        self.bar = bar
        self.task = bar.add_task(what, total=total) if bar else None

    def __call__(self, steps: int) -> None:
        if self.bar is not None and self.task is not None:
            self.bar.advance(self.task, steps)


@contextmanager
def progress(what: str, total: int | None = None) -> Iterator[Advance]:
    """A bar on the terminal; nothing where standard error is no terminal."""
    if not error.is_terminal:
        yield Advance(None, total, what)
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=error, transient=True) as bar:
        yield Advance(bar, total, what)
