"""Any table: what is found in it by itself, and what a row holds."""

import gzip
import json
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from app.errors import Unreadable
from app.imports import tables
from app.imports.tables import Hints, heading, look, rows
from tests.tables import as_csv, as_kml, as_xlsx, as_zip

HEAD = "title,kind,place\n"


@pytest.fixture
def sent(tmp_path: Path) -> Any:
    def write(content: bytes) -> Path:
        path = tmp_path / "upload"
        path.write_bytes(content)
        return path

    return write


def values(path: Path, hints: Hints = tables.NONE) -> list[list[Any]]:
    return [list(row.values.values()) for row in rows(path, hints)]


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("Señor Muñoz fue detenido en Córdoba", "cp1252"),
        ("“Quoted”: a dash — and it is €5", "cp1252"),
        ("قتل رجل في المدينة ولم يعرف اسمه", "cp1256"),
        ("Убийство человека: газета сообщила, что тело нашли утром на улице города", "cp1251"),
        ("Señor Muñoz, détenu à Montréal près du café", "mac_roman"),
        ("تربت میں ایک شخص لاپتہ", "utf-8"),
        ("Señor Muñoz", "utf-16"),
        ("Senor Munoz", "utf-16-le"),
        ("Senor Munoz", "utf-16-be"),
        ("Señor Muñoz", "utf-8-sig"),
    ],
)
def test_letters_are_read_in_the_encoding_they_are_in(sent: Any, text: str, encoding: str) -> None:
    path = sent(as_csv([["title", "kind", "place"], *[[text, "killing", text]] * 3], encoding=encoding))
    assert values(path) == [[text, "killing", text]] * 3


def test_utf8_wins_though_its_first_other_letter_comes_late(sent: Any) -> None:
    path = sent((HEAD + "a,b,c\n" * 20_000 + "señor,b,c\n").encode())
    assert look(path).read_as == "CSV, UTF-8, commas, heading in line 1"


def test_a_late_letter_of_another_encoding_is_found_too(sent: Any) -> None:
    path = sent((HEAD + "a,b,c\n" * 20_000 + "señor Muñoz,b,c\n").encode("cp1252"))
    assert look(path).read_as.startswith("CSV, cp1252")
    assert values(path)[-1][0] == "señor Muñoz"


@pytest.mark.parametrize("mark", [",", ";", "\t", "|"])
def test_the_sign_between_cells_is_found(sent: Any, mark: str) -> None:
    told = [["title", "where", "lat"], ["a; b, c", "x|y", "30,5"], ["d", "e", "1,5"], ["f", 'say "g"', "2,5"]]
    assert values(sent(as_csv(told, mark))) == told[1:]


@pytest.mark.parametrize(
    ("text", "line", "names"),
    [
        ("Incidents of 2025\n\n" + HEAD + "a,b,c\nd,e,f\n", 3, ["title", "kind", "place"]),
        ("Office:,Quetta,,,\n,,,,\na,b,c,d,e\n1,2,3,4,5\n", 3, ["a", "b", "c", "d", "e"]),
        ("a,a,,b,a,,\n1,2,3,4,5,,\n", 1, ["a", "a (2)", "(column 3)", "b", "a (3)"]),
        ("a,a (2),a\n1,2,3\n", 1, ["a", "a (2)", "a (3)"]),
        ("title\nx\ny\n", 1, ["title"]),
        ("links,link,link,link\nx,,,\ny,,,\n", 1, ["links", "link", "link (2)", "link (3)"]),
    ],
)
def test_the_heading_is_found_and_each_column_has_its_name(sent: Any, text: str, line: int, names: list[str]) -> None:
    path = sent(text.encode())
    assert heading(path) == names
    assert look(path).read_as.endswith(f"heading in line {line}")
    assert next(rows(path)).line == line + 1


def test_a_row_of_tags_is_passed_over(sent: Any) -> None:
    path = sent(b"title,place\n#event,#adm1\na,b\n")
    assert [row.line for row in rows(path)] == [3]


def test_hints_are_followed_and_a_wrong_one_is_refused(sent: Any) -> None:
    path = sent("a,b\nc;d,e\n1;2,3\n".encode("cp1252"))
    assert heading(path, Hints(delimiter="semicolon", header_row=2)) == ["c", "d,e"]
    with pytest.raises(Unreadable, match="No heading begins in row 9"):
        heading(path, Hints(header_row=9))
    with pytest.raises(Unreadable, match="it is not in this encoding"):
        heading(sent("é,b\n".encode("cp1252")), Hints(encoding="utf-8"))


def test_a_workbook_has_days_and_whole_numbers(sent: Any) -> None:
    told = ["a", 3.0, 2.5, date(2025, 6, 12), datetime(2025, 6, 12, 14, 30), True, "007", None]  # noqa: DTZ001 - a cell has no zone
    path = sent(as_xlsx([list("abcdefgh"), told]))
    assert values(path) == [["a", "3", "2.5", "2025-06-12", "2025-06-12T14:30:00", "true", "007", ""]]


def test_what_json_nests_stays_nested_and_rows_tell_their_place(sent: Any) -> None:
    told = [{"id": 1, "where": {"name": "Turbat"}}, {}, {"id": 2.0, "links": ["x", {"y": 1}], "ok": None}]
    (first, second) = rows(sent(json.dumps({"of": "us", "reports": told}).encode()))
    assert (first.line, first.values) == (1, {"id": "1", "where": {"name": "Turbat"}, "links": "", "ok": ""})
    assert (second.line, second.values["links"]) == (3, ["x", {"y": 1}])
    lines = b'{"id": 1}\n\n{"id": 2}\n'
    assert [(row.line, row.values) for row in rows(sent(lines))] == [(1, {"id": "1"}), (3, {"id": "2"})]


def test_flat_rows_hold_text_alone(sent: Any) -> None:
    path = sent(b'[{"links": ["x", "y"], "where": {"name": "Turbat"}, "id": 1}]')
    assert [row.values for row in tables.flat_rows(path)] == [
        {"links": "x; y", "where": '{"name":"Turbat"}', "id": "1"}
    ]


def test_of_several_lists_one_is_named(sent: Any) -> None:
    path = sent(b'{"people": [{"name": "x"}], "events": [{"id": 1}]}')
    with pytest.raises(Unreadable, match="several lists of objects"):
        heading(path)
    assert heading(path, Hints(sheet="events")) == ["id"]


def test_features_are_rows_with_a_point(sent: Any) -> None:
    square = {"type": "Polygon", "coordinates": [[[0, 0], [2, 0], [2, 2], [0, 2], [0, 0]]]}
    features = [
        {"type": "Feature", "id": 7, "properties": {"lat": "its own"}, "geometry": {"type": "Point", "coordinates": [67, 30]}},
        {"type": "Feature", "properties": None, "geometry": square},
        {"type": "Feature", "properties": {"lat": "x"}, "geometry": {"type": "Polygon", "coordinates": [[[0]]]}},
    ]  # fmt: skip
    told = [row.values for row in rows(sent(json.dumps({"type": "FeatureCollection", "features": features}).encode()))]
    assert told[0] == {"lat": "its own", "id": "7", "lon": "67", "lat (2)": "30", "geometry": "Point"}
    assert (told[1]["lon"], told[1]["geometry"]) == ("1", "representative point of a Polygon")
    assert (told[2]["lon"], told[2]["geometry"]) == ("", "not a geometry that we can read")


@pytest.mark.parametrize("content", [as_kml(), as_zip({"doc.kml": as_kml(), "pictures/a.png": b"\x89PNG"})])
def test_kml_and_kmz_are_read(sent: Any, content: bytes) -> None:
    ((row,), path) = list(rows(sent(content))), sent(content)
    assert (row.values["Name"], row.values["lon"], row.values["lat"]) == ("A place", "67.5", "30.25")
    assert look(path).read_as == "KML, 1 feature"


@pytest.mark.parametrize(("form", "called"), [("gpkg", "GPKG"), ("fgb", "FlatGeobuf"), ("shp.zip", "Shapefile")])
def test_maps_are_read_in_degrees_whatever_they_count_in(tmp_path: Path, form: str, called: str) -> None:
    geopandas = pytest.importorskip("geopandas")
    shapely = pytest.importorskip("shapely")
    frame = geopandas.GeoDataFrame(
        {"name": ["Turbat", "Barkhan"], "killed": [2, 0]},
        geometry=[shapely.Point(63.0544, 26.0023), shapely.Point(69.5, 29.9)], crs=4326,
    ).to_crs(3857)  # fmt: skip
    path = tmp_path / f"incidents.{form}"
    if form == "shp.zip":
        (tmp_path / "parts").mkdir()
        frame.to_file(tmp_path / "parts" / "incidents.shp")
        path.write_bytes(as_zip({f"in/{part.name}": part.read_bytes() for part in (tmp_path / "parts").iterdir()}))
    else:
        frame.to_file(path)
    told = {row.values["name"]: row.values for row in rows(path)}
    assert {name: row["killed"] for name, row in told.items()} == {"Turbat": "2", "Barkhan": "0"}
    assert float(told["Turbat"]["lon"]) == pytest.approx(63.0544, abs=1e-6)
    assert float(told["Turbat"]["lat"]) == pytest.approx(26.0023, abs=1e-6)
    assert look(path).read_as == f"{called}, 2 features"


def test_a_gz_and_a_zip_around_a_table_are_opened(sent: Any) -> None:
    text = (HEAD + "a,b,c\n").encode()
    for content in (gzip.compress(text), as_zip({"x/june.csv": text, "__MACOSX/._june.csv": b"\0"})):
        assert values(sent(content)) == [["a", "b", "c"]]
    assert values(sent(gzip.compress(as_xlsx([["a", "b"], ["c", "d"]])))) == [["c", "d"]]
