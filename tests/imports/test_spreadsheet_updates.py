"""The same ids again: a newer row changes what it says, empties nothing, and can be taken back to the last detail."""

from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlmodel import Session, select

from app.actions import batches
from app.db import writing
from app.imports import Outcome
from app.records import Account, Incident, Revision
from app.records.incident import IncidentOut
from tests.archives import REVIEWER, TestArchive
from tests.imports.test_spreadsheet import BASIC, POINT, only, take

ID = {"id": "ours-1"}
FULL = ID | POINT | {
    "summary": "At length", "nature": "pattern", "date": "2025-06", "place_name": "a town", "country": "PAK",
    "uncertainty_m": "500", "killed_best": "2", "injured_min": "1", "victim_group": "villagers",
    "alleged_responsible": "armed men", "confidence": "low", "sensitivity": "internal", "licence": "CC0",
    "quote": "The first version.",
}  # fmt: skip
OTHER = ID | {
    "lon": "66.9905", "lat": "30.1834", "geo_precision": "near_settlement", "title": "Another title",
    "kind": "attack_on_civilians", "summary": "Otherwise", "nature": "event", "date": "2025-07-01",
    "place_name": "another town", "country": "PAK", "uncertainty_m": "900", "killed_best": "5", "injured_min": "3",
    "victim_group": "shepherds", "alleged_responsible": "Example Force", "confidence": "high",
    "sensitivity": "restricted", "licence": "CC BY 4.0", "quote": "The second version.",
}  # fmt: skip


def undo(archive: TestArchive, outcome: Outcome) -> None:
    assert isinstance(outcome.batch, UUID)
    with writing(archive.engine) as session:
        assert batches.undo(session, outcome.batch, REVIEWER) == 0


def state(shown: IncidentOut) -> dict[str, Any]:
    """All of an incident but the number of its version, and ids of parts that were written again."""
    told = shown.model_dump(exclude={"version", "updated_at"})
    for name in ("acts", "involvements", "places"):
        told[name] = [{key: value for key, value in part.items() if key != "id"} for part in told[name]]
    return told


def standings(archive: TestArchive) -> list[tuple[str | None, str]]:
    return [(account.quote, account.standing) for account in only(archive).accounts]


def test_every_field_follows_the_newer_row(archive: TestArchive, tmp_path: Path) -> None:
    take(archive, tmp_path, FULL)
    assert take(archive, tmp_path, OTHER).changed == 1
    one = only(archive)
    for name in ("title", "kind", "summary", "nature", "place_name", "country", "geo_precision", "confidence",
                 "sensitivity", "licence"):  # fmt: skip
        assert getattr(one, name) == OTHER[name], name
    assert (one.date.edtf, one.lon, one.lat, one.uncertainty_m) == ("2025-07-01", 66.9905, 30.1834, 900)
    assert (one.killed.best, one.injured.min, one.area2) == (5, 3, "Quetta")
    assert [act.group for act in one.acts] == ["shepherds"]
    assert [i.actor.name for i in one.involvements] == ["Example Force"]


def test_the_newer_account_takes_the_place_of_the_older(archive: TestArchive, tmp_path: Path) -> None:
    take(archive, tmp_path, FULL)
    take(archive, tmp_path, OTHER)
    assert standings(archive) == [("The first version.", "superseded"), ("The second version.", "accepted")]
    with Session(archive.engine) as session:
        old, new = session.exec(select(Account).order_by(Account.pk)).all()
    assert (old.supersedes_pk, new.supersedes_pk) == (None, old.pk)
    assert only(archive).independent_sources == 1


def test_an_empty_cell_deletes_nothing(archive: TestArchive, tmp_path: Path) -> None:
    take(archive, tmp_path, FULL)
    before = state(only(archive))
    assert take(archive, tmp_path, ID).changed == 1
    after = state(only(archive))
    assert {name for name in before if before[name] != after[name]} == {"accounts"}
    assert {act["account_id"] for act in after["acts"]} == {before["accounts"][0]["id"]}
    assert archive.titles(q="villagers") == {BASIC["title"]}


@pytest.mark.parametrize(("first", "second"), [(FULL, OTHER), (ID, FULL), (FULL, ID), (OTHER, FULL)])
def test_taken_back_the_first_state_is_there_again(
    archive: TestArchive, tmp_path: Path, first: dict[str, str], second: dict[str, str]
) -> None:
    take(archive, tmp_path, first)
    before = state(only(archive))
    outcome = take(archive, tmp_path, second)
    assert state(only(archive)) != before
    undo(archive, outcome)
    assert state(only(archive)) == before
    assert archive.broken() is None


def test_of_three_files_the_last_is_taken_back_to_the_second(archive: TestArchive, tmp_path: Path) -> None:
    """What only the first of them says still stands, and so does its place in the row of accounts."""
    take(archive, tmp_path, FULL)
    take(archive, tmp_path, ID | {"killed_best": "3", "quote": "In between."})
    before = state(only(archive))
    undo(archive, take(archive, tmp_path, OTHER))
    assert state(only(archive)) == before
    assert standings(archive) == [("The first version.", "superseded"), ("In between.", "accepted")]


def test_of_three_files_the_second_is_taken_back_and_the_third_stands(archive: TestArchive, tmp_path: Path) -> None:
    take(archive, tmp_path, FULL)
    second = take(archive, tmp_path, ID | {"killed_best": "3", "missing_best": "7", "victim_group": "in between"})
    take(archive, tmp_path, ID | {"killed_best": "5", "quote": "The third."})
    undo(archive, second)
    one = only(archive)
    assert (one.killed.best, one.missing.best) == (5, None)
    assert [act.group for act in one.acts] == ["villagers"]
    assert standings(archive) == [("The first version.", "superseded"), ("The third.", "accepted")]
    assert archive.broken() is None


def test_taken_in_again_after_it_was_taken_back(archive: TestArchive, tmp_path: Path) -> None:
    take(archive, tmp_path, FULL)
    outcome = take(archive, tmp_path, OTHER)
    changed = state(only(archive))
    undo(archive, outcome)
    assert take(archive, tmp_path, OTHER).changed == 1
    own = {"accounts", "acts", "involvements"}
    again = state(only(archive))
    assert {k: v for k, v in again.items() if k not in own} == {k: v for k, v in changed.items() if k not in own}
    assert [act["group"] for act in again["acts"]] == ["shepherds"]


def test_numbers_that_do_not_rise_are_kept_in_a_newer_row_too(archive: TestArchive, tmp_path: Path) -> None:
    take(archive, tmp_path, ID | {"killed_min": "1", "killed_best": "2"})
    outcome = take(archive, tmp_path, ID | {"killed_min": "5", "killed_best": "2"})
    assert (outcome.changed, len(outcome.notes)) == (1, 1)
    assert only(archive).killed.min == 5
    undo(archive, outcome)
    assert only(archive).killed.min == 1


def test_the_same_file_again_writes_nothing(archive: TestArchive, tmp_path: Path) -> None:
    take(archive, tmp_path, FULL, {"title": "Without an id"})
    tables = (Incident, Account, Revision)
    before, seen = archive.counts(*tables), archive.seen(archive.rows(q="villagers")[0]["ref"])
    again = take(archive, tmp_path, FULL, {"title": "Without an id"})
    assert (again.new, again.changed, again.unchanged, again.recorded) == (0, 0, 2, False)
    assert archive.counts(*tables) == before
    assert archive.seen(archive.rows(q="villagers")[0]["ref"]) == seen
