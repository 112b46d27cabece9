"""A whole made-up table (tests/samples/spreadsheet.csv): ten rows in, and for every value who says it."""

import csv
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from app import imports
from app.actions import batches
from app.db import reading, writing
from app.imports import Outcome
from app.imports.spreadsheet import COLUMNS
from app.queries import history, one
from app.queries.provenance import Provenance, provenance
from app.records import Account, Incident, Revision, Source
from app.records.incident import IncidentOut
from tests.archives import REVIEWER, TestArchive

pytestmark = pytest.mark.one_archive
SAMPLE = Path(__file__).parents[1] / "samples" / "spreadsheet.csv"
SYNTHETIC = ("Synthetic", "=Synthetic", "مصنوعی")  # the last says the same in Urdu
# What each date of the table means: EDTF, the first and the last day, how exact, and in words.
DATES = {
    "01": ("2025-06-12", "2025-06-12", "2025-06-12", "day", "on 12 June 2025"),
    "02": ("2025-06", "2025-06-01", "2025-06-30", "month", "on an unknown day in June 2025"),
    "03": ("2025-06~", "2025-06-01", "2025-06-30", "month", "on an unknown day around June 2025"),
    "04": ("2025-06?", "2025-06-01", "2025-06-30", "month", "on an unknown day in June 2025 (uncertain)"),
    "05": ("2025", "2025-01-01", "2025-12-31", "year", "on an unknown day in 2025"),
    "06": ("[2025-06-01..2025-06-20]", "2025-06-01", "2025-06-20", "month", "on an unknown day between 1 and 20 June 2025"),
    "07": ("2025-06-01/2025-06-20", "2025-06-01", "2025-06-20", "month", "from 1 to 20 June 2025"),
    "08": ("202X", "2020-01-01", "2029-12-31", "longer", "on an unknown day in the 2020s"),
    "09": (None, None, None, "unknown", "on an unknown date"),
    "10": ("2025-06-12/..", "2025-06-12", None, "open", "from 12 June 2025 onwards"),
}  # fmt: skip


@pytest.fixture(scope="module", autouse=True)
def taken(shared: TestArchive) -> Outcome:
    return imports.run(shared.engine, imports.plan(SAMPLE, None), REVIEWER)


@pytest.fixture(scope="module")
def found(shared: TestArchive, taken: Outcome) -> dict[str, IncidentOut]:
    """The incidents by the last two figures of their id in the table."""
    shown = [shared.see(row["ref"]) for row in shared.rows()]
    return {str(incident.external_id)[-2:]: incident for incident in shown}


def told_of(archive: TestArchive, incident: IncidentOut) -> Provenance:
    with reading(archive.engine) as session:
        return provenance(session, one.find(session, incident.ref, REVIEWER), REVIEWER)


def rows_of_the_file() -> list[dict[str, str]]:
    with SAMPLE.open(encoding="utf-8", newline="") as text:
        return list(csv.DictReader(text, strict=True))


def test_the_sample_says_that_it_is_made_up() -> None:
    rows = rows_of_the_file()
    assert len(rows) == len(DATES)
    assert set(rows[0]) <= set(COLUMNS)
    for row in rows:
        assert row["id"].startswith("synthetic-")
        assert row["title"].removeprefix("'").startswith(SYNTHETIC)


def test_every_row_is_taken(taken: Outcome, found: dict[str, IncidentOut]) -> None:
    counts = {"rows": 10, "new": 10, "changed": 0, "unchanged": 0, "refused": 0, "warnings": 0}
    assert (taken.counts(), taken.errors, taken.recorded) == (counts, [], True)
    assert set(found) == set(DATES)


def test_what_was_written_is_what_is_read(found: dict[str, IncidentOut]) -> None:
    assert found["03"].title == 'Synthetic: a "quoted" title, with a comma'
    assert found["03"].accounts[0].quote == "Line one\nline two"
    assert (found["04"].title, found["04"].place_name) == ("مصنوعی: مبینہ قتل", "تربت")
    assert found["05"].title == "=Synthetic: looks like a formula"
    assert (found["08"].lon, found["08"].lat, found["08"].killed.best) == (-70.5, -33.25, 0)
    assert (found["02"].kind, found["03"].kind) == ("enforced_disappearance", "attack_on_civilians")
    assert [i.actor.name for i in found["02"].involvements if i.actor] == ["Example Force", "armed men"]
    same = {
        i.actor.id for key in ("01", "02") for i in found[key].involvements if i.actor and i.actor.name == "armed men"
    }
    assert len(same) == 1


@pytest.mark.parametrize("key", DATES)
def test_dates_are_no_more_exact_than_they_were_written(found: dict[str, IncidentOut], key: str) -> None:
    date = found[key].date
    days = (str(day) if day else None for day in (date.earliest, date.latest))
    assert (date.edtf, *days, date.precision, date.words) == DATES[key]


def test_every_cell_is_said_by_the_source_of_its_row(shared: TestArchive, found: dict[str, IncidentOut]) -> None:
    stated = ("title", "kind", "date", "place_name", "country", "lon", "lat", "geo_precision", "uncertainty_m")
    for row in rows_of_the_file():
        incident = found[row["id"][-2:]]
        fields = told_of(shared, incident).fields
        (account,) = incident.accounts
        assert account.source.title == row["source_title"]
        for name in (name for name in stated if row[name]):
            assert [said.account_id for said in fields[name].accounts] == [account.id], name
            assert (fields[name].rule, fields[name].chosen) == ("single_source", account.id), name
            assert fields[name].accounts[0].quote == (row["quote"] or None)


def test_numbers_and_people_lead_back_to_the_sentence(shared: TestArchive, found: dict[str, IncidentOut]) -> None:
    fields = told_of(shared, found["01"]).fields
    for name in ("killed", "acts", "involvements"):
        (said,) = fields[name].accounts
        assert (said.quote, said.locator_type, said.locator) == ("Two men were shot, he said.", "paragraph", "3")
        assert (said.speaker, said.stance, said.url) == ("a neighbour", "alleges", "https://example.org/one")
        assert "The Example Paper" in said.citation
    assert fields["killed"].value == {"min": 2, "best": 2, "max": 3}


def test_history_names_the_file_and_the_line(
    shared: TestArchive, taken: Outcome, found: dict[str, IncidentOut]
) -> None:
    with reading(shared.engine) as session:
        lines = {key: history.of_record(session, incident.id, REVIEWER) for key, incident in found.items()}
    assert {len(told) for told in lines.values()} == {1}
    assert {told[0].file_name for told in lines.values()} == {"spreadsheet.csv"}
    assert {told[0].batch_id for told in lines.values()} == {taken.batch}
    assert (lines["01"][0].row_number, lines["03"][0].row_number) == (2, 4)
    assert lines["04"][0].row_number == 6  # the cell before it holds a line break


def test_again_it_changes_nothing(shared: TestArchive) -> None:
    tables: tuple[Any, ...] = (Incident, Account, Source, Revision)
    before = shared.counts(*tables)
    again = imports.run(shared.engine, imports.plan(SAMPLE, None), REVIEWER)
    assert (again.unchanged, again.new, again.changed, again.recorded) == (10, 0, 0, False)
    assert shared.counts(*tables) == before


def test_and_it_can_be_taken_back(archive: TestArchive) -> None:
    outcome = imports.run(archive.engine, imports.plan(SAMPLE, "spreadsheet"), REVIEWER)
    assert isinstance(outcome.batch, UUID)
    with writing(archive.engine) as session:
        assert batches.undo(session, outcome.batch, REVIEWER) == 10
    assert archive.counts(Incident, Account, Source) == {"Incident": 0, "Account": 0, "Source": 0}
    assert archive.broken() is None
