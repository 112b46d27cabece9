"""How time is taken: two things in turn, several times, so that a busy machine slows both alike."""

import contextlib
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from math import log
from typing import TypeVar

import psutil  # type: ignore[import-untyped]

A = TypeVar("A")
B = TypeVar("B")


@dataclass(frozen=True)
class Spent:
    """Seconds on the wall, and seconds of processor time of this process and the database it asks."""

    wall: float
    cpu: float


def spent(work: Callable[[], A], database: psutil.Process | None = None) -> tuple[Spent, A]:
    wall, cpu = time.perf_counter(), time.process_time() + used(database)
    answer = work()
    return Spent(time.perf_counter() - wall, time.process_time() + used(database) - cpu), answer


def used(process: psutil.Process | None) -> float:
    """Processor time of a process and all that it started, also what has ended meanwhile; 0 for none."""
    if process is None:
        return 0
    while True:
        before, running, after = _ended(process), sum(map(_used, tree(process))), _ended(process)
        if before == after:  # else one ended meanwhile, and would be counted twice or not at all
            return running + after


def _ended(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.children_user + times.children_system)


def _used(process: psutil.Process) -> float:
    """Of one process. Linux tells it to the nanosecond, by a clock with its number; psutil to the hundredth."""
    if sys.platform == "linux":
        with contextlib.suppress(OSError):
            return time.clock_gettime((~process.pid << 3) | 2)
    with contextlib.suppress(psutil.NoSuchProcess):
        times = process.cpu_times()
        return float(times.user + times.system)
    return 0


def tree(process: psutil.Process) -> list[psutil.Process]:
    """A process and all that it started."""
    return [process, *process.children(recursive=True)]


def in_turn(ours: Callable[[], A], limit: Callable[[], B], times: int) -> tuple[list[A], list[B]]:
    """A B A B ...: what each returned, by turn."""
    pairs = [(ours(), limit()) for _ in range(times)]
    return [a for a, _ in pairs], [b for _, b in pairs]


def exponent(sizes: list[int], seconds: list[float]) -> float:
    """By which power of the size the time grows: the slope of the least squares through the logarithms."""
    x, y = [log(n) for n in sizes], [log(s) for s in seconds]
    mean_x, mean_y = sum(x) / len(x), sum(y) / len(y)
    rise = sum((a - mean_x) * (b - mean_y) for a, b in zip(x, y, strict=True))
    return rise / sum((a - mean_x) ** 2 for a in x)
