"""What was here before a file, by day and the words for its place: days, read once each when the file comes to them."""

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import bindparam
from sqlmodel import Session, col, select

from app.db import chunks
from app.matching import folding
from app.records import Incident

DATES, BEFORE, AT_ONCE = "dates", "before", 500
COLUMNS: tuple[Any, ...] = (Incident.date_earliest, Incident.pk, Incident.place_name)
OF_DAYS = select(*COLUMNS).where(
    col(Incident.date_earliest).in_(bindparam(DATES, expanding=True)),
    col(Incident.pk) <= bindparam(BEFORE),
    col(Incident.place_name).is_not(None),
)


@dataclass
class Worded:
    """The incidents of each day by what their place is called, at some 16 bytes an incident.

    `apart`: days between two that are still compared. `read_days`: those that have been read, with what is kept of the
    words for a place, sorted, and the numbers of the incidents there.
    """

    apart: int
    read_days: dict[int, tuple["array[int]", "array[int]"]] = field(default_factory=dict)

    def read(self, session: Session, days: Iterable[date], last: int) -> None:
        """Read the incidents up to the number `last` of these days and around them, as far as it has not been done."""
        fresh = {day for one in days for day in self._around(one)} - self.read_days.keys()
        for some in chunks(sorted(fresh), AT_ONCE):
            found: dict[int, list[tuple[int, int]]] = {day: [] for day in some}
            told = {DATES: [date.fromordinal(day) for day in some], BEFORE: last}
            for day, pk, words in session.execute(OF_DAYS, told).all():
                found[day.toordinal()].append((_mark(words), pk))
            for day, pairs in found.items():
                pairs.sort()
                self.read_days[day] = array("q", (mark for mark, _ in pairs)), array("q", (pk for _, pk in pairs))

    def of(self, words: str, day: date) -> set[int]:
        """The numbers of those whose place is called by the same words, on a day that is near enough."""
        mark, found = _mark(words), set[int]()
        for one in self._around(day):
            marks, pks = self.read_days[one]
            found.update(pks[bisect_left(marks, mark) : bisect_right(marks, mark)])
        return found

    def _around(self, day: date) -> range:
        middle = day.toordinal()
        return range(max(1, middle - self.apart), min(date.max.toordinal(), middle + self.apart) + 1)


def _mark(words: str) -> int:
    """The same for words that differ in case, accents, signs and blanks alone."""
    return hash(folding.name_key(words))
