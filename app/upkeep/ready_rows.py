"""Write down the incidents of the published store as they go out, so that no download makes them anew."""

from collections.abc import Iterable

from sqlalchemy import Connection
from sqlmodel import Session, col, select

from app.access.viewer import OUTSIDER
from app.bulk import insert_rows
from app.db import chunks
from app.queries.rows import SELECTED, attach, flat
from app.queries.written import feature, line
from app.records import METADATA, Incident, PublicRow

BATCH = 1000
TABLE = METADATA.tables[str(PublicRow.__tablename__)]


def write(connection: Connection, which: Iterable[int]) -> None:
    """Write the rows of these incidents, as the public may read them, in place of what there was."""
    with Session(connection) as session:
        for pks in chunks(which, BATCH):
            asked = select(Incident.pk, *SELECTED).where(col(Incident.pk).in_(pks)).order_by(col(Incident.pk))
            found = session.execute(asked).all()
            numbers, rows = [row[0] for row in found], [row[1:] for row in found]
            told = list(flat(rows, attach(session, rows, OUTSIDER)))
            texts = zip(numbers, map(feature, told), map(line, told), strict=True)
            connection.execute(TABLE.delete().where(TABLE.c.incident_pk.in_(pks)))
            insert_rows(
                connection,
                TABLE,
                [{"incident_pk": n, "feature": one.text, "line": text.encode()} for n, one, text in texts],
            )


def write_all(connection: Connection) -> None:
    """Write every row anew, as when something was changed of which many speak."""
    write(connection, connection.execute(select(METADATA.tables["incident"].c.pk)).scalars().all())
