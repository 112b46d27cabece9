"""The public log: what became of each published incident, written in the transaction that makes it so."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Table, func, select

from app.bulk import insert_rows
from app.db import chunks
from app.queries.public_rows import Bundle
from app.queries.publishing import differ
from app.records import METADATA, Incident, PublicChange

LOG = METADATA.tables[str(PublicChange.__tablename__)]
MANY = 1000
INCIDENT = METADATA.tables[str(Incident.__tablename__)]


def note(connection: Connection, bundles: Sequence[Bundle], gone: Sequence[UUID], at: datetime) -> None:
    """Add a line for each incident that comes, changes or goes; before it does.

    Within one publication in the order of the public ids: that of the approvals would tell of our work.
    """
    if connection.dialect.name == "postgresql":  # a number that is seen is never followed by a smaller one
        connection.exec_driver_sql(f"LOCK TABLE {LOG.name} IN EXCLUSIVE MODE")
    told = sorted([*_shown(connection, bundles), *_gone(connection, gone)], key=lambda line: str(line["incident_id"]))
    if not told:
        return
    last = connection.execute(select(func.max(LOG.c.number))).scalar() or 0
    insert_rows(connection, LOG, [{"number": last + n, "at": at} | line for n, line in enumerate(told, 1)])


def _shown(connection: Connection, bundles: Sequence[Bundle]) -> Iterator[dict[str, Any]]:
    held = _held(connection, INCIDENT, [bundle.incident["id"] for bundle in bundles])
    for bundle in bundles:
        row = bundle.incident
        before = held.get(row["id"])
        fields = differ(before, bundle)
        if before is None or fields:
            change = "new" if before is None else "changed"
            yield {"incident_id": row["id"], "ref": row["ref"], "change": change, "fields": fields}


def _gone(connection: Connection, gone: Sequence[UUID]) -> Iterator[dict[str, Any]]:
    for record, row in _held(connection, INCIDENT, gone).items():
        yield {"incident_id": record, "ref": row["ref"], "change": "withdrawn", "fields": []}


def _held(connection: Connection, table: Table, ids: Sequence[UUID]) -> dict[UUID, dict[str, Any]]:
    found: dict[UUID, dict[str, Any]] = {}
    for some in chunks(ids, MANY):
        rows = connection.execute(table.select().where(table.c.id.in_(some))).mappings()
        found |= {row["id"]: dict(row) for row in rows}
    return found
