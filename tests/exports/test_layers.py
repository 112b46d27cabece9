"""Map layers: what GDAL writes stays in memory, a rough place is no pin, and what a format cannot hold it says."""

import io
import sqlite3
import zipfile
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import geopandas as gpd
import pyogrio
import pytest

from app.errors import Invalid
from app.exports import FORMATS, layers
from app.exports.places import WIDEST_M, circle, is_rough
from app.exports.shapefile import NAMES
from app.queries.rows import COLUMNS, FlatRow
from tests.exports.test_workbook import AT, a_row, written

AT_SPOT = {"lon": 66.99, "lat": 30.18, "geo_precision": "site", "uncertainty_m": 100.0}
ROUGHLY = {"lon": 66.99, "lat": 30.18, "geo_precision": "area2", "uncertainty_m": 30_000.0}
LAYERS = ("gpkg", "fgb", "shp.zip")


def opened(form: str, folder: Path, *rows: FlatRow) -> Any:
    path = folder / f"incidents.{form}"
    path.write_bytes(written(form, *rows))
    return gpd.read_file(path, layer="incidents")


@pytest.mark.parametrize("form", LAYERS)
def test_equal_answers_are_equal_bytes(form: str) -> None:
    rows = [a_row(**AT_SPOT), a_row("Two", **ROUGHLY), a_row("Three")]
    assert written(form, *(dict(row) for row in rows)) == written(form, *rows)


@pytest.mark.parametrize("form", LAYERS)
def test_more_than_it_holds_is_refused(form: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert FORMATS[form].most == layers.MOST
    with pytest.raises(Invalid, match="at most 100,000"):
        FORMATS[form].check_holds(layers.MOST + 1)
    FORMATS[form].check_holds(layers.MOST)
    with pytest.raises(Invalid, match="at most"):
        list(layers.limited(range(layers.MOST + 1)))


def test_gdal_writes_nothing_to_disk(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Where it wanted a temporary file it would fail: there is no such folder."""
    pyogrio.set_gdal_config_options({"CPL_TMPDIR": str(tmp_path / "not there")})
    monkeypatch.setenv("SQLITE_TMPDIR", str(tmp_path / "not there"))
    try:
        for form in LAYERS:
            assert written(form, *(a_row(f"Number {n}", **AT_SPOT) for n in range(2000)))
    finally:
        pyogrio.set_gdal_config_options({"CPL_TMPDIR": None})


def test_a_geopackage_has_real_dates_and_its_style(tmp_path: Path) -> None:
    raw = written("gpkg", a_row(date_earliest=date(2025, 6, 1), **AT_SPOT), a_row("Nowhere"))
    with closing(sqlite3.connect(":memory:")) as database:
        database.deserialize(raw)
        assert database.execute("PRAGMA user_version").fetchone() == (10200,)
        assert (
            database.execute("SELECT last_change FROM gpkg_contents").fetchall() == [("2026-01-02T03:04:05.000Z",)] * 2
        )
        ((name, style, default),) = database.execute("SELECT f_table_name, styleQML, useAsDefault FROM layer_styles")
        (described,) = database.execute(
            "SELECT description FROM gpkg_contents WHERE table_name = 'incidents'"
        ).fetchone()
    assert (name, default) == ("incidents", 1)
    assert "alleged" in described
    rules = {rule.get("label"): rule.get("filter") for rule in ET.fromstring(style).iter("rule")}
    assert len(rules) == 3
    assert all("location_generalised" in str(told) for told in rules.values())
    frame = opened("gpkg", tmp_path, a_row(date_earliest=date(2025, 6, 1), **AT_SPOT), a_row("Nowhere"))
    assert str(frame["date_earliest"].dtype).startswith("datetime64")
    assert frame.geometry.isna().tolist() == [False, True]
    assert frame.crs.to_epsg() == 4326


def test_a_flatgeobuf_says_what_it_leaves_out(tmp_path: Path) -> None:
    frame = opened("fgb", tmp_path, a_row(**AT_SPOT), a_row("Nowhere"), a_row("Nor here"))
    assert frame["title"].tolist() == ["An alleged killing"]
    told = pyogrio.read_info(tmp_path / "incidents.fgb")["layer_metadata"]["DESCRIPTION"]
    assert "2 incidents without a place are left out" in told
    assert opened("fgb", tmp_path, a_row("Nowhere")).empty


def test_a_shapefile_holds_what_it_can(tmp_path: Path) -> None:
    assert list(NAMES) == list(COLUMNS)
    assert len({name.lower() for name in NAMES.values()}) == len(NAMES)
    assert max(map(len, NAMES.values())) <= 10
    long = a_row("ب" * 200, date_earliest=date(2025, 6, 1), killed_best=100_000_000, **AT_SPOT | {"lon": -70.123456789})
    frame = opened("shp.zip", tmp_path, long, a_row("Nowhere", killed_best=0))
    assert frame["title"].tolist() == ["ب" * 127, "Nowhere"]
    assert frame["killed"].tolist() == [100_000_000, 0]
    assert (frame.geometry[0].x, frame["lon"][0]) == (-70.123456789, -70.123456789)
    assert frame.geometry.isna().tolist() == [False, True]
    assert frame.crs.to_epsg() == 4326
    with zipfile.ZipFile(io.BytesIO(written("shp.zip", a_row()))) as files:
        assert files.read("incidents.cpg") == b"UTF-8"
        told = files.read("READ ME.txt").decode()
    assert all(f"{short:<12}{long}" in told for long, short in NAMES.items())


def test_a_rough_place_is_no_pin() -> None:
    assert not is_rough(a_row(**AT_SPOT))
    assert is_rough(a_row(**ROUGHLY))
    assert is_rough(a_row(**AT_SPOT | {"location_generalised": True}))
    ring = circle(a_row(**ROUGHLY))
    assert ring is not None
    assert ring[0] == ring[-1]
    from shapely.geometry import Point, Polygon

    drawn = Polygon(ring)
    assert drawn.exterior.is_ccw
    assert drawn.contains(Point(66.99, 30.18))
    assert drawn.exterior.distance(Point(66.99, 30.18)) * 111_195 == pytest.approx(30_000, rel=0.15)


@pytest.mark.parametrize("where", [
    {"lon": 179.9}, {"lat": 89.9}, {"uncertainty_m": None}, {"uncertainty_m": WIDEST_M + 1.0}, {"lon": None, "lat": None},
])  # fmt: skip
def test_no_circle_is_drawn_across_the_edge_of_the_map(where: dict[str, Any]) -> None:
    assert circle(a_row(**ROUGHLY | where)) is None


def test_kml_draws_each_as_it_is_known() -> None:
    rows = [a_row("A <b> & 'c'\x01", **AT_SPOT), a_row(**ROUGHLY), a_row(**ROUGHLY | {"uncertainty_m": None}), a_row()]
    space = {"k": "http://www.opengis.net/kml/2.2"}
    document = ET.fromstring(written("kml", *rows)).find("k:Document", space)
    assert document is not None
    places = document.findall("k:Placemark", space)
    assert [place.findtext("k:styleUrl", "", space) for place in places] == [
        "#known",
        "#rough",
        "#unplaced",
        "#unplaced",
    ]
    assert [place.find("k:Point", space) is not None for place in places] == [True, False, False, False]
    assert [place.find("k:Polygon", space) is not None for place in places] == [False, True, False, False]
    assert places[0].findtext("k:name", "", space) == "A <b> & 'c'"
    assert document.findtext("k:name", "", space) == "incidents"


def test_they_say_when_they_were_answered() -> None:
    assert AT.year == 2026
    assert b"2026-01-02T03:04:05Z" in written("kml", a_row())
