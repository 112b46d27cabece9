"""/persons: who may read and change whom, good and bad requests, page by page."""

from collections.abc import Callable
from typing import Any

import pytest
from starlette.testclient import TestClient

from tests.archives import TestArchive
from tests.builders import an_act, an_incident, somebody

Kept = dict[str, Any]
URL = "/api/v1/persons"
NOBODY = f"{URL}/00000000-0000-0000-0000-000000000001"


def enter(client: TestClient, name: str = "Gul Example", **more: Any) -> Kept:
    answer = client.post(URL, json=somebody(name, **more))
    assert answer.status_code == 201, answer.text
    assert client.get(answer.headers["Location"]).json() == answer.json() | {"candidates": []}
    return dict(answer.json())


def amend(client: TestClient, person: Kept, **change: Any) -> Any:
    url = f"{URL}/{person['id']}"
    seen = {"If-Match": client.get(url).headers["ETag"]}
    return client.patch(url, json={"reason": "For a test."} | change, headers=seen)


@pytest.mark.parametrize("role", ["viewer", "admin", "auditor"])
def test_who_reads_no_names_reads_no_people(
    door: Callable[..., TestClient], archive: TestArchive, client: TestClient, role: str
) -> None:
    person = enter(client)
    asker = door(archive, role)
    mine = (URL, f"{URL}?q=Gul", f"{URL}/{person['id']}", f"{URL}/{person['id']}/history")
    for path in (*mine, f"/api/v1/history/person/{person['id']}"):
        answer = asker.get(path)
        assert answer.status_code == 403, path
        assert "Gul" not in answer.text


def test_a_contributor_enters_and_amends(contributor: TestClient) -> None:
    person = enter(contributor, sex="female", occupation="weaver")
    assert (person["sex"], person["occupation"], person["identity_protection"]) == ("female", "weaver", "named")
    now = amend(contributor, person, occupation="teacher", sex=None)
    assert now.status_code == 200, now.text
    assert (now.json()["occupation"], now.json()["sex"]) == ("teacher", None)


@pytest.mark.parametrize(
    "told",
    [
        {}, {"names": []}, {"names": [{"full": ""}]}, {"names": [{"full": "  "}]}, {"names": [{"full": "x" * 301}]},
        somebody("x", sex="no such word"), somebody("x", birth_year=1700), somebody("x", unknown="y"),
        somebody("x", identity_protection="pseudonym"), {"names": [{"full": "x", "kind": "nickname"}]},
        {"names": [{"full": "x", "script": "latin"}]}, {"names": [{"full": "x"}] * 51}, somebody("x", id=NOBODY[-36:]),
    ],
)  # fmt: skip
def test_what_makes_no_person_is_refused(client: TestClient, told: Kept) -> None:
    answer = client.post(URL, json=told)
    assert answer.status_code == 422, answer.text
    assert answer.json()["errors"]
    assert client.get(URL).json()["total"] == 0


def test_a_pseudonym_alone_is_somebody(client: TestClient) -> None:
    told = {"pseudonym": "Witness 4", "identity_protection": "pseudonym"}
    made = client.post(URL, json=told).json()
    assert (made["pseudonym"], made["names"]) == ("Witness 4", [])


def test_a_name_is_kept_letter_for_letter_in_composed_form(client: TestClient) -> None:
    written = "Jose\u0301  O'Beispiel-Muster"
    made = enter(client, written)
    assert made["names"] == [
        {"full": "José  O'Beispiel-Muster", "script": "Latn", "language": None, "kind": "as_written_in_source"}
    ]
    for asked in ("jose", "JOSÉ muster", "o'beispiel", "beispiel"):
        assert client.get(URL, params={"q": asked}).json()["total"] == 1, asked
    for asked in ("jos", "beispie", "josé frontier", "%", "_", "|"):
        expected = 1 if asked in "%_|" else 0  # without a word in it, nothing is asked
        assert client.get(URL, params={"q": asked}).json()["total"] == expected, asked


def test_a_script_that_is_given_stays(client: TestClient) -> None:
    person = enter(client)
    name = {"full": "گل مثال", "script": "Aran", "language": "bal", "kind": "birth"}
    shown = client.post(f"{URL}/{person['id']}/names", json=name)
    assert shown.status_code == 201
    assert shown.json()["names"][1] == name
    assert client.post(f"{NOBODY}/names", json=name).status_code == 404


def test_a_report_reads_the_script_of_its_names_too(client: TestClient) -> None:
    made = client.post("/api/v1/incidents", json=an_incident(acts=[an_act(person=somebody("Иван Пример"))])).json()
    assert made["acts"][0]["person"]["names"][0]["script"] == "Cyrl"


def test_a_new_name_finds_the_incidents(client: TestClient, viewer: TestClient) -> None:
    made = client.post("/api/v1/incidents", json=an_incident(acts=[an_act(person=somebody("Gul Example"))])).json()
    client.post(f"{URL}/{made['acts'][0]['person']['id']}/names", json={"full": "Zarghuna", "kind": "alias"})
    for asker, total in ((client, 1), (viewer, 0)):
        assert asker.get("/api/v1/incidents", params={"q": "zarghuna"}).json()["total"] == total


def test_pages_and_filters(client: TestClient) -> None:
    for n in range(5):
        enter(
            client, f"Example {n}", sex=["male", "female"][n % 2], identity_protection="initials" if n < 2 else "named"
        )
    page = client.get(URL, params={"limit": 2}).json()
    assert (page["total"], len(page["items"])) == (5, 2)
    rest = client.get(URL, params={"limit": 200, "after": page["next"]}).json()
    assert (rest["total"], rest["next"]) == (5, None)
    assert [p["names"][0]["full"] for p in page["items"] + rest["items"]] == [f"Example {n}" for n in range(5)]
    for asked, total in (({"sex": "male"}, 3), ({"protection": "initials"}, 2), ({"sex": "female", "q": "3"}, 1)):
        assert client.get(URL, params=asked).json()["total"] == total, asked
    for asked in ({"sex": "x"}, {"limit": 0}, {"limit": 201}, {"no_such": 1}, {"after": "x"}):
        assert client.get(URL, params=asked).status_code == 422, asked


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({}, 422), ({"identity_protection": None}, 422), ({"sex": "x"}, 422), ({"names": []}, 422),
        ({"birth_year": 1}, 422), ({"identity_protection": "pseudonym"}, 422), ({"reason": "", "sex": "male"}, 422),
        ({"identity_protection": "pseudonym", "pseudonym": "P."}, 200), ({"sex": "male"}, 200),
    ],
)  # fmt: skip
def test_a_change_is_checked_as_a_whole(client: TestClient, change: Kept, status: int) -> None:
    person = enter(client)
    answer = amend(client, person, **change)
    assert answer.status_code == status, answer.text
    assert len(client.get(f"{URL}/{person['id']}/history").json()) == (2 if status == 200 else 1)


def test_protection_is_raised_by_every_writer_and_lowered_by_reviewers(
    client: TestClient, contributor: TestClient
) -> None:
    person = enter(contributor, pseudonym="P.")
    for protection in ("initials", "pseudonym", "sealed"):
        assert amend(contributor, person, identity_protection=protection).status_code == 200, protection
    refused = amend(contributor, person, identity_protection="pseudonym")
    assert (refused.status_code, "reviewer" in refused.json()["detail"]) == (403, True)
    assert amend(client, person, identity_protection="named").status_code == 200
    lines = client.get(f"{URL}/{person['id']}/history").json()
    assert [line["what"]["after"]["identity_protection"] for line in lines[1:]] == [
        "initials", "pseudonym", "sealed", "named",
    ]  # fmt: skip


def test_a_sealed_person_is_there_without_what_would_name_them(client: TestClient, contributor: TestClient) -> None:
    person = enter(
        client, identity_protection="sealed", pseudonym="P.", birth_year=1990, occupation="weaver", sex="male"
    )
    shown = contributor.get(f"{URL}/{person['id']}").json()
    hidden = ("names", "pseudonym", "birth_year", "occupation", "nationality")
    assert [shown[name] for name in hidden] == [[], None, None, None, None]
    assert shown["sex"] == "male"
    assert [line["what"] for line in contributor.get(f"{URL}/{person['id']}/history").json()] == [{}]
    assert contributor.get(URL).json()["items"][0]["names"] == []
    assert client.get(f"{URL}/{person['id']}").json()["names"] == person["names"]
    assert enter(contributor)["candidates"] == []


def test_who_stands_only_in_sealed_incidents_is_not_there_for_others(
    client: TestClient, contributor: TestClient
) -> None:
    told = an_incident(sensitivity="sealed", acts=[an_act(person=somebody("Gul Example"))])
    person = client.post("/api/v1/incidents", json=told).json()["acts"][0]["person"]
    for asker, status, total in ((client, 200, 1), (contributor, 404, 0)):
        assert asker.get(URL).json()["total"] == total
        for path in ("", "/history"):
            assert asker.get(f"{URL}/{person['id']}{path}").status_code == status
    assert enter(contributor)["candidates"] == []
    open_one = client.post("/api/v1/incidents", json=an_incident(acts=[an_act(person={"id": person["id"]})])).json()
    shown = contributor.get(f"{URL}/{person['id']}").json()
    assert [role["incident_ref"] for role in shown["incidents"]] == [open_one["ref"]]
    assert len(client.get(f"{URL}/{person['id']}").json()["incidents"]) == 2


def test_what_is_not_there_is_not_found(client: TestClient) -> None:
    for path in ("", "/history"):
        assert client.get(f"{NOBODY}{path}").status_code == 404
    assert client.patch(NOBODY, json={"reason": "For a test.", "sex": "male"}).status_code == 404
    assert client.get(f"{URL}/x").status_code == 422
