"""A disappearance as a life line: what is said, by whom, what follows from it, and what a submission still lacks."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import update
from sqlmodel import col
from starlette.testclient import TestClient

from app.db import writing
from app.records import CaseEvent
from tests.archives import TestArchive
from tests.builders import a_source, an_act, an_incident, somebody

Kept = dict[str, Any]
CASES = "/api/v1/cases"
SISTER = {"source": {"kind": "testimony_family", "title": "Testimony of a sister (made up)"}, "quote": "They took him."}
CELLMATE = {"source": {"kind": "testimony_witness", "title": "Testimony of a cellmate (made up)"}}
POLICE = {"source": a_source("Statement of a police post (made up)", kind="official_statement"), "stance": "denies"}
HIM = somebody("Gul Example", sex="male")


@pytest.fixture
def case(client: TestClient) -> Kept:
    """A family says: he was taken from home in Turbat on 12 June 2025, by men of an intelligence service."""
    told = an_incident(
        "Alleged disappearance of a student, Turbat",
        kind="enforced_disappearance",
        on="2025-06-12",
        acts=[an_act("enforced_disappearance", person=HIM)],
        involvements=[{"actor": {"name": "A service", "kind": "intelligence"}, "degree": "carried_out"}],
        cases=[{"person": HIM, "events": [taken("2025-06-12")]}],
    )
    told["according_to"] = SISTER
    incident = client.post("/api/v1/incidents", json=told)
    assert incident.status_code == 201, incident.text
    (brief,) = incident.json()["cases"]
    assert brief["person_id"] == incident.json()["acts"][0]["person"]["id"]
    return see(client, brief["id"])


def taken(on: object, **more: Any) -> Kept:
    return {
        "kind": "taken", "date": on, "place_name": "a house in Turbat", "country": "PAK", "geo_precision": "settlement",
        **more,
    }  # fmt: skip


def see(client: TestClient, case: str, **how: str) -> Kept:
    answer = client.get(f"{CASES}/{case}", params=how)
    assert answer.status_code == 200, answer.text
    return answer.json()


def add(client: TestClient, case: Kept, kind: str, on: object = None, by: Kept = SISTER, **more: Any) -> Kept:
    """Add to the life line; the event as it is kept."""
    date = {} if on is None else {"date": on}
    answer = client.post(f"{CASES}/{case['id']}/events", json={"kind": kind, "according_to": by, **date, **more})
    assert answer.status_code == 201, answer.text
    return answer.json()


def status(client: TestClient, case: Kept, **how: str) -> str:
    return see(client, case["id"], **how)["current_status"]


def test_somebody_is_taken_and_nothing_more_is_known(case: Kept) -> None:
    assert case["alleged"] is True
    assert case["current_status"] == "missing_fate_unknown"
    assert case["person"]["names"][0]["full"] == "Gul Example"
    (event,) = case["events"]
    assert (event["kind"], event["date"]["edtf"], event["standing"]) == ("taken", "2025-06-12", "accepted")
    assert "Testimony of a sister" in event["citation"]


def test_the_line_goes_on_and_the_status_follows(client: TestClient, case: Kept) -> None:
    add(client, case, "custody_denied", "2025-06-20", POLICE)
    assert status(client, case) == "missing_fate_unknown"
    add(client, case, "sighted_in_custody", "2025-07", CELLMATE)
    assert status(client, case) == "detained_unacknowledged"
    add(client, case, "custody_denied", "2025-08-02", POLICE)
    assert status(client, case) == "detained_unacknowledged"
    add(client, case, "released", "2025-09-30")
    now = see(client, case["id"])
    assert (now["current_status"], now["current_status_as_of"]["edtf"]) == ("alive_free", "2025-09-30")
    add(client, case, "disappeared_again", "2025-11-01")
    assert status(client, case) == "missing_fate_unknown"


def test_a_complaint_changes_nothing(client: TestClient, case: Kept) -> None:
    add(client, case, "sighted_in_custody", "2025-07-01", CELLMATE)
    add(client, case, "habeas_filed", "2025-08-01", authority="High Court", result="no answer yet")
    add(client, case, "authority_replied", "2025-09-01", POLICE)
    assert status(client, case) == "detained_unacknowledged"


def test_a_report_alone_never_makes_anybody_confirmed_dead(client: TestClient, case: Kept) -> None:
    for day, kind in enumerate(
        ["reported_dead", "remains_reported", "death_certificate_issued", "remains_returned"], 1
    ):
        add(client, case, kind, f"2025-10-{day:02d}")
        assert status(client, case) == "dead_unconfirmed"
    add(client, case, "identified_by_forensics", "2025-10-20")
    add(client, case, "remains_returned", "2025-10-21")
    assert status(client, case) == "dead_identified"


def test_life_and_death_on_the_same_days_dispute_each_other(client: TestClient, case: Kept) -> None:
    add(client, case, "reported_dead", "2025-10")
    add(client, case, "released", "2025-10-15", POLICE)
    assert status(client, case) == "fate_disputed"


def test_a_wrong_event_is_rejected_or_replaced_and_stays(client: TestClient, case: Kept) -> None:
    wrong = add(client, case, "reported_dead", "2025-10-01")
    rejected = client.post(
        f"{CASES}/{case['id']}/events/{wrong['id']}/reject", json={"reason": "Another man of the name."}
    )
    assert rejected.json()["current_status"] == "missing_fate_unknown"
    seen = add(client, case, "sighted_in_custody", "2025-07-01", CELLMATE)
    put_right = add(client, case, "sighted_in_custody", "2025-07-11", CELLMATE, supersedes_id=seen["id"])
    now = {event["id"]: event for event in see(client, case["id"])["events"]}
    assert now[wrong["id"]]["rejected_reason"] == "Another man of the name."
    stands = [now[event["id"]]["standing"] for event in (wrong, seen, put_right)]
    assert stands == ["rejected", "superseded", "accepted"]
    assert status(client, case) == "detained_unacknowledged"


def test_what_was_known_on_a_day(client: TestClient, case: Kept, archive: TestArchive) -> None:
    """The cellmate spoke late: today we know more of July than we did then."""
    today = datetime.now(UTC)
    before = (today - timedelta(days=100)).date()
    seen = add(client, case, "sighted_in_custody", "2025-07-01", CELLMATE)
    with writing(archive.engine) as session:  # as if all else had been entered long ago
        old = update(CaseEvent).where(col(CaseEvent.kind) == "taken")
        session.execute(old.values(entered_at=today - timedelta(days=200)))
    then = see(client, case["id"], as_known_on=before.isoformat())
    assert (then["current_status"], then["as_known_on"]) == ("missing_fate_unknown", before.isoformat())
    assert [event["kind"] for event in then["events"]] == ["taken"]
    assert status(client, case, as_known_on=today.date().isoformat()) == "detained_unacknowledged"
    client.post(f"{CASES}/{case['id']}/events/{seen['id']}/reject", json={"reason": "He spoke of another man."})
    assert status(client, case) == "missing_fate_unknown"


def test_closing_is_no_fate_and_can_be_taken_back(client: TestClient, case: Kept) -> None:
    close = f"{CASES}/{case['id']}/close"
    shut = client.post(close, json={"closed_as": "closed_duplicate", "reason": "The same as another case."}).json()
    assert shut["current_status"] == "closed_duplicate"
    assert client.post(close, json={"closed_as": None, "reason": "It was not."}).json()["closed_as"] is None
    assert status(client, case) == "missing_fate_unknown"


def test_how_it_was_closed_on_a_day(client: TestClient, case: Kept, archive: TestArchive) -> None:
    close, today = f"{CASES}/{case['id']}/close", datetime.now(UTC).date()
    client.post(close, json={"closed_as": "closed_duplicate", "reason": "The same as another case."})
    assert status(client, case, as_known_on=today.isoformat()) == "closed_duplicate"
    yesterday = see(client, case["id"], as_known_on=(today - timedelta(days=1)).isoformat())
    assert (yesterday["current_status"], yesterday["closed_as"], yesterday["events"]) == (
        "missing_fate_unknown",
        None,
        [],
    )


def test_what_a_submission_lacks_and_how_it_becomes_ready(client: TestClient, case: Kept) -> None:
    lacks = client.get(f"{CASES}/{case['id']}/readiness").json()
    assert lacks["ready"] is False
    fields = [(gap["code"], gap["field"]) for gap in lacks["gaps"] if gap["level"] == "block"]
    assert fields == [
        ("W5", "no_steps_reason"), ("W6", "submitter_name"), ("W6", "submitter_contact"),
        ("W6", "submitter_relationship"), ("W7", "family_consent_by"), ("W8", "submitter_confidential"),
        ("W8", "witnesses_confidential"),
    ]  # fmt: skip
    add(client, case, "habeas_filed", "2025-08-01", authority="High Court", result="dismissed")
    seen = client.get(f"{CASES}/{case['id']}").headers["ETag"]
    mended = {
        "reason": "The sister came to the office.", "submitter_name": "A sister", "submitter_contact": "+000 000 000",
        "submitter_relationship": "sibling", "submitter_confidential": True, "witnesses_confidential": True,
    }  # fmt: skip
    answer = client.patch(f"{CASES}/{case['id']}", json=mended, headers={"If-Match": seen})
    assert answer.status_code == 200, answer.text
    assert client.get(f"{CASES}/{case['id']}/readiness").json()["ready"] is True
    assert client.get(CASES, params={"ready": True}).json()["total"] == 1
    counts = client.get(f"{CASES}/readiness").json()
    assert (counts["total"], counts["ready"]) == (1, 1)


def test_everything_leaves_a_sealed_line(client: TestClient, case: Kept, archive: TestArchive) -> None:
    wrong = add(client, case, "reported_dead", "2025-10-01")
    client.post(f"{CASES}/{case['id']}/events/{wrong['id']}/reject", json={"reason": "Another man of the name."})
    client.post(f"{CASES}/{case['id']}/close", json={"closed_as": "closed_duplicate", "reason": "Known already."})
    lines = client.get(f"{CASES}/{case['id']}/history").json()
    assert [line["action"] for line in lines] == ["reported", "added", "rejected", "closed"]
    assert {line["noun"] for line in lines} == {"case"}
    assert archive.broken() is None
