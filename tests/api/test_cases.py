"""/cases at the door: what is taken, what is refused and in which words, pages, versions, retries."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from starlette.testclient import TestClient

from tests.archives import TestArchive
from tests.builders import TURBAT, a_source, an_act, an_incident, carried_out_by, somebody

CASES, INCIDENTS = "/api/v1/cases", "/api/v1/incidents"
HIM = "Gul Example"
SAYS = {"according_to": {"source": a_source("A made-up testimony", None, kind="testimony_family")}}


def taken(on: str = "2025-06-12", **more: Any) -> dict[str, Any]:
    return {"kind": "taken", "date": on, **more}


def a_case(name: str = HIM, *events: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"person": somebody(name), "events": list(events or [taken()]), **more}


def report(client: TestClient, *cases: dict[str, Any], title: str = "A made-up disappearance", **more: Any) -> Any:
    told = an_incident(title, kind="enforced_disappearance", cases=list(cases or [a_case()]), **more)
    answer = client.post(INCIDENTS, json=told)
    assert answer.status_code == 201, answer.text
    return answer.json()


def only(client: TestClient, *cases: dict[str, Any], **more: Any) -> Any:
    """The one case of a new incident."""
    return client.get(f"{CASES}/{report(client, *cases, **more)['cases'][0]['id']}").json()


def asked(client: TestClient, **question: Any) -> Any:
    answer = client.get(CASES, params=question)
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_a_case_for_an_incident_already_here(client: TestClient) -> None:
    one = client.post(INCIDENTS, json=an_incident("A raid", kind="enforced_disappearance")).json()
    account = one["accounts"][0]["id"]
    told = a_case(HIM, {**taken(), "account_id": account}, {"kind": "released", **SAYS})
    made = client.post(f"{INCIDENTS}/{one['id']}/cases", json=told)
    assert made.status_code == 201, made.text
    assert client.get(made.headers["Location"]).json()["events"][0]["account_id"] == account
    assert made.json()["current_status"] == "alive_free"
    now = client.get(f"{INCIDENTS}/{one['id']}").json()
    assert [case["id"] for case in now["cases"]] == [made.json()["id"]]
    assert (len(now["accounts"]), now["independent_sources"]) == (2, 2)
    assert client.get(INCIDENTS, params={"q": HIM}).json()["total"] == 1
    assert client.get(f"{INCIDENTS}/{one['id']}/history").json()[-1]["action"] == "added"


def test_somebody_alike_is_offered_and_not_merged(client: TestClient) -> None:
    first = only(client)
    one = client.post(INCIDENTS, json=an_incident("Another")).json()
    second = client.post(f"{INCIDENTS}/{one['id']}/cases", json={"person": somebody(HIM)}).json()
    assert [candidate["id"] for candidate in second["candidates"]] == [first["person"]["id"]]
    assert second["person"]["id"] != first["person"]["id"]
    known = client.post(f"{INCIDENTS}/{one['id']}/cases", json={"person": {"id": first["person"]["id"]}}).json()
    assert known["person"]["id"] == first["person"]["id"]


def test_the_very_same_person_of_an_act_is_one_person(client: TestClient) -> None:
    person = somebody(HIM, sex="male")
    acts = [an_act("torture_ill_treatment", person=person | {"age_at_event": 30})]
    made = report(client, {"person": person}, {"person": somebody("Another Example")}, acts=acts)
    mine = made["acts"][0]["person"]["id"]
    assert [case["person_id"] == mine for case in made["cases"]] == [True, False]


def test_each_event_may_have_its_own_source(client: TestClient) -> None:
    seen = {"kind": "sighted_in_custody", "date": "2025-07-01", **SAYS}
    made = only(client, a_case(HIM, taken(), seen, {**seen, "date": "2025-08-01"}))
    ids = [event["account_id"] for event in made["events"]]
    assert ids[0] != ids[1] == ids[2]
    incident = client.get(f"{INCIDENTS}/{made['incident_id']}").json()
    assert (len(incident["accounts"]), incident["independent_sources"]) == (2, 2)
    assert "A made-up testimony" in made["events"][1]["citation"]


@pytest.mark.parametrize(
    ("event", "where"),
    [
        ({"kind": "released"}, "account_id"),
        ({"kind": "released", "account_id": str(uuid4())}, "account_id"),
        ({"kind": "released", "account_id": str(uuid4()), **SAYS}, None),
        ({"kind": "vanished", **SAYS}, None),
        ({"kind": "released", "lon": 63.0, "lat": 26.0, **SAYS}, None),
        ({"kind": "released", "date": "2025-02-30", **SAYS}, None),
        ({"kind": "released", "supersedes_id": str(uuid4()), **SAYS}, "supersedes_id"),
        ({"kind": "released", "colour": "red", **SAYS}, None),
    ],
)
def test_an_event_that_cannot_be(client: TestClient, event: dict[str, Any], where: str | None) -> None:
    made = only(client)
    answer = client.post(f"{CASES}/{made['id']}/events", json=event)
    assert answer.status_code == 422, answer.text
    if where is not None:
        assert answer.json()["errors"][0]["where"].endswith(where)
    assert len(client.get(f"{CASES}/{made['id']}").json()["events"]) == 1


def test_an_event_of_another_case_is_neither_replaced_nor_rejected(client: TestClient) -> None:
    mine, other = only(client), only(client, title="Another")
    strange = other["events"][0]["id"]
    url = f"{CASES}/{mine['id']}/events"
    assert client.post(url, json={"kind": "taken", "supersedes_id": strange, **SAYS}).status_code == 422
    assert client.post(f"{url}/{strange}/reject", json={"reason": "A made-up reason."}).status_code == 404
    account = {"kind": "taken", "account_id": other["events"][0]["account_id"]}
    assert client.post(url, json=account).status_code == 422


def test_an_event_is_rejected_once_and_brings_back_what_it_replaced(client: TestClient) -> None:
    made = only(client)
    url = f"{CASES}/{made['id']}/events"
    first = client.post(url, json={"kind": "sighted_in_custody", **SAYS}).json()
    second = client.post(url, json={"kind": "reported_dead", "supersedes_id": first["id"], **SAYS}).json()
    assert client.get(f"{CASES}/{made['id']}").json()["current_status"] == "dead_unconfirmed"
    why = {"reason": "The witness took it back."}
    assert client.post(f"{url}/{second['id']}/reject", json=why).json()["current_status"] == "detained_unacknowledged"
    assert client.post(f"{url}/{second['id']}/reject", json=why).status_code == 409


def test_a_change_needs_the_version_that_was_seen(client: TestClient) -> None:
    made = only(client)
    url, change = f"{CASES}/{made['id']}", {"reason": "A made-up reason.", "state_link": "Their car was the army's."}
    seen = client.get(url).headers["ETag"]
    assert client.patch(url, json=change).status_code == 428
    changed = client.patch(url, json=change, headers={"If-Match": seen})
    assert (changed.status_code, changed.json()["state_link"]) == (200, "Their car was the army's.")
    assert client.patch(url, json=change, headers={"If-Match": seen}).status_code == 412
    emptied = {"reason": "It was not.", "state_link": None}
    now = client.patch(url, json=emptied, headers={"If-Match": changed.headers["ETag"]})
    assert now.json()["state_link"] is None
    assert client.patch(url, json={"reason": "Nothing."}, headers={"If-Match": now.headers["ETag"]}).status_code == 422
    line = client.get(f"{url}/history").json()[-1]["what"]
    assert (line["before"], line["after"]) == ({"state_link": "Their car was the army's."}, {"state_link": None})


@pytest.mark.parametrize(
    "change",
    [{"submitter_relationship": "neighbour"}, {"current_status": "alive_free"}, {"closed_as": None}, {"reason": ""}],
)
def test_what_no_change_may_say(client: TestClient, change: dict[str, Any]) -> None:
    made = only(client)
    seen = {"If-Match": client.get(f"{CASES}/{made['id']}").headers["ETag"]}
    answer = client.patch(f"{CASES}/{made['id']}", json={"reason": "A made-up reason.", **change}, headers=seen)
    assert answer.status_code == 422


def test_the_same_id_again_is_safe_and_another_case_with_it_is_refused(client: TestClient) -> None:
    one = client.post(INCIDENTS, json=an_incident("A raid")).json()
    told = {"id": str(uuid4()), "person": somebody(HIM), "events": [{**taken(), **SAYS}]}
    url = f"{INCIDENTS}/{one['id']}/cases"
    assert [client.post(url, json=told).json()["id"] for _ in range(2)] == [told["id"]] * 2
    assert client.post(url, json=told | {"state_link": "another"}).status_code == 409
    event = {"id": str(uuid4()), "kind": "released", **SAYS}
    events = f"{CASES}/{told['id']}/events"
    assert [client.post(events, json=event).json()["id"] for _ in range(2)] == [event["id"]] * 2
    assert client.post(events, json=event | {"note": "another"}).status_code == 409
    assert len(client.get(f"{CASES}/{told['id']}").json()["events"]) == 2
    assert asked(client)["total"] == 1


def test_closing_and_opening_again(client: TestClient) -> None:
    made = only(client)
    close = f"{CASES}/{made['id']}/close"
    assert client.post(close, json={"closed_as": None, "reason": "It is open."}).status_code == 409
    assert client.post(close, json={"closed_as": "solved", "reason": "No such word."}).status_code == 422
    assert client.post(close, json={"closed_as": "closed_duplicate"}).status_code == 422
    done = client.post(close, json={"closed_as": "closed_not_a_disappearance", "reason": "He had emigrated."}).json()
    assert (done["closed_as"], done["closed_reason"]) == ("closed_not_a_disappearance", "He had emigrated.")
    client.post(f"{CASES}/{made['id']}/events", json={"kind": "released", **SAYS})
    assert client.get(f"{CASES}/{made['id']}").json()["current_status"] == "closed_not_a_disappearance"
    again = client.post(close, json={"closed_as": None, "reason": "He was seen."}).json()
    assert (again["current_status"], again["closed_reason"]) == ("alive_free", None)


def test_questions(client: TestClient) -> None:
    lon, lat = TURBAT
    in_kech = taken("2025-06-12", lon=lon, lat=lat, geo_precision="settlement", place_name="Turbat")
    first = report(client, a_case(HIM, in_kech), title="One", on=None)
    report(
        client, a_case("Another Example", taken("2019-03"), {"kind": "released", "date": "2020"}), title="Two", on=None
    )
    report(client, a_case("Third Example", {"kind": "reported_dead"}), title="Three", on="2021-01-01")
    gone = report(client, a_case("Fourth Example"), title="Four")
    seen = {"If-Match": client.get(f"{INCIDENTS}/{gone['id']}").headers["ETag"]}
    client.post(f"{INCIDENTS}/{gone['id']}/withdraw", json={"reason": "A made-up reason."}, headers=seen)
    area = client.get(f"{CASES}/{first['cases'][0]['id']}").json()["events"][0]["area1_code"]
    for question, total in [
        ({}, 3), ({"status": "alive_free"}, 1), ({"status": ["alive_free", "dead_unconfirmed"]}, 2),
        ({"status": "fate_disputed"}, 0), ({"person": "example gul"}, 1), ({"person": "example"}, 3), ({"person": "?"}, 0),
        ({"person": first["cases"][0]["person_id"]}, 1), ({"incident": first["ref"]}, 1), ({"incident": first["id"]}, 1),
        ({"area": area}, 1), ({"area": "PAK"}, 1), ({"date_from": "2025"}, 1), ({"date_to": "2019-03-10"}, 1),
        ({"date_from": "2020-01-01", "date_to": "2022"}, 1), ({"ready": False}, 3), ({"ready": True}, 0),
    ]:  # fmt: skip
        assert asked(client, **question)["total"] == total, question


def test_pages(client: TestClient) -> None:
    made = [only(client, a_case(f"Example Number{n}"), title=f"No. {n}")["id"] for n in range(5)]
    found, after = [], {}
    while True:
        page = asked(client, limit=2, **after)
        found += [case["id"] for case in page["items"]]
        assert page["total"] == 5
        if page["next"] is None:
            break
        after = {"after": page["next"]}
    assert found == made


@pytest.mark.parametrize(
    "question",
    ["colour=red", "status=lost", "limit=0", "limit=201", "after=x", "ready=maybe", "date_from=2025&date_to=2024",
     "date_from=yesterday"],
)  # fmt: skip
def test_a_question_that_cannot_be(client: TestClient, question: str) -> None:
    assert client.get(f"{CASES}?{question}").status_code == 422
    made = only(client)
    assert client.get(f"{CASES}/{made['id']}?colour=red").status_code == 422
    assert client.get(f"{CASES}/{made['id']}?as_known_on=then").status_code == 422
    assert client.get(f"{CASES}/readiness?limit=2").status_code == 422


def test_what_is_not_there(client: TestClient) -> None:
    nobody = uuid4()
    for door in ("", "/readiness", "/history"):
        assert client.get(f"{CASES}/{nobody}{door}").status_code == 404
    assert client.post(f"{INCIDENTS}/{nobody}/cases", json=a_case()).status_code == 404
    one = client.post(INCIDENTS, json=an_incident("A raid")).json()
    stranger = client.post(f"{INCIDENTS}/{one['id']}/cases", json={"person": {"id": str(nobody)}})
    assert (stranger.status_code, stranger.json()["errors"][0]["where"]) == (422, "person.id")


def test_readiness_counts_each_rule_once_a_case(client: TestClient, archive: TestArchive) -> None:
    only(client, involvements=[carried_out_by("armed men")])
    only(client, a_case("G."), title="Two", involvements=[{"actor": {"name": "Police", "kind": "police"}}])
    counts = client.get(f"{CASES}/readiness").json()
    by_code = {(count["code"], count["level"]): count["cases"] for count in counts["by_code"]}
    assert (counts["total"], counts["ready"], counts["not_ready"]) == (2, 0, 2)
    assert (by_code["W6", "block"], by_code["W4", "block"], by_code["W1", "block"]) == (2, 1, 1)
    assert archive.broken() is None


def test_an_involvement_in_what_was_done_to_another_counts_for_that_one_only(client: TestClient) -> None:
    act = str(uuid4())
    acts = [an_act("enforced_disappearance", id=act, person=somebody("Another Example"))]
    who = {"actor": {"name": "Police", "kind": "police"}, "act_id": act}
    made = report(client, a_case(), a_case("Another Example"), acts=acts, involvements=[who])
    for case, lacks in zip(made["cases"], (True, False), strict=True):
        gaps = client.get(f"{CASES}/{case['id']}/readiness").json()["gaps"]
        assert ("W4" in {gap["code"] for gap in gaps}) is lacks


def test_in_a_report_an_event_replaces_only_an_earlier_one_of_its_case(client: TestClient) -> None:
    wrong = a_case(HIM, taken(supersedes_id=str(uuid4())))
    answer = client.post(INCIDENTS, json=an_incident("A raid", cases=[wrong]))
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["where"].endswith("supersedes_id")
    assert client.get(INCIDENTS).json()["total"] == 0


def test_an_account_already_here_tells_of_an_event_and_the_incident_stays_as_it_is(client: TestClient) -> None:
    made = only(client)
    url, seen = f"{CASES}/{made['id']}/events", f"{INCIDENTS}/{made['incident_id']}"
    before, account = client.get(seen).headers["ETag"], made["events"][0]["account_id"]
    complaint = client.post(url, json={"kind": "habeas_filed", "account_id": account})
    assert complaint.json()["account_id"] == account
    assert client.get(seen).headers["ETag"] == before
    client.post(url, json={"kind": "released", "account_id": account})
    assert client.get(seen).headers["ETag"] != before  # it shows the status of its cases


def test_a_case_of_the_last_year_is_linked_to_an_urgent_one(client: TestClient) -> None:
    today = datetime.now(UTC).date()
    old = report(client, a_case(HIM, taken(str(today - timedelta(days=200)))), on=None)
    new = report(client, a_case("Another Example", taken(str(today - timedelta(days=9)))), title="Another", on=None)
    report(client, a_case("Third Example", {"kind": "taken"}), title="Without a date", on=None)

    def urgency(incident: Any) -> set[str]:
        gaps = client.get(f"{CASES}/{incident['cases'][0]['id']}/readiness").json()["gaps"]
        return {gap["code"] for gap in gaps if gap["level"] == "inform"}

    assert (urgency(old), urgency(new)) == (set(), {"U1"})
    tied = client.post(f"{INCIDENTS}/{new['id']}/links", json={"kind": "same_pattern", "to": old["id"]})
    assert tied.status_code == 201, tied.text
    assert (urgency(old), urgency(new)) == ({"U2"}, {"U1"})
