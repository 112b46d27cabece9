"""Changing a record: with a reason, on the version one saw; withdrawing it; leading a duplicate to its twin."""

from typing import Any

import pytest
from starlette.testclient import TestClient

from tests.builders import a_source, an_incident

Kept = dict[str, Any]
REASON = {"reason": "The source published a correction."}


@pytest.fixture
def kept(client: TestClient) -> Kept:
    return client.post("/api/v1/incidents", json=an_incident(killed={"best": 4}, summary="As first told")).json()


def seen(client: TestClient, kept: Kept) -> dict[str, str]:
    """The header that says which version one saw."""
    return {"If-Match": client.get(f"/api/v1/incidents/{kept['id']}").headers["ETag"]}


def amend(client: TestClient, kept: Kept, headers: dict[str, str], **change: Any) -> Any:
    return client.patch(f"/api/v1/incidents/{kept['id']}", json=REASON | change, headers=headers)


def test_a_change_needs_the_version_one_saw(client: TestClient, kept: Kept) -> None:
    answer = amend(client, kept, {}, title="Another")
    assert answer.status_code == 428
    assert client.get(f"/api/v1/incidents/{kept['id']}").json()["title"] == kept["title"]


def test_a_change_needs_a_reason(client: TestClient, kept: Kept) -> None:
    url, headers = f"/api/v1/incidents/{kept['id']}", seen(client, kept)
    assert client.patch(url, json={"title": "Another"}, headers=headers).status_code == 422
    assert client.patch(url, json={"title": "Another", "reason": ""}, headers=headers).status_code == 422
    assert client.patch(url, json=REASON, headers=headers).status_code == 422


def test_only_what_is_named_changes(client: TestClient, kept: Kept) -> None:
    answer = amend(client, kept, seen(client, kept), killed={"min": 3, "best": 4})
    assert answer.status_code == 200
    now = answer.json()
    assert now["killed"] == {"min": 3, "best": 4, "max": None}
    assert (now["title"], now["summary"], now["date"]) == (kept["title"], kept["summary"], kept["date"])
    assert now["version"] == kept["version"] + 1
    assert answer.headers["ETag"] == seen(client, kept)["If-Match"]


def test_null_empties_a_field(client: TestClient, kept: Kept) -> None:
    now = amend(client, kept, seen(client, kept), summary=None, date=None, killed=None).json()
    assert now["summary"] is None
    assert now["date"]["earliest"] is None
    assert now["killed"] == {"min": None, "best": None, "max": None}


def test_whoever_was_slower_is_told(client: TestClient, kept: Kept) -> None:
    old = seen(client, kept)
    assert amend(client, kept, old, title="The first change").status_code == 200
    answer = amend(client, kept, old, title="The second change")
    assert answer.status_code == 412
    assert client.get(f"/api/v1/incidents/{kept['id']}").json()["title"] == "The first change"


def test_history_keeps_what_was_there_and_why(client: TestClient, kept: Kept) -> None:
    amend(client, kept, seen(client, kept), title="Another")
    lines = client.get(f"/api/v1/incidents/{kept['id']}/history").json()
    assert [line["action"] for line in lines] == ["reported", "amended"]
    assert lines[1]["why"] == REASON["reason"]
    assert lines[1]["what"] == {"before": {"title": kept["title"]}, "after": {"title": "Another"}}


def test_the_decision_of_an_analyst_is_named_as_such(client: TestClient, kept: Kept) -> None:
    amend(client, kept, seen(client, kept), killed={"best": 5})
    killed = client.get(f"/api/v1/incidents/{kept['id']}/provenance").json()["fields"]["killed"]
    assert (killed["rule"], killed["rationale"]) == ("analyst", REASON["reason"])
    assert killed["value"] == {"best": 5}
    assert killed["accounts"][0]["value"] == {"best": 4}


def test_a_change_may_cite_the_source_that_made_it_necessary(client: TestClient, kept: Kept) -> None:
    source = a_source("A correction", "The Other Paper")
    now = amend(client, kept, seen(client, kept), killed={"best": 3}, according_to={"source": source}).json()
    assert now["independent_sources"] == 2
    assert now["accounts"][1]["said"] == {"killed": {"value": {"best": 3}, "operator": "equals"}}


def test_a_withdrawn_record_leaves_every_answer_but_its_own(client: TestClient, kept: Kept) -> None:
    url = f"/api/v1/incidents/{kept['id']}"
    assert client.post(f"{url}/withdraw", json=REASON).status_code == 428
    answer = client.post(f"{url}/withdraw", json=REASON, headers=seen(client, kept))
    assert answer.status_code == 200
    assert client.get("/api/v1/incidents").json()["total"] == 0
    assert client.get(url).json()["stage"] == "withdrawn"
    assert client.get("/api/v1/incidents?stage=withdrawn").json()["total"] == 1
    assert client.get(f"{url}/history").json()[-1]["why"] == REASON["reason"]


def test_a_duplicate_leads_to_the_record_that_stays(client: TestClient, kept: Kept) -> None:
    twin = client.post("/api/v1/incidents", json=an_incident("The same again")).json()
    body = REASON | {"to": kept["id"]}
    done = client.post(f"/api/v1/incidents/{twin['id']}/redirect", json=body, headers=seen(client, twin))
    assert done.status_code == 200
    for name in (twin["id"], twin["ref"]):
        answer = client.get(f"/api/v1/incidents/{name}")
        assert answer.status_code == 308
        assert answer.headers["Location"] == f"/api/v1/incidents/{kept['id']}"
    assert client.get("/api/v1/incidents").json()["total"] == 1


def test_a_duplicate_cannot_lead_in_a_circle(client: TestClient, kept: Kept) -> None:
    twin = client.post("/api/v1/incidents", json=an_incident("The same again")).json()
    url = "/api/v1/incidents/{}/redirect"
    itself = client.post(url.format(kept["id"]), json=REASON | {"to": kept["id"]}, headers=seen(client, kept))
    assert itself.status_code == 422
    there = client.post(url.format(twin["id"]), json=REASON | {"to": kept["id"]}, headers=seen(client, twin))
    assert there.status_code == 200
    back = client.post(url.format(kept["id"]), json=REASON | {"to": twin["id"]}, headers=seen(client, kept))
    assert back.status_code == 422
