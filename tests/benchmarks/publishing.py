"""The published store of a measured archive, filled with all that the archive holds but the words to search for."""

from sqlalchemy import select
from sqlmodel import Session, func

from app.bulk import insert_rows
from app.db import now
from app.records import METADATA, Incident
from app.upkeep import moments, ready_rows
from app.upkeep.contents import CONTENT
from app.upkeep.public_files import PublicFiles
from app.upkeep.published import open_store
from tests.benchmarks.grounds import Ground, settle
from tests.benchmarks.progress import tell

CHUNK = 5000
# What they are to the public: not of this import, and open.
PUBLIC = {"sensitivity": "public", "batch_pk": None}


def publish(ground: Ground) -> None:
    """Copy every row as it is, unless it is there: what is synthetic may be told to everybody."""
    store = open_store(ground.settings, ground.engine)
    with Session(store.engine) as there:
        is_filled = there.execute(select(func.count()).select_from(Incident)).scalar_one() > 0
    if not is_filled:
        tell("filling the published store")
        with Session(ground.engine) as session, store.writing() as public:
            for model in CONTENT:
                table = METADATA.tables[str(model.__tablename__)]
                asked = select(table).execution_options(yield_per=CHUNK)
                for rows in session.execute(asked).mappings().partitions():
                    told = [dict(row) for row in rows]
                    insert_rows(public, table, [{n: PUBLIC.get(n, value) for n, value in row.items()} for row in told])
            ready_rows.write_all(public)
            moments.move(public, now())
        store.files.clear()
        settle(ground)
    store.dispose()


def forget_files(ground: Ground) -> None:
    """Throw away the files that are kept for the public, as each publication does."""
    PublicFiles(ground.settings.public_files_dir).clear()
