"""What is worked out once for a whole chunk or table comes to the same as row by row."""

import csv
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from sqlalchemy import JSON, Boolean, Column, Engine, Integer, MetaData, String, Table, select
from sqlmodel import Session

from app import geography, imports
from app.actions.composing import said_in
from app.bulk import insert_rows
from app.db import Moment, reading, writing
from app.geography.files import once
from app.imports.importer import Row
from app.imports.spreadsheet import SPREADSHEET
from app.matching.folding import name_key
from app.records.blocks import Tally
from app.records.incident import IncidentIn
from app.vocabulary.word import vocabulary
from tests.archives import REVIEWER, TestArchive

NEEDED = {"title": "Alleged killing", "kind": "killing", "source_kind": "press", "source_title": "A report"}
PLACES = ((63.0544, 26.0023), (26.0023, 63.0544), (69.17, 34.55), (34.55, 69.17), (25.0, 65.0), (0.0, 0.0))
COUNTRIES = ("PAK", "AFG", "SYR")


def drafted(**cells: str) -> dict[str, Any]:
    return SPREADSHEET.draft(Row(2, NEEDED | cells)).report


def as_found_one_by_one(text: str) -> str:
    key = name_key(text)
    return next((w.code for w in vocabulary("violations").values() if key in (w.code, name_key(w.named()))), text)


def test_every_kind_is_understood_by_code_and_by_label() -> None:
    words = vocabulary("violations").values()
    asked = [text for w in words for text in (w.code, w.named(), w.named().upper(), f" {w.code}")] + [
        "",
        "no such kind",
    ]
    assert [drafted(kind=text)["kind"] for text in asked] == [as_found_one_by_one(text.strip()) for text in asked]
    assert all(drafted(kind=w.named())["kind"] in vocabulary("violations") for w in words)


@pytest.mark.parametrize(
    ("cell", "kept"),
    [("'=1+1", "=1+1"), ("  '=1+1 ", "=1+1"), ("'quoted'", "'quoted'"), ("'", "'"), ("''=1", "''=1"), (" a ", "a")],
)
def test_only_the_apostrophe_before_a_formula_goes(cell: str, kept: str) -> None:
    assert drafted(title=cell)["title"] == kept


def test_empty_cells_say_nothing() -> None:
    empty = drafted(summary="  ", killed_best="", victim_group="", alleged_responsible=" ; ", degree="carried_out")
    assert set(empty) == {"title", "kind", "according_to"}


@pytest.mark.parametrize(
    "killed", [Tally(min=1), Tally(max=3), Tally(min=1, max=3), Tally(best=2), Tally(min=2, max=2)]
)
def test_what_is_said_keeps_its_order_and_says_how_firmly(killed: Tally) -> None:
    raw = {"killed": killed.model_dump(exclude_none=True), "country": "PAK", "title": "Alleged", "summary": None}
    told = IncidentIn.model_validate(
        {**raw, "kind": "killing", "according_to": {"source": {"kind": "press", "title": "A"}}}
    )
    said = said_in(told, raw)
    firmly = {(1, None): "at_least", (None, 3): "at_most", (1, 3): "between"}.get((killed.min, killed.max), "equals")
    assert list(said) == ["title", "country", "killed"]
    assert [what["operator"] for what in said.values()] == ["equals", "equals", firmly]


def one_by_one(country: str, lon: float, lat: float) -> bool:
    """Whether a point lies outside its country, and inside it when swapped."""
    swapped = abs(lon) <= 90 and geography.areas_at(lat, lon).country == country
    return (lon, lat) != (0, 0) and geography.areas_at(lon, lat).country != country and swapped


def test_swapped_points_are_told_apart_in_one_look(archive: TestArchive, tmp_path: Path) -> None:
    rows = [(country, *place) for country in COUNTRIES for place in (*PLACES, (-120.0, 35.0))]
    path = tmp_path / "table.csv"
    with path.open("w", encoding="utf-8", newline="") as text:
        writer = csv.writer(text)
        writer.writerow([*NEEDED, "country", "lon", "lat", "geo_precision"])
        writer.writerows([*NEEDED.values(), *row, "settlement"] for row in rows)
    outcome = imports.run(archive.engine, imports.plan(path, None, dry_run=True), REVIEWER)
    exchange = [note.line for note in outcome.notes if note.suggestion.startswith("exchange")]
    wanted = [line for line, row in enumerate(rows, 2) if one_by_one(*row)]
    assert exchange == wanted
    assert wanted


@pytest.fixture
def things(engine: Engine) -> Iterator[Table]:
    """A table of its own with a default, a name that needs quotes, and a moment."""
    table = Table(
        "things in bulk", MetaData(),
        Column("pk", Integer, primary_key=True), Column("of what", String, key="what"), Column("told", JSON),
        Column("at", Moment), Column("good", Boolean, default=True, nullable=False),
    )  # fmt: skip
    with writing(engine) as session:
        table.create(session.connection())
    yield table
    with writing(engine) as session:
        table.drop(session.connection())


def written(session: Session, table: Table) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in session.execute(select(table).order_by(table.c.pk))]


def test_rows_are_written_as_they_are(engine: Engine, things: Table) -> None:
    at = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    with writing(engine) as session:
        insert_rows(
            session.connection(), things, [{"pk": 1, "what": None, "at": at}, {"pk": 2, "what": "b", "at": None}]
        )
        insert_rows(session.connection(), things, [{"pk": 3, "what": None, "at": at}])  # the same keys, other cells
        insert_rows(session.connection(), things, [{"pk": 4, "told": {"a": [1]}, "good": False}])
        with pytest.raises(ValueError, match="the same keys"):
            insert_rows(session.connection(), things, [{"pk": 5, "what": "e"}, {"pk": 6}])
        with pytest.raises(KeyError):
            insert_rows(session.connection(), things, [{"pk": 5, "what": "e"}, {"pk": 6, "told": None}])
    with reading(engine) as session:
        assert written(session, things) == [
            (1, None, None, at, True), (2, "b", None, None, True), (3, None, None, at, True), (4, None, {"a": [1]}, None, False),
        ]  # fmt: skip


def test_what_is_made_once_is_made_once_by_many() -> None:
    made: list[date] = []

    def make() -> date:
        made.append(date(2026, 1, 1))
        return made[-1]

    get, got = once(make), []
    threads = [Thread(target=lambda: got.append(get())) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert got == [date(2026, 1, 1)] * 8
    assert len(made) == 1


def test_a_row_reads_the_same_by_its_cells_and_by_its_columns() -> None:
    cells = NEEDED | {"killed_best": "4", "their own": "x", "quote": "'=a", "lon": "66.5", "speaker": "'so they say'"}
    names = tuple(cells)
    as_it_lies = SPREADSHEET.draft(Row(2, None, names, list(cells.values()))).report
    assert as_it_lies == SPREADSHEET.draft(Row(2, dict(reversed(cells.items())))).report
    assert as_it_lies == SPREADSHEET.draft(Row(2, cells | {"killed_best": 4, "lon": 66.5, "lat": None})).report
    assert as_it_lies["according_to"]["quote"] == "=a"
    assert as_it_lies["according_to"]["speaker"] == "'so they say'"
    assert (as_it_lies["killed"], as_it_lies["lon"]) == ({"best": 4}, 66.5)
    assert {"date", "acts", "external_id", "involvements"}.isdisjoint(as_it_lies)
    assert Row(2, None, names, list(cells.values())).values == cells
