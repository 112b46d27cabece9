"""What every measure gets: the archives, the sizes asked for, and the real file if it is there."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.benchmarks.figures import Found
from tests.benchmarks.goals import POSTGRESQL, SQLITE
from tests.benchmarks.grounds import Grounds


@dataclass(frozen=True)
class Bench:
    """`syria`: the UCDP file, None when it is not there; `folder`: for whatever a measure writes.

    `peers`: the environment in which the peers are installed.
    """

    grounds: Grounds
    sizes: list[int]
    syria: Path | None
    folder: Path
    peers: Path | None = None

    @property
    def engine(self) -> str:
        return SQLITE if self.grounds.url is None else POSTGRESQL

    @property
    def largest(self) -> int:
        return max(self.sizes)


Measure = Callable[[Bench], Iterator[Found]]
