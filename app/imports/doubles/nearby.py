"""What was here before a file, by place and day: cells of the map, read once each when the file comes to them."""

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import bindparam
from sqlmodel import Session, col, select

from app.records import Incident

# Two cells of a tenth of a degree to each side: some 22 km, from the edge of a cell.
AROUND = [row * 3600 + column for row in range(-2, 3) for column in range(-2, 3)]
CELLS, BEFORE = "cells", "before"
COLUMNS: tuple[Any, ...] = (Incident.cell, Incident.date_earliest, Incident.pk)
LYING = (
    select(*COLUMNS)
    .where(
        col(Incident.cell).in_(bindparam(CELLS, expanding=True, literal_execute=True)),
        col(Incident.date_earliest).is_not(None),
        col(Incident.pk) <= bindparam(BEFORE),
    )
    .order_by(col(Incident.cell), col(Incident.date_earliest))
)


@dataclass
class Nearby:
    """The days and numbers of the incidents in each cell, which take some 12 bytes an incident.

    `taken`: the cells in which anything was, None before the first look; `around`: those whose neighbours are read.
    """

    taken: set[int] | None = None
    around: set[int] = field(default_factory=set)
    lying: dict[int, tuple["array[int]", "array[int]"]] = field(default_factory=dict)

    def read(self, session: Session, cells: Iterable[int], last: int) -> None:
        """Read the incidents up to the number `last` in these cells and beside them, as far as it has not been done."""
        if self.taken is None:
            self.taken = {number for number in session.exec(select(Incident.cell).distinct()) if number is not None}
        fresh = set(cells) - self.around
        self.around |= fresh
        wanted = {number + step for number in fresh for step in AROUND} & self.taken
        wanted -= self.lying.keys()
        if not wanted:
            return
        for number in wanted:
            self.lying[number] = array("l"), array("q")
        for number, day, pk in session.execute(LYING, {CELLS: sorted(wanted), BEFORE: last}).all():
            days, pks = self.lying[number]
            days.append(day.toordinal())
            pks.append(pk)

    def of(self, number: int, day: date, days: int) -> Sequence[int]:
        """The numbers of what lies in this cell or beside it, and at most so many days away."""
        found: list[int] = []
        first, last = day.toordinal() - days, day.toordinal() + days
        for step in AROUND:
            if lying := self.lying.get(number + step):
                found += lying[1][bisect_left(lying[0], first) : bisect_right(lying[0], last)]
        return found
