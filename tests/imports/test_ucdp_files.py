"""UCDP GED: the real Bangladesh file with its tags, and rows made up to be wrong."""

import csv
import gzip
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from app import imports
from app.imports import Outcome
from app.records import Incident
from tests.archives import REVIEWER, TestArchive

EVENT = {
    "id": "1", "type_of_violence": "3", "conflict_name": "A - B", "side_a": "Example Force", "side_b": "Civilians",
    "number_of_sources": "1", "source_article": '"A Paper,2016-01-02,A headline, with a comma"', "source_original": "police",
    "where_prec": "1", "where_coordinates": "Homs city", "adm_1": "Homs", "adm_2": "", "latitude": "34.73",
    "longitude": "36.71", "country": "Syria", "event_clarity": "1", "date_prec": "1", "date_start": "2016-01-01",
    "date_end": "2016-01-01", "deaths_a": "0", "deaths_b": "1", "deaths_civilians": "2", "deaths_unknown": "0",
    "low": "3", "best": "3", "high": "4",
}  # fmt: skip


def take(archive: TestArchive, folder: Path, *events: dict[str, str], **how: Any) -> Outcome:
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, list(EVENT))
    writer.writeheader()
    writer.writerows(EVENT | event for event in events)
    path = folder / "ged.csv"
    path.write_text(text.getvalue(), encoding="utf-8", newline="")
    return imports.run(archive.engine, imports.plan(path, None, **how), REVIEWER)


@pytest.mark.real_data
def test_bangladesh_with_a_row_of_tags(archive: TestArchive, real_data: Callable[[str], Path]) -> None:
    path = real_data("ucdp_bangladesh_hxl/conflict_data_BGD.csv")
    outcome = imports.run(archive.engine, imports.plan(path, None), REVIEWER)
    assert (outcome.rows, outcome.new, outcome.refused) == (601, 601, 0)
    rows = archive.rows()
    assert {row["country"] for row in rows} == {"BGD"}
    assert archive.titles(q="Bhandaria") == archive.titles(q="Bhāndāria") != set()
    assert not [row for row in rows if row["title"].startswith("#")]
    with path.open(encoding="utf-8", newline="") as text:
        events = [row for row in csv.DictReader(text) if row["id"]]
    assert sum(row["killed_best"] for row in rows) == sum(int(row["best"]) for row in events)
    assert len(events) == archive.count(Incident) == 601


@pytest.mark.real_data
def test_bangladesh_in_its_own_spelling_and_with_its_old_citations(
    archive: TestArchive, real_data: Callable[[str], Path]
) -> None:
    """Before 1995 or so a citation is free text: it stays whole, and the same text is one source throughout."""
    path = real_data("ucdp_bangladesh_hxl/conflict_data_BGD.csv")
    imports.run(archive.engine, imports.plan(path, None), REVIEWER)
    with path.open(encoding="utf-8", newline="") as text:
        events = {f"ucdp:ged:{row['id']}": row for row in csv.DictReader(text) if row["id"] and row["id"][0] != "#"}
    shown = {one.external_id: one for one in (archive.see(row["ref"]) for row in archive.rows())}
    assert len(shown) == len(events) == 601
    sources: dict[str, set[object]] = {}
    for key, event in events.items():
        assert shown[key].place_name == event["where_coordinates"]
        cited = event["source_article"].strip()
        if not cited.startswith('"'):
            assert [a.source.title for a in shown[key].accounts[1:]] == ([cited.strip('"')] if cited else []), key
            sources.setdefault(cited, set()).update(a.source_id for a in shown[key].accounts[1:])
    assert len(sources) > 250
    assert {len(ids) for cited, ids in sources.items() if cited} == {1}
    named = [one.place_name for one in shown.values() if one.place_name and not one.place_name.isascii()]
    assert "Bhāndāria town" in named
    assert {one.area1 for one in shown.values() if one.area1 and not one.area1.isascii()} == {"Barisāl Division"}


def test_one_event_in_full(archive: TestArchive, tmp_path: Path) -> None:
    assert take(archive, tmp_path, {}).recorded
    shown = archive.see(archive.rows()[0]["ref"])
    assert (shown.kind, shown.nature, shown.external_id) == ("attack_on_civilians", "event", "ucdp:ged:1")
    assert shown.killed.model_dump() == {"min": 3, "best": 3, "max": 4}
    assert {(act.civilian_status, act.count.best) for act in shown.acts} == {("civilian", 2), ("fighter", 1)}
    (alleged,) = shown.involvements
    assert (alleged.actor.name, alleged.degree) == ("Example Force", "carried_out")
    assert shown.accounts[1].source.title == "A headline, with a comma"
    assert shown.accounts[1].speaker == "police"
    assert shown.independent_sources == 1


def test_in_a_clash_nobody_is_called_responsible(archive: TestArchive, tmp_path: Path) -> None:
    take(archive, tmp_path, {"type_of_violence": "1"})
    (row,) = archive.rows()
    assert (row["kind"], row["alleged_responsible"]) == ("armed_clash", None)
    degrees = {i.degree for i in archive.see(row["ref"]).involvements}
    assert degrees == {"party_to_clash"}


def test_free_text_citations_stay_whole(archive: TestArchive, tmp_path: Path) -> None:
    take(archive, tmp_path, {"source_article": 'Reuters (1989-10-01): "REBELS'}, {"id": "2", "source_article": ""})
    counts = sorted(len(archive.see(row["ref"]).accounts) for row in archive.rows())
    assert counts == [1, 2]
    assert archive.rows(source="Reuters")[0]["sources"].endswith('Reuters (1989-10-01): "REBELS')


def test_the_same_citation_twice_is_one_account(archive: TestArchive, tmp_path: Path) -> None:
    one = EVENT["source_article"]
    take(archive, tmp_path, {"source_article": f'{one};{one};"B Paper,2016-01-03,Another"'})
    assert len(archive.see(archive.rows()[0]["ref"]).accounts) == 3


@pytest.mark.parametrize(
    ("wrong", "column"),
    [
        ({"type_of_violence": "4"}, "type_of_violence"),
        ({"where_prec": "9"}, "where_prec"),
        ({"best": "several"}, "best"),
        ({"low": "-1"}, "low"),
        ({"best": "nan"}, "best"),
        ({"best": "1e400"}, "best"),
        ({"latitude": "north"}, "latitude"),
        ({"latitude": "134.7"}, "latitude"),
        ({"latitude": "nan"}, "latitude"),
        ({"longitude": "inf"}, "longitude"),
        ({"longitude": ""}, "longitude"),
        ({"date_start": "01/02/2016"}, "date_start"),
        ({"date_start": "2016-02-01"}, "date_start"),
        ({"date_end": "2016-02-30"}, "date_end"),
    ],
)
def test_a_row_that_is_wrong_is_pointed_out(
    archive: TestArchive, tmp_path: Path, wrong: dict[str, str], column: str
) -> None:
    outcome = take(archive, tmp_path, {}, {"id": "2"} | wrong)
    (error,) = outcome.errors
    assert (error.line, error.column) == (3, column)
    assert error.value == (wrong.get(column) or EVENT[column] if column not in wrong else wrong[column])
    assert error.why
    assert error.suggestion
    assert (outcome.refused, outcome.recorded) == (1, False)
    assert archive.count(Incident) == 0


def test_what_is_odd_is_kept_with_a_warning(archive: TestArchive, tmp_path: Path) -> None:
    outcome = take(
        archive, tmp_path, {"low": "5", "high": "2"}, {"id": "2", "date_prec": "5"}, {"id": "3", "country": "X"}
    )
    odd = {(note.line, note.why) for note in outcome.notes}
    assert {(2, "low is above best"), (2, "high is below best")} <= odd
    assert (3, "the days do not span what date_prec says") in odd
    assert (4, "not a country we know") in odd
    assert outcome.recorded
    (row,) = archive.rows(date_to="2016-01-01", q="Homs", country="SYR")[:1]
    assert archive.count(Incident) == 3
    assert {r["killed_min"] for r in archive.rows()} == {3, 5}
    assert row["killed_best"] == 3


def test_gzip_and_plain_are_the_same_file(archive: TestArchive, tmp_path: Path) -> None:
    take(archive, tmp_path, {})
    packed = tmp_path / "ged.csv.gz"
    packed.write_bytes(gzip.compress((tmp_path / "ged.csv").read_bytes()))
    again = imports.run(archive.engine, imports.plan(packed, None), REVIEWER)
    assert (again.new, again.unchanged) == (0, 1)
