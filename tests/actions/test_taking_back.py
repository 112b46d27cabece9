"""Newer rows of one id, and taking imports back: afterwards everything is as it was, and history remembers."""

from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Engine, inspect, text

from app import imports
from app.actions import accounts, batches, incidents
from app.db import reading, writing
from app.errors import Conflict, Forbidden, NotFound
from app.queries import history
from app.records import Incident, Revision
from app.records.incident import IncidentChange
from tests.archives import READER, REVIEWER, TestArchive
from tests.builders import account_in, incident_in

HEAD = (
    "id,title,kind,source_kind,source_title,date,killed_best,lon,lat,geo_precision,victim_group,alleged_responsible\n"
)
FIRST = "a-1,Alleged killing,killing,press,A report,2025-06-12,2,63.0544,26.0023,settlement,villagers,armed men\n"
SECOND = FIRST.replace(",2,63.0544,26.0023", ",5,66.9905,30.1834").replace("villagers", "shepherds")
# History and counters only ever grow; what an import took and gave back shows there alone.
# The sheets may count an earlier report only now; tests/queries/test_tally_sheets.py says that nothing stays in them.
GROWS = {
    "revision", "counter", "import_batch", "receipt", "withholding", "archive", "month_tally", "place_tally",
}  # fmt: skip


def take(archive: TestArchive, folder: Path, rows: str) -> imports.Outcome:
    path = folder / "table.csv"
    path.write_text(HEAD + rows, encoding="utf-8")
    return imports.run(archive.engine, imports.plan(path, None), REVIEWER)


def undo(archive: TestArchive, batch: UUID | None, **how: Any) -> int:
    assert batch is not None
    with writing(archive.engine) as session:
        return batches.undo(session, batch, REVIEWER, **how)


def everything(engine: Engine, without: frozenset[str] = frozenset()) -> dict[str, list[dict[str, Any]]]:
    """Every row of every table but those that only grow."""
    tables = sorted(set(inspect(engine).get_table_names()) - GROWS - {"spatial_ref_sys", "area", "settlement"})
    found = {}
    with engine.connect() as connection:
        for table in (t for t in tables if not t.startswith("incident_search")):
            rows = [dict(row) for row in connection.execute(text(f"SELECT * FROM {table}")).mappings()]
            kept = [{k: str(v) for k, v in row.items() if k not in without} for row in rows]
            found[table] = sorted(kept, key=str)
    return found


def test_an_undone_import_leaves_not_a_row(archive: TestArchive, tmp_path: Path) -> None:
    archive.report(incident_in())
    before = everything(archive.engine)
    outcome = take(archive, tmp_path, FIRST)
    assert everything(archive.engine) != before
    assert undo(archive, outcome.batch) == 1
    assert everything(archive.engine) == before
    assert archive.titles(q="armed") == set()
    assert archive.broken() is None


def test_a_newer_row_changes_what_it_says_otherwise(archive: TestArchive, tmp_path: Path) -> None:
    take(archive, tmp_path, FIRST)
    outcome = take(archive, tmp_path, SECOND)
    assert (outcome.new, outcome.changed, outcome.unchanged) == (0, 1, 0)
    shown = archive.see(archive.rows()[0]["ref"])
    assert (shown.killed.best, shown.area2) == (5, "Quetta")
    assert [act.group for act in shown.acts] == ["shepherds"]
    assert [account.standing for account in shown.accounts] == ["superseded", "accepted"]
    assert archive.titles(q="villagers") == set()
    assert archive.titles(q="shepherds") == {"Alleged killing"}
    assert archive.broken() is None


def test_undoing_a_newer_row_brings_the_older_back(archive: TestArchive, tmp_path: Path) -> None:
    take(archive, tmp_path, FIRST)
    before = archive.see(archive.rows()[0]["ref"])
    outcome = take(archive, tmp_path, SECOND)
    assert undo(archive, outcome.batch) == 0
    now = archive.see(before.ref)
    own = {"version", "updated_at", "acts", "involvements"}
    assert now.model_dump(exclude=own) == before.model_dump(exclude=own)
    assert [act.group for act in now.acts] == ["villagers"]
    assert [i.actor.name for i in now.involvements] == ["armed men"]
    assert {act.account_id for act in now.acts} == {before.accounts[0].id}
    assert archive.titles(q="villagers") == {"Alleged killing"}
    assert archive.broken() is None


def test_after_undoing_the_newer_file_the_first_one_is_unchanged_again(archive: TestArchive, tmp_path: Path) -> None:
    take(archive, tmp_path, FIRST)
    undo(archive, take(archive, tmp_path, SECOND).batch)
    again = take(archive, tmp_path, FIRST)
    assert (again.new, again.changed, again.unchanged) == (0, 0, 1)
    assert take(archive, tmp_path, SECOND).changed == 1


def test_a_value_an_analyst_set_is_kept_where_the_row_says_nothing_new(archive: TestArchive, tmp_path: Path) -> None:
    take(archive, tmp_path, FIRST)
    one = archive.see(archive.rows()[0]["ref"]).id
    with writing(archive.engine) as session:
        change = IncidentChange(reason="Read again.", title="Alleged killing of a shepherd")
        incidents.amend(session, one, change, archive.seen(one), REVIEWER)
    take(archive, tmp_path, SECOND)
    assert archive.see(one).title == "Alleged killing of a shepherd"
    assert archive.see(one).killed.best == 5


def test_a_cell_that_is_now_empty_deletes_nothing(archive: TestArchive, tmp_path: Path) -> None:
    take(archive, tmp_path, FIRST)
    take(archive, tmp_path, FIRST.replace("2025-06-12,2,", "2025-06-12,,"))
    assert archive.rows()[0]["killed_best"] == 2


def test_later_work_on_imported_records_asks_twice(archive: TestArchive, tmp_path: Path) -> None:
    outcome = take(archive, tmp_path, FIRST)
    one = archive.see(archive.rows()[0]["ref"]).id
    with writing(archive.engine) as session:
        accounts.add_account(session, one, account_in(killed=3), REVIEWER)
    with pytest.raises(Conflict) as asked:
        undo(archive, outcome.batch)
    assert archive.rows()[0]["ref"] in str(asked.value)
    assert undo(archive, outcome.batch, also_edited=True) == 1
    assert archive.count(Incident) == 0
    assert archive.broken() is None


def test_a_source_that_others_cite_stays_when_its_import_goes(archive: TestArchive, tmp_path: Path) -> None:
    outcome = take(archive, tmp_path, FIRST)
    source = archive.see(archive.rows()[0]["ref"]).accounts[0].source_id
    other = archive.report(incident_in("Mine", source=None)).id
    told = account_in(killed=1).model_copy(update={"source": None, "source_id": source})
    with writing(archive.engine) as session:
        accounts.add_account(session, other, told, REVIEWER)
    assert undo(archive, outcome.batch) == 1
    assert archive.see(other).accounts[1].source.title == "A report"


def test_what_history_says_outlives_the_records(archive: TestArchive, tmp_path: Path) -> None:
    outcome = take(archive, tmp_path, FIRST)
    one = archive.see(archive.rows()[0]["ref"]).id
    undo(archive, outcome.batch)
    with reading(archive.engine) as session:
        (line,) = history.of_record(session, one, REVIEWER)
    assert (line.action, line.row_number, line.batch_id) == ("reported", 2, outcome.batch)
    assert line.what["report"]["external_id"] == "a-1"


def test_a_batch_is_taken_back_once_and_by_whoever_may(archive: TestArchive, tmp_path: Path) -> None:
    outcome = take(archive, tmp_path, FIRST)
    assert outcome.batch is not None
    with pytest.raises(Forbidden), writing(archive.engine) as session:
        batches.undo(session, outcome.batch, READER)
    undo(archive, outcome.batch)
    with pytest.raises(Conflict):
        undo(archive, outcome.batch)
    with pytest.raises(NotFound):
        undo(archive, UUID(int=1))


def test_numbers_are_not_given_again(archive: TestArchive, tmp_path: Path) -> None:
    outcome = take(archive, tmp_path, FIRST)
    first = archive.rows()[0]["ref"]
    undo(archive, outcome.batch)
    take(archive, tmp_path, FIRST)
    assert archive.rows()[0]["ref"] > first


def test_nothing_new_leaves_no_line_and_no_batch(archive: TestArchive, tmp_path: Path) -> None:
    take(archive, tmp_path, FIRST)
    before = archive.count(Revision)
    again = take(archive, tmp_path, FIRST)
    assert (again.recorded, again.batch) == (False, None)
    assert archive.count(Revision) == before
