"""A report is handed in, questioned, corrected, weighed and approved by somebody else; a later change reopens it."""

from collections.abc import Callable
from typing import Any

import pytest
from starlette.testclient import TestClient

from tests.archives import TestArchive
from tests.builders import a_source, an_account, an_act, an_incident

Json = dict[str, Any]
URL = "/api/v1/incidents"
NOTE = "Read against its sources."


def tell(client: TestClient, one: str, what: str, **body: Any) -> Any:
    """A step on the record as it stands now."""
    seen = client.get(f"{URL}/{one}").headers["ETag"]
    return client.post(f"{URL}/{one}/{what}", json={"note": NOTE} | body, headers={"If-Match": seen})


def taken_through(one: str, steps: list[tuple[TestClient, str]]) -> Json:
    """Take a record from stage to stage; how it stands at the end."""
    shown: Json = {}
    for client, stage in steps:
        answer = tell(client, one, "moves", stage=stage)
        assert answer.status_code == 200, answer.text
        shown = answer.json()
    return shown


@pytest.fixture
def one(contributor: TestClient) -> str:
    """What a contributor has reported."""
    return str(contributor.post(URL, json=an_incident(killed={"best": 4})).json()["id"])


@pytest.fixture
def approved(one: str, contributor: TestClient, client: TestClient) -> str:
    steps = [(contributor, "submitted"), (client, "in_review"), (client, "approved")]
    assert taken_through(one, steps)["stage"] == "approved"
    return one


def test_a_report_goes_from_hand_to_hand_until_it_is_published(
    one: str, contributor: TestClient, client: TestClient
) -> None:
    taken_through(one, [(contributor, "submitted"), (client, "in_review")])
    asked = client.post(f"{URL}/{one}/comments", json={"note": "Which of the two villages is meant?"})
    assert asked.status_code == 201
    taken_through(one, [(client, "changes_requested")])
    seen = {"If-Match": contributor.get(f"{URL}/{one}").headers["ETag"]}
    change = {"reason": "The lower one.", "place_name": "the lower village"}
    assert contributor.patch(f"{URL}/{one}", json=change, headers=seen).status_code == 200
    shown = taken_through(
        one, [(contributor, "submitted"), (client, "in_review"), (client, "approved"), (client, "published")]
    )
    assert (shown["stage"], shown["place_name"]) == ("published", "the lower village")
    steps = client.get(f"{URL}/{one}/reviews").json()
    told = [(s["by"], s["before"], s["after"]) for s in steps if s["kind"] == "move"]
    assert told == [
        ("a contributor", "draft", "submitted"),
        ("a reviewer", "submitted", "in_review"),
        ("a reviewer", "in_review", "changes_requested"),
        ("a contributor", "changes_requested", "submitted"),
        ("a reviewer", "submitted", "in_review"),
        ("a reviewer", "in_review", "approved"),
        ("a reviewer", "approved", "published"),
    ]
    assert [s["note"] for s in steps if s["kind"] == "comment"] == ["Which of the two villages is meant?"]
    lines = client.get(f"{URL}/{one}/history").json()
    actions = [line["action"] for line in lines]
    assert actions == ["reported", "moved", "moved", "commented", "moved", "amended", *["moved"] * 4]
    assert {line["why"] for line in lines if line["action"] == "moved"} == {NOTE}


def test_who_works_alone_is_told_that_a_second_reviewer_is_needed(client: TestClient) -> None:
    one = client.post(URL, json=an_incident()).json()["id"]
    taken_through(one, [(client, "submitted"), (client, "in_review")])
    answer = tell(client, one, "moves", stage="approved")
    assert answer.status_code == 403
    assert "a second reviewer is needed" in answer.json()["detail"]
    assert client.get(f"{URL}/{one}").json()["stage"] == "in_review"


def test_who_handed_it_in_does_not_approve_it_either(one: str, client: TestClient) -> None:
    taken_through(one, [(client, "submitted"), (client, "in_review")])
    assert tell(client, one, "moves", stage="approved").status_code == 403


def test_who_puts_it_back_in_the_queue_has_not_handed_it_in(
    one: str, contributor: TestClient, client: TestClient
) -> None:
    steps = [(contributor, "submitted"), *[(client, s) for s in ("in_review", "submitted", "in_review", "approved")]]
    assert taken_through(one, steps)["stage"] == "approved"


def test_what_an_import_brought_is_approved_by_another_than_who_ran_it(client: TestClient) -> None:
    csv = b"title,kind,source_kind,source_title\nA made-up title,killing,press,A made-up report\n"
    assert client.post("/api/v1/imports", content=csv).json()["new"] == 1
    one = client.get(URL).json()["items"][0]["ref"]
    one = client.get(f"{URL}/{one}").json()["id"]
    taken_through(one, [(client, "submitted"), (client, "in_review")])
    assert tell(client, one, "moves", stage="approved").status_code == 403


@pytest.mark.parametrize("change", ["patch", "account", "act"])
def test_a_change_after_approval_goes_back_to_review(approved: str, client: TestClient, change: str) -> None:
    url = f"{URL}/{approved}"
    if change == "patch":
        seen = {"If-Match": client.get(url).headers["ETag"]}
        answer = client.patch(url, json={"reason": "A correction.", "title": "Put right"}, headers=seen)
    elif change == "account":
        answer = client.post(f"{url}/accounts", json=an_account())
    else:
        answer = client.post(f"{url}/acts", json=an_act())
    assert answer.status_code in {200, 201}
    assert client.get(url).json()["stage"] == "in_review"
    last = client.get(f"{url}/reviews").json()[-1]
    assert (last["before"], last["after"], last["by"]) == ("approved", "in_review", "a reviewer")
    assert "Changed after approval" in last["note"]
    again = tell(client, approved, "moves", stage="approved")
    assert again.status_code == 403, "who changed it after its approval approved it again"


def test_comments_verification_assignment_and_links_leave_an_approval_as_it_is(
    approved: str, client: TestClient
) -> None:
    other = client.post(URL, json=an_incident("Another")).json()["id"]
    assert client.post(f"{URL}/{approved}/comments", json={"note": NOTE}).status_code == 201
    assert client.post(f"{URL}/{approved}/assignment", json={"member": "a reviewer"}).status_code == 200
    assert client.post(f"{URL}/{approved}/links", json={"kind": "precedes", "to": other}).status_code == 201
    assert tell(client, approved, "verification", verification="single_source").status_code == 200
    assert client.get(f"{URL}/{approved}").json()["stage"] == "approved"


def test_two_independent_sources_make_it_corroborated_and_one_does_not(one: str, client: TestClient) -> None:
    early = tell(client, one, "verification", verification="corroborated")
    assert early.status_code == 409
    assert "at least 2 independent sources; this record has 1" in early.json()["detail"]
    wire = client.get(f"{URL}/{one}").json()["accounts"][0]["source_id"]
    repeat = a_source("The same again", "A Third Paper", derived_from_source_id=wire)
    client.post(f"{URL}/{one}/accounts", json=an_account(repeat))
    assert tell(client, one, "verification", verification="corroborated").status_code == 409
    client.post(f"{URL}/{one}/accounts", json=an_account(killed={"best": 4}))
    shown = tell(client, one, "verification", verification="corroborated", verified_on="2026-01-05").json()
    assert (shown["verification"], shown["verification_note"], shown["verified_on"]) == (
        "corroborated", NOTE, "2026-01-05",
    )  # fmt: skip
    line = client.get(f"{URL}/{one}/history").json()[-1]
    assert (line["action"], line["what"]["after"]["verified_on"]) == ("verified", "2026-01-05")


def test_what_is_no_longer_corroborated_says_so_by_itself(one: str, client: TestClient) -> None:
    second = client.post(f"{URL}/{one}/accounts", json=an_account()).json()["id"]
    assert tell(client, one, "verification", verification="corroborated").status_code == 200
    told = {"standing": "rejected", "reason": "It speaks of another village."}
    answer = client.post(f"/api/v1/accounts/{second}/standing", json=told)
    assert answer.status_code == 200, answer.text
    shown = client.get(f"{URL}/{one}").json()
    assert (shown["independent_sources"], shown["verification"]) == (1, "single_source")
    last = client.get(f"{URL}/{one}/reviews").json()[-1]
    assert (last["kind"], last["before"], last["after"]) == ("verification", "corroborated", "single_source")
    assert "at least 2 independent sources; this record has 1" in last["note"]
    assert "lowered" in [line["action"] for line in client.get(f"{URL}/{one}/history").json()]


def test_established_needs_a_finding_or_an_admission(one: str, client: TestClient) -> None:
    early = tell(client, one, "verification", verification="established")
    assert early.status_code == 409
    assert "court_record" in early.json()["detail"]
    said = a_source("A statement of the force", None, kind="official_statement")
    client.post(f"{URL}/{one}/accounts", json=an_account(said, stance="gives_alternative_explanation"))
    assert tell(client, one, "verification", verification="established").status_code == 409
    court = a_source("A judgment", None, kind="court_record")
    client.post(f"{URL}/{one}/accounts", json=an_account(court))
    assert tell(client, one, "verification", verification="established").status_code == 200


def test_a_withdrawn_record_is_taken_back_by_a_reviewer(one: str, contributor: TestClient, client: TestClient) -> None:
    taken_through(one, [(contributor, "withdrawn")])
    assert client.get(URL).json()["total"] == 0
    assert tell(contributor, one, "moves", stage="draft").status_code == 403
    assert taken_through(one, [(client, "draft")])["stage"] == "draft"
    assert client.get(URL).json()["total"] == 1


def test_a_duplicate_that_is_taken_back_leads_nowhere_else_any_more(
    one: str, client: TestClient, door: Callable[..., TestClient]
) -> None:
    twin = client.post(URL, json=an_incident("The same again")).json()["id"]
    seen = {"If-Match": client.get(f"{URL}/{twin}").headers["ETag"]}
    client.post(f"{URL}/{twin}/redirect", json={"reason": "A duplicate.", "to": one}, headers=seen)
    assert client.get(f"{URL}/{twin}").status_code == 308
    assert taken_through(twin, [(client, "draft")])["redirect_to"] is None
    assert client.get(f"{URL}/{twin}").status_code == 200


def test_the_queue_says_what_waits_for_whom(
    one: str, contributor: TestClient, client: TestClient, archive: TestArchive
) -> None:
    later = contributor.post(URL, json=an_incident("Another")).json()["id"]
    client.post(URL, json=an_incident("Sealed", sensitivity="sealed"))
    taken_through(one, [(contributor, "submitted")])
    taken_through(later, [(contributor, "submitted"), (client, "in_review")])
    taken_through(one, [(client, "in_review"), (client, "submitted")])
    client.post(f"{URL}/{later}/assignment", json={"member": "a reviewer"})
    queue = client.get("/api/v1/reviews/queue").json()
    assert queue["by_stage"] == {"draft": 1, "in_review": 1, "submitted": 1}
    assert queue["by_verification"] == {"unreviewed": 3}
    assert (queue["by_assignee"], queue["unassigned"], queue["mine"]) == ({"a reviewer": 1}, 2, 1)
    assert [waiting["id"] for waiting in queue["oldest_waiting"]] == [later, one]
    below = contributor.get("/api/v1/reviews/queue").json()
    assert (below["by_stage"], below["mine"]) == ({"in_review": 1, "submitted": 1}, 0)
    assert archive.titles(assigned_to="a reviewer") == {"Another"}
    assert client.get(URL, params={"assigned_to": "a reviewer"}).json()["total"] == 1
    assert archive.broken() is None
