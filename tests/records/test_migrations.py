"""Going down and up with records in the archive: the tables that stay keep every row as it was."""

import ast
import hashlib
import re
from pathlib import Path

import pytest
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, inspect, select, text

from app.records import METADATA, Revision
from app.upkeep import schema
from tests.archives import TestArchive
from tests.builders import TURBAT, an_act, an_incident, carried_out_by, incident_in, somebody

VERSIONS = Path(__file__).resolve().parents[2] / "migrations" / "versions"
FILES = sorted(VERSIONS.glob("*.py"))
# The newest step down drops only what no model knows; every further one drops the tables it made.
# Tally sheets are counted anew from what is there.
COUNTED = {"archive", "month_tally", "place_tally"}
STEPS = ["0012", "0011", "0010", "0009", "0008", "0007", "0006", "0005", "0004", "0003", "0002", "0001"]


def digests(engine: Engine) -> dict[str, str]:
    """One digest a column over all the rows of its table, in the order of their keys."""
    there, found = set(inspect(engine).get_table_names()), {}
    with engine.connect() as connection:
        for table in (table for table in METADATA.sorted_tables if table.name in there):
            names = connection.execute(select(text("*")).select_from(table).limit(0)).keys()
            for column in (column for column in table.columns if column.name in names):
                cells = connection.execute(select(column).order_by(*table.primary_key.columns)).all()
                found[f"{table.name}.{column.name}"] = hashlib.sha256(repr(cells).encode()).hexdigest()
    return found


def tables(found: dict[str, str]) -> set[str]:
    return {name.split(".")[0] for name in found}


@pytest.fixture
def filled(archive: TestArchive) -> TestArchive:
    archive.report(
        incident_in(
            at=TURBAT, killed={"min": 1, "best": 2}, on="2025-06~", place_name="تربت",
            acts=[an_act(person=somebody("Gul Example"))], involvements=[carried_out_by("armed men")],
            places=[{"role": "held_at", "place_name": "a camp"}],
        )
    )  # fmt: skip
    archive.report(incident_in("Another", on=None))
    return archive


@pytest.mark.parametrize("step", STEPS)
def test_what_stays_is_kept_row_by_row(filled: TestArchive, step: str) -> None:
    before = digests(filled.engine)
    empty = hashlib.sha256(b"[]").hexdigest()
    assert before["incident.title"] != empty
    schema.migrate(filled.engine, step)
    below = digests(filled.engine)
    assert below == {name: before[name] for name in below}
    assert {"revision", "member", "token", "counter", "archive", "import_batch"} <= tables(below)
    schema.migrate(filled.engine)
    after = digests(filled.engine)
    assert set(after) == set(before)
    assert {name: after[name] for name in below} == below
    assert all(
        after[name] == empty for name in set(after) - set(below) if name.split(".")[0] not in COUNTED | tables(below)
    )
    assert filled.broken() is None


def test_the_digest_notices_one_changed_cell(filled: TestArchive) -> None:
    before = digests(filled.engine)
    with filled.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE incident SET title = 'Anothes' WHERE title = 'Another'")
    changed = {name for name, digest in digests(filled.engine).items() if before[name] != digest}
    assert changed == {"incident.title"}


def test_a_step_that_fails_changes_nothing(filled: TestArchive, monkeypatch: pytest.MonkeyPatch) -> None:
    before = digests(filled.engine)
    monkeypatch.setattr("alembic.op.drop_table", broken)
    with pytest.raises(RuntimeError, match="half way"):
        schema.migrate(filled.engine, "0003")
    assert schema.revision(filled.engine) == schema.head()
    assert digests(filled.engine) == before
    assert filled.titles(q="another") == {"Another"}


def broken(*_: object, **__: object) -> None:
    raise RuntimeError("half way")


def test_the_files_tell_their_order_and_what_they_bring() -> None:
    assert len(FILES) >= 5
    for number, file in enumerate(FILES, start=1):
        assert re.fullmatch(rf"{number:04}_[a-z]+(_[a-z]+)*", file.stem), file.name
        tree = ast.parse(file.read_text(encoding="utf-8"))
        told = ast.get_docstring(tree) or ""
        assert re.fullmatch(r"[A-Z][^\n]+\.", told), file.name
        names = {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
        assert {"upgrade", "downgrade"} <= names


def test_they_form_one_line() -> None:
    scripts = list(ScriptDirectory.from_config(schema.config()).walk_revisions())
    assert [script.revision for script in scripts] == [file.stem[:4] for file in reversed(FILES)]
    assert [script.down_revision for script in scripts] == [*[file.stem[:4] for file in reversed(FILES)][1:], None]


def test_history_outlives_a_step_down(filled: TestArchive) -> None:
    lines = filled.count(Revision)
    schema.migrate(filled.engine, "0001")
    schema.migrate(filled.engine)
    assert filled.count(Revision) == lines
    assert an_incident()["title"] not in filled.titles()
