"""What was here before a file, by day, number and the words for its place: days, read once each as the file comes."""

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import bindparam
from sqlmodel import Session, col, select

from app.db import chunks
from app.imports.doubles.alike import TALLIES, people_stored
from app.matching import folding
from app.records import Incident

DATES, BEFORE, AT_ONCE = "dates", "before", 500
COLUMNS: tuple[Any, ...] = (Incident.date_earliest, Incident.pk, Incident.place_name, *TALLIES)
OF_DAYS = select(*COLUMNS).where(
    col(Incident.date_earliest).in_(bindparam(DATES, expanding=True)),
    col(Incident.pk) <= bindparam(BEFORE),
    col(Incident.place_name).is_not(None),
)


@dataclass
class Worded:
    """The incidents of each day in which somebody died or is missing, by how many and what their place is called.

    At some 16 bytes an incident. `apart`: days between two that are still compared. `read_days`: those that have been
    read, with what is kept of these words, sorted, and the numbers of the incidents.
    """

    apart: int
    read_days: dict[int, tuple["array[int]", "array[int]"]] = field(default_factory=dict)

    def read(self, session: Session, days: Iterable[date], last: int) -> None:
        """Read the incidents up to the number `last` of these days and around them, as far as it has not been done."""
        fresh = {day for one in days for day in self._around(one)} - self.read_days.keys()
        for some in chunks(sorted(fresh), AT_ONCE):
            found: dict[int, list[tuple[int, int]]] = {day: [] for day in some}
            told = {DATES: [date.fromordinal(day) for day in some], BEFORE: last}
            for day, pk, words, *tallies in session.execute(OF_DAYS, told).all():
                if people := people_stored(tallies):
                    found[day.toordinal()].append((_mark(words, people), pk))
            for day, pairs in found.items():
                pairs.sort()
                self.read_days[day] = array("q", (mark for mark, _ in pairs)), array("q", (pk for _, pk in pairs))

    def of(self, words: str, people: int, day: date) -> set[int]:
        """Those with as many people and the same words for the place, on a day that is near enough: their numbers."""
        mark, found = _mark(words, people), set[int]()
        for one in self._around(day):
            marks, pks = self.read_days[one]
            found.update(pks[bisect_left(marks, mark) : bisect_right(marks, mark)])
        return found

    def _around(self, day: date) -> range:
        middle = day.toordinal()
        return range(max(1, middle - self.apart), min(date.max.toordinal(), middle + self.apart) + 1)


def _mark(words: str, people: int) -> int:
    """The same for words that differ in case, accents, signs and blanks alone."""
    return hash((folding.name_key(words), people))
