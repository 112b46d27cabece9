"""What we gave out as CSV comes in again under its own column names, and goes out the same."""

import csv
import io
from collections.abc import Iterator
from pathlib import Path
from time import sleep
from typing import Any

import pytest
from sqlmodel import col, select

from app import imports
from app.actions import batches
from app.db import now, reading, writing
from app.exports import FORMATS, Answer, Heading
from app.queries.rows import FlatRow
from app.records import Revision
from tests.archives import REVIEWER, TestArchive
from tests.builders import HOMS, QUETTA, TURBAT, a_source, carried_out_by, incident_in
from tests.dumps import digests
from tests.shelves import Shelf

# What the house makes of a record, and never takes over from a file; the last is when it changed here.
OWN_WORK = ("ref", "verification", "independent_sources", "updated_at")
TITLES = ["Plain", 'A "quoted", title', "Two\nlines", "عربی عنوان", "=1+1", "'quoted", "\u200b+1", "-5 degrees"]


def table(rows: list[FlatRow]) -> bytes:
    return b"".join(FORMATS["csv"].write(Answer(rows, Heading("all", now()))))


def read(raw: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(raw.decode("utf-8-sig"), newline="")))


def some(archive: TestArchive) -> None:
    places: list[dict[str, Any]] = [{"at": TURBAT}, {"at": QUETTA, "exactly": "area2"}, {"at": HOMS}, {}]
    archive.report_all(
        incident_in(
            title, kind=["killing", "attack_on_civilians"][n % 2], on=["2025-06-12", "2025-06", "2024/2025", None][n % 4],
            killed={"min": 1, "best": n + 1, "max": 20}, injured={"best": 0}, confidence=["low", None][n % 2],
            licence="CC0", involvements=[carried_out_by("armed men"), carried_out_by("a force")],
            source=a_source(f"A report {n}", url=f"https://example.org/{n}"), **places[n % 4],
        )
        for n, title in enumerate(TITLES)
    )  # fmt: skip


KINDS = ("csv", "xlsx", "geojson", "geojsonl", "gpkg", "parquet")


def written(archive: TestArchive, path: Path, kind: str = "csv") -> Path:
    """Everything here, as a file of ours."""
    path.write_bytes(b"".join(FORMATS[kind].write(Answer(archive.rows(), Heading("all", now())))))
    return path


def take(archive: TestArchive, path: Path) -> imports.Outcome:
    plan = imports.plan(path, None)
    assert plan.importer.name == "export"
    return imports.run(archive.engine, plan, REVIEWER)


def edited(archive: TestArchive, path: Path, **cells: str) -> Path:
    """The export, in which somebody has changed cells of the row that is called Plain."""
    rows = [row | (cells if row["title"] == "Plain" else {}) for row in read(table(archive.rows()))]
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return path


@pytest.fixture
def another(shelf: Shelf) -> Iterator[TestArchive]:
    """A second archive."""
    made = shelf.fresh()
    yield TestArchive(made, shelf.tokens)
    shelf.give_back(made)


def test_into_another_archive_it_comes_once_and_goes_out_the_same(
    archive: TestArchive, another: TestArchive, tmp_path: Path
) -> None:
    some(archive)
    path = written(archive, tmp_path / "incidents.csv")
    sleep(1.1)  # a file tells moments to the second
    some(another)  # whose refs are the same, and mean other records
    outcome = take(another, path)
    assert (outcome.new, outcome.refused, outcome.errors) == (len(TITLES), 0, [])
    assert sorted(row["title"] for row in another.rows()) == sorted(TITLES * 2)  # no apostrophe has come to stay
    after = read(table(another.rows()))[-len(TITLES) :]
    assert sorted(map(told, after)) == sorted(map(told, read(path.read_bytes())))
    again = take(another, path)
    assert (again.new, again.unchanged) == (0, len(TITLES))


@pytest.mark.parametrize("kind", KINDS)
def test_into_the_archive_it_came_from_it_changes_nothing(archive: TestArchive, tmp_path: Path, kind: str) -> None:
    some(archive)
    before = digests(archive.engine, memory=True)
    outcome = take(archive, written(archive, tmp_path / f"incidents.{kind}", kind))
    assert (outcome.new, outcome.changed, outcome.errors, outcome.recorded) == (0, 0, [], False)
    assert outcome.unchanged == outcome.rows == len(TITLES)
    assert digests(archive.engine, memory=True) == before


def test_what_was_edited_in_the_file_changes_field_by_field_and_can_be_taken_back(
    archive: TestArchive, tmp_path: Path
) -> None:
    some(archive)
    before = {row["ref"]: row for row in archive.rows()}
    path = edited(
        archive, tmp_path / "edited.csv", title="Put right", date_edtf="2025-06-13", killed_best="3", lat="26.2",
        confidence="", licence="",
    )  # fmt: skip
    outcome = take(archive, path)
    assert (outcome.new, outcome.changed, outcome.unchanged, outcome.errors) == (0, 1, len(TITLES) - 1, [])
    assert {(one.field, one.before, one.after) for one in outcome.changes} == {
        ("title", "Plain", "Put right"),
        ("date", "2025-06-12", "2025-06-13"),
        ("killed", "min 1, best 1, max 20", "min 1, best 3, max 20"),
        ("lat", "26.0023", "26.2"),
    }
    one = archive.see(next(ref for ref, row in before.items() if row["title"] == "Plain"))
    assert (one.title, one.date.edtf, one.killed.best, one.killed.min, one.lat) == (
        "Put right",
        "2025-06-13",
        3,
        1,
        26.2,
    )
    assert (one.confidence, one.licence) == ("low", "CC0")  # blank does not mean delete
    with reading(archive.engine) as session:
        why, what = session.exec(select(Revision.why, Revision.what).where(col(Revision.action) == "amended")).one()
    assert "edited.csv" in (why or "")
    assert set(what["after"]) == {"title", "date_earliest", "date_latest", "killed_best", "lat", "cell"}
    assert take(archive, path).unchanged == len(TITLES)
    with writing(archive.engine) as session:
        batches.undo(session, outcome.batch, REVIEWER)
    after = {row["ref"]: row for row in archive.rows()}
    for row in (*before.values(), *after.values()):
        del row["updated_at"]
    assert after == before
    assert archive.broken() is None


def test_an_old_file_does_not_undo_later_work(archive: TestArchive, tmp_path: Path) -> None:
    some(archive)
    path = written(archive, tmp_path / "old.csv")
    sleep(1.1)
    take(archive, edited(archive, tmp_path / "edited.csv", title="Put right"))
    outcome = take(archive, path)
    assert (outcome.new, outcome.changed, outcome.refused) == (0, 0, 1)
    (error,) = outcome.errors
    assert (error.column, error.why) == ("title", "the record was changed here since the file was written")
    assert "Put right" in archive.titles()


def told(row: dict[str, str]) -> str:
    return str({name: cell for name, cell in row.items() if name not in OWN_WORK})


def test_a_flatgeobuf_holds_what_has_a_point_and_changes_nothing(archive: TestArchive, tmp_path: Path) -> None:
    some(archive)
    outcome = take(archive, written(archive, tmp_path / "incidents.fgb", "fgb"))
    placed = sum(row["lon"] is not None for row in archive.rows())
    assert 0 < placed < len(TITLES)
    assert (outcome.unchanged, outcome.rows, outcome.new, outcome.changed) == (placed, placed, 0, 0)
