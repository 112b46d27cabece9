"""Parquet is a table like any other: read behind the wall, as text, with the points of a geometry."""

import json
import random
import struct
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pyproj import CRS, Transformer

from app.errors import Unreadable
from app.imports import tables

POINT = struct.pack("<BIdd", 1, 1, 69.92, 30.05)
GEO = {"version": "1.1.0", "primary_column": "shape", "columns": {"shape": {"encoding": "WKB", "geometry_types": []}}}


def sent(folder: Path, columns: dict[str, Any], geo: Any = None) -> Path:
    table = pa.table(columns)
    if geo is not None:
        table = table.replace_schema_metadata({"geo": geo if isinstance(geo, bytes) else json.dumps(geo)})
    path = folder / "upload"
    pq.write_table(table, path)
    return path


def test_its_values_are_text_as_a_csv_would_have_them(tmp_path: Path) -> None:
    at = pa.array([datetime(2025, 6, 12, 8, 30, tzinfo=UTC), None], pa.timestamp("ns", tz="Asia/Karachi"))
    columns = {
        "day": [date(2025, 6, 12), None], "at": at, "killed": [3.0, float("nan")], "sure": [True, False],
        "links": [["https://a.example/1"], []], "told": [{"by": "A", "on": date(2025, 6, 13)}, None], "raw": [b"\x01", b""],
    }  # fmt: skip
    path = sent(tmp_path, columns)
    assert tables.look(path).read_as == "Parquet, 2 rows"
    first, second = (row.values for row in tables.rows(path))
    assert first == {
        "day": "2025-06-12", "at": "2025-06-12T08:30:00", "killed": "3", "sure": "true",
        "links": ["https://a.example/1"], "told": {"by": "A", "on": "2025-06-13"}, "raw": "01",
    }  # fmt: skip
    assert (second["day"], second["at"], second["killed"], second["sure"]) == ("", "", "", "false")


@pytest.mark.parametrize("crs", [None, "EPSG:4326", CRS.from_epsg(3857).to_json_dict()])
def test_a_geometry_gives_its_point_in_degrees(tmp_path: Path, crs: Any) -> None:
    geo = json.loads(json.dumps(GEO))
    shape = POINT
    if crs:
        geo["columns"]["shape"]["crs"] = crs
    if isinstance(crs, dict):
        shape = struct.pack("<BIdd", 1, 1, *Transformer.from_crs(4326, 3857, always_xy=True).transform(69.92, 30.05))
    path = sent(tmp_path, {"shape": [shape, None], "name": ["A", "B"]}, geo)
    assert tables.look(path).read_as == "GeoParquet, 2 rows"
    placed, bare = (row.values for row in tables.rows(path))
    assert (placed["name"], placed["geometry"], bare["lon"]) == ("A", "Point", "")
    assert (float(placed["lon"]), float(placed["lat"])) == pytest.approx((69.92, 30.05), abs=0.001)


@pytest.mark.parametrize(
    "geo", [b"{", b"[]", b"null", b'{"primary_column": "gone", "columns": {"gone": {"encoding": "WKB"}}}']
)
def test_what_is_said_wrongly_of_a_geometry_is_passed_over(tmp_path: Path, geo: bytes) -> None:
    (row,) = tables.rows(sent(tmp_path, {"name": ["A"], "shape": [POINT]}, geo))
    assert row.values == {"name": "A", "shape": POINT.hex()}


def test_a_damaged_file_is_one_sentence(tmp_path: Path) -> None:
    whole = sent(tmp_path, {"name": [f"Example {n}" for n in range(500)]}).read_bytes()
    dice, path = random.Random(7), tmp_path / "damaged"
    spoilt = bytearray(whole)
    for _ in range(60):
        spoilt[dice.randrange(4, len(whole) - 8)] = dice.randrange(256)
    for raw in (whole[:4], whole[: len(whole) // 2], whole[:-2], b"PAR1" + b"\xff" * 200 + b"PAR1", bytes(spoilt)):
        path.write_bytes(raw)
        with pytest.raises(Unreadable, match="The Parquet file is damaged"):
            list(tables.rows(path))


def test_a_table_of_endless_rows_is_not_begun(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    few = sent(tmp_path, {"a": pa.array(["A"]).dictionary_encode().take(pa.array([0] * 5_000_001, pa.int32()))})
    assert few.stat().st_size < 100_000
    with pytest.raises(Unreadable, match="more than 5,000,000 rows"):
        tables.look(few)
