"""Published incidents as they lie in the published store, ready to go out."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement
from sqlmodel import Session, col, select

from app.queries.rows import FlatRow
from app.queries.written import Feature, flat_row
from app.records import Incident, PublicRow

# Some 300 KB: so much goes out at once, and no more of a long answer is ever held.
BATCH = 200


@dataclass(frozen=True)
class Ready:
    """An answer by number, in constant memory; of the published store, for elsewhere nothing lies ready.

    Each of its forms is asked for when it is wanted.
    """

    session: Session
    conditions: Sequence[ColumnElement[bool]]

    def features(self) -> Iterator[Sequence[Feature]]:
        """The features of a map, some at a time."""
        return self._asked(Incident.ref, Incident.lon, Incident.lat, col(PublicRow.feature).label("text"))

    def lines(self) -> Iterator[bytes]:
        """The lines of a table, some at a time."""
        for rows in self._asked(PublicRow.line):
            yield b"".join([row[0] for row in rows])

    def rows(self) -> Iterator[FlatRow]:
        """The flat rows that the features were made of."""
        for features in self._asked(PublicRow.feature):
            yield from (flat_row(row[0]) for row in features)

    def _asked(self, *columns: Any) -> Iterator[Sequence[Any]]:
        asked = select(*columns).select_from(Incident)
        asked = asked.join(PublicRow, col(PublicRow.incident_pk) == col(Incident.pk))
        asked = asked.where(*self.conditions).order_by(col(Incident.pk)).execution_options(yield_per=BATCH)
        return self.session.execute(asked).partitions()
