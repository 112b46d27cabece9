"""The maintainer's steps: rounding that loses nothing, codes that are given once, names that are clean."""

import gzip
from pathlib import Path

import pytest
import shapely

pytest.importorskip("pyogrio")

from geodata import build_output
from geodata.build_matching import match_iso, plain
from geodata.build_shapes import as_geojson, radius_m, reach_m, tidy
from geodata.build_sources import NameRow, Shape
from geodata.build_units import Unit, feature, other_names, with_aliases

SQUARE = shapely.box(10, 10, 11, 11)


def shape(key: str, name: str, gn_name: str = "", fips: str = "") -> Shape:
    fields = {"name": name, "gn_name": gn_name, "woe_name": "", "fips": fips, "iso_a2": "AF"}
    return Shape(key, fields, SQUARE)


def row(number: int, name: str, iso: str, code: str = "") -> NameRow:
    return NameRow(number, name, iso, code, str(number), (), 1, None, 3)


def test_islet_gets_the_decimals_it_needs() -> None:
    islet = shapely.box(1.00001, 1.00001, 1.00004, 1.00004)
    kept = tidy(islet, 3)
    assert kept.area > 0
    assert kept.is_valid


def test_mended_bow_tie_is_valid_and_polygonal() -> None:
    bow_tie = shapely.Polygon([(0, 0), (1, 1), (1, 0), (0, 1)])
    mended = tidy(bow_tie, 3)
    assert mended.is_valid
    assert mended.geom_type == "MultiPolygon"


def test_outer_ring_is_counter_clockwise() -> None:
    ring = as_geojson(SQUARE.reverse())["coordinates"][0]
    assert shapely.LinearRing(ring).is_ccw


def test_measures_are_in_metres() -> None:
    degree = 111_195
    assert radius_m(shapely.box(0, -0.5, 1, 0.5)) == pytest.approx(degree / 3.14159265**0.5, rel=0.001)
    assert reach_m(shapely.box(0, 0, 0.001, 1), 0, 0) == pytest.approx(degree, rel=0.001)


def test_generic_words_and_marks_do_not_count() -> None:
    assert plain("Muḩāfaz̧at Ḩimş") != plain("Province")
    assert plain("Kech District") == plain("kéch") == "kech"
    assert plain("City") == "city"


def test_code_goes_to_one_unit_only() -> None:
    rows = [row(1, "Parwan", "AF-PAR"), row(2, "Panjshir", "AF-PAN")]
    shapes = [shape("a", "Parwan", "Panjshir"), shape("b", "Parwan", "Parwan")]
    found = match_iso(shapes, rows, {"a": 3, "b": 3})
    assert {key: r.iso for key, r in found.items()} == {"a": "AF-PAN", "b": "AF-PAR"}
    twins = [shape("a", "Parwan", "Parwan"), shape("b", "Parwan", "Parwan")]
    assert match_iso(twins, rows, {"a": 3, "b": 3}) == {}


def test_fips_code_needs_a_like_name() -> None:
    rows = [row(1, "Sindh", "PK-SD", "PK.05")]
    assert match_iso([shape("a", "Sind", fips="PK05")], rows, {"a": 3})["a"].iso == "PK-SD"
    assert match_iso([shape("a", "Punjab", fips="PK05")], rows, {"a": 3}) == {}


def test_other_names_are_each_there_once() -> None:
    assert other_names("Kech", ("Kech", "کیچ", "کیچ", "", " Kech  District ")) == ("کیچ", "Kech District")


def test_alias_for_an_unknown_area_is_an_error(tmp_path: Path) -> None:
    table = tmp_path / "aliases.csv"
    table.write_text("code,alias\nPK-XX,Nowhere\n", encoding="utf-8")
    with pytest.raises(ValueError, match="PK-XX"):
        with_aliases([Unit("PK-BA", 1, "Balochistan", (), "PAK", "PAK", "test")], table)


def test_unit_without_polygon_is_written_with_null_geometry() -> None:
    written = feature(Unit("PK-BA", 1, "Balochistan", (), "PAK", "PAK", "test"))
    assert written["geometry"] is None
    assert written["properties"]["uncertainty_m"] is None


def test_same_content_gives_the_same_bytes(tmp_path: Path) -> None:
    first, second = tmp_path / "one.gz", tmp_path / "two.gz"
    build_output.packed(first, b"same")
    build_output.packed(second, b"same")
    assert first.read_bytes() == second.read_bytes()
    assert gzip.decompress(first.read_bytes()) == b"same"
