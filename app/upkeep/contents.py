"""What the published store holds: rows laid in as they were composed, and taken out again without a trace."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Table, not_, or_
from sqlmodel import SQLModel, select

from app.bulk import insert_rows
from app.db import chunks
from app.queries.public_rows import Bundle, Row, all_rows
from app.records import (
    METADATA,
    Account,
    Act,
    Actor,
    Incident,
    Involvement,
    Person,
    PersonName,
    Publication,
    PublicRow,
    Source,
    Tombstone,
)
from app.records.search import SEARCH, entry, line
from app.upkeep import ready_rows

# What is filled anew at each publication, parents before children.
CONTENT: tuple[type[SQLModel], ...] = (
    Publication, Source, Actor, Person, PersonName, Incident, Account, Act, Involvement,
)  # fmt: skip
# As many at a time as a statement may well name.
MANY = 1000


def lay(connection: Connection, bundles: Sequence[Bundle]) -> None:
    """Write what was composed, and the rows of the incidents as they go out."""
    spoken_of = False
    for table in CONTENT:
        for rows in chunks(all_rows(bundles, table), MANY):
            spoken_of |= _replace(connection, table_of(table), rows)
    if spoken_of:
        ready_rows.write_all(connection)
    else:
        ready_rows.write(connection, [bundle.incident["pk"] for bundle in bundles])
    dialect = connection.dialect.name
    for bundle in bundles:
        connection.execute(entry(dialect), line(dialect, bundle.incident["pk"], bundle.words, bundle.names))


def bury(connection: Connection, gone: Sequence[UUID], at: datetime) -> None:
    """Put up a tombstone for each that is here."""
    incident = table_of(Incident)
    for some in chunks(gone, MANY):
        rows = connection.execute(select(incident.c.id, incident.c.ref).where(incident.c.id.in_(some))).all()
        if rows:
            tombstones = [{"id": record, "ref": ref, "gone_at": at} for record, ref in rows]
            _replace(connection, table_of(Tombstone), tombstones, key="id")


def unbury(connection: Connection, back: Sequence[UUID]) -> None:
    """Take away the tombstones of what is here again."""
    for some in chunks(back, MANY):
        connection.execute(table_of(Tombstone).delete().where(table_of(Tombstone).c.id.in_(some)))


def take_out(connection: Connection, ids: Sequence[UUID]) -> None:
    """Take out these incidents with all that hangs on them alone."""
    incident = table_of(Incident)
    for some in chunks(ids, MANY):
        pks = list(connection.execute(select(incident.c.pk).where(incident.c.id.in_(some))).scalars())
        connection.execute(SEARCH.delete().where(SEARCH.c.rowid.in_(pks)))
        for hung in (Involvement, Act, Account, PublicRow):
            table = table_of(hung)
            connection.execute(table.delete().where(table.c.incident_pk.in_(pks)))
        connection.execute(incident.delete().where(incident.c.pk.in_(pks)))


def _replace(connection: Connection, table: Table, rows: list[Row], key: str = "pk") -> bool:
    """Write rows; those of the same key are written over, since others may point at them. Whether any was another."""
    column = table.c[key]
    held = connection.execute(table.select().where(column.in_([row[key] for row in rows]))).mappings()
    there = {row[key]: row for row in held}
    changed = [row for row in rows if row[key] in there and any(there[row[key]][name] != row[name] for name in row)]
    for row in changed:
        connection.execute(table.update().where(column == row[key]).values(row))
    if new := [row for row in rows if row[key] not in there]:
        insert_rows(connection, table, new)
    return bool(changed)


def sweep(connection: Connection) -> None:
    """Take out the sources, actors and people that nothing public speaks of any more."""
    account, involvement, act = table_of(Account), table_of(Involvement), table_of(Act)
    source, person = table_of(Source), table_of(Person)
    _drop_unless(connection, source, [account.c.source_pk])
    _drop_unless(connection, table_of(Publication), [source.c.publication_pk])
    _drop_unless(connection, table_of(Actor), [involvement.c.actor_pk])
    names = table_of(PersonName)
    people = [act.c.person_pk, involvement.c.person_pk]
    for column, table in ((names.c.person_pk, names), (person.c.pk, person)):
        spoken = [column.in_(select(of).where(of.is_not(None))) for of in people]
        connection.execute(table.delete().where(not_(or_(*spoken))))


def _drop_unless(connection: Connection, table: Table, pointers: Sequence[Any]) -> None:
    spoken = [table.c.pk.in_(select(of).where(of.is_not(None))) for of in pointers]
    connection.execute(table.delete().where(not_(or_(*spoken))))


def table_of(model: type[SQLModel]) -> Table:
    """The table of a class."""
    return METADATA.tables[str(model.__tablename__)]
