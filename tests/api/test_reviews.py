"""The doors of review, links and history: who is let in, what is taken, and what the sealed leave behind."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import update
from sqlmodel import col
from starlette.testclient import TestClient

from app.access.viewer import console
from app.actions import members
from app.db import writing
from app.records import Incident, Review, Revision
from tests.archives import TestArchive
from tests.builders import a_source, an_account, an_act, an_incident, carried_out_by, somebody

Opener = Callable[..., TestClient]
URL = "/api/v1/incidents"
NOTE = {"note": "A made-up note."}
WRITES: dict[str, dict[str, Any]] = {
    "moves": NOTE | {"stage": "submitted"},
    "verification": NOTE | {"verification": "under_verification"},
    "comments": NOTE,
    "assignment": {"member": "a reviewer"},
    "links": {"kind": "same_pattern", "to": "00000000-0000-0000-0000-000000000001"},
    "restore": {"seq": 1, "reason": "A made-up reason."},
}
READS = ("reviews", "links", "versions", "diff", "history")


@pytest.fixture
def one(client: TestClient) -> dict[str, Any]:
    told = an_incident(
        "Zarghuna", acts=[an_act(person=somebody("Gul Example"))], involvements=[carried_out_by("a made-up unit")]
    )
    return dict(client.post(URL, json=told).json())


@pytest.mark.parametrize("what", WRITES)
@pytest.mark.parametrize(("role", "status"), [(None, 401), ("viewer", 403), ("admin", 403), ("auditor", 403)])
def test_who_may_not_write_takes_no_step(
    door: Opener, archive: TestArchive, one: dict[str, Any], what: str, role: str | None, status: int
) -> None:
    before = archive.counts(Review, Revision)
    asked = door(archive, role).post(f"{URL}/{one['id']}/{what}", json=WRITES[what])
    assert asked.status_code == status
    assert archive.counts(Review, Revision) == before


@pytest.mark.parametrize("what", READS)
@pytest.mark.parametrize(
    ("role", "status"), [(None, 401), ("viewer", 200), ("contributor", 200), ("admin", 403), ("auditor", 403)]
)
def test_who_reads_incidents_reads_their_steps(
    door: Opener, archive: TestArchive, one: dict[str, Any], what: str, role: str | None, status: int
) -> None:
    assert door(archive, role).get(f"{URL}/{one['ref']}/{what}").status_code == status


@pytest.mark.parametrize(("role", "status"), [(None, 401), ("viewer", 200), ("admin", 403), ("auditor", 403)])
def test_who_reads_the_queue(door: Opener, archive: TestArchive, role: str | None, status: int) -> None:
    assert door(archive, role).get("/api/v1/reviews/queue").status_code == status


def test_nothing_of_the_sealed_is_told_or_taken(
    client: TestClient, contributor: TestClient, archive: TestArchive, one: dict[str, Any]
) -> None:
    assert client.post(f"{URL}/{one['id']}/comments", json=NOTE).status_code == 201
    with writing(archive.engine) as session:
        session.execute(update(Incident).where(col(Incident.ref) == one["ref"]).values(sensitivity="sealed"))
    for what in READS:
        assert contributor.get(f"{URL}/{one['ref']}/{what}").status_code == 404, what
    for what, body in WRITES.items():
        sent = contributor.post(f"{URL}/{one['id']}/{what}", json=body, headers={"If-Match": "x"})
        assert sent.status_code == 404, what
    queue = contributor.get("/api/v1/reviews/queue")
    assert queue.json()["by_stage"] == {}
    for noun, record in nouns(one).items():
        assert contributor.get(f"/api/v1/history/{noun}/{record}").status_code == 404, noun


@pytest.mark.parametrize(
    ("what", "wrong"),
    [
        ("moves", {"stage": "lost", "note": "A made-up note."}),
        ("moves", {"stage": "submitted"}),
        ("moves", {"stage": "submitted", "note": ""}),
        ("moves", NOTE | {"stage": "submitted", "by": "somebody else"}),
        ("verification", NOTE | {"verification": "true"}),
        ("verification", NOTE | {"verification": "contested", "verified_on": "soon"}),
        ("comments", {}),
        ("assignment", {}),
        ("links", {"kind": "likes", "to": "00000000-0000-0000-0000-000000000001"}),
        ("links", {"kind": "part_of"}),
        ("restore", {"seq": 0, "reason": "A made-up reason."}),
        ("restore", {"seq": 2**63, "reason": "A made-up reason."}),
        ("restore", {"seq": 1}),
    ],
)
def test_what_is_badly_said_is_refused(
    client: TestClient, one: dict[str, Any], what: str, wrong: dict[str, Any]
) -> None:
    headers = {"If-Match": client.get(f"{URL}/{one['id']}").headers["ETag"]}
    assert client.post(f"{URL}/{one['id']}/{what}", json=wrong, headers=headers).status_code == 422


@pytest.mark.parametrize("asked", [{"from": 0}, {"to": 2**63}, {"from": "first"}, {"from": 999_999}])
def test_a_diff_of_what_is_no_version(client: TestClient, one: dict[str, Any], asked: dict[str, Any]) -> None:
    assert client.get(f"{URL}/{one['id']}/diff", params=asked).status_code == 422


def nouns(one: dict[str, Any]) -> dict[str, str]:
    return {
        "incident": one["id"],
        "account": one["accounts"][0]["id"],
        "source": one["accounts"][0]["source_id"],
        "person": one["acts"][0]["person"]["id"],
        "actor": one["involvements"][0]["actor"]["id"],
    }


def test_every_record_has_its_history(client: TestClient, one: dict[str, Any]) -> None:
    told = {"person": {"id": one["acts"][0]["person"]["id"]}}
    case = client.post(f"{URL}/{one['id']}/cases", json=told).json()["id"]
    file = client.post(f"{URL}/{one['id']}/evidence", content=b"A made-up letter.").json()["id"]
    for noun, record in (nouns(one) | {"case": case, "evidence": file}).items():
        assert client.get(f"/api/v1/history/{noun}/{record}").status_code == 200, noun
        absent = "00000000-0000-0000-0000-000000000001"
        assert client.get(f"/api/v1/history/{noun}/{absent}").status_code == 404, noun
    told = client.get(f"/api/v1/history/incident/{one['id']}").json()
    assert told == client.get(f"{URL}/{one['ref']}/history").json()
    account = one["accounts"][0]["id"]
    client.post(f"/api/v1/accounts/{account}/standing", json={"standing": "needs_work", "reason": "No translation."})
    assert [line["why"] for line in client.get(f"/api/v1/history/account/{account}").json()] == ["No translation."]


def test_in_whose_hands_a_file_was_is_not_for_everybody(
    client: TestClient, contributor: TestClient, one: dict[str, Any]
) -> None:
    file = client.post(f"{URL}/{one['id']}/evidence", content=b"A made-up letter.").json()["id"]
    assert {line["who"] for line in client.get(f"/api/v1/history/evidence/{file}").json()} == {"a reviewer"}
    assert contributor.get(f"/api/v1/history/evidence/{file}").status_code == 403


def test_there_is_no_history_of_what_we_do_not_keep(client: TestClient, one: dict[str, Any]) -> None:
    answer = client.get(f"/api/v1/history/token/{one['id']}")
    assert answer.status_code == 404
    assert "source" in answer.json()["detail"]


def test_the_history_of_members_is_for_those_who_keep_the_house(
    door: Opener, archive: TestArchive, client: TestClient
) -> None:
    with writing(archive.engine) as session:
        member = members.add(session, "somebody new", "viewer", console("tests"))
    url = f"/api/v1/history/member/{member}"
    assert client.get(url).status_code == door(archive, "viewer").get(url).status_code == 403
    for role in ("admin", "auditor"):
        assert [line["action"] for line in door(archive, role).get(url).json()] == ["added"]


def test_who_is_sealed_hides_what_the_record_said_before(client: TestClient, contributor: TestClient) -> None:
    told = an_incident("Names somebody", acts=[an_act(person=somebody("Gul Example", identity_protection="sealed"))])
    one = client.post(URL, json=told).json()["id"]
    seen = {"If-Match": client.get(f"{URL}/{one}").headers["ETag"]}
    client.patch(f"{URL}/{one}", json={"reason": "A name.", "title": "Names nobody"}, headers=seen)
    assert "somebody" in client.get(f"{URL}/{one}/versions").text
    for what in ("versions", "diff"):
        answer = contributor.get(f"{URL}/{one}/{what}")
        assert answer.status_code == 200
        assert "somebody" not in answer.text
    first = client.get(f"{URL}/{one}/versions").json()[0]["seq"]
    seen = {"If-Match": contributor.get(f"{URL}/{one}").headers["ETag"]}
    body = {"seq": first, "reason": "To read it."}
    assert contributor.post(f"{URL}/{one}/restore", json=body, headers=seen).status_code == 403


def test_the_question_of_who_looks_after_it_is_said_in_words(client: TestClient, one: dict[str, Any]) -> None:
    client.post(f"{URL}/{one['id']}/assignment", json={"member": "a reviewer"})
    page = client.get(URL, params={"assigned_to": "a reviewer", "stage": "draft"}).json()
    assert (page["total"], "looked after by “a reviewer”" in page["question"]) == (1, True)
    assert client.get(URL, params={"assigned_to": "a contributor"}).json()["total"] == 0


def test_every_step_gives_the_version_that_the_next_one_needs(client: TestClient, one: dict[str, Any]) -> None:
    url, etag = f"{URL}/{one['id']}", client.get(f"{URL}/{one['id']}").headers["ETag"]
    for what in ("moves", "verification", "assignment"):
        answer = client.post(f"{url}/{what}", json=WRITES[what], headers={"If-Match": etag})
        assert answer.status_code == 200, answer.text
        assert answer.headers["ETag"] != etag
        etag = answer.headers["ETag"]
    client.post(f"{url}/comments", json=NOTE)
    assert client.get(url).headers["ETag"] == etag
    client.post(f"{url}/accounts", json=an_account(a_source("Another", "The Other Paper")))
    assert client.get(url).headers["ETag"] != etag
