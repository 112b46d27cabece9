"""The published store of a measured archive, filled with all that the archive holds but the words to search for."""

from sqlalchemy import select
from sqlmodel import Session

from app.db import insert_rows
from app.records import METADATA
from app.upkeep.contents import CONTENT
from app.upkeep.published import open_store
from tests.benchmarks.grounds import Ground

CHUNK = 5000


def publish(ground: Ground) -> None:
    """Copy every row as it is: what is synthetic may be told to everybody."""
    store = open_store(ground.settings, ground.engine)
    with Session(ground.engine) as session, store.writing() as public:
        for model in CONTENT:
            table = METADATA.tables[str(model.__tablename__)]
            asked = select(table).execution_options(yield_per=CHUNK)
            for rows in session.execute(asked).mappings().partitions():
                told = [dict(row) for row in rows]
                insert_rows(public, table, [row | PUBLIC if "sensitivity" in row else row for row in told])
    store.dispose()


PUBLIC = {"sensitivity": "public"}


def forget_files(ground: Ground) -> None:
    """Throw away the files that are kept for the public, as each publication does."""
