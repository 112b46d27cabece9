"""The files of other recorders by the mappings we ship: every row, and the totals their makers give."""

import csv
import gzip
import io
import json
from collections import Counter, defaultdict
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest

from app import imports
from app.actions.composing import Report
from app.errors import Unreadable
from app.imports import mappings, tables
from app.imports.checking import Checked, check
from app.imports.doubles.alike import DAYS, day_of, met
from app.records import Account, Incident
from tests.archives import REVIEWER, TestArchive

pytestmark = pytest.mark.real_data
RealData = Callable[[str], Path]
IOM_JSON, IOM_CSV = (f"iom_missing_migrants/{n}" for n in ("2019.json.gz", "MissingMigrants-Global-2020-01-08.csv.gz"))
POLICE_CSV, POLICE_JSON = (f"police_brutality_2020/{n}" for n in ("all-locations.csv", "all-locations-v2.json"))
PINOCHET = "pinochet_chile/pinochet.csv"


@cache
def looked_at(path: Path, name: str) -> tuple[list[Report], Checked]:
    """The file as the check leaves it; which mapping fits, its heading tells."""
    plan = imports.plan(path, None)
    assert plan.importer.name == name
    found = Checked()
    return check(plan.importer, plan.importer.read(path), plan.width, found), found


def total(reports: list[Report], harm: str, part: str) -> int:
    tallies = [getattr(report.told, harm) for report in reports]
    return sum(getattr(tally, part) or 0 for tally in tallies if tally)


def test_missing_migrants_in_both_shapes(real_data: RealData) -> None:
    of_map, found = looked_at(real_data(IOM_JSON), "iom-missing-migrants")
    of_table, odd = looked_at(real_data(IOM_CSV), "iom-missing-migrants")
    assert found.errors == odd.errors == odd.warnings == []
    assert (len(of_map), found.repeated, len(of_table)) == (1831, 1, 6249)  # one row of 1,832 is there twice
    with gzip.open(real_data(IOM_JSON)) as file:
        raw = json.load(file)
    twice = next(row for row in raw if raw.count(row) > 1)
    assert total(of_map, "killed", "best") == sum(int(r["number_dead"] or 0) for r in raw) - int(
        twice["number_dead"] or 0
    )
    assert total(of_map, "missing", "min") == sum(int(r["number_missing"] or 0) for r in raw) - int(
        twice["number_missing"] or 0
    )
    assert (total(of_table, "killed", "best"), total(of_table, "missing", "min")) == (19064, 15470)
    assert Counter(w.why for w in found.warnings) == {
        "latitude and longitude were exchanged: only so does the point lie in the country": 260
    }


def test_what_two_snapshots_share_is_one_incident(real_data: RealData) -> None:
    """Their own numbers are of two kinds; day, place and total say which rows are the same."""
    of_map, of_table = (looked_at(real_data(file), "iom-missing-migrants")[0] for file in (IOM_JSON, IOM_CSV))
    ids = [{report.told.external_id for report in reports} for reports in (of_map, of_table)]
    assert len(ids[0]) == len(of_map)
    assert len(ids[1]) == len(of_table)
    of_2019 = {r.told.external_id for r in of_table if r.told.date and str(r.told.date.earliest).startswith("2019")}
    assert len(of_2019) == 929
    assert len(ids[0] & ids[1]) == len(ids[0] & of_2019) == 788


def test_the_other_snapshot_changes_records_and_doubles_none(
    real_data: RealData, archive: TestArchive, tmp_path: Path
) -> None:
    """A slice of both, recorded: the days of October 2019."""
    with gzip.open(real_data(IOM_JSON)) as file:
        october = [row for row in json.load(file) if row["reported_date"].startswith("2019-10")]
    first = tmp_path / "october.json"
    first.write_text(json.dumps(october), encoding="utf-8")
    with gzip.open(real_data(IOM_CSV), "rt", encoding="utf-8-sig", newline="") as text:
        rows = [r for r in csv.DictReader(text) if r["Reported Year"] == "2019" and r["Reported Month"] == "Oct"]
    second = tmp_path / "october.csv"
    buffer = io.StringIO()
    writer = csv.DictWriter(buffer, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    second.write_text(buffer.getvalue(), encoding="utf-8")
    one = imports.run(archive.engine, imports.plan(first, None), REVIEWER)
    two = imports.run(archive.engine, imports.plan(second, None), REVIEWER)
    assert one.new == archive.count(Incident) - two.new
    assert two.changed > 0.75 * two.rows
    assert two.changed + two.new == two.rows
    again = imports.run(archive.engine, imports.plan(second, None), REVIEWER)
    assert (again.new, again.changed, again.recorded) == (0, 0, False)


def test_no_row_of_the_other_snapshot_doubles_an_incident_unmarked(real_data: RealData, archive: TestArchive) -> None:
    """What is left of 2019 has nothing there of the same words for its place, and the same day and number or spot."""
    imports.run(archive.engine, imports.plan(real_data(IOM_JSON), None), REVIEWER)
    looked = imports.run(archive.engine, imports.plan(real_data(IOM_CSV), None, dry_run=True), REVIEWER)
    assert (looked.changed, looked.new) == (788, 5461)
    marked = {note.line for note in looked.notes if "likely the same" in note.why}
    of_map, of_table = (looked_at(real_data(file), "iom-missing-migrants")[0] for file in (IOM_JSON, IOM_CSV))
    shared = {report.told.external_id for report in of_map}
    left = [r for r in of_table if r.told.external_id not in shared and r.row_number not in marked]
    assert len(marked) == 102
    known = by_words(of_map)
    assert [row for row in left if any(is_double(row, other) for other in known[words_of(row)])] == []


def by_words(reports: list[Report]) -> dict[str, list[Report]]:
    found: dict[str, list[Report]] = defaultdict(list)
    for report in reports:
        found[words_of(report)].append(report)
    return found


def words_of(report: Report) -> str:
    return (report.told.place_name or "").strip().casefold()


def is_double(row: Report, other: Report) -> bool:
    """Of two that call their place the same."""
    if not (day_of(row.told) and day_of(other.told)):
        return False
    mine, theirs = met(row.told), met(other.told)
    days, spot = abs((mine.day - theirs.day).days), (mine.lon, mine.lat) == (theirs.lon, theirs.lat)
    return (days == 0 and mine.people == theirs.people) or (days <= DAYS and spot)


def test_police_brutality_as_a_table_and_as_json(real_data: RealData) -> None:
    of_table, found = looked_at(real_data(POLICE_CSV), "police-brutality-2020")
    of_json, odd = looked_at(real_data(POLICE_JSON), "police-brutality-2020")
    assert found.errors == odd.errors == []
    assert len(of_table) == len(of_json) == 1340
    assert {r.told.external_id for r in of_table} == {r.told.external_id for r in of_json}
    links = json.loads(real_data(POLICE_JSON).read_bytes())["data"]
    assert sum(len(row["links"]) for row in links) == 3883
    different = sum(len({link["url"] for link in row["links"]}) for row in links)
    assert sum(len(r.accounts) for r in of_json) == pytest.approx(different, abs=3)
    assert sum(len(r.accounts) for r in of_table) == sum(len(r.accounts) for r in of_json)
    believed = [r.told.date for r in of_table if r.told.date and r.told.date.qualifier == "uncertain"]
    assert len(believed) == sum("Believed" in row["date_text"] for row in links)
    assert all(date.verbatim for date in believed)
    assert sum(r.told.date is None for r in of_table) == sum(row["date_text"] == "Unknown Date" for row in links)
    assert sum(r.told.lat is not None for r in of_json) == 1336


def test_chile_one_act_a_victim(real_data: RealData) -> None:
    reports, found = looked_at(real_data(PINOCHET), "pinochet-chile")
    assert (len(reports), found.errors) == (2398, [])
    assert {w.why for w in found.warnings} == {"the end lies before the start: kept as the days between"}
    assert len(found.warnings) == 3
    assert all(len(r.told.acts) == 1 and r.told.acts[0].person for r in reports)
    with real_data(PINOCHET).open(encoding="utf-8", newline="") as text:
        raw = {f"pinochet:{row['individual_id']}": row for row in csv.DictReader(text)}
    coded = Counter(
        raw[str(r.told.external_id)]["violence"] for r in reports if r.told.kind == "enforced_disappearance"
    )
    assert coded == {"Disappearance": 853, "Disappearance, Information of Death": 108}
    assert sum(len(r.told.cases) for r in reports) == 961
    assert sum(r.told.lat is not None for r in reports) == 2109
    without_day = [r.told for r in reports if raw[str(r.told.external_id)]["start_date_daily"] == "NA"]
    assert len(without_day) == 166
    for told in without_day:  # no day is made up: what is told starts with a month, or not at all
        assert told.date is None or told.date.earliest is None or told.date.earliest.day == 1
    assert sum(len(r.told.places) for r in reports) == sum(
        row[f"location_{n}"] not in {"NA", "", "?"} for row in raw.values() for n in range(1, 7)
    )


def test_chile_is_recorded_and_known_again(real_data: RealData, archive: TestArchive, tmp_path: Path) -> None:
    """The first 60 rows, whole: persons, life lines, places."""
    lines = real_data(PINOCHET).read_text(encoding="utf-8").splitlines(keepends=True)
    path = tmp_path / "sixty.csv"
    path.write_text("".join(lines[:61]), encoding="utf-8")
    taken = imports.run(archive.engine, imports.plan(path, None), REVIEWER)
    assert (taken.new, taken.refused, archive.count(Account)) == (60, 0, 60)
    again = imports.run(archive.engine, imports.plan(path, None), REVIEWER)
    assert (again.unchanged, again.recorded) == (60, False)


def suggested(path: Path, **mended: str) -> tuple[list[Report], Checked]:
    """The file by the mapping that is suggested for it, with a few of its lines mended."""
    text = mappings.suggest(path, path.name)
    for wrong, right in mended.items():
        assert f'{wrong} = "unknown"' in text
        text = text.replace(f'{wrong} = "unknown"', right)
    columns = tables.heading(path)
    importer, found = mappings.made(mappings.read(text), columns), Checked()
    return check(importer, importer.read(path), len(columns), found), found


def test_a_suggestion_for_a_real_file_is_a_mapping_that_works(real_data: RealData) -> None:
    reports, found = suggested(real_data(IOM_CSV))
    assert (len(reports), found.errors) == (6249, [])
    assert total(reports, "killed", "best") == 19064


@pytest.mark.parametrize(("name", "rows", "placed"), [("us_wapo", 2933, 2863), ("us_mpv", 3263, 0)])
def test_records_of_killings_need_one_mended_line(real_data: RealData, name: str, rows: int, placed: int) -> None:
    """No column of theirs says that all of it is about killings."""
    path = real_data(f"duplicates/{name}.csv")
    reports, found = suggested(path, kind='kind = "killing"')
    assert (len(reports), found.errors, found.repeated) == (rows, [], 0)
    assert {report.told.kind for report in reports} == {"killing"}
    assert all(report.told.date and report.told.external_id for report in reports)
    assert sum(report.told.lat is not None for report in reports) == placed


@pytest.mark.parametrize(
    "name",
    ["us_truth.csv", "febrl1.csv", "febrl3.csv", "latin_arabic_tokens.csv", "ned_5.csv", "western.csv", "historical.parquet",
     "opensanctions_name_bench.csv", "synthetic_sa_10k_seed1.csv", "kosovo_1999_4lists.csv"],
)  # fmt: skip
def test_lists_that_are_no_incidents_are_told_so(real_data: RealData, name: str) -> None:
    path = real_data(f"duplicates/{name}")
    with pytest.raises(Unreadable, match="fit none of the formats"):
        imports.plan(path, None)
    with pytest.raises(Unreadable, match="no table of incidents: none of its columns tells when it was"):
        mappings.suggest(path, path.name)
