"""One incident by the API: reported, read, added to, changed, withdrawn, led elsewhere; and pages of many."""

from typing import Any
from uuid import uuid4

import pytest
from starlette.testclient import TestClient

from app.queries.rows import COLUMNS
from app.records import Incident
from tests.api.walking import CSV
from tests.archives import TestArchive
from tests.builders import TURBAT, a_source, an_account, an_act, an_incident, carried_out_by, somebody

URL = "/api/v1/incidents"
# interface.md, section 3: the same names as go in, and these.
OUT = {
    "id", "ref", "alleged", "date", "verification", "stage", "confidence", "independent_sources", "accounts", "acts",
    "involvements", "places", "evidence", "updated_at", "title", "summary", "kind", "nature", "place_name", "country",
    "lon", "lat", "geo_precision", "killed", "injured", "missing", "detained", "sensitivity", "external_id", "candidates",
}  # fmt: skip
WHY = "A made-up reason."


@pytest.fixture
def one(client: TestClient) -> dict[str, Any]:
    return report(client)


def report(client: TestClient, *words: Any, **more: Any) -> dict[str, Any]:
    answer = client.post(URL, json=an_incident(*words, **more))
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


def if_match(client: TestClient, which: str) -> dict[str, str]:
    return {"If-Match": client.get(f"{URL}/{which}").headers["ETag"]}


def test_a_report_says_where_it_is_and_which_version(client: TestClient) -> None:
    answer = client.post(URL, json=an_incident())
    assert answer.status_code == 201
    made = answer.json()
    assert answer.headers["Location"] == f"{URL}/{made['id']}"
    read = client.get(answer.headers["Location"])
    assert read.headers["ETag"] == answer.headers["ETag"] == f'"{made["id"]}.1"'
    assert read.json() == made
    assert client.get(f"{URL}/{made['ref']}").json() == client.get(f"{URL}/{made['ref'].lower()}").json() == made


def test_one_incident_has_the_shape_that_is_promised(client: TestClient) -> None:
    told = an_incident(
        on="2025-06", at=TURBAT, killed={"min": 4}, acts=[an_act(count={"min": 4})], place_name="Turbat",
        involvements=[carried_out_by("armed men")], places=[{"role": "held_at", "place_name": "a camp"}],
    )  # fmt: skip
    made = client.post(URL, json=told).json()
    assert set(made) >= OUT
    assert made["alleged"] is True
    assert set(made["date"]) >= {"edtf", "earliest", "latest", "precision", "span", "words"}
    assert (made["date"]["edtf"], made["date"]["precision"]) == ("2025-06", "month")
    assert made["killed"] == {"min": 4, "best": None, "max": None}
    (account,) = made["accounts"]
    names = {"id", "source_id", "source", "speaker", "stance", "said", "quote", "locator", "standing"}
    assert set(account) >= names
    assert account["said"]["killed"]["value"] == {"min": 4}
    assert made["acts"][0]["group"] == "villagers"
    assert made["involvements"][0]["actor"]["name"] == "armed men"
    assert made["places"][0]["place_name"] == "a camp"
    for part in ("acts", "involvements", "places"):
        assert made[part][0]["account_id"] == account["id"]
    assert (made["evidence"], made["candidates"], made["sensitivity"]) == ([], [], "restricted")


def test_a_page_has_the_columns_of_the_table(client: TestClient) -> None:
    report(client, at=TURBAT, killed={"best": 2})
    report(client, on=None)
    page = client.get(URL).json()
    assert set(page) == {"items", "total", "next", "question"}
    assert (page["total"], page["next"], page["question"]) == (2, None, "alleged incidents")
    assert all(list(item) == list(COLUMNS) for item in page["items"])
    first, last = page["items"]
    assert isinstance(first["lon"], float)
    assert (first["alleged"], first["killed_best"], first["injured_best"]) == (True, 2, None)
    assert (last["date_edtf"], last["date_earliest"]) == (None, None)


@pytest.mark.parametrize("sort", ["-date_earliest", "date_earliest", "-updated_at", "ref"])
def test_pages_hold_each_incident_once(client: TestClient, sort: str) -> None:
    days = ["2025-06-12", "2025-06-12", None, "2025-06", "1999", None, "2026"]
    refs = {report(client, on=day)["ref"] for day in days}
    seen, cursor = [], None
    for _ in range(len(days)):
        page = client.get(URL, params={"limit": 2, "sort": sort} | ({"cursor": cursor} if cursor else {})).json()
        seen += [item["ref"] for item in page["items"]]
        cursor = page["next"]
        if cursor is None:
            break
    assert sorted(seen) == sorted(refs)
    assert cursor is None


def test_a_change_needs_the_version_that_was_seen(client: TestClient, one: dict[str, Any]) -> None:
    where, change = f"{URL}/{one['id']}", {"reason": WHY, "title": "Put right"}
    assert client.patch(where, json=change).status_code == 428
    seen = if_match(client, one["id"])
    answer = client.patch(where, json=change, headers=seen)
    assert (answer.status_code, answer.json()["title"], answer.json()["version"]) == (200, "Put right", 2)
    assert answer.headers["ETag"] == f'"{one["id"]}.2"'
    assert client.patch(where, json=change, headers=seen).status_code == 412
    for wrong in ("*", "W/" + answer.headers["ETag"], answer.headers["ETag"].strip('"')):
        assert client.patch(where, json=change, headers={"If-Match": wrong}).status_code == 412, wrong
    assert client.patch(where, json={"title": "x"}, headers=if_match(client, one["id"])).status_code == 422
    assert client.get(where).json()["version"] == 2


@pytest.mark.parametrize("what", ["withdraw", "redirect"])
def test_so_do_withdrawing_and_leading_elsewhere(client: TestClient, one: dict[str, Any], what: str) -> None:
    other = report(client, "Another")["id"]
    told = {"reason": WHY} | ({"to": other} if what == "redirect" else {})
    for headers, status in (({}, 428), ({"If-Match": '"x.1"'}, 412)):
        assert client.post(f"{URL}/{one['id']}/{what}", json=told, headers=headers).status_code == status
    assert client.get(URL).json()["total"] == 2


def test_withdrawn_it_is_in_no_answer_but_its_own(client: TestClient, one: dict[str, Any]) -> None:
    seen = if_match(client, one["id"])
    answer = client.post(f"{URL}/{one['id']}/withdraw", json={"reason": WHY}, headers=seen)
    assert (answer.status_code, answer.json()["stage"]) == (200, "withdrawn")
    assert client.get(URL).json()["total"] == 0
    assert client.get(f"{URL}?stage=withdrawn").json()["total"] == 1
    assert client.get(f"{URL}.csv").text.count("\n") == 1
    assert client.get(f"{URL}/{one['ref']}").status_code == 200


def test_a_duplicate_leads_to_the_one_that_stays(client: TestClient, one: dict[str, Any]) -> None:
    other = report(client, "The one that stays")
    to = {"to": other["id"], "reason": WHY}
    headers = if_match(client, one["id"])
    assert client.post(f"{URL}/{one['id']}/redirect", json=to | {"to": one["id"]}, headers=headers).status_code == 422
    assert client.post(f"{URL}/{one['id']}/redirect", json=to, headers=headers).status_code == 200
    for which in (one["id"], one["ref"]):
        answer = client.get(f"{URL}/{which}")
        assert (answer.status_code, answer.headers["Location"]) == (308, f"{URL}/{other['id']}")
    back = {"to": one["id"], "reason": WHY}
    seen = if_match(client, other["id"])
    assert client.post(f"{URL}/{other['id']}/redirect", json=back, headers=seen).status_code == 422
    assert [item["ref"] for item in client.get(URL).json()["items"]] == [other["ref"]]


def test_after_its_import_was_taken_back_it_is_gone(client: TestClient) -> None:
    batch = client.post("/api/v1/imports", content=CSV).json()["batch"]
    ref = client.get(URL).json()["items"][0]["ref"]
    gone = client.get(f"{URL}/{ref}").json()["id"]
    client.post(f"/api/v1/imports/{batch}/undo")
    assert client.get(f"{URL}/{gone}").status_code == 410
    assert client.get(f"{URL}/{uuid4()}").status_code == client.get(f"{URL}/{ref}").status_code == 404


def test_a_retry_by_key_makes_no_second_record(
    client: TestClient, contributor: TestClient, archive: TestArchive
) -> None:
    key, told = {"Idempotency-Key": "one-key"}, an_incident()
    first, second = (client.post(URL, json=told, headers=key) for _ in range(2))
    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json()["ref"] == second.json()["ref"]
    assert second.headers["Location"] == first.headers["Location"]
    assert client.post(URL, json=an_incident("Another"), headers=key).status_code == 409
    assert contributor.post(URL, json=told, headers=key).status_code == 201  # a key is its sender's own
    assert archive.count(Incident) == 2


def test_a_retry_by_id_makes_no_second_record(client: TestClient, archive: TestArchive) -> None:
    told = an_incident(id=str(uuid4()))
    assert [client.post(URL, json=told).status_code for _ in range(2)] == [201, 200]
    assert client.post(URL, json=told | {"title": "Another"}).status_code == 409
    assert archive.count(Incident) == 1


def test_alike_ones_are_offered_and_not_merged(client: TestClient) -> None:
    told = {"acts": [an_act(person=somebody("Gul Example"))], "involvements": [carried_out_by("armed men")]}
    first, second = report(client, **told), report(client, "Another", **told)
    assert first["candidates"] == []
    found = {(one["noun"], one["id"], one["name"]) for one in second["candidates"]}
    person = first["acts"][0]["person"]
    assert found == {("person", person["id"], "Gul Example")}  # nobody takes the armed men of two incidents for one
    assert second["acts"][0]["person"]["id"] != person["id"]
    third = report(client, "A third", acts=[an_act(person={"id": person["id"]})])
    assert (third["acts"][0]["person"]["id"], third["candidates"]) == (person["id"], [])


@pytest.mark.parametrize(
    ("part", "told", "shown"),
    [
        ("accounts", an_account(a_source("A second report"), killed={"best": 3}), "said"),
        ("acts", an_act("torture_ill_treatment", person=somebody("Gul Example")), "person"),
        ("involvements", carried_out_by("armed men"), "actor"),
        ("places", {"role": "held_at", "place_name": "a camp", "country": "PAK"}, "place_name"),
    ],
)
def test_parts_are_added(client: TestClient, one: dict[str, Any], part: str, told: Any, shown: str) -> None:
    before = len(one[part])
    answer = client.post(f"{URL}/{one['id']}/{part}", json=told)
    assert answer.status_code == 201, answer.text
    assert answer.json()[shown]
    after = client.get(f"{URL}/{one['id']}").json()
    assert after[part][before:] == [answer.json()]
    assert after["title"] == one["title"]
    assert client.post(f"{URL}/{uuid4()}/{part}", json=told).status_code == 404
    if part == "accounts":
        assert client.get(answer.headers["Location"]).json() == answer.json()
        assert client.get(f"{URL}/{one['ref']}/accounts").json() == after["accounts"]
        assert after["killed"] == {"min": None, "best": 3, "max": None}, "nobody had given a number before"


def test_provenance_names_value_rule_accounts_and_contradictions(client: TestClient) -> None:
    one = report(client, killed={"best": 4})
    client.post(f"{URL}/{one['id']}/accounts", json=an_account(killed={"best": 3}))
    told = client.get(f"{URL}/{one['ref']}/provenance").json()
    killed = told["fields"]["killed"]
    assert killed["value"] == {"min": 3, "best": 4, "max": 4}
    assert (killed["agree"], told["contradictions"]) == (False, ["killed"])
    assert killed["chosen"] == one["accounts"][0]["id"]
    assert [account["citation"] for account in killed["accounts"]] == [
        "A made-up report, The Example Paper",
        "Another made-up report, The Other Paper",
    ]
    assert {"quote", "locator", "rule", "value"} <= set(killed) | set(killed["accounts"][0])
    assert told["columns"]["killed_best"] == "killed"


def test_history_says_who_when_what_and_why(client: TestClient, one: dict[str, Any]) -> None:
    client.patch(f"{URL}/{one['id']}", json={"reason": WHY, "title": "Put right"}, headers=if_match(client, one["id"]))
    first, second = client.get(f"{URL}/{one['id']}/history").json()
    assert (first["action"], first["who"], first["via"]) == ("reported", "a reviewer", "api")
    assert (second["action"], second["why"]) == ("amended", WHY)
    assert second["what"] == {"before": {"title": one["title"]}, "after": {"title": "Put right"}}
