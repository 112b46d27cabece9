"""What the form for the field collected comes in, with its refusals."""

import csv
from pathlib import Path
from typing import Any

import pytest

from app import imports
from app.imports import Outcome
from app.imports.field_form import draft
from app.imports.importer import Row, RowRefused
from tests.archives import REVIEWER, TestArchive

LEAST = {
    "_uuid": "8d3b", "title": "Alleged killing in a village", "kind": "killing", "date_known": "day",
    "date_day": "2025-06-12", "source_kind": "testimony_witness", "source_title": "A talk", "stance": "reports",
    "sensitivity": "restricted",
}  # fmt: skip


def take(archive: TestArchive, path: Path, *submissions: dict[str, str]) -> Outcome:
    names = list(dict.fromkeys(name for one in submissions for name in one))
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, names)
        writer.writeheader()
        writer.writerows(submissions)
    return imports.run(archive.engine, imports.plan(path, None), REVIEWER)


def test_a_submission_is_a_report_and_an_edit_changes_it(archive: TestArchive, tmp_path: Path) -> None:
    root = {"meta/rootUuid": "uuid:8d3b"}
    point = {"point": "26.0023 63.0544 100 5", "geo_precision": "settlement", "country": "PAK"}
    first = take(archive, tmp_path / "a.csv", LEAST | root | point | {"killed_best": "2"})
    assert (first.new, first.errors) == (1, [])
    edited = take(archive, tmp_path / "b.csv", LEAST | root | point | {"killed_best": "3", "_uuid": "9e4c"})
    assert (edited.new, edited.changed, edited.errors) == (0, 1, [])
    one = archive.see(archive.rows()[0]["ref"])
    assert (one.external_id, one.killed.best, one.date.edtf) == ("kobo:8d3b", 3, "2025-06-12")
    assert (one.lat, one.lon, one.area1) == (26.0023, 63.0544, "Balochistan")


def test_victims_are_people_or_groups() -> None:
    victims = [
        {"victims/victim_name": "Made Up", "victims/identity_protection": "sealed", "victims/victim_age": 30},
        {"victims/victim_group": "villagers", "victims/victim_count": 0, "victims/victim_outcome": "missing"},
    ]
    assert draft(Row(2, LEAST | {"victims": victims})).report["acts"] == [
        {"kind": "killing", "person": {"names": [{"full": "Made Up"}], "identity_protection": "sealed",
                                       "age_at_event": 30}},
        {"kind": "killing", "group": "villagers", "count": {"best": 0}, "outcome": "missing"},
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("answers", "edtf"),
    [
        ({"date_known": "month", "date_month": "2025-06-01"}, "2025-06"),
        ({"date_known": "year", "date_year": "2025-01-01"}, "2025"),
        ({"date_known": "between", "date_first": "2025-06-01", "date_last": "2025-06-20"}, "2025-06-01/2025-06-20"),
    ],
)
def test_a_date_is_no_finer_than_it_was_known(answers: dict[str, str], edtf: str) -> None:
    assert draft(Row(2, LEAST | answers)).report["date"] == edtf


def test_a_date_that_is_not_known_is_none() -> None:
    assert "date" not in draft(Row(2, LEAST | {"date_known": "unknown"})).report


@pytest.mark.parametrize(
    ("answers", "column"),
    [
        ({"_uuid": ""}, "_uuid"),
        ({"date_known": "The day"}, "date_known"),
        ({"date_day": "12 June"}, "date_day"),
        ({"date_known": "between", "date_first": "2025-06-01"}, "date_last"),
        ({"point": "somewhere"}, "point"),
    ],
)
def test_a_wrong_answer_is_named(answers: dict[str, Any], column: str) -> None:
    with pytest.raises(RowRefused) as refused:
        draft(Row(7, LEAST | answers))
    assert (refused.value.finding.line, refused.value.finding.column) == (7, column)
    assert refused.value.finding.suggestion
