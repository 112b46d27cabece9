"""Errors: problem+json with what, where and how to mend it, and never a word of what was sent."""

from typing import Any

import pytest
from starlette.testclient import TestClient

from tests.builders import a_source, an_account, an_act, an_incident, carried_out_by

CANARY = "canary7f3a"
URL = "/api/v1/incidents"
ONE = "00000000-0000-0000-0000-000000000001"


def is_a_problem(answer: Any, status: int | tuple[int, ...]) -> dict[str, Any]:
    allowed = (status,) if isinstance(status, int) else status
    assert answer.status_code in allowed, answer.text
    assert answer.headers["Content-Type"] == "application/problem+json"
    told = answer.json()
    assert set(told) == {"type", "title", "status", "detail", "errors"}
    assert told["status"] == answer.status_code
    assert told["title"]
    assert told["detail"]
    for error in told["errors"]:
        assert set(error) == {"where", "what", "mend"}
        assert error["where"]
        assert error["what"]
    return told


BODIES: list[Any] = [
    {CANARY: 1}, an_incident(kind=CANARY), an_incident(on=CANARY), an_incident(**{CANARY: "x"}), an_incident(id=CANARY),
    an_incident(country=CANARY), an_incident(lon=CANARY, lat=CANARY), an_incident(killed=CANARY),
    an_incident(killed={CANARY: 1}), an_incident(killed={"best": CANARY}), an_incident(nature=CANARY), CANARY, [CANARY],
    an_incident(source=a_source(kind=CANARY)), an_incident(source=a_source(url=CANARY)),
    an_incident(source=a_source(**{CANARY: 1})), an_incident(source={"kind": "press", "language": CANARY * 9}),
    an_incident(according_to={"source_id": CANARY}), an_incident(acts=[an_act(CANARY)]), an_incident(acts=CANARY),
    an_incident(acts=[an_act(outcome=CANARY)]), an_incident(acts=[an_act(person={"names": [{"full": CANARY * 99}]})]),
    an_incident(involvements=[carried_out_by("x", degree=CANARY)]), an_incident(places=[{"role": CANARY}]),
    an_incident(date={"earliest": CANARY}), an_incident(date={CANARY: 1}), an_incident(title=CANARY * 100),
    an_incident(lon=1.0, title=CANARY), an_incident(killed={"min": 2, "best": 1}, title=CANARY),
    an_incident(involvements=[{"described_as": CANARY, "act_id": ONE}]),
    an_incident(CANARY, acts=[{"kind": "killing", "person": {"id": ONE}}]), an_incident(CANARY, on="13/13/2025"),
    an_incident(according_to={"source_id": ONE, "quote": CANARY}),
]  # fmt: skip


@pytest.mark.parametrize("body", BODIES, ids=lambda body: str(body)[:50])
def test_a_wrong_report_is_not_repeated(client: TestClient, body: Any) -> None:
    answer = client.post(URL, json=body)
    told = is_a_problem(answer, 422)
    assert CANARY not in answer.text.lower()
    assert told["errors"]


@pytest.mark.parametrize(
    "asked",
    [
        f"{URL}?kind={CANARY}", f"{URL}?{CANARY}=1", f"{URL}?bbox={CANARY}", f"{URL}?near={CANARY}", f"{URL}?date_from={CANARY}",
        f"{URL}?country={CANARY}", f"{URL}?cursor={CANARY}", f"{URL}?sort={CANARY}", f"{URL}?limit={CANARY}",
        f"{URL}?stage={CANARY}", f"{URL}?harm={CANARY}", f"{URL}?located={CANARY}", f"{URL}?updated_since={CANARY}",
        f"{URL}?min_sources={CANARY}", f"{URL}?verification={CANARY}", f"{URL}?date_match={CANARY}", f"{URL}.csv?hxl={CANARY}",
        f"{URL}.{CANARY}", f"{URL}/{CANARY}", f"{URL}/{CANARY}/provenance", f"{URL}/{CANARY}/history", f"{URL}/{CANARY}/accounts",
        f"/api/v1/sources/{CANARY}", f"/api/v1/accounts/{CANARY}", f"/api/v1/areas/{CANARY}", f"/api/v1/areas?level={CANARY}",
        f"/api/v1/vocabularies/{CANARY}", f"/api/v1/imports/{CANARY}", f"/api/v1/settlements?{CANARY}=1", f"/{CANARY}",
        f"/api/v1/{CANARY}", f"/api/v1/sources?after={CANARY}", f"{URL}?q={CANARY * 100}", f"{URL}?area={CANARY * 10}",
    ],
)  # fmt: skip
def test_a_wrong_question_is_not_repeated(client: TestClient, asked: str) -> None:
    answer = client.get(asked)
    is_a_problem(answer, (404, 422))
    assert CANARY not in answer.text


def test_wrong_headers_are_not_repeated(client: TestClient) -> None:
    made = client.post(URL, json=an_incident())
    change = {"title": "Another", "reason": "A correction."}
    stale = client.patch(f"{URL}/{made.json()['id']}", json=change, headers={"If-Match": CANARY})
    is_a_problem(stale, 412)
    long = client.post(URL, json=an_incident(), headers={"Idempotency-Key": CANARY * 50})
    is_a_problem(long, 422)
    token = client.get(URL, headers={"Authorization": f"Bearer {CANARY}"})
    is_a_problem(token, 401)
    assert CANARY not in stale.text + long.text + token.text


@pytest.mark.parametrize("path", ["/accounts", "/acts", "/involvements", "/places", "/withdraw", "/redirect"])
@pytest.mark.parametrize("body", [{CANARY: 1}, CANARY, [], None, {"reason": CANARY, "to": CANARY, "id": CANARY}])
def test_wrong_parts_are_not_repeated(client: TestClient, path: str, body: Any) -> None:
    made = client.post(URL, json=an_incident()).json()
    answer = client.post(f"{URL}/{made['id']}{path}", json=body)
    is_a_problem(answer, (422, 428))
    assert CANARY not in answer.text


@pytest.mark.parametrize("path", ["/accounts", "/acts", "/involvements", "/places"])
def test_parts_of_what_is_not_there(client: TestClient, path: str) -> None:
    body = {"/accounts": an_account(), "/acts": an_act(), "/involvements": carried_out_by("x"), "/places": {}}[path]
    is_a_problem(client.post(f"{URL}/{ONE}{path}", json=body), 404)


@pytest.mark.parametrize(("method", "path"), [("PUT", URL), ("DELETE", f"{URL}/{ONE}"), ("PATCH", URL)])
def test_a_method_that_is_not_there(client: TestClient, method: str, path: str) -> None:
    is_a_problem(client.request(method, path), 405)


def test_an_id_that_another_record_has(client: TestClient) -> None:
    act = an_act(id=ONE)
    assert client.post(URL, json=an_incident(acts=[act])).status_code == 201
    is_a_problem(client.post(URL, json=an_incident(acts=[act])), 409)
