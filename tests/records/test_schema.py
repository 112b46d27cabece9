"""The schema: migrations make just what the models say, on both engines, and can be gone back on."""

from collections.abc import Iterator

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Engine, inspect, text

from app.records import METADATA
from app.upkeep import schema
from tests.archives import TestArchive
from tests.builders import incident_in
from tests.shelves import Shelf

# The point of an incident is PostGIS's; the models know lon and lat.
pytestmark = pytest.mark.filterwarnings("ignore:Did not recognize type 'geometry'")
# Made by a migration for one engine alone; `migrations/env.py` leaves out the same.
OWN = ("incident_search", "spatial_ref_sys", "ix_incident_geom", "ix_incident_newest")
STEPS = [f"{number:04d}" for number in range(22, 0, -1)]


@pytest.fixture
def bare(shelf: Shelf) -> Iterator[Engine]:
    """A database without tables."""
    made = shelf.empty()
    yield made
    shelf.drop(made)


def ours(_: object, name: str | None, kind: str, reflected: bool, compare_to: object) -> bool:
    if not reflected or compare_to is not None or name is None:
        return True
    return not name.startswith(OWN) and not (kind == "column" and name == "geom")


def differences(engine: Engine) -> list[object]:
    with engine.connect() as connection:
        options = {"include_object": ours, "compare_type": True}
        return compare_metadata(MigrationContext.configure(connection, opts=options), METADATA)


def tables(engine: Engine) -> set[str]:
    return {name for name in inspect(engine).get_table_names() if not name.startswith(OWN)} - {"alembic_version"}


def test_migrations_make_what_the_models_say(bare: Engine) -> None:
    schema.migrate(bare)
    assert differences(bare) == []
    assert tables(bare) == set(METADATA.tables)
    assert schema.revision(bare) == schema.head() == STEPS[0]


def test_the_comparison_notices_what_is_missing(bare: Engine) -> None:
    schema.migrate(bare)
    with bare.begin() as connection:
        connection.execute(text("DROP INDEX ix_incident_kind"))
        connection.execute(text("ALTER TABLE person DROP COLUMN occupation"))
    assert len(differences(bare)) == 2


def test_up_down_to_nothing_and_up_again(bare: Engine) -> None:
    schema.migrate(bare)
    for step in [*STEPS[1:], "base"]:
        schema.migrate(bare, step)
        assert schema.revision(bare) == (None if step == "base" else step)
    assert tables(bare) == set()
    schema.migrate(bare)
    assert differences(bare) == []


def test_after_going_down_and_up_reports_are_taken_again(archive: TestArchive) -> None:
    archive.report(incident_in())
    schema.migrate(archive.engine, "0004")
    schema.migrate(archive.engine)
    assert archive.titles() == {"An alleged killing"}
    archive.report(incident_in("Another"))
    assert archive.titles(q="another") == {"Another"}


def test_migrating_twice_changes_nothing(bare: Engine) -> None:
    schema.migrate(bare)
    schema.migrate(bare)
    assert differences(bare) == []


def test_every_table_has_a_key_and_every_pointer_an_index(engine: Engine) -> None:
    seen = inspect(engine)
    for table in METADATA.tables:
        assert seen.get_pk_constraint(table)["constrained_columns"], table
    pointers = [
        (table.name, column.name)
        for table in METADATA.sorted_tables
        for column in table.columns
        if column.foreign_keys and column.name != "batch_pk"
    ]
    assert [p for p in pointers if not METADATA.tables[p[0]].columns[p[1]].index] == []
