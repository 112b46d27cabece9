"""Two sources that contradict each other: both stay, side by side."""

from typing import Any

import pytest
from starlette.testclient import TestClient

from tests.builders import a_source, an_account, an_incident

Kept = dict[str, Any]


@pytest.fixture
def kept(client: TestClient) -> Kept:
    """Four killed, says the first source."""
    return client.post("/api/v1/incidents", json=an_incident(killed={"best": 4})).json()


def add(client: TestClient, kept: Kept, account: Kept) -> Kept:
    answer = client.post(f"/api/v1/incidents/{kept['id']}/accounts", json=account)
    assert answer.status_code == 201, answer.text
    assert client.get(answer.headers["Location"]).json() == answer.json()
    return answer.json()


def provenance(client: TestClient, kept: Kept) -> Kept:
    return client.get(f"/api/v1/incidents/{kept['id']}/provenance").json()


def test_a_second_source_widens_the_range_and_leaves_the_best_to_us(client: TestClient, kept: Kept) -> None:
    add(client, kept, an_account(killed={"best": 9}))
    now = client.get(f"/api/v1/incidents/{kept['id']}").json()
    assert now["killed"] == {"min": 4, "best": 4, "max": 9}
    assert now["independent_sources"] == 2
    assert [account["said"]["killed"]["value"] for account in now["accounts"]] == [{"best": 4}, {"best": 9}]


def test_the_contradiction_is_said(client: TestClient, kept: Kept) -> None:
    second = add(client, kept, an_account(killed={"best": 9}, date="2025-06-12"))
    told = provenance(client, kept)
    assert told["contradictions"] == ["killed"]
    killed = told["fields"]["killed"]
    assert [s["value"] for s in killed["accounts"]] == [{"best": 4}, {"best": 9}]
    assert killed["rule"] == "first_account"
    assert killed["chosen"] == kept["accounts"][0]["id"] != second["id"]
    assert told["fields"]["date"]["agree"] is True


def test_a_number_and_a_range_of_one_best_value_agree(client: TestClient, kept: Kept) -> None:
    add(client, kept, an_account(killed=4))
    assert provenance(client, kept)["contradictions"] == []


def test_one_date_written_in_two_ways_agrees(client: TestClient, kept: Kept) -> None:
    add(client, kept, an_account(date={"earliest": "2025-06-12", "latest": "2025-06-12"}))
    assert provenance(client, kept)["contradictions"] == []


def test_two_papers_that_repeat_one_wire_are_one_voice(client: TestClient) -> None:
    wire = client.post("/api/v1/incidents", json=an_incident(source=a_source("Wire", "A Wire"))).json()
    origin = wire["accounts"][0]["source_id"]
    repeats = a_source("Repeats the wire", "A Paper", derived_from_source_id=origin)
    add(client, wire, an_account(repeats))
    now = client.get(f"/api/v1/incidents/{wire['id']}").json()
    assert len(now["accounts"]) == 2
    assert now["independent_sources"] == 1


def test_a_denial_is_kept_and_does_not_support(client: TestClient, kept: Kept) -> None:
    denial = add(client, kept, an_account(stance="denies", killed={"best": 0}))
    now = client.get(f"/api/v1/incidents/{kept['id']}").json()
    assert denial["stance"] == "denies"
    assert now["independent_sources"] == 1
    assert now["killed"]["best"] == 4


def test_the_same_article_cited_twice_is_one_source(client: TestClient, kept: Kept) -> None:
    other = client.post("/api/v1/incidents", json=an_incident("Another")).json()
    assert other["accounts"][0]["source_id"] == kept["accounts"][0]["source_id"]
    assert client.get("/api/v1/sources").json()["total"] == 1


def test_an_account_may_say_only_what_an_incident_has(client: TestClient, kept: Kept) -> None:
    answer = client.post(f"/api/v1/incidents/{kept['id']}/accounts", json=an_account(stage="published"))
    assert answer.status_code == 422
    assert len(client.get(f"/api/v1/incidents/{kept['id']}/accounts").json()) == 1
