"""The committed reference files: every unit that went in is there, valid, unique and at home."""

import csv
import gzip
import hashlib
import json
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any

import orjson
import pytest
import shapely

FOLDER = Path(__file__).resolve().parent.parent.parent / "geodata"
MANIFEST = json.loads((FOLDER / "manifest.json").read_text(encoding="utf-8"))
USER_ASSIGNED = "XKX"
MACHINE_WORDS = ("/tmp/", "/home/", "http://", "https://", "--index-url")


@cache
def features() -> tuple[dict[str, Any], ...]:
    with gzip.open(FOLDER / "areas.geojsonl.gz") as file:
        return tuple(orjson.loads(line) for line in file)


def properties() -> list[dict[str, Any]]:
    return [f["properties"] for f in features()]


def rows(name: str) -> list[dict[str, str]]:
    opened = gzip.open if name.endswith(".gz") else open
    with opened(FOLDER / name, "rt", encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("name", MANIFEST["files"])
def test_manifest_tells_the_truth(name: str) -> None:
    entry = MANIFEST["files"][name]
    assert entry["sha256"] == hashlib.sha256((FOLDER / name).read_bytes()).hexdigest()
    assert entry["rows"] == len(features() if name == "areas.geojsonl.gz" else rows(name))
    assert entry["licence"]
    assert entry["source"]


def test_every_data_file_is_in_the_manifest() -> None:
    data = {p.name for p in FOLDER.iterdir() if p.suffix in {".csv", ".gz"}}
    assert data == set(MANIFEST["files"])


def test_every_unit_that_went_in_came_out() -> None:
    account = MANIFEST["account"]
    world = account["natural_earth_level_1"]
    assert world["units_in"] == world["units_out"] + len(world["replaced_by_pakistan_layer"]) == 4556
    tehsils = account["pakistan_tehsils"]
    assert tehsils["units_in"] == tehsils["units_out"] == 554
    names = account["geonames"]
    assert names["units_in"] == names["units_out_by_name"] + names["units_out_on_a_polygon"] == 51_597
    assert account["natural_earth_level_0"]["iso_codes_without_polygon_here"] == []


def test_layers_hold_what_the_manifest_says() -> None:
    found = Counter((p["layer"], str(p["level"])) for p in properties())
    said = {
        (layer, level): count
        for layer, about in MANIFEST["layers"].items()
        for level, count in about["units_by_level"].items()
    }
    assert found == said
    drawn = Counter(f["properties"]["level"] for f in features() if f["geometry"])
    assert (drawn[0], drawn[1], drawn[2], drawn[3]) == (249, 4548 + 7, 159, 554)


def test_replaced_names_live_on() -> None:
    names = {n for p in properties() if p["country"] == "PAK" for n in (p["name"], *p["aliases"])}
    assert set(MANIFEST["account"]["natural_earth_level_1"]["replaced_by_pakistan_layer"]) <= names


def test_every_geometry_is_valid_and_has_an_area() -> None:
    written = [orjson.dumps(f["geometry"]) for f in features() if f["geometry"]]
    shapes = shapely.from_geojson(written)
    assert shapely.is_valid(shapes).all()
    assert (shapely.area(shapes) > 0).all()
    west, south, east, north = shapely.total_bounds(shapes)
    assert west >= -180
    assert east <= 180
    assert south >= -90
    assert north <= 90


def test_codes_are_unique() -> None:
    codes = Counter(p["code"] for p in properties())
    assert [code for code, count in codes.items() if count > 1] == []


def test_lines_are_in_order() -> None:
    order = [(p["level"], p["code"]) for p in properties()]
    assert order == sorted(order)


def test_every_parent_exists_and_is_above() -> None:
    by_code = {p["code"]: p for p in properties()}
    for unit in properties():
        if unit["level"] == 0 or unit.get("disputed"):
            assert unit["parent"] is None
        else:
            parent = by_code[unit["parent"]]
            assert parent["level"] < unit["level"]
            assert parent["country"] == unit["country"]


def test_countries_are_iso() -> None:
    iso = {r["alpha3"] for r in rows("countries.csv")}
    assert len(iso) == 250
    assert USER_ASSIGNED in iso
    assert {p["code"] for p in properties() if p["level"] == 0} == iso
    assert {p["country"] for p in properties()} - {None} == iso
    unnamed = sorted(p["name"] for p in properties() if p["country"] is None)
    assert unnamed == ["Disputed Territory", "Siachen Glacier", "Spratly Islands"]


def test_uncertainty_stands_where_there_is_a_polygon() -> None:
    for feature in features():
        radius = feature["properties"]["uncertainty_m"]
        assert (radius is None) == (feature["geometry"] is None)
        assert radius is None or 0 < radius < 4_000_000


def test_aliases_are_clean() -> None:
    for unit in properties():
        assert unit["name"].strip() == unit["name"] != ""
        assert len(set(unit["aliases"])) == len(unit["aliases"])
        assert unit["name"] not in unit["aliases"]


def test_tehsils_add_up_to_their_districts() -> None:
    shapes = {
        f["properties"]["code"]: (
            f["properties"]["parent"],
            shapely.from_geojson(orjson.dumps(f["geometry"])),
        )
        for f in features()
        if f["properties"]["layer"].startswith("geoboundaries") and f["properties"]["level"] in {2, 3}
    }
    sums: Counter[str] = Counter()
    for parent, shape in shapes.values():
        if parent in shapes:
            sums[parent] += shape.area
    assert len(sums) == 159
    for code, total in sums.items():
        assert shapes[code][1].area == pytest.approx(total, rel=0.005)


def test_settlements_are_whole() -> None:
    table = rows("settlements.csv.gz")
    codes = {r["code"] for r in table}
    assert len(codes) == len(table)
    per_country = Counter(r["country"] for r in table)
    assert (per_country["PAK"], per_country["IRN"], per_country["AFG"]) == (572, 2459, 319)
    areas = {p["code"]: p for p in properties()}
    for row in table:
        assert abs(float(row["lon"])) <= 180
        assert abs(float(row["lat"])) <= 90
        assert int(row["population"]) >= 0
        assert row["area1_code"] == "" or areas[row["area1_code"]]["level"] == 1
    assert sum(r["area1_code"] == "" for r in table) < 100


def test_curated_points_are_the_tehsils_own() -> None:
    shapes = {f["properties"]["code"]: f["geometry"] for f in features() if f["properties"]["level"] == 3}
    geonames = {r["name"] for r in rows("settlements.csv.gz") if r["area1_code"] == "PK-BA"}
    table = rows("settlements_extra.csv")
    assert len({r["code"] for r in table}) == len(table) == 56
    for row in table:
        tehsil = shapely.from_geojson(orjson.dumps(shapes[row["tehsil_code"]]))
        assert shapely.intersects_xy(tehsil, float(row["lon"]), float(row["lat"]))
        assert float(row["precision_m"]) > 5_000
        assert "PAK-ADM3-9618217" in row["source"]
        assert row["name"] not in geonames


def test_hand_made_tables_point_at_what_exists() -> None:
    codes = {p["code"] for p in properties()}
    assert {r["code"] for r in rows("area_aliases.csv")} <= codes
    assert {r["alpha3"] for r in rows("country_aliases.csv")} <= codes
    placed = rows("pak_tehsil_districts.csv")
    assert {r["tehsil_code"] for r in placed} | {r["district_code"] for r in placed} <= codes
    assert len(placed) == 553


def test_folder_stays_small() -> None:
    assert sum(p.stat().st_size for p in FOLDER.iterdir() if p.is_file()) < 8_000_000


def test_nothing_names_a_machine() -> None:
    for path in FOLDER.iterdir():
        if path.suffix in {".py", ".md", ".txt", ".json", ".csv"}:
            text = path.read_text(encoding="utf-8")
            assert not [word for word in MACHINE_WORDS if word in text]
