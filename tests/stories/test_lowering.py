"""A record is to be shown to more people: whoever entered it does not decide alone, and nobody is shown against their word."""

from typing import Any

import pytest
from starlette.testclient import TestClient

from app.actions import lowering
from tests.builders import a_source, an_account, an_act, an_incident, somebody

Kept = dict[str, Any]
INCIDENTS, PERSONS, SOURCES = "/api/v1/incidents", "/api/v1/persons", "/api/v1/sources"
WHY = "The family asks for it."


@pytest.fixture
def kept(contributor: TestClient) -> Kept:
    """An officer enters what a mother tells of her son, and what a paper wrote."""
    told = an_incident(
        acts=[an_act(person=somebody("Gul Example"))],
        source={"kind": "testimony_family", "title": "Testimony", "author": "Zarmina Beispiel"},
    )
    one = contributor.post(INCIDENTS, json=told)
    assert one.status_code == 201, one.text
    assert contributor.post(f"{INCIDENTS}/{one.json()['id']}/accounts", json=an_account()).status_code == 201
    return dict(contributor.get(f"{INCIDENTS}/{one.json()['id']}").json())


def set_to(client: TestClient, url: str, sensitivity: str) -> Any:
    seen = client.get(url)
    assert seen.status_code == 200, seen.text
    told = {"sensitivity": sensitivity, "reason": WHY}
    return client.patch(url, json=told, headers={"If-Match": seen.headers["ETag"]})


def agreed(client: TestClient, url: str, scope: str, **more: Any) -> str:
    told = {"scope": scope, "given_by": "the mother", "method": "written", "given_on": "2025-07-01"} | more
    made = client.post(f"{url}/consents", json=told)
    assert made.status_code == 201, made.text
    return str(made.json()["id"])


def urls(kept: Kept) -> dict[str, str]:
    return {
        "incident": f"{INCIDENTS}/{kept['id']}",
        "person": f"{PERSONS}/{kept['acts'][0]['person']['id']}",
        "testimony": f"{SOURCES}/{kept['accounts'][0]['source_id']}",
        "paper": f"{SOURCES}/{kept['accounts'][1]['source_id']}",
    }


@pytest.mark.parametrize("what", ["incident", "person", "testimony", "paper"])
def test_raising_is_free_and_lowering_takes_a_reviewer(
    contributor: TestClient, client: TestClient, kept: Kept, what: str
) -> None:
    url = urls(kept)[what]
    assert set_to(client, url, "internal").status_code == 200
    raised = set_to(contributor, url, "restricted")
    assert raised.status_code == 200, raised.text
    refused = set_to(contributor, url, "internal")
    assert (refused.status_code, "reviewer" in refused.json()["detail"]) == (403, True)
    assert set_to(client, url, "internal").json()["sensitivity"] == "internal"


@pytest.mark.parametrize("what", ["incident", "person", "source"])
def test_a_reviewer_does_not_lower_what_they_entered_themselves(client: TestClient, what: str) -> None:
    one = client.post(INCIDENTS, json=an_incident(acts=[an_act(person=somebody("Gul Example"))])).json()
    person = client.post(PERSONS, json=somebody("Zarmina Beispiel")).json()
    source = client.post(SOURCES, json=a_source("Another")).json()
    mine = {
        "incident": [f"{INCIDENTS}/{one['id']}"],
        "person": [f"{PERSONS}/{one['acts'][0]['person']['id']}", f"{PERSONS}/{person['id']}"],
        "source": [f"{SOURCES}/{one['accounts'][0]['source_id']}", f"{SOURCES}/{source['id']}"],
    }
    for url in mine[what]:
        refused = set_to(client, url, "internal")
        assert (refused.status_code, "second reviewer" in refused.json()["detail"]) == (403, True)
        assert client.get(url).json()["sensitivity"] == "restricted"


@pytest.mark.parametrize("what", ["person", "testimony"])
def test_whoever_speaks_for_themselves_is_asked_first(
    contributor: TestClient, client: TestClient, kept: Kept, what: str
) -> None:
    url = urls(kept)[what]
    for sensitivity in ("partner", "public_anonymised", "public"):
        refused = set_to(client, url, sensitivity)
        assert (refused.status_code, "consent" in refused.json()["detail"]) == (409, True)
    agreed(contributor, url, "partner")
    assert set_to(client, url, "public").status_code == 409
    assert set_to(client, url, "partner").status_code == 200
    agreed(contributor, url, "public_named")
    assert set_to(client, url, "public").json()["sensitivity"] == "public"


def test_a_consent_that_has_run_out_or_was_withdrawn_is_none(
    contributor: TestClient, client: TestClient, kept: Kept
) -> None:
    url = urls(kept)["person"]
    agreed(contributor, url, "public_named", expires_on="2025-08-01")
    assert set_to(client, url, "public").status_code == 409
    one = agreed(contributor, url, "public_named")
    withdrawn = contributor.post(f"/api/v1/consents/{one}/withdraw", json={"reason": "She called."})
    assert withdrawn.status_code == 200, withdrawn.text
    assert set_to(client, url, "public").status_code == 409


def test_what_a_paper_printed_needs_nobodys_consent(client: TestClient, kept: Kept) -> None:
    assert set_to(client, urls(kept)["paper"], "public").status_code == 200


@pytest.mark.parametrize("whose", ["person", "testimony"])
@pytest.mark.parametrize("how", ["refused", "withdrawn"])
def test_an_incident_stays_inside_while_somebody_in_it_says_no(
    contributor: TestClient, client: TestClient, kept: Kept, whose: str, how: str
) -> None:
    of = urls(kept)
    one = agreed(contributor, of[whose], "none" if how == "refused" else "public_named")
    if how == "withdrawn":
        contributor.post(f"/api/v1/consents/{one}/withdraw", json={"reason": "She called."})
    refused = set_to(client, of["incident"], "public_anonymised")
    assert (refused.status_code, "does not agree" in refused.json()["detail"]) == (409, True)
    assert set_to(client, of["incident"], "internal").status_code == 200
    agreed(contributor, of[whose], "public_anonymous", given_on="2025-09-01")
    assert set_to(client, of["incident"], "public_anonymised").status_code == 200


def test_going_back_to_an_earlier_version_lowers_nothing_either(
    contributor: TestClient, client: TestClient, kept: Kept
) -> None:
    of = urls(kept)
    for url in (of["incident"], of["person"]):
        assert set_to(client, url, "internal").status_code == 200
        assert set_to(contributor, url, "sealed" if "persons" in url else "restricted").status_code == 200
    seq = contributor.get(f"{of['incident']}/history").json()[-2]["seq"]
    seen = {"If-Match": contributor.get(of["incident"]).headers["ETag"]}
    back = contributor.post(f"{of['incident']}/restore", json={"seq": seq, "reason": WHY}, headers=seen)
    assert back.status_code == 403, back.text


def test_a_change_of_a_source_has_its_line_in_history(contributor: TestClient, kept: Kept) -> None:
    url = urls(kept)["paper"]
    seen = contributor.get(url).headers["ETag"]
    told = {"reliability": "B", "archive_url": "https://archive.example/1", "reason": "Kept a copy."}
    assert contributor.patch(url, json=told).status_code == 428
    shown = contributor.patch(url, json=told, headers={"If-Match": seen})
    assert shown.status_code == 200, shown.text
    assert shown.json()["archive_url"] == "https://archive.example/1"
    assert shown.headers["ETag"] != seen
    assert contributor.patch(url, json=told, headers={"If-Match": seen}).status_code == 412
    last = contributor.get(f"/api/v1/history/source/{shown.json()['id']}").json()[-1]
    assert (last["action"], last["why"], last["what"]["after"]["reliability"]) == (
        "amended", "Kept a copy.", "B",
    )  # fmt: skip


@pytest.mark.parametrize("change", [{}, {"title": "Another"}, {"sensitivity": None}, {"sensitivity": "secret"}])
def test_only_what_may_be_said_anew_is_taken(contributor: TestClient, kept: Kept, change: Kept) -> None:
    url = urls(kept)["paper"]
    seen = {"If-Match": contributor.get(url).headers["ETag"]}
    assert contributor.patch(url, json={"reason": WHY, **change}, headers=seen).status_code == 422


def test_who_only_reads_changes_no_source(viewer: TestClient, kept: Kept) -> None:
    assert viewer.patch(urls(kept)["paper"], json={"reason": WHY, "licence": "CC0"}).status_code == 403


def test_without_the_rule_the_same_steps_go_through(
    contributor: TestClient, client: TestClient, kept: Kept, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The fault planted: nothing counts as lower."""
    of = urls(kept)
    agreed(contributor, of["person"], "none")
    monkeypatch.setattr(lowering, "is_lower", lambda *_: False)
    for url in of.values():
        assert set_to(contributor, url, "public").status_code == 200
