"""Published incidents as they lie in the published store, ready to go out."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from sqlalchemy import ColumnElement
from sqlmodel import Session, col, func, select

from app.access.wall import IN_ROWS
from app.queries.rows import FlatRow
from app.queries.written import flat_row
from app.records import Incident, PublicRow

# Some 300 KB: so much is read at once.
BATCH = 200
Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class Ready:
    """An answer by number, in constant memory; of the published store, for elsewhere nothing lies ready.

    Each of its forms is asked for when it is wanted. `piece`: so many bytes of it go out at once; each piece is a way
    between threads, and the published store is read with little memory.
    """

    session: Session
    conditions: Sequence[ColumnElement[bool]]
    piece: ClassVar[int] = 1024 * 1024

    def features(self) -> Iterator[Sequence[bytes]]:
        """The features of a map as text, some at a time."""
        return self._asked(PublicRow.feature)

    def lines(self) -> Iterator[bytes]:
        """The lines of a table, some at a time."""
        return map(b"".join, self._asked(PublicRow.line))

    def rows(self) -> Iterator[FlatRow]:
        """The flat rows that the features were made of."""
        for features in self._asked(PublicRow.feature):
            yield from map(flat_row, features)

    def box(self) -> Box | None:
        """West, south, east and north of all points, in degrees; None when there is none."""
        lon, lat = col(Incident.lon), col(Incident.lat)
        asked = select(func.min(lon), func.min(lat), func.max(lon), func.max(lat)).where(*self.conditions)
        west, south, east, north = self.session.execute(asked).one()
        return None if west is None else (west, south, east, north)

    def unlocated(self) -> Iterator[str]:
        """The refs of what has no point."""
        # By number, as an index finds them: one after the other, and not each on another page of the file.
        without = select(Incident.pk).where(*self.conditions, col(Incident.cell).is_(None))
        asked = select(Incident.ref).where(col(Incident.pk).in_(without)).order_by(col(Incident.pk))
        asked = asked.execution_options(yield_per=BATCH, **IN_ROWS)
        yield from self.session.execute(asked).scalars()

    def _asked(self, text: Any) -> Iterator[Sequence[bytes]]:
        """Of the incidents nothing is asked but their number, which lies in an index with what is asked most."""
        asked = select(text).select_from(Incident).join(PublicRow, col(PublicRow.incident_pk) == col(Incident.pk))
        asked = asked.where(*self.conditions).order_by(col(Incident.pk))
        asked = asked.execution_options(yield_per=BATCH, **IN_ROWS)
        return self.session.execute(asked).scalars().partitions()
