"""Our own table: every good row, and for every wrong one its line, column, value, why, and how to mend it."""

import csv
import io
from pathlib import Path
from typing import Any

import pytest

from app import imports
from app.db import now
from app.exports import FORMATS, Answer, Heading
from app.imports import Finding, Outcome
from app.imports.spreadsheet import COLUMNS
from app.records import Incident
from tests.archives import REVIEWER, TestArchive
from tests.builders import HOMS, TURBAT

BASIC = {"title": "Alleged killing", "kind": "killing", "source_kind": "press", "source_title": "A report"}
POINT = {"lon": "63.0544", "lat": "26.0023", "geo_precision": "settlement"}


def take(archive: TestArchive, folder: Path, *rows: dict[str, str], **how: Any) -> Outcome:
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, list(COLUMNS))
    writer.writeheader()
    writer.writerows(BASIC | row for row in rows)
    path = folder / "table.csv"
    path.write_text(text.getvalue(), encoding="utf-8", newline="")
    return imports.run(archive.engine, imports.plan(path, None, **how), REVIEWER)


def only(archive: TestArchive) -> Any:
    (row,) = archive.rows()
    return archive.see(row["ref"])


def test_a_full_row_is_a_full_record(archive: TestArchive, tmp_path: Path) -> None:
    full = POINT | {
        "id": "ours-1", "summary": "At length", "nature": "pattern", "date": "2025-06-01 to 2025-06-20",
        "place_name": "a town", "country": "PAK", "uncertainty_m": "500", "killed_min": "1", "killed_best": "2",
        "killed_max": "3", "detained_best": "4", "victim_group": "villagers", "victim_status": "civilian",
        "alleged_responsible": "armed men; Example Force", "degree": "carried_out", "confidence": "low",
        "sensitivity": "internal", "licence": "CC0", "publication": "A Paper", "source_published": "2025-06-21",
        "source_url": "https://example.org/1", "source_language": "ur", "speaker": "a neighbour", "stance": "alleges",
        "quote": "They came at night.", "locator_type": "page", "locator": "7",
    }  # fmt: skip
    outcome = take(archive, tmp_path, full)
    assert outcome.recorded
    one = only(archive)
    assert (one.external_id, one.summary, one.nature, one.place_name) == ("ours-1", "At length", "pattern", "a town")
    assert one.date.edtf == "[2025-06-01..2025-06-20]"
    assert one.killed.model_dump() == {"min": 1, "best": 2, "max": 3}
    assert (one.detained.best, one.uncertainty_m, one.area2) == (4, 500, "Kech")
    assert [(a.kind, a.group, a.civilian_status) for a in one.acts] == [("killing", "villagers", "civilian")]
    assert [i.actor.name for i in one.involvements] == ["armed men", "Example Force"]
    (account,) = one.accounts
    assert (account.speaker, account.stance, account.quote, account.locator) == (
        "a neighbour",
        "alleges",
        "They came at night.",
        "7",
    )
    assert (account.source.publication.name, account.source.published.edtf) == ("A Paper", "2025-06-21")
    assert account.said["killed"]["value"] == {"min": 1, "best": 2, "max": 3}


def test_the_least_that_a_row_needs(archive: TestArchive, tmp_path: Path) -> None:
    assert take(archive, tmp_path, {}).recorded
    one = only(archive)
    assert (one.date.edtf, one.lon, one.geo_precision, one.sensitivity) == (None, None, "unknown", "restricted")
    assert one.killed.model_dump() == {"min": None, "best": None, "max": None}


@pytest.mark.parametrize("kind", ["enforced_disappearance", "Enforced disappearance", "ENFORCED DISAPPEARANCE"])
def test_a_kind_by_its_code_or_its_label(archive: TestArchive, tmp_path: Path, kind: str) -> None:
    take(archive, tmp_path, {"kind": kind})
    assert only(archive).kind == "enforced_disappearance"


def test_the_apostrophe_of_our_own_export_is_taken_off(archive: TestArchive, tmp_path: Path) -> None:
    take(archive, tmp_path, {"title": "'=not a formula", "place_name": "'quoted'"})
    one = only(archive)
    assert (one.title, one.place_name) == ("=not a formula", "'quoted'")


def test_one_actor_throughout_the_table(archive: TestArchive, tmp_path: Path) -> None:
    take(archive, tmp_path, {"alleged_responsible": "Armed men"}, {"title": "B", "alleged_responsible": "armed MEN"})
    ids = {archive.see(row["ref"]).involvements[0].actor.id for row in archive.rows()}
    assert len(ids) == 1


WRONG: list[tuple[dict[str, str], str, str]] = [
    ({"title": ""}, "title", "required"),
    ({"title": "x" * 501}, "title", "500"),
    ({"kind": "beating_up"}, "kind", "vocabulary"),
    ({"kind": ""}, "kind", "vocabulary"),
    ({"source_kind": "gossip"}, "source_kind", "vocabulary"),
    ({"source_title": ""}, "source_kind", "say what the source is"),
    ({"nature": "crime"}, "nature", "vocabulary"),
    ({"date": "12/06/2025"}, "date", "Day and month"),
    ({"date": "2025-02-30"}, "date", "no such day"),
    ({"date": "2025-06-20/2025-06-01"}, "date", "end is before the start"),
    ({"country": "Pakistan"}, "country", "pattern"),
    (POINT | {"lon": "east"}, "lon", "not a number"),
    (POINT | {"lat": "126.0"}, "lat", "less than or equal to 90"),
    (POINT | {"lat": "nan"}, "lat", ""),
    (POINT | {"lon": "inf"}, "lon", ""),
    (POINT | {"geo_precision": "roughly"}, "geo_precision", "vocabulary"),
    ({"killed_best": "several"}, "killed_best", "not a whole number"),
    ({"killed_best": "2.5"}, "killed_best", "not a whole number"),
    ({"killed_min": "-3"}, "killed_best", "greater than or equal to 0"),
    ({"victim_group": "villagers", "victim_status": "innocent"}, "victim_group", "vocabulary"),
    ({"confidence": "sure"}, "confidence", "vocabulary"),
    ({"sensitivity": "secret"}, "sensitivity", "vocabulary"),
    ({"stance": "insists"}, "stance", "vocabulary"),
    ({"source_url": "example.org"}, "source_kind", "pattern"),
    ({"degree": "did", "alleged_responsible": "x"}, "degree", "vocabulary"),
]


@pytest.mark.parametrize(("wrong", "column", "why"), WRONG, ids=lambda value: str(value)[:40])
def test_a_wrong_row_is_pointed_out(
    archive: TestArchive, tmp_path: Path, wrong: dict[str, str], column: str, why: str
) -> None:
    outcome = take(archive, tmp_path, {"title": "First"}, wrong, {"title": "Last"})
    (error,) = outcome.errors
    assert (error.line, error.column) == (3, column)
    assert why.lower() in error.why.lower()
    assert error.value == (BASIC | wrong).get(column, "")[:100]
    assert error.suggestion
    assert (outcome.rows, outcome.refused, outcome.recorded) == (3, 1, False)
    assert archive.count(Incident) == 0


@pytest.mark.parametrize("half", [{"lon": "63.05"}, {"lat": "26.0"}, {"lon": "63.05", "lat": "26.0"}])
def test_half_a_point_is_refused(archive: TestArchive, tmp_path: Path, half: dict[str, str]) -> None:
    (error,) = take(archive, tmp_path, half).errors
    assert error.line == 2
    assert "a point needs" in error.why


def test_the_good_rows_are_kept_when_that_is_asked(archive: TestArchive, tmp_path: Path) -> None:
    outcome = take(archive, tmp_path, {"title": "First"}, {"kind": "no"}, {"title": "Last"}, keep_good=True)
    assert (outcome.rows, outcome.new, outcome.refused, outcome.recorded) == (3, 2, 1, True)
    assert archive.titles() == {"First", "Last"}
    assert archive.broken() is None


def test_a_dry_run_says_the_same_and_writes_nothing(archive: TestArchive, tmp_path: Path) -> None:
    rows = [{"title": "First"}, {"kind": "no"}]
    looked = take(archive, tmp_path, *rows, dry_run=True)
    taken = take(archive, tmp_path, *rows)
    assert looked.counts() == taken.counts()
    assert looked.errors == taken.errors
    assert archive.count(Incident) == 0


def why(outcome: Outcome) -> list[tuple[int, str, str]]:
    return [(note.line, note.column, note.why) for note in outcome.notes]


def test_the_middle_of_the_sea_is_odd(archive: TestArchive, tmp_path: Path) -> None:
    outcome = take(archive, tmp_path, POINT | {"lon": "0", "lat": "0"})
    assert why(outcome) == [(2, "lat", "0, 0 lies in the sea off Africa")]
    assert outcome.recorded


def test_swapped_coordinates_are_noticed(archive: TestArchive, tmp_path: Path) -> None:
    swapped = POINT | {"lon": str(TURBAT[1]), "lat": str(TURBAT[0]), "country": "PAK"}
    outcome = take(archive, tmp_path, swapped, POINT | {"title": "right", "country": "PAK"})
    (note,) = outcome.notes
    assert (note.line, note.suggestion) == (2, "exchange latitude and longitude")


def test_a_point_in_another_country_is_kept_without_its_areas(archive: TestArchive, tmp_path: Path) -> None:
    take(archive, tmp_path, POINT | {"lon": str(HOMS[0]), "lat": str(HOMS[1]), "country": "PAK"})
    one = only(archive)
    assert (one.country, one.area1_code) == ("PAK", None)


def test_many_rows_on_one_spot_look_like_a_centroid(archive: TestArchive, tmp_path: Path) -> None:
    pile = [POINT | {"title": f"One {n}"} for n in range(30)]
    spread = [POINT | {"title": f"Two {n}", "lon": str(60 + n / 10)} for n in range(30)]
    (note,) = take(archive, tmp_path, *pile, *spread).notes
    assert note == Finding(0, "lat", "26.0023, 63.0544", "30 of 60 points lie on this one spot",
                           "is it the middle of an area? then give that precision")  # fmt: skip


def test_areas_may_pile_up(archive: TestArchive, tmp_path: Path) -> None:
    pile = [POINT | {"title": f"One {n}", "geo_precision": "area2"} for n in range(30)]
    assert take(archive, tmp_path, *pile).notes == []


def test_low_above_best_is_kept_as_it_was_counted(archive: TestArchive, tmp_path: Path) -> None:
    """On import a warning, says domain.md, because real files do it."""
    outcome = take(archive, tmp_path, {"killed_min": "5", "killed_best": "2"})
    assert outcome.recorded
    assert only(archive).killed.min == 5
    assert [line for line, _, _ in why(outcome)] == [2]


def test_an_id_that_comes_twice(archive: TestArchive, tmp_path: Path) -> None:
    outcome = take(archive, tmp_path, {"id": "1"}, {"id": "2"}, {"id": "1", "title": "Another"})
    (error,) = outcome.errors
    assert (error.line, error.column, error.value) == (4, "id", "1")
    assert error.why == "line 2 has the same id with other values"
    assert not outcome.recorded


def test_the_very_same_row_twice_is_one(archive: TestArchive, tmp_path: Path) -> None:
    outcome = take(archive, tmp_path, {"id": "1"}, {"id": "1"})
    assert (outcome.rows, outcome.new, outcome.unchanged, outcome.refused) == (2, 1, 1, 0)
    assert archive.count(Incident) == 1


def test_rows_without_an_id_that_say_the_same_are_two_events(archive: TestArchive, tmp_path: Path) -> None:
    """Without an id nobody can tell; both are taken, and the same file again adds neither."""
    assert take(archive, tmp_path, {}, {}).new == 2
    assert take(archive, tmp_path, {}, {}).new == 0


def test_our_own_export_can_be_read_for_its_columns(archive: TestArchive, tmp_path: Path) -> None:
    take(archive, tmp_path, POINT | {"date": "2025-06", "killed_best": "2"})
    raw = b"".join(FORMATS["csv"].write(Answer(archive.rows(), Heading("all", now()))))
    (row,) = csv.DictReader(io.StringIO(raw.decode("utf-8-sig")))
    shared = [name for name in COLUMNS if name in row]
    assert {"title", "kind", "lon", "lat", "geo_precision", "killed_best", "alleged_responsible"} <= set(shared)
