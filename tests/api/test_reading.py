"""Reading: pages, ETags, sources, places, words and who sees how much."""

from typing import Any

import pytest
from starlette.testclient import TestClient

from tests.archives import TestArchive
from tests.builders import QUETTA, a_source, an_act, an_incident, incident_in, somebody

URL = "/api/v1/incidents"


def test_pages_lead_from_one_to_the_next(client: TestClient, archive: TestArchive) -> None:
    archive.report_all(incident_in(f"Incident {n}", on=None if n % 3 else "2025") for n in range(7))
    refs, cursor = [], None
    while True:
        page = client.get(URL, params={"limit": 3} | ({"cursor": cursor} if cursor else {})).json()
        assert page["total"] == 7
        refs += [item["ref"] for item in page["items"]]
        cursor = page["next"]
        if cursor is None:
            break
    assert len(refs) == len(set(refs)) == 7


@pytest.mark.parametrize("limit", [0, -1, 201, "many"])
def test_a_page_has_one_to_two_hundred_rows(client: TestClient, limit: Any) -> None:
    assert client.get(f"{URL}?limit={limit}").status_code == 422


def test_a_page_beyond_the_last_change_is_still_whole(client: TestClient, archive: TestArchive) -> None:
    """A report that comes in meanwhile moves no row from one page to another."""
    archive.report_all(incident_in(f"Incident {n}", on=f"2025-06-{n + 10}") for n in range(6))
    first = client.get(f"{URL}?limit=3").json()
    archive.report(incident_in("New", on="2025-12-31"))
    second = client.get(URL, params={"limit": 3, "cursor": first["next"]}).json()
    titles = [item["title"] for page in (first, second) for item in page["items"]]
    assert titles == [f"Incident {n}" for n in (5, 4, 3, 2, 1, 0)]


def test_an_etag_changes_with_the_record_and_only_then(client: TestClient) -> None:
    made = client.post(URL, json=an_incident())
    one = f"{URL}/{made.json()['id']}"
    assert client.get(one).headers["ETag"] == client.get(one).headers["ETag"] == made.headers["ETag"]
    client.post(f"{one}/acts", json=an_act())
    assert client.get(one).headers["ETag"] != made.headers["ETag"]


def test_what_was_added_comes_back_as_it_was_sent(client: TestClient) -> None:
    one = f"{URL}/{client.post(URL, json=an_incident()).json()['id']}"
    person = somebody("Example Person", sex="female", birth_year=1999)
    act = client.post(f"{one}/acts", json=an_act("torture_ill_treatment", person=person, outcome="released")).json()
    assert act["person"]["names"][0]["full"] == "Example Person"
    assert (act["sex"], act["outcome"], act["kind"]) == ("female", "released", "torture_ill_treatment")
    involved = {"act_id": act["id"], "described_as": "men in uniform", "degree": "carried_out"}
    assert client.post(f"{one}/involvements", json=involved).json()["act_id"] == act["id"]
    place = {"role": "taken_from", "lon": QUETTA[0], "lat": QUETTA[1], "geo_precision": "settlement", "date": "2025-06"}
    shown = client.post(f"{one}/places", json=place).json()
    assert (shown["role"], shown["area2"], shown["date"]["edtf"]) == ("taken_from", "Quetta", "2025-06")
    whole = client.get(one).json()
    assert [len(whole[part]) for part in ("acts", "involvements", "places")] == [1, 1, 1]


def test_likely_the_same_people_are_offered_and_not_merged(client: TestClient) -> None:
    told = an_incident(acts=[an_act(person=somebody("Example Person"))])
    first = client.post(URL, json=told).json()
    second = client.post(URL, json=told).json()
    assert first["candidates"] == []
    (offered,) = second["candidates"]
    assert (offered["noun"], offered["name"], offered["id"]) == (
        "person",
        "Example Person",
        first["acts"][0]["person"]["id"],
    )
    assert second["acts"][0]["person"]["id"] != offered["id"]
    again = client.post(URL, json=an_incident(acts=[an_act(person={"id": offered["id"]})])).json()
    assert again["acts"][0]["person"]["id"] == offered["id"]


def test_sources_by_words_by_address_and_page_by_page(client: TestClient) -> None:
    for n in range(5):
        source = a_source(f"Report {n}", url=f"https://example.org/{n}", published="2025-06-01")
        client.post(URL, json=an_incident(source=source))
    page = client.get("/api/v1/sources?limit=2").json()
    assert (page["total"], len(page["items"])) == (5, 2)
    rest = client.get("/api/v1/sources", params={"limit": 3, "after": page["next"]}).json()
    assert [s["title"] for s in page["items"] + rest["items"]] == [f"Report {n}" for n in range(5)]
    assert client.get("/api/v1/sources?q=report 3").json()["total"] == 1
    (found,) = client.get("/api/v1/sources?url=https://example.org/4").json()["items"]
    assert found["citation"] == "Report 4, The Example Paper, 2025-06-01"
    assert client.get(f"/api/v1/sources/{found['id']}").json() == found


def test_areas_by_name_by_point_and_by_code(client: TestClient) -> None:
    at = {"lon": QUETTA[0], "lat": QUETTA[1]}
    names = [area["name"] for area in client.get("/api/v1/areas", params=at).json()]
    assert names[:3] == ["Pakistan", "Balochistan", "Quetta"]
    assert client.get("/api/v1/areas?q=balochis&level=1").json()[0]["code"] == "PK-BA"
    assert client.get("/api/v1/areas/PK-BA").json()["name"] == "Balochistan"
    assert {a["parent"] for a in client.get("/api/v1/areas?parent=PK-BA").json()} == {"PK-BA"}
    assert client.get("/api/v1/areas?lon=1").status_code == 422


def test_settlements_in_any_script(client: TestClient) -> None:
    for asked in ("turbat", "TURBAT", "تربت"):
        found = client.get("/api/v1/settlements", params={"q": asked, "country": "PAK"}).json()
        assert found[0]["name"] == "Turbat", asked


def test_the_words_have_definitions(client: TestClient) -> None:
    lists = client.get("/api/v1/vocabularies").json()
    assert "enforced_disappearance" in lists["violations"]
    for name in lists:
        words = client.get(f"/api/v1/vocabularies/{name}").json()
        assert [word["code"] for word in words] == lists[name]
        assert all(word["label"]["en"] and word["definition"] for word in words), name


def test_history_keeps_names_from_those_who_may_not_read_them(client: TestClient, viewer: TestClient) -> None:
    told = an_incident(acts=[an_act(person=somebody("Example Person"))])
    made = client.post(URL, json=told).json()
    assert "Example Person" in client.get(f"{URL}/{made['id']}/history").text
    for path in ("", "/history", "/provenance", "/accounts"):
        assert "Example Person" not in viewer.get(f"{URL}/{made['id']}{path}").text


def test_ready_says_which_archive(client: TestClient) -> None:
    assert client.get("/readyz").json() == {"status": "ready", "archive": "own"}
    assert client.get("/healthz").json() == {"status": "alive"}
