"""Map tiles: each incident on one tile of a zoom, nothing finer than it is known, and areas never as pins."""

import shutil
import subprocess
from pathlib import Path
from typing import Any

import mapbox_vector_tile
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app import geography
from app.access.viewer import Viewer
from app.access.wall import guarded
from app.exports.tiles import MOST_BYTES, SQUARE, write
from app.geography.outlines import EXTENT, MAX_ZOOM, Tile, whereabouts
from app.queries import tiles as queries
from app.queries.filter import IncidentFilter
from app.queries.tiles import Found, Sum, on_tile
from tests.archives import READER, REVIEWER, TestArchive
from tests.builders import QUETTA, TURBAT, incident_in
from tests.queries.a_crowd import fill

pytestmark = pytest.mark.one_archive
PINS = {"exact", "site", "neighbourhood", "settlement", "near_settlement"}
QUESTIONS: tuple[dict[str, Any], ...] = (
    {}, {"kind": "killing"}, {"country": "PAK"}, {"bbox": (60, 20, 66.9905, 32)}, {"bbox": (170, -89, -170, 89)},
    {"near": (63, 26, 400)}, {"harm": "killed"}, {"date_from": "2025"},
)  # fmt: skip


@pytest.fixture(scope="module")
def crowd(shared: TestArchive) -> TestArchive:
    fill(shared, 70, seed=3)
    return shared


def layers(archive: TestArchive, tile: Tile, viewer: Viewer = REVIEWER, **question: Any) -> dict[str, Any]:
    with guarded(archive.engine, viewer) as session:
        made = write(on_tile(session, IncidentFilter(**question), tile, viewer), tile)
    return dict(mapbox_vector_tile.decode(made, default_options={"y_coord_down": True})) if made else {}


def features(told: dict[str, Any], layer: str) -> list[dict[str, Any]]:
    return [one["properties"] for one in told.get(layer, {"features": []})["features"]]


def counted(told: dict[str, Any]) -> int:
    areas = sum(one["count"] for one in features(told, "areas") if one["counts_here"])
    return sum(one["count"] for one in features(told, "clusters")) + len(features(told, "incidents")) + areas


def drawn(row: dict[str, Any]) -> bool:
    """Whether an incident is on the map at all."""
    if row["geo_precision"] in PINS:
        return row["lon"] is not None
    if row["geo_precision"] == "unknown":
        return False
    codes = {"area2": ("area2_code", "area1_code", "country"), "country": ("country",)}
    names = codes.get(row["geo_precision"], ("area1_code", "country"))
    return any(row[name] and geography.centre_of(row[name]) for name in names)


def tiles_of(z: int) -> list[Tile]:
    """Every tile of a zoom."""
    return [Tile(z, x, y) for x in range(2**z) for y in range(2**z)]


def tile_at(lon: float, lat: float, z: int) -> Tile:
    x, y = whereabouts(lon, lat, z)
    return Tile(z, int(x // EXTENT), int(y // EXTENT))


@pytest.mark.parametrize("z", [0, 1, 2])
def test_over_all_tiles_of_a_zoom_each_counts_once(crowd: TestArchive, z: int) -> None:
    for question in QUESTIONS if z < 2 else QUESTIONS[:2]:
        wanted = sum(drawn(row) for row in crowd.rows(**question))
        assert wanted > 1
        assert sum(counted(layers(crowd, tile, **question)) for tile in tiles_of(z)) == wanted, question


def test_and_of_the_zooms_of_single_incidents(crowd: TestArchive) -> None:
    """Not all tiles, of which there are a million: those where something lies, and those beside them."""
    rows = [row for row in crowd.rows() if row["geo_precision"] in PINS and row["lon"] is not None]
    z = queries.SINGLE_FROM
    home = {_at(row["lon"], row["lat"], z) for row in rows}
    beside = {(x + dx, y + dy) for x, y in home for dx, dy in ((0, 0), (1, 0), (0, 1), (-1, -1))}
    told = [layers(crowd, tile) for x, y in beside if (tile := Tile(z, x, y)).exists]
    assert sum(counted({k: v for k, v in one.items() if k != "areas"}) for one in told) == len(rows)


def _at(lon: float, lat: float, z: int) -> tuple[int, int]:
    last = EXTENT * 2**z - 1
    x, y = (min(max(int(part), 0), last) // EXTENT for part in whereabouts(lon, lat, z))
    return x, y


@settings(max_examples=200, deadline=None, derandomize=True, database=None)
@given(st.floats(-180, 180), st.floats(-90, 90), st.integers(0, MAX_ZOOM))
def test_a_point_lies_on_one_tile(lon: float, lat: float, z: int) -> None:
    x, y = _at(lon, lat, z)
    near = [Tile(z, x + dx, y + dy) for dx in (-1, 0, 1) for dy in (-1, 0, 1)]
    home = [tile for tile in near if tile.exists and tile.place(lon, lat) is not None]
    assert home == [Tile(z, x, y)]
    west, south, east, north = home[0].box(1e-9)
    assert west <= lon <= east
    assert south <= lat <= north


def test_a_cluster_stands_in_the_middle_of_a_square_and_not_where_somebody_was(crowd: TestArchive) -> None:
    for z in (4, 9):
        told = layers(crowd, tile_at(*TURBAT, z))
        for one in told["clusters"]["features"]:
            assert [part % SQUARE for part in one["geometry"]["coordinates"]] == [SQUARE // 2, SQUARE // 2]
        assert "incidents" not in told


def test_single_incidents_say_how_exact_they_are(crowd: TestArchive) -> None:
    told = layers(crowd, tile_at(*QUETTA, 12), READER)
    assert "clusters" not in told
    shown = features(told, "incidents")
    assert shown
    known = {row["ref"]: row for row in crowd.rows()}
    for one in shown:
        row = known[one["ref"]]
        assert row["geo_precision"] in PINS
        names = ("kind", "title", "geo_precision", "uncertainty_m", "date_edtf", "alleged")
        assert {name: one.get(name) for name in names} == {name: row[name] for name in names}


def test_an_area_is_an_outline_and_never_a_pin(crowd: TestArchive) -> None:
    coarse = {row["ref"] for row in crowd.rows() if row["geo_precision"] not in PINS}
    for z in (3, 8, 12, 14):
        told = layers(crowd, tile_at(*QUETTA, z))
        assert {one["geometry"]["type"] for one in told["areas"]["features"]} <= {"Polygon", "MultiPolygon"}
        assert "PK-BA" in {one["code"] for one in features(told, "areas")}
        assert coarse.isdisjoint(one["ref"] for one in features(told, "incidents"))


def test_a_crowded_place_is_counted_at_every_zoom(crowd: TestArchive, monkeypatch: pytest.MonkeyPatch) -> None:
    tile = tile_at(*QUETTA, 14)
    single = layers(crowd, tile)
    monkeypatch.setattr(queries, "MOST_POINTS", 2)
    crowded = layers(crowd, tile)
    assert "incidents" not in crowded
    assert counted(crowded) == counted(single) > 2


@pytest.mark.skipif(shutil.which("ogrinfo") is None, reason="ogrinfo is not installed")
def test_gdal_reads_a_tile_too(crowd: TestArchive, tmp_path: Path) -> None:
    tile = tile_at(*QUETTA, 5)
    with guarded(crowd.engine, REVIEWER) as session:
        made = write(on_tile(session, IncidentFilter(), tile, REVIEWER), tile)
    ours = mapbox_vector_tile.decode(made)
    (file := tmp_path / "tile.mvt").write_bytes(made)
    said = subprocess.run(["ogrinfo", "-ro", "-al", f"MVT:{file}"], capture_output=True, text=True, check=True)
    assert "ERROR" not in said.stderr
    for layer in ("clusters", "areas"):
        (rest,) = said.stdout.split(f"Layer name: {layer}\n")[1:]
        assert f"Feature Count: {len(ours[layer]['features'])}" in rest.split("Layer name:")[0]
    assert "name (String) = Balochistan" in said.stdout


def test_what_nobody_numbers_is_not_a_nought(crowd: TestArchive) -> None:
    crowd.report(incident_in("Without a number", at=(20.0, 60.0)))
    assert features(layers(crowd, tile_at(20.0, 60.0, 5)), "clusters") == [{"count": 1}]
    crowd.report(incident_in("None, says somebody", at=(20.0, 60.0), killed={"best": 0}))
    assert features(layers(crowd, tile_at(20.0, 60.0, 5)), "clusters") == [{"count": 2, "killed_best": 0}]


def test_a_full_tile_stays_small() -> None:
    full = Found(cells={(x, y): Sum(x * y + 1, x) for x in range(0, EXTENT, 32) for y in range(0, EXTENT, 32)})
    made = write(full, Tile(5, 21, 13))
    assert len(made) <= MOST_BYTES
    told = mapbox_vector_tile.decode(made)
    assert sum(one["count"] for one in features(told, "clusters")) == sum(one.count for one in full.cells.values())
