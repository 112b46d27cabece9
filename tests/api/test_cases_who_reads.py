"""Who reads what of a case: contacts are for reviewers, names for those who may read them, sealed rows for few."""

from typing import Any

from starlette.testclient import TestClient

from tests.builders import a_source, an_incident, somebody

CASES, INCIDENTS = "/api/v1/cases", "/api/v1/incidents"
HIM = "Gul Example"
CONTACTS = {"submitter_contact": "+000 111 222", "family_contact": "a house behind the mill"}
TAKEN = {"kind": "taken", "date": "2025-06-12"}
SAYS = {"according_to": {"source": a_source("A made-up testimony", None, kind="testimony_family")}}


def a_case(**more: Any) -> dict[str, Any]:
    return {"person": somebody(HIM), "events": [TAKEN], **more}


def only(client: TestClient, case: dict[str, Any] | None = None, **more: Any) -> Any:
    """The one case of a new incident."""
    told = an_incident("A made-up disappearance", kind="enforced_disappearance", cases=[case or a_case()], **more)
    answer = client.post(INCIDENTS, json=told)
    assert answer.status_code == 201, answer.text
    return client.get(f"{CASES}/{answer.json()['cases'][0]['id']}").json()


def total(client: TestClient, **question: Any) -> int:
    return int(client.get(CASES, params=question).json()["total"])


def test_contacts_are_written_by_contributors_and_read_by_reviewers(
    contributor: TestClient, client: TestClient, viewer: TestClient
) -> None:
    made = only(contributor, a_case(**CONTACTS, submitter_name="A sister"))
    url = f"{CASES}/{made['id']}"
    by_role = {who: c.get(url).json() for who, c in (("c", contributor), ("r", client), ("v", viewer))}
    for field, value in CONTACTS.items():
        assert by_role["r"][field] == value
        assert by_role["c"][field] is by_role["v"][field] is None
    assert (by_role["c"]["submitter_name"], by_role["v"]["submitter_name"]) == ("A sister", None)
    assert by_role["c"]["person"]["names"][0]["full"] == HIM
    assert by_role["v"]["person"]["names"] == []


def test_contacts_are_nowhere_in_history_for_others(
    contributor: TestClient, client: TestClient, viewer: TestClient
) -> None:
    made = only(contributor, a_case(**CONTACTS))
    url = f"{CASES}/{made['id']}"
    seen = contributor.get(url).headers["ETag"]
    change = {"reason": "A new number.", "family_contact": "another house"}
    assert contributor.patch(url, json=change, headers={"If-Match": seen}).json()["family_contact"] is None
    doors = [f"{url}/history", f"{INCIDENTS}/{made['incident_id']}/history", url, f"{CASES}", f"{url}/readiness"]
    secrets = [*CONTACTS.values(), "another house"]
    for reader in (contributor, viewer):
        text = "".join(reader.get(door).text for door in doors)
        assert not [secret for secret in secrets if secret in text]
    whole = client.get(f"{url}/history").text + client.get(f"{INCIDENTS}/{made['incident_id']}/history").text
    assert all(secret in whole for secret in secrets)


def test_who_is_sealed_has_no_name_for_those_below_and_is_not_found_by_it(
    client: TestClient, contributor: TestClient, viewer: TestClient
) -> None:
    made = only(client, a_case(person=somebody(HIM, identity_protection="sealed")))
    for reader in (contributor, viewer):
        assert reader.get(f"{CASES}/{made['id']}").json()["person"]["names"] == []
        assert "Gul" not in reader.get(f"{CASES}/{made['id']}/history").text
    assert total(contributor, person="Gul") == 0


def test_a_sealed_incident_hides_its_cases(client: TestClient, contributor: TestClient) -> None:
    made = only(client, sensitivity="sealed")
    assert total(client) == 1
    assert total(contributor) == 0
    for door in ("", "/readiness", "/history"):
        assert contributor.get(f"{CASES}/{made['id']}{door}").status_code == 404
    added = contributor.post(f"{CASES}/{made['id']}/events", json={"kind": "released", **SAYS})
    assert added.status_code == 404
    assert contributor.get(f"{CASES}/readiness").json()["total"] == 0


def test_a_viewer_writes_nothing_and_asks_for_nobody(client: TestClient, viewer: TestClient) -> None:
    made = only(client)
    event = made["events"][0]["id"]
    writes = [
        viewer.post(f"{INCIDENTS}/{made['incident_id']}/cases", json=a_case()),
        viewer.post(f"{CASES}/{made['id']}/events", json={"kind": "released", **SAYS}),
        viewer.post(f"{CASES}/{made['id']}/events/{event}/reject", json={"reason": "A made-up reason."}),
        viewer.post(f"{CASES}/{made['id']}/close", json={"closed_as": None, "reason": "A made-up reason."}),
        viewer.patch(f"{CASES}/{made['id']}", json={"reason": "A made-up reason.", "state_link": "x"}),
    ]
    assert [answer.status_code for answer in writes] == [403] * 5
    refused, unknown = viewer.get(CASES, params={"person": "Gul"}), viewer.get(CASES, params={"no_such": "Gul"})
    assert refused.status_code == unknown.status_code == 422
    assert refused.json()["detail"] == unknown.json()["detail"]
    assert [(e["what"], e["mend"]) for e in refused.json()["errors"]] == [
        (e["what"], e["mend"]) for e in unknown.json()["errors"]
    ]
