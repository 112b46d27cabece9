"""A table as it comes: whatever program it was saved by, the same records, and one clear sentence when it is none."""

from datetime import date
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from tests.archives import TestArchive
from tests.cli.helping import Gawah
from tests.tables import as_csv, as_geojson, as_json, as_json_lines, as_ods, as_xlsx, as_zip

URL = "/api/v1/imports"
HEAD = ["id", "title", "kind", "source_kind", "source_title", "date", "killed_best", "lon", "lat", "geo_precision"]
ROWS = [
    ["our-1", "Alleged killing of two near the café", "killing", "press", "A made-up report", date(2025, 6, 12), 2,
     69.92, 30.05, "settlement"],
    ["our-2", "Alleged disappearance of a señor", "killing", "press", "A made-up report", "2025-06", 0, None, None, ""],
]  # fmt: skip
TABLE = [HEAD, *ROWS]
SENT = {
    "XLSX": (as_xlsx(TABLE), "XLSX, sheet “Sheet”, heading in row 1"),
    "ODS": (as_ods(TABLE), "ODS, sheet “Sheet”, heading in row 1"),
    "a CSV of an older Excel": (as_csv(TABLE, ";", "cp1252"), "CSV, cp1252, semicolons, heading in line 1"),
    "UTF-16": (as_csv(TABLE, "\t", "utf-16"), "TSV, UTF-16, tabs, heading in line 1"),
    "JSON": (as_json(TABLE), "JSON, 2 objects"),
    "JSON lines": (as_json_lines(TABLE), "JSON lines"),
    "GeoJSON": (as_geojson(TABLE), "GeoJSON, 2 features"),
    "a zip": (as_zip({"june.csv": as_csv(TABLE)}), "CSV in zip, UTF-8, commas, heading in line 1"),
    "a letter above the table": (
        as_xlsx([["Incidents of June, for the office"], [], *TABLE]), "XLSX, sheet “Sheet”, heading in row 3",
    ),
}  # fmt: skip


def send(client: TestClient, content: bytes, **asked: object) -> dict:
    answer = client.post(URL, content=content, params=asked)
    assert answer.status_code == 200, answer.text
    return answer.json()


def refused(client: TestClient, content: bytes, **asked: object) -> str:
    answer = client.post(URL, content=content, params=asked)
    assert answer.status_code == 422, answer.text
    return answer.json()["detail"]


def test_the_same_table_is_the_same_records_whatever_it_was_saved_as(client: TestClient, archive: TestArchive) -> None:
    first = send(client, as_csv(TABLE), name="june.csv")
    assert (first["new"], first["read_as"]) == (2, "CSV, UTF-8, commas, heading in line 1")
    before = archive.rows()
    for which, (content, read_as) in SENT.items():
        again = send(client, content)
        assert (again["unchanged"], again["rows"], again["read_as"]) == (2, 2, read_as), which
    assert archive.rows() == before
    assert {row["killed_best"] for row in before} == {2, 0}


def test_a_workbook_alone_brings_them_too(client: TestClient, archive: TestArchive) -> None:
    taken = send(client, as_xlsx(TABLE))
    assert (taken["new"], taken["recorded"]) == (2, True)
    assert archive.titles() == {str(row[1]) for row in ROWS}


def test_what_is_wrong_is_told_by_the_row_of_the_sheet(client: TestClient, archive: TestArchive) -> None:
    wrong = [*ROWS[0][:2], "beating_up", *ROWS[0][3:]]
    outcome = send(client, as_xlsx([["Incidents of June"], [], HEAD, ROWS[0], [], wrong]))
    assert [(error["line"], error["column"]) for error in outcome["errors"]] == [(6, "kind")]
    assert archive.rows() == []


def test_she_says_how_to_read_it_where_it_was_read_wrongly(client: TestClient) -> None:
    latin = as_csv([HEAD, ROWS[1]], ";", "mac_roman")
    told = send(client, latin, encoding="mac_roman", delimiter="semicolon", header_row=1, dry_run=True)
    assert told["read_as"] == "CSV, mac_roman, semicolons, heading in line 1"
    book = as_xlsx([["not", "this"], ["one", "at all"]], ("Incidents", TABLE))
    assert send(client, book, sheet="Incidents", dry_run=True)["new"] == 2
    assert send(client, book, sheet="2", dry_run=True)["new"] == 2
    assert refused(client, book).startswith("The columns fit none of the formats we read")
    assert refused(client, book, sheet="Absent").startswith("There is no such sheet; the workbook has 2")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"<html><body><table><tr><td>title</td></tr></table></body></html>", "This is a web page (HTML)"),
        (as_xlsx(TABLE)[:3000], "The zip or workbook file is cut off or damaged"),
        (b'[{"title": "Alleged', "The JSON is cut off or damaged near line 1"),
        (b'{"title": "Alleged"}', "The JSON holds no table"),
        (as_zip({"a.csv": as_csv(TABLE), "b.csv": as_csv(TABLE)}), "The zip holds 2 files and no one table"),
        (as_csv(TABLE).replace(b"title", b"titel"), "The columns fit none of the formats"),
    ],
)
def test_a_wrong_file_is_one_sentence(client: TestClient, content: bytes, said: str) -> None:
    assert refused(client, content).startswith(said)


@pytest.mark.parametrize(
    "hint", [{"encoding": "klingon"}, {"encoding": "base64"}, {"delimiter": "ab"}, {"header_row": 0}]
)
def test_a_hint_that_means_nothing_is_refused(client: TestClient, hint: dict[str, object]) -> None:
    refused(client, as_csv(TABLE), **hint)


def test_a_formula_that_went_wrong_is_no_empty_cell(client: TestClient) -> None:
    book = as_xlsx([HEAD, [*ROWS[0][:6], "#REF!", *ROWS[0][7:]]])
    (error,) = send(client, book)["errors"]
    assert (error["line"], error["column"], error["value"]) == (2, "killed_best", "#REF!")
    assert "formula" in error["why"]


def test_the_point_that_stands_for_an_area_is_no_spot(client: TestClient, archive: TestArchive) -> None:
    point = '"geometry": {"type": "Point", "coordinates": [69.92, 30.05]}'
    area = '"geometry": {"type": "Polygon", "coordinates": [[[69, 30], [70, 30], [70, 31], [69, 30]]]}'
    drawn = as_geojson([HEAD, [*ROWS[0][:-1], "exact"]]).decode()
    assert point in drawn
    assert send(client, drawn.encode(), dry_run=True)["refused"] == 0
    (error,) = send(client, drawn.replace(point, area).encode())["errors"]
    assert error["column"] == "geo_precision"
    assert archive.rows() == []
    assert send(client, drawn.replace(point, area).replace("exact", "area2").encode())["new"] == 1


def test_by_the_command_line(gawah: Gawah, home: Path) -> None:
    Path("june.json").write_bytes(as_json(TABLE))
    said = gawah("import", "june.json")
    assert said.code == 0
    assert "2 rows, 2 new" in said.out
    assert "Read as JSON, 2 objects." in said.err
    Path("june.txt").write_bytes(as_csv(TABLE, "|", "cp1252"))
    said = gawah("import", "june.txt", "--delimiter", "pipe", "--encoding", "cp1252", "--header-row", "1", "--json")
    assert '"unchanged": 2' in said.out
    assert '"read_as": "CSV, cp1252, pipes, heading in line 1"' in said.out
    assert gawah("import", "june.txt", "--delimiter", "pipes").code == 2
