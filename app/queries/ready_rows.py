"""The rows of published incidents as they lie in the published store, ready to go out."""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import NamedTuple

import orjson
from sqlalchemy import ColumnElement
from sqlmodel import Session, col, select

from app.queries.rows import FlatRow
from app.records import Incident, PublicRow

BATCH = 1000
DAYS = ("date_earliest", "date_latest")


class Ready(NamedTuple):
    """One incident. `told`: its flat row as JSON."""

    ref: str
    lon: float | None
    lat: float | None
    told: str


def found(session: Session, conditions: Sequence[ColumnElement[bool]]) -> Iterator[Ready]:
    """By number, in constant memory; of the published store, for elsewhere there is none."""
    asked = select(Incident.ref, Incident.lon, Incident.lat, PublicRow.told)
    asked = asked.join(PublicRow, col(PublicRow.incident_pk) == col(Incident.pk))
    asked = asked.where(*conditions).order_by(col(Incident.pk)).execution_options(yield_per=BATCH)
    for rows in session.execute(asked).partitions():
        yield from map(Ready._make, rows)


def flat(ready: Ready) -> FlatRow:
    """The row that was written."""
    row: FlatRow = orjson.loads(ready.told)
    for name in DAYS:
        if row[name] is not None:
            row[name] = date.fromisoformat(row[name])
    return row
