"""Handing over: one question, and the same rows on the page, in the table and on the map."""

import csv
import io
import json
from typing import Any

import pytest
from starlette.testclient import TestClient

from tests.archives import TestArchive
from tests.builders import HOMS, QUETTA, TURBAT, an_incident, carried_out_by, incident_in

QUESTION = {"area": "PK-BA", "date_from": "2025", "date_to": "2025"}
URL = "/api/v1/incidents"


@pytest.fixture(autouse=True)
def incidents(archive: TestArchive) -> None:
    """Two in Balochistan in 2025, one of them named by words only; and some that are not asked for."""
    archive.report_all([
        incident_in("In Turbat", at=TURBAT, killed={"best": 2}, involvements=[carried_out_by("armed men")]),
        incident_in("Somewhere in Balochistan", on="2025-07", country="PAK", area1_code="PK-BA"),
        incident_in("In Quetta, long ago", on="1999", at=QUETTA),
        incident_in("In Homs", at=HOMS),
    ])  # fmt: skip


def rows_of(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text.lstrip("\ufeff"))))


def test_the_question_comes_back_in_words(client: TestClient) -> None:
    page = client.get(URL, params=QUESTION).json()
    assert page["question"] == "alleged incidents in Balochistan in 2025"
    assert (page["total"], page["next"]) == (2, None)


def test_page_table_and_map_hold_the_same_rows(client: TestClient) -> None:
    refs = [item["ref"] for item in client.get(URL, params={**QUESTION, "sort": "ref"}).json()["items"]]
    table = rows_of(client.get(f"{URL}.csv", params=QUESTION).text)
    drawn = client.get(f"{URL}.geojson", params=QUESTION).json()
    lines = client.get(f"{URL}.geojsonl", params=QUESTION).text.splitlines()
    assert [row["ref"] for row in table] == refs
    assert [feature["id"] for feature in drawn["features"]] == refs
    assert [json.loads(line)["id"] for line in lines] == refs
    assert len(refs) == 2


def test_what_has_no_point_stays_on_the_list(client: TestClient) -> None:
    drawn: dict[str, Any] = client.get(f"{URL}.geojson", params=QUESTION).json()
    missing = [feature for feature in drawn["features"] if feature["geometry"] is None]
    assert [feature["properties"]["title"] for feature in missing] == ["Somewhere in Balochistan"]
    assert drawn["unlocated"] == {"count": 1, "refs": [missing[0]["id"]]}
    assert drawn["question"] == "alleged incidents in Balochistan in 2025"


def test_everything_says_that_it_is_alleged(client: TestClient) -> None:
    assert {row["alleged"] for row in rows_of(client.get(f"{URL}.csv").text)} == {"true"}
    drawn = client.get(f"{URL}.geojson").json()
    assert drawn["alleged"] is True
    assert all(f["properties"]["alleged"] is True and f["properties"]["disclaimer"] for f in drawn["features"])


def test_the_table_says_who_says_so_and_who_is_alleged(client: TestClient) -> None:
    row = next(row for row in rows_of(client.get(f"{URL}.csv").text) if row["title"] == "In Turbat")
    assert row["alleged_responsible"] == "armed men"
    assert row["sources"] == "A made-up report, The Example Paper"
    assert (row["area1_code"], row["area2"], row["killed_best"]) == ("PK-BA", "Kech", "2")
    assert row["injured_best"] == ""


def test_the_files_have_names_with_the_day(client: TestClient) -> None:
    for name in ("csv", "geojson", "geojsonl"):
        header = client.get(f"{URL}.{name}").headers["Content-Disposition"]
        assert header.startswith('attachment; filename="incidents-20')
        assert header.endswith(f'.{name}"')


def test_a_format_that_we_do_not_have_is_named_as_such(client: TestClient) -> None:
    answer = client.get(f"{URL}.docx")
    assert answer.status_code == 404
    assert {"csv", "geojson", "xlsx", "gpkg"} <= set(answer.json()["detail"].rstrip(".").split(": ")[1].split(", "))
    assert "docx" not in answer.text


def test_an_added_report_is_in_the_next_file(client: TestClient) -> None:
    client.post(URL, json=an_incident("New in Kech", at=TURBAT))
    assert len(rows_of(client.get(f"{URL}.csv", params=QUESTION).text)) == 3
