"""People and actors: who is named, by which names, and whom nobody calls responsible before it is borne out."""

from collections.abc import Callable
from typing import Any

import pytest
from starlette.testclient import TestClient

from tests.archives import TestArchive
from tests.builders import a_source, an_account, an_act, an_incident, carried_out_by, somebody

Kept = dict[str, Any]
URL = "/api/v1/incidents"


def made(answer: Any) -> Kept:
    assert answer.status_code in (200, 201), answer.text
    return dict(answer.json())


@pytest.fixture
def accused(client: TestClient) -> Kept:
    """A family names an officer, and agrees that this may be told."""
    officer = {"person": somebody("Example Officer"), "degree": "ordered", "disclosable": True}
    source = a_source("What a family says", by=None, kind="testimony_family")
    return made(client.post(URL, json=an_incident(source=source, involvements=[officer])))


def verified(client: TestClient, kept: Kept, verification: str) -> Kept:
    url = f"{URL}/{kept['id']}"
    seen = {"If-Match": client.get(url).headers["ETag"]}
    told = {"verification": verification, "note": "As the accounts have it."}
    return made(client.post(f"{url}/verification", json=told, headers=seen))


def responsible(client: TestClient) -> str | None:
    (row,) = client.get(URL).json()["items"]
    said: str | None = row["alleged_responsible"]
    return said


def test_nobody_is_called_responsible_on_the_word_of_one_source(client: TestClient, accused: Kept) -> None:
    assert accused["involvements"][0]["person"] is None
    assert responsible(client) is None
    assert client.get(URL, params={"q": "Officer"}).json()["total"] == 0
    assert client.get(URL, params={"person": "Officer"}).json()["total"] == 0


def test_two_independent_sources_bear_it_out_and_the_name_is_told(
    client: TestClient, viewer: TestClient, accused: Kept
) -> None:
    client.post(f"{URL}/{accused['id']}/accounts", json=an_account())
    now = verified(client, accused, "corroborated")
    assert now["involvements"][0]["person"]["names"][0]["full"] == "Example Officer"
    assert responsible(client) == "Example Officer"
    assert "Example Officer" in client.get(f"{URL}.csv").text
    assert client.get(URL, params={"q": "Officer"}).json()["total"] == 1
    assert responsible(viewer) is None
    assert viewer.get(URL, params={"q": "Officer"}).json()["total"] == 0


def test_when_the_second_source_is_contested_the_name_goes_again(client: TestClient, accused: Kept) -> None:
    client.post(f"{URL}/{accused['id']}/accounts", json=an_account())
    verified(client, accused, "corroborated")
    now = verified(client, accused, "contested")
    assert now["involvements"][0]["person"] is None
    assert responsible(client) is None
    assert "Officer" not in client.get(f"{URL}.geojson").text
    assert client.get(URL, params={"q": "Officer"}).json()["total"] == 0


def test_a_victim_has_names_in_several_scripts_and_is_found_by_each(client: TestClient) -> None:
    person = made(client.post("/api/v1/persons", json=somebody("Zarmina Beispiel", sex="female")))
    url = f"/api/v1/persons/{person['id']}"
    made(client.post(f"{url}/names", json={"full": "زرمینه بيسپيل", "kind": "transliteration"}))
    now = made(client.post(f"{url}/names", json={"full": "Зармина Байшпиль", "kind": "alias"}))
    assert [(name["full"], name["script"]) for name in now["names"]] == [
        ("Zarmina Beispiel", "Latn"), ("زرمینه بيسپيل", "Arab"), ("Зармина Байшпиль", "Cyrl"),
    ]  # fmt: skip
    report = an_incident(acts=[an_act(person={"id": person["id"]})])
    kept = made(client.post(URL, json=report))
    for asked in ("zarmina", "زرمينة", "ЗАРМИНА"):
        assert client.get("/api/v1/persons", params={"q": asked}).json()["total"] == 1, asked
        assert client.get(URL, params={"q": asked}).json()["total"] == 1, asked
    (role,) = client.get(url).json()["incidents"]
    assert (role["incident_ref"], role["role"], role["kind"]) == (kept["ref"], "victim", "killing")


def test_somebody_of_that_name_is_offered_and_not_merged(client: TestClient) -> None:
    first = made(client.post("/api/v1/persons", json=somebody("Gul Example")))
    second = made(client.post("/api/v1/persons", json=somebody("GÜL  example")))
    (offered,) = second["candidates"]
    assert (offered["id"], offered["name"]) == (first["id"], "Gul Example")
    assert client.get("/api/v1/persons").json()["total"] == 2


def test_a_family_asks_for_a_name_to_be_sealed(client: TestClient, contributor: TestClient) -> None:
    kept = made(client.post(URL, json=an_incident(acts=[an_act(person=somebody("Gul Example"))])))
    url = f"/api/v1/persons/{kept['acts'][0]['person']['id']}"
    seal = {"reason": "The family asks for it.", "identity_protection": "sealed"}
    assert contributor.get(url).json()["names"][0]["full"] == "Gul Example"
    sealed = client.patch(url, json=seal, headers={"If-Match": client.get(url).headers["ETag"]})
    assert sealed.status_code == 200, sealed.text
    for path in (url, f"{url}/history", f"{URL}/{kept['id']}", f"{URL}/{kept['id']}/history"):
        assert "Gul" not in contributor.get(path).text, path
        if path != f"{url}/history":
            assert "Gul" in client.get(path).text, path
    assert contributor.get("/api/v1/persons", params={"q": "Gul"}).json()["total"] == 0
    assert contributor.get(URL, params={"q": "Gul"}).json()["total"] == 0
    assert client.get("/api/v1/persons", params={"q": "Gul"}).json()["total"] == 1


def test_an_actor_is_found_by_what_else_it_is_called(client: TestClient, viewer: TestClient) -> None:
    force = {"name": "Frontier Example Force", "aliases": ["FEF", "فرنٹیئر فورس"], "kind": "paramilitary"}
    made(client.post(URL, json=an_incident("A raid", involvements=[{"actor": force, "degree": "carried_out"}])))
    for asked in ("FEF", "frontier force", "فرنٹیئر"):
        assert viewer.get(URL, params={"actor": asked}).json()["total"] == 1, asked
        assert viewer.get("/api/v1/actors", params={"q": asked}).json()["total"] == 1, asked
    (found,) = viewer.get("/api/v1/actors?kind=paramilitary").json()["items"]
    assert viewer.get(f"/api/v1/actors/{found['id']}").json()["involvements"] == {"carried_out": 1}


def test_a_unit_changed_hands_and_never_stood_above_itself(client: TestClient) -> None:
    unit, army, ministry = (
        made(client.post("/api/v1/actors", json={"name": name}))["id"] for name in ("A unit", "An army", "A ministry")
    )
    url = f"/api/v1/actors/{unit}/parents"
    made(client.post(url, json={"parent_id": army, "date": "2001/2009"}))
    now = made(client.post(url, json={"parent_id": ministry, "date": "2010/.."}))
    assert [(bond["actor"]["name"], bond["date"]["edtf"]) for bond in now["parents"]] == [
        ("An army", "2001/2009"), ("A ministry", "2010-01-01/.."),
    ]  # fmt: skip
    back = f"/api/v1/actors/{army}/parents"
    assert client.post(back, json={"parent_id": unit, "date": "2005"}).status_code == 422
    assert client.post(back, json={"parent_id": unit, "date": "2015"}).status_code == 201


def test_the_armed_men_of_two_incidents_are_two_unknowns(client: TestClient) -> None:
    told = [
        an_incident(
            title,
            involvements=[
                carried_out_by(
                    "armed men",
                )
            ],
        )
        for title in ("One", "Two")
    ]
    first, second = (made(client.post(URL, json=report)) for report in told)
    assert second["candidates"] == []
    assert first["involvements"][0]["actor"]["id"] != second["involvements"][0]["actor"]["id"]


def test_history_says_who_changed_a_person_and_why(
    door: Callable[..., TestClient], archive: TestArchive, client: TestClient
) -> None:
    person = made(client.post("/api/v1/persons", json=somebody("Gul Example")))
    url = f"/api/v1/persons/{person['id']}"
    change = {"reason": "Her card shows it.", "birth_year": 1990}
    assert client.patch(url, json=change).status_code == 428
    seen = {"If-Match": client.get(url).headers["ETag"]}
    assert made(client.patch(url, json=change, headers=seen))["birth_year"] == 1990
    assert client.patch(url, json=change, headers=seen).status_code == 412
    lines = door(archive, "contributor").get(f"{url}/history").json()
    assert [(line["action"], line["why"]) for line in lines] == [("entered", None), ("amended", "Her card shows it.")]
    assert lines[1]["what"] == {"before": {"birth_year": None}, "after": {"birth_year": 1990}}
    assert archive.broken() is None


def test_a_reviewer_lets_an_accusation_be_told_and_takes_that_back(client: TestClient, contributor: TestClient) -> None:
    officer = {"person": somebody("Example Officer"), "degree": "ordered"}
    kept = made(client.post(URL, json=an_incident(involvements=[officer])))
    client.post(f"{URL}/{kept['id']}/accounts", json=an_account())
    verified(client, kept, "corroborated")
    assert responsible(client) is None
    url = f"/api/v1/involvements/{kept['involvements'][0]['id']}/disclosure"
    for asker, disclosable, status in (
        (contributor, True, 403), (client, True, 200), (contributor, False, 200),
    ):  # fmt: skip
        seen = {"If-Match": client.get(f"{URL}/{kept['id']}").headers["ETag"]}
        told = {"disclosable": disclosable, "reason": "The family and its lawyer have decided."}
        assert asker.post(url, json=told, headers=seen).status_code == status
        name = "Example Officer" if (disclosable, status) == (True, 200) else None
        assert responsible(client) == name
        assert client.get(URL, params={"q": "Officer"}).json()["total"] == (name is not None)
    nobody = url.replace(kept["involvements"][0]["id"], kept["id"])
    assert client.post(nobody, json=told, headers=seen).status_code == 404
    assert client.post(url, json=told).status_code == 428
    lines = client.get(f"{URL}/{kept['id']}/history").json()
    assert [line["action"] for line in lines if "disclosed" in line["action"]] == ["disclosed", "undisclosed"]
