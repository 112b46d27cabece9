"""Incidents are tied to one another, read from either side, and a tie that was wrong is taken back."""

from typing import Any

import pytest
from starlette.testclient import TestClient

from tests.builders import an_incident

URL = "/api/v1/incidents"
WRONG = {"reason": "They were two different days."}


def report(client: TestClient, title: str, **more: Any) -> str:
    return str(client.post(URL, json=an_incident(title, **more)).json()["id"])


def tie(client: TestClient, one: str, kind: str, other: str, **more: Any) -> Any:
    return client.post(f"{URL}/{one}/links", json={"kind": kind, "to": other, **more})


def tied(client: TestClient, one: str) -> list[tuple[str, str, bool]]:
    """What an incident is tied to, as it reads from its side."""
    return [(ln["reads"], ln["other_title"], ln["outgoing"]) for ln in client.get(f"{URL}/{one}/links").json()]


@pytest.fixture
def raid(client: TestClient) -> str:
    return report(client, "An alleged raid")


@pytest.fixture
def taking(client: TestClient) -> str:
    return report(client, "An alleged taking")


def test_a_link_reads_from_both_sides(client: TestClient, raid: str, taking: str) -> None:
    made = tie(client, taking, "part_of", raid, note="The same night.")
    assert made.status_code == 201
    assert (made.json()["other_id"], made.json()["note"]) == (raid, "The same night.")
    assert tied(client, taking) == [("Part of", "An alleged raid", True)]
    assert tied(client, raid) == [("Has as a part", "An alleged taking", False)]
    assert client.get(f"{URL}/{raid}").json()["links"] == client.get(f"{URL}/{raid}/links").json()


def test_both_histories_tell_of_it(client: TestClient, raid: str, taking: str) -> None:
    link = tie(client, taking, "precedes", raid).json()["id"]
    for one in (raid, taking):
        line = client.get(f"{URL}/{one}/history").json()[-1]
        assert (line["action"], line["noun"], line["record_id"]) == ("linked", "link", link)
    assert client.get(f"/api/v1/history/link/{link}").json() == [client.get(f"{URL}/{raid}/history").json()[-1]]


def test_what_was_wrong_is_taken_back_and_can_be_said_again(client: TestClient, raid: str, taking: str) -> None:
    link = tie(client, taking, "part_of", raid).json()["id"]
    assert client.post(f"/api/v1/links/{link}/revoke", json=WRONG).status_code == 204
    assert tied(client, raid) == tied(client, taking) == []
    assert client.post(f"/api/v1/links/{link}/revoke", json=WRONG).status_code == 409
    assert [line["action"] for line in client.get(f"{URL}/{raid}/history").json()] == ["reported", "linked", "revoked"]
    assert client.get(f"{URL}/{raid}/history").json()[-1]["why"] == WRONG["reason"]
    assert tie(client, taking, "part_of", raid).status_code == 201


def test_an_incident_is_not_tied_to_itself_or_to_nothing(client: TestClient, raid: str) -> None:
    assert tie(client, raid, "same_pattern", raid).status_code == 422
    assert tie(client, raid, "same_pattern", "00000000-0000-0000-0000-000000000001").status_code == 422
    assert tie(client, "00000000-0000-0000-0000-000000000001", "same_pattern", raid).status_code == 404


@pytest.mark.parametrize(
    ("first", "second", "turned", "status"),
    [
        ("part_of", "part_of", False, 409),
        ("part_of", "precedes", False, 201),
        ("same_pattern", "same_pattern", True, 409),
        ("duplicate_of", "duplicate_of", True, 409),
        ("causes", "consequence_of", True, 409),
        ("causes", "consequence_of", False, 422),
        ("causes", "causes", True, 422),
        ("precedes", "precedes", True, 422),
        ("precedes", "part_of", True, 201),
    ],
)
def test_the_same_is_not_said_twice_nor_its_opposite(
    client: TestClient, raid: str, taking: str, first: str, second: str, turned: bool, status: int
) -> None:
    assert tie(client, raid, first, taking).status_code == 201
    ends = (taking, raid) if turned else (raid, taking)
    assert tie(client, ends[0], second, ends[1]).status_code == status


@pytest.mark.parametrize(
    ("kind", "status"), [("part_of", 422), ("precedes", 422), ("causes", 422), ("same_pattern", 201)]
)
def test_a_longer_circle_is_found(client: TestClient, raid: str, taking: str, kind: str, status: int) -> None:
    third = report(client, "An alleged release")
    assert [tie(client, raid, kind, taking).status_code, tie(client, taking, kind, third).status_code] == [201, 201]
    closing = tie(client, third, kind, raid)
    assert closing.status_code == status
    if status == 422:
        assert "circle" in closing.json()["detail"]


def test_a_duplicate_does_not_lead_elsewhere_by_its_link(client: TestClient, raid: str, taking: str) -> None:
    tie(client, taking, "duplicate_of", raid)
    assert client.get(f"{URL}/{taking}").status_code == 200


def test_a_sealed_end_leaves_no_trace(client: TestClient, contributor: TestClient, raid: str) -> None:
    sealed = report(client, "Zarghuna", sensitivity="sealed")
    link = tie(client, sealed, "part_of", raid).json()["id"]
    assert tied(client, raid) == [("Has as a part", "Zarghuna", False)]
    assert tied(contributor, raid) == contributor.get(f"{URL}/{raid}").json()["links"] == []
    assert [line["action"] for line in contributor.get(f"{URL}/{raid}/history").json()] == ["reported"]
    assert contributor.get(f"/api/v1/history/link/{link}").status_code == 404
    assert contributor.post(f"/api/v1/links/{link}/revoke", json=WRONG).status_code == 404
    assert tie(contributor, raid, "part_of", sealed).status_code == 422
    assert tie(contributor, sealed, "part_of", raid).status_code == 404


def test_those_who_only_read_do_not_tie(client: TestClient, viewer: TestClient, raid: str, taking: str) -> None:
    link = tie(client, taking, "part_of", raid).json()["id"]
    assert tie(viewer, raid, "precedes", taking).status_code == 403
    assert viewer.post(f"/api/v1/links/{link}/revoke", json=WRONG).status_code == 403
    assert tied(viewer, taking) == [("Part of", "An alleged raid", True)]
