"""Any record: what changed between two lines of its history, and back to an earlier version."""

from typing import Any

import pytest
from starlette.testclient import TestClient

from tests.builders import a_source, an_incident, somebody

API = "/api/v1"
WHY = "A made-up reason."
Json = dict[str, Any]


def put_right(client: TestClient, path: str, **fields: Any) -> None:
    seen = client.get(f"{API}{path}").headers["ETag"]
    answer = client.patch(f"{API}{path}", json={"reason": WHY, **fields}, headers={"If-Match": seen})
    assert answer.status_code == 200, answer.text


@pytest.fixture
def records(client: TestClient) -> dict[str, tuple[str, Json, Json]]:
    """A record of each noun: its address, a field as it was, and as it is changed."""
    case = {"person": somebody("Gul Example"), "no_steps_reason": "Nobody dared."}
    one = client.post(f"{API}/incidents", json=an_incident(kind="enforced_disappearance", cases=[case])).json()
    person = client.post(f"{API}/persons", json=somebody("Shah Example", birth_year=1990)).json()
    actor = client.post(f"{API}/actors", json={"name": "A made-up unit", "country": "PAK"}).json()
    return {
        "case": (f"/cases/{one['cases'][0]['id']}", {"no_steps_reason": "Nobody dared."}, {"no_steps_reason": None}),
        "person": (f"/persons/{person['id']}", {"birth_year": 1990}, {"birth_year": 1991}),
        "actor": (f"/actors/{actor['id']}", {"country": "PAK"}, {"country": "IRN"}),
    }


@pytest.mark.parametrize("noun", ["case", "person", "actor"])
def test_changed_told_and_brought_back(
    client: TestClient, records: dict[str, tuple[str, Json, Json]], noun: str
) -> None:
    path, then, now = records[noun]
    ((field, value),) = then.items()
    history = f"{API}/history/{noun}/{path.rsplit('/', 1)[1]}"
    first = client.get(history).json()[-1]["seq"]
    put_right(client, path, **now)
    told = client.get(f"{history}/diff", params={"from": first}).json()
    assert told["fields"] == {field: {"before": value, "after": now[field]}}
    seen = client.get(f"{API}{path}").headers["ETag"]
    answer = client.post(f"{history}/restore", json={"seq": first, "reason": WHY}, headers={"If-Match": seen})
    assert answer.status_code == 200, answer.text
    assert client.get(f"{API}{path}").json()[field] == value
    assert answer.json()[-1]["why"] == WHY
    assert client.get(f"{history}/diff", params={"from": first}).json()["fields"] == {}, "there and back is no change"


def test_two_changes_are_told_as_one(client: TestClient, records: dict[str, tuple[str, Json, Json]]) -> None:
    path = records["person"][0]
    history = f"{API}/history/person/{path.rsplit('/', 1)[1]}"
    put_right(client, path, birth_year=1991)
    put_right(client, path, birth_year=1992, occupation="a made-up trade")
    fields = client.get(f"{history}/diff").json()["fields"]
    assert fields["birth_year"] == {"before": 1990, "after": 1992}
    assert fields["occupation"]["before"] is None


def test_what_cannot_go_back(client: TestClient, records: dict[str, tuple[str, Json, Json]]) -> None:
    path = records["actor"][0]
    history = f"{API}/history/actor/{path.rsplit('/', 1)[1]}"
    seq = client.get(history).json()[-1]["seq"]
    seen = {"If-Match": client.get(f"{API}{path}").headers["ETag"]}
    for number, why in ((seq, "Nothing to restore"), (seq + 1000, "no such version")):
        refused = client.post(f"{history}/restore", json={"seq": number, "reason": WHY}, headers=seen)
        assert refused.status_code == 422
        assert why in refused.json()["detail"]
    put_right(client, path, country="IRN")
    assert client.post(f"{history}/restore", json={"seq": seq, "reason": WHY}).status_code == 428
    assert client.post(f"{history}/restore", json={"seq": seq, "reason": WHY}, headers=seen).status_code == 412
    assert client.get(f"{history}/diff", params={"from": seq + 1000}).status_code == 422
    source = client.post(f"{API}/sources", json=a_source()).json()["id"]
    refused = client.post(f"{API}/history/source/{source}/restore", json={"seq": 1, "reason": WHY}, headers=seen)
    assert refused.status_code == 404


def test_who_may_not_read_it_cannot_bring_it_back(
    viewer: TestClient, client: TestClient, records: dict[str, tuple[str, Json, Json]]
) -> None:
    for noun, (path, _, now) in records.items():
        history = f"{API}/history/{noun}/{path.rsplit('/', 1)[1]}"
        first = client.get(history).json()[-1]["seq"]
        put_right(client, path, **now)
        assert viewer.post(f"{history}/restore", json={"seq": first, "reason": WHY}).status_code == 403, noun
        assert client.get(f"{API}{path}").json()[next(iter(now))] == next(iter(now.values()))
