"""A dataset: a file for each country and year, whole or not at all, as the readers of others take it."""

import hashlib
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import dask
import dask_geopandas
import duckdb
import geopandas
import pyarrow as pa
import pytest
from pyarrow import dataset as arrow_dataset
from pyarrow import parquet
from sqlmodel import col, select

from app.cli.dataset import write as write_out
from app.db import reading_at_once
from app.errors import Invalid
from app.exports import dataset
from app.exports.format import Heading
from app.queries.filter import IncidentFilter
from app.queries.rows import COLUMNS, FlatRow
from app.records import Revision
from tests.archives import READER, REVIEWER, TestArchive
from tests.builders import HOMS, QUETTA, TURBAT, incident_in
from tests.cli.helping import Gawah

HEADING = Heading("Everything", datetime(2026, 1, 2, tzinfo=UTC))
NONE = dataset.UNKNOWN


@pytest.fixture
def told(archive: TestArchive) -> TestArchive:
    """Two countries, three years, one without a place and one without a day."""
    archive.report_all([
        incident_in("In Kech", at=TURBAT, on="2025-06", killed={"best": 4}),
        incident_in("In Quetta", at=QUETTA, on="2024-12-31/2025-01-02"),
        incident_in("In Homs", at=HOMS, on="2025-02-03"),
        incident_in("Somewhere", on="2025-02-04"),
        incident_in("Some day in Kech", at=TURBAT, on=None),
    ])  # fmt: skip
    return archive


@pytest.fixture
def lake(told: TestArchive, tmp_path: Path) -> Path:
    with reading_at_once(told.engine) as session:
        assert write_out(session, IncidentFilter(), REVIEWER, tmp_path / "lake", public=False) == 5
    return tmp_path / "lake"


def manifest(folder: Path) -> dict[str, Any]:
    made: dict[str, Any] = json.loads((folder / dataset.MANIFEST).read_text())
    return made


def files(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def test_a_folder_for_each_country_and_year(lake: Path) -> None:
    parts = {(f"country={c}", f"year={y}") for c, y in
             (("PAK", 2025), ("PAK", 2024), ("PAK", NONE), ("SYR", 2025), (NONE, 2025))}  # fmt: skip
    assert files(lake) == {f"{c}/{y}/part-0.parquet" for c, y in parts} | {dataset.MANIFEST, dataset.README}
    assert "alleged" in (lake / dataset.README).read_text()


def test_the_manifest_has_every_file_and_the_rows_add_up(lake: Path, told: TestArchive) -> None:
    listed = manifest(lake)
    assert listed["rows"] == sum(file["rows"] for file in listed["files"]) == len(told.rows()) == 5
    for file in listed["files"]:
        path = lake / file["path"]
        assert hashlib.sha256(path.read_bytes()).hexdigest() == file["sha256"]
        assert parquet.read_metadata(path).num_rows == file["rows"]


def test_every_value_is_there(lake: Path, told: TestArchive) -> None:
    read = {row["ref"]: row for row in arrow_dataset.dataset(lake, partitioning="hive").to_table().to_pylist()}
    for row in told.rows():
        kept = read[row["ref"]]
        moment = datetime.strptime(row["updated_at"], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
        assert {name: kept[name] for name in COLUMNS} == {**row, "updated_at": moment}
        assert kept["year"] == (row["date_earliest"].year if row["date_earliest"] else None)
        box = {"xmin": row["lon"], "ymin": row["lat"], "xmax": row["lon"], "ymax": row["lat"]}
        assert kept["bbox"] == (None if row["lon"] is None else box)


def test_map_readers_find_the_points_and_the_box(lake: Path) -> None:
    path = lake / "country=PAK/year=2025/part-0.parquet"
    shown = geopandas.read_parquet(path)
    assert [(point.x, point.y) for point in shown.geometry] == [TURBAT]
    assert geopandas.read_parquet(path, bbox=(63, 26, 64, 27)).title.tolist() == ["In Kech"]
    assert geopandas.read_parquet(path, bbox=(0, 0, 1, 1)).empty


def test_duckdb_reads_the_folders_as_columns(lake: Path) -> None:
    asked = f"FROM read_parquet('{lake}/*/*/*.parquet', hive_partitioning = true)"
    counted = duckdb.sql(f"SELECT country, year, count(*) {asked} GROUP BY ALL ORDER BY ALL").fetchall()
    assert counted == [("PAK", 2024, 1), ("PAK", 2025, 1), ("PAK", None, 1), ("SYR", 2025, 1), (None, 2025, 1)]
    near = duckdb.sql(f"SELECT title {asked} WHERE year = 2025 AND lon BETWEEN 63 AND 64 AND lat BETWEEN 26 AND 27")
    assert near.fetchall() == [("In Kech",)]


@pytest.mark.filterwarnings("ignore:The inplace keyword")  # of Dask, at pandas
def test_dask_geopandas_reads_it_once_it_knows_the_types_of_the_folders(lake: Path) -> None:
    types = arrow_dataset.partitioning(pa.schema([("country", pa.string()), ("year", pa.int32())]), flavor="hive")
    with dask.config.set(scheduler="synchronous"):
        shown = dask_geopandas.read_parquet(lake, dataset={"partitioning": types}).compute()
    assert sorted(shown.title) == ["In Homs", "In Kech", "In Quetta", "Some day in Kech", "Somewhere"]
    assert shown[shown.country.isna()].title.tolist() == ["Somewhere"]
    assert shown[shown.year < 2025].title.tolist() == ["In Quetta"]


@pytest.mark.filterwarnings("ignore:The inplace keyword")  # of Dask, at pandas
def test_it_reads_as_it_is_what_is_placed_and_dated(told: TestArchive, tmp_path: Path) -> None:
    with reading_at_once(told.engine) as session:
        question = IncidentFilter(located=True, date_from="2024", date_match="within")
        write_out(session, question, REVIEWER, tmp_path / "lake", public=False)
    with dask.config.set(scheduler="synchronous"):
        assert len(dask_geopandas.read_parquet(tmp_path / "lake")) == 3


def test_a_question_and_a_viewer_narrow_it(told: TestArchive, tmp_path: Path) -> None:
    told.report(incident_in("Sealed", at=HOMS, sensitivity="sealed"))
    with reading_at_once(told.engine) as session:
        question = IncidentFilter(date_from="2025-01-05")
        write_out(session, question, READER, tmp_path / "lake", public=False)
    assert manifest(tmp_path / "lake")["rows"] == len(told.rows(READER, date_from="2025-01-05")) == 3
    assert (tmp_path / "lake/country=SYR/year=2025/part-0.parquet").exists()


def row(number: int, year: int | None = 2025) -> FlatRow:
    empty = dict.fromkeys(COLUMNS)
    day = None if year is None else datetime(year, 1, 1, tzinfo=UTC).date()
    return empty | {"ref": f"IR-{number}", "updated_at": "2026-01-02T03:04:05Z", "date_earliest": day}


def test_no_more_rows_are_taken_than_one_group_holds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a country with as many rows as there may be, a few thousand at once are in memory."""
    monkeypatch.setattr(dataset, "BATCHES_AT_ONCE", 2)
    written: list[int] = []
    taken = 0
    ahead: list[int] = []
    lay = parquet.ParquetWriter.write_table

    def note(file: Any, table: Any, **more: Any) -> None:
        written.append(table.num_rows)
        ahead.append(taken - sum(written))
        lay(file, table, **more)

    def rows() -> Iterator[FlatRow]:
        nonlocal taken
        for number in range(5000):
            taken += 1
            yield row(number)

    monkeypatch.setattr(parquet.ParquetWriter, "write_table", note)
    assert dataset.write(tmp_path / "lake", [("PAK", rows())], HEADING, public=True) == 5000
    assert written == [2000, 2000, 1000]
    assert max(ahead) <= 1
    assert manifest(tmp_path / "lake")["files"][0]["rows"] == 5000


def test_nothing_is_left_of_one_that_breaks_off(tmp_path: Path) -> None:
    def rows() -> Iterator[FlatRow]:
        yield row(1)
        raise OSError("the disk is full")

    place = tmp_path / "lake"
    with pytest.raises(OSError, match="full"):
        dataset.write(place, [("PAK", rows())], HEADING, public=True)
    assert list(tmp_path.iterdir()) == []
    dataset.write(place, [("PAK", [row(1)])], HEADING, public=True)
    before = manifest(place)
    with pytest.raises(OSError, match="full"):
        dataset.write(place, [("SYR", rows())], HEADING, public=True)
    assert (list(tmp_path.iterdir()), manifest(place)) == ([place], before)


def test_the_old_one_is_put_back_when_the_new_cannot_take_its_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = tmp_path / "lake"
    dataset.write(place, [("PAK", [row(1)])], HEADING, public=True)
    rename = Path.rename

    def refuse(path: Path, target: Path) -> Path:
        if target == place and not path.name.endswith("-old"):
            raise OSError("no")
        return rename(path, target)

    monkeypatch.setattr(Path, "rename", refuse)
    with pytest.raises(OSError, match="no"):
        dataset.write(place, [("SYR", [row(1)])], HEADING, public=True)
    assert list(tmp_path.iterdir()) == [place]
    assert (place / "country=PAK").exists()


def test_one_of_ours_is_replaced_whole(tmp_path: Path) -> None:
    place = tmp_path / "lake"
    place.mkdir()  # an empty folder will do
    dataset.write(place, [("PAK", [row(1), row(2, None)])], HEADING, public=True)
    dataset.write(place, [("SYR", [row(3)]), (None, [row(4)])], HEADING, public=True)
    assert list(tmp_path.iterdir()) == [place]
    assert sorted(path.name for path in place.glob("country=*")) == ["country=SYR", f"country={NONE}"]


@pytest.mark.parametrize("what", ["a file", "a stranger", "a note of somebody's", "a link", "another manifest"])
def test_what_is_not_ours_is_left_alone(tmp_path: Path, what: str) -> None:
    place = tmp_path / "lake"
    if what in {"a note of somebody's", "a link"}:
        dataset.write(place, [("PAK", [row(1)])], HEADING, public=True)
        elsewhere = tmp_path / "elsewhere"
        elsewhere.mkdir()
        note = place / "country=PAK" / "note"
        note.symlink_to(elsewhere) if what == "a link" else note.write_text("mine")
    elif what == "a file":
        place.write_text("mine")
    else:
        place.mkdir()
        (place / (dataset.MANIFEST if what == "another manifest" else "mine.txt")).write_text("{}")
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(Invalid) as refused:
        dataset.write(place, [("SYR", [row(1)])], HEADING, public=True)
    assert refused.value.faults[0].where == "DIR"
    assert sorted(tmp_path.rglob("*")) == before


def test_the_command(told: TestArchive, home: Path, gawah: Gawah, tmp_path: Path) -> None:
    said = gawah("export", "dataset", "lake", "--country", "PAK")
    assert (said.code, said.out) == (0, ""), said.err
    assert said.err.startswith("3 ")
    assert manifest(tmp_path / "lake")["rows"] == 3
    assert manifest(tmp_path / "lake")["public"] is False
    with reading_at_once(told.engine) as session:
        line = session.exec(select(Revision.action, Revision.what).order_by(col(Revision.seq).desc())).first()
    assert line is not None
    assert (line[0], line[1]["route"]) == ("exported", "/incidents.dataset")
    assert gawah("export", "dataset", "for-all", "--public").code == 0
    assert (manifest(tmp_path / "for-all")["rows"], manifest(tmp_path / "for-all")["public"]) == (0, True)


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("dataset",), "missing"),
        (("csv", "lake"), "one too many"),
        (("dataset", "lake", "-o", "x.csv"), "one too many"),
        (("dataset", "no/where"), "its folder is not there"),
    ],
)
def test_the_command_refuses_in_a_sentence(home: Path, gawah: Gawah, words: tuple[str, ...], why: str) -> None:
    said = gawah("export", *words)
    assert (said.code, said.out) == (2, "")
    assert why in said.err
    assert "Traceback" not in said.err
