"""Words, places, sources and imports by the API."""

from typing import Any

import pytest
from starlette.testclient import TestClient

from app.api import imports
from app.records import Incident
from app.vocabulary.word import names, vocabulary
from tests.archives import TestArchive
from tests.builders import HOMS, TURBAT, a_source, an_incident

V1 = "/api/v1"
CSV = (
    "title,kind,source_kind,source_title,date,lon,lat,geo_precision,killed_best,area1_code\n"
    "Alleged killing in a village,killing,press,A made-up report,2025-06-12,63.05,26.0,settlement,2,\n"
    "Alleged disappearance,enforced_disappearance,press,A made-up report,2025-06,,,,,PK-BA\n"
)


def get(client: TestClient, path: str, **asked: Any) -> Any:
    answer = client.get(V1 + path, params=asked)
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_all_vocabularies_are_there(client: TestClient) -> None:
    listed = get(client, "/vocabularies")
    assert list(listed) == names()
    assert listed["violations"] == list(vocabulary("violations"))
    for name in listed:
        assert [word["code"] for word in get(client, f"/vocabularies/{name}")] == listed[name]


@pytest.mark.parametrize("name", ["violations", "degrees", "stances", "geo_precisions"])
def test_words_have_labels_in_five_languages(client: TestClient, name: str) -> None:
    for word in get(client, f"/vocabularies/{name}"):
        assert set(word["label"]) >= {"en", "ur", "ar", "es", "fr"}, word["code"]
        assert all(word["label"].values())
        assert word["definition"]


def test_an_area_is_found_by_its_name_in_urdu_and_in_english(client: TestClient) -> None:
    for asked in ("بلوچستان", "balochistan", "Baloch"):
        assert "PK-BA" in {area["code"] for area in get(client, "/areas", q=asked, level=1)}, asked
    assert get(client, "/areas", q="no such place at all") == []
    assert get(client, "/areas/PK-BA")["name"] == "Balochistan"
    assert client.get(f"{V1}/areas/PK-XX").status_code == 404


def test_areas_below_another_and_of_a_country(client: TestClient) -> None:
    districts = get(client, "/areas", parent="PK-BA", level=2, limit=500)
    assert len(districts) > 20
    assert "Kech" in {area["name"] for area in districts}
    assert {area["country"] for area in get(client, "/areas", country="SYR", limit=500)} == {"SYR"}


@pytest.mark.parametrize(("point", "country", "first"), [(TURBAT, "PAK", "PK-BA"), (HOMS, "SYR", None)])
def test_areas_at_a_point(client: TestClient, point: tuple[float, float], country: str, first: str | None) -> None:
    found = get(client, "/areas", lon=point[0], lat=point[1])
    assert {area["country"] for area in found} == {country}
    assert [area["level"] for area in found] == sorted(area["level"] for area in found)
    assert first is None or first in {area["code"] for area in found}
    assert client.get(f"{V1}/areas?lon={point[0]}").status_code == 422


@pytest.mark.parametrize("asked", ["Turbat", "turb", "TURBAT", "تربت"])
def test_a_settlement_is_found_in_any_script(client: TestClient, asked: str) -> None:
    found = get(client, "/settlements", q=asked, country="PAK")
    turbat = next(place for place in found if place["name"] == "Turbat")
    assert (round(turbat["lon"]), round(turbat["lat"]), turbat["country"]) == (63, 26, "PAK")
    assert len(get(client, "/settlements", q="a", limit=3)) == 3
    assert client.get(f"{V1}/settlements").status_code == 422


def test_signs_in_a_name_are_no_wildcards(client: TestClient) -> None:
    for sign in ("%", "_", "|", "%25", "\\"):
        found = get(client, "/settlements", q=f"Tur{sign}at")
        assert "Turbat" not in {place["name"] for place in found}, sign


def test_sources_are_listed_found_and_paged(client: TestClient) -> None:
    for number in range(3):
        client.post(
            f"{V1}/incidents",
            json=an_incident(source=a_source(f"Report {number}", url=f"https://example.org/{number}")),
        )
    page = get(client, "/sources", limit=2)
    assert (page["total"], len(page["items"])) == (3, 2)
    rest = get(client, "/sources", limit=2, after=page["next"])
    assert (len(rest["items"]), rest["next"]) == (1, None)
    (one,) = get(client, "/sources", url="https://example.org/1")["items"]
    assert get(client, f"/sources/{one['id']}") == one
    assert one["citation"] == "Report 1, The Example Paper"
    assert [s["title"] for s in get(client, "/sources", q="report 2")["items"]] == ["Report 2"]


def send(client: TestClient, content: bytes = CSV.encode(), **asked: Any) -> Any:
    return client.post(f"{V1}/imports", content=content, params=asked)


def test_a_file_is_looked_at_taken_in_and_taken_back(client: TestClient, archive: TestArchive) -> None:
    looked = send(client, dry_run=True).json()
    assert (looked["new"], looked["recorded"], looked["batch"], archive.count(Incident)) == (2, False, None, 0)
    taken = send(client, name="june.csv").json()
    assert (taken["rows"], taken["new"], taken["refused"], taken["recorded"]) == (2, 2, 0, True)
    assert set(taken) >= {"batch", "rows", "new", "changed", "unchanged", "refused", "warnings", "errors"}
    assert {row["area1_code"] for row in archive.rows()} == {"PK-BA"}
    batch = get(client, f"/imports/{taken['batch']}")
    assert (batch["file_name"], batch["new"], batch["undone_at"]) == ("june.csv", 2, None)
    assert client.post(f"{V1}/imports/{taken['batch']}/undo").json() == {"incidents": 2}
    assert (archive.count(Incident), archive.broken()) == (0, None)


def test_a_file_that_is_too_large(client: TestClient, archive: TestArchive, monkeypatch: pytest.MonkeyPatch) -> None:
    assert imports.LARGEST == 25 * 1024 * 1024
    monkeypatch.setattr(imports, "LARGEST", len(CSV))
    assert send(client).status_code == 200
    answer = send(client, CSV.encode() + b"\n")
    assert (answer.status_code, answer.json()["title"]) == (413, "Too large")
    assert "gawah import" in answer.json()["detail"]


def test_a_format_that_we_do_not_read(client: TestClient, archive: TestArchive) -> None:
    known = get(client, "/imports/formats")
    assert {"spreadsheet", "ucdp-ged"} <= set(known)
    answer = send(client, format="no_such_format")
    assert answer.status_code == 422
    assert all(name in answer.json()["errors"][0]["mend"] for name in known)
    assert send(client, b"colour,size\nred,7\n").status_code == 422
    assert send(client, format="spreadsheet").status_code == 200
    assert archive.count(Incident) == 2


def test_the_name_of_a_file_is_just_a_name(client: TestClient) -> None:
    taken = send(client, name="../../etc/passwd").json()
    assert get(client, f"/imports/{taken['batch']}")["rows"] == 2
