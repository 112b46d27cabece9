"""Publishing: what everybody may read of a record is chosen once, by a second person, and taken back at once."""

import re
from datetime import date, timedelta
from typing import Any

import pytest
from starlette.testclient import TestClient

from app.access.viewer import console
from app.actions import members
from app.db import writing
from tests.archives import TestArchive
from tests.builders import TURBAT, a_source, an_act, an_incident, carried_out_by, somebody

Kept = dict[str, Any]
INCIDENTS = "/api/v1/incidents"


@pytest.fixture
def kept(officer: TestClient) -> Kept:
    """A killing near a town: a paper tells of it, and a brother, whose name and village must not come out."""
    told = an_incident(
        "Gul Example was shot in Example Lane", at=TURBAT, exactly="exact", place_name="Example Lane",
        summary="His brother Ali Beispiel saw it.", killed={"min": 1, "best": 1, "max": 1}, sensitivity="restricted",
        acts=[an_act(person=somebody("Gul Example", sensitivity="restricted"), place_name="Example Lane")],
        involvements=[carried_out_by("A made-up unit")],
        source=a_source("A man is shot", url="https://example.org/shot"),
    )  # fmt: skip
    one = officer.post(INCIDENTS, json=told).json()
    testimony = {
        "source": {"kind": "testimony_family", "title": "Testimony", "author": "Ali Beispiel"}, "speaker": "Ali Beispiel",
        "quote": "They shot my brother in Example Lane.",
    }  # fmt: skip
    assert officer.post(f"{INCIDENTS}/{one['id']}/accounts", json=testimony).status_code == 201
    return one


def put(client: TestClient, kept: Kept, path: str, told: Kept, how: str = "post") -> Any:
    seen = client.get(f"{INCIDENTS}/{kept['id']}").headers["ETag"]
    answer = client.request(how, f"{INCIDENTS}/{kept['id']}{path}", json=told, headers={"If-Match": seen})
    assert answer.status_code in {200, 201}, answer.text
    return answer.json()


def approve(officer: TestClient, editor: TestClient, kept: Kept, sensitivity: str = "public_anonymised") -> None:
    """Hand in, check, sign off, and let go of the restriction."""
    put(officer, kept, "/moves", {"stage": "submitted", "note": "Ready."})
    put(editor, kept, "", {"sensitivity": sensitivity, "reason": "The family agrees."}, "patch")
    put(editor, kept, "/moves", {"stage": "in_review", "note": "I look."})
    put(editor, kept, "/moves", {"stage": "approved", "note": "It says what its sources say."})


def version(editor: TestClient, kept: Kept, **more: Any) -> Kept:
    accounts = editor.get(f"{INCIDENTS}/{kept['id']}").json()["accounts"]
    told = {
        "title": "A man is alleged to have been shot in Kech", "summary": "According to a newspaper.", "place": "area2",
        "cites": [accounts[0]["source_id"]], "reason": "The paper has told it already.",
    }  # fmt: skip
    shown: Kept = put(editor, kept, "/public-version", told | more, "put")
    return shown


def publish(editor: TestClient, **asked: Any) -> Kept:
    answer = editor.post("/api/v1/publication", params=asked)
    assert answer.status_code == 200, answer.text
    told: Kept = answer.json()
    return told


def consent(client: TestClient, noun: str, record: str, scope: str, **more: Any) -> Kept:
    told = {"scope": scope, "given_by": "a sister", "method": "written", "given_on": "2026-01-02"} | more
    answer = client.post(f"/api/v1/{noun}/{record}/consents", json=told)
    assert answer.status_code == 201, answer.text
    given: Kept = answer.json()
    return given


def test_nothing_is_public_until_somebody_publishes_it(
    officer: TestClient, editor: TestClient, public: TestClient, kept: Kept
) -> None:
    assert public.get(INCIDENTS).json()["total"] == 0
    approve(officer, editor, kept)
    version(editor, kept)
    assert publish(editor, dry_run=True)["counts"] == {"new": 1}
    assert public.get(INCIDENTS).json()["total"] == 0
    assert publish(editor)["counts"] == {"new": 1}
    page = public.get(INCIDENTS).json()
    assert (page["total"], page["items"][0]["title"]) == (1, "A man is alleged to have been shot in Kech")
    assert publish(editor)["counts"] == {"unchanged": 1}


def test_what_comes_out_is_the_approved_text_and_place_and_nothing_else(
    officer: TestClient, editor: TestClient, public: TestClient, kept: Kept
) -> None:
    approve(officer, editor, kept)
    version(editor, kept)
    looked = editor.get(f"{INCIDENTS}/{kept['id']}/public-version/preview").json()
    publish(editor)
    (row,) = public.get(INCIDENTS).json()["items"]
    assert looked["row"] | {"updated_at": None} == row | {"updated_at": None}
    assert (row["area2"], row["geo_precision"], row["location_generalised"]) == ("Kech", "area2", True)
    assert row["place_name"] is None
    assert (row["lon"], row["lat"]) != TURBAT
    assert row["alleged_responsible"] == "A made-up unit"
    assert (row["sources"], row["independent_sources"]) == ("A man is shot, The Example Paper", 1)
    one = public.get(f"{INCIDENTS}/{row['ref']}")
    whole = one.text
    for path in ("provenance", "numbers", "accounts", "citations", "links"):
        answer = public.get(f"{INCIDENTS}/{row['ref']}/{path}")
        assert answer.status_code == 200, path
        whole += answer.text
    for form in ("csv", "geojson", "geojsonl", "csljson", "ris", "bib"):
        whole += public.get(f"{INCIDENTS}.{form}").text
    for word in ("Gul", "Beispiel", "Lane", "brother", kept["id"], kept["ref"], "Testimony"):
        assert word not in whole, word
    assert re.fullmatch("PI-[A-Z2-7]{12}", row["ref"])
    assert one.json()["acts"][0]["person"] is None


def test_who_reported_it_does_not_approve_it_and_a_restricted_record_is_not_published(
    officer: TestClient, editor: TestClient, kept: Kept
) -> None:
    told = {"title": "A title", "reason": "A made-up reason."}
    seen = {"If-Match": editor.get(f"{INCIDENTS}/{kept['id']}").headers["ETag"]}
    path = f"{INCIDENTS}/{kept['id']}/public-version"
    assert officer.put(path, json=told, headers=seen).status_code == 403
    early = editor.put(path, json=told, headers=seen)
    assert early.status_code == 409
    assert "approved" in early.json()["detail"]


def test_a_name_needs_a_consent_and_goes_with_it(
    officer: TestClient, editor: TestClient, public: TestClient, kept: Kept
) -> None:
    person = kept["acts"][0]["person"]["id"]
    approve(officer, editor, kept, "public")
    seen = {"If-Match": editor.get(f"{INCIDENTS}/{kept['id']}").headers["ETag"]}
    told = {"title": "The killing of Gul Example", "names": [person], "reason": "The family wants it."}
    refused = editor.put(f"{INCIDENTS}/{kept['id']}/public-version", json=told, headers=seen)
    assert (refused.status_code, refused.json()["errors"][0]["where"]) == (422, "names.0")
    given = consent(officer, "persons", person, "public_named")
    version(editor, kept, title="The killing of Gul Example", names=[person])
    publish(editor)
    (row,) = public.get(INCIDENTS).json()["items"]
    shown = public.get(f"{INCIDENTS}/{row['ref']}").json()
    assert shown["acts"][0]["person"]["names"][0]["full"] == "Gul Example"
    assert public.get(INCIDENTS, params={"q": "Gul"}).json()["total"] == 1
    answer = officer.post(f"/api/v1/consents/{given['id']}/withdraw", json={"reason": "The family is threatened."})
    assert answer.status_code == 200
    assert public.get(INCIDENTS).json()["total"] == 0
    assert public.get(f"{INCIDENTS}/{row['ref']}").status_code == 410
    assert public.get(f"{INCIDENTS}/{shown['id']}").status_code == 410
    assert publish(editor)["counts"] == {"waiting": 1}


def test_a_consent_that_runs_out_takes_the_record_out_on_the_day(
    officer: TestClient, editor: TestClient, public: TestClient, kept: Kept, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = kept["acts"][0]["person"]["id"]
    approve(officer, editor, kept, "public")
    last = date.today() + timedelta(days=3)  # noqa: DTZ011
    consent(officer, "persons", person, "public_named", expires_on=last.isoformat())
    version(editor, kept, names=[person])
    publish(editor)
    assert public.get(INCIDENTS).json()["total"] == 1
    from app import depends

    real = depends.now
    monkeypatch.setattr(depends, "now", lambda: real() + timedelta(days=3))
    assert public.get(INCIDENTS).json()["total"] == 1
    monkeypatch.setattr(depends, "now", lambda: real() + timedelta(days=4))
    assert public.get(INCIDENTS).json()["total"] == 0


@pytest.mark.parametrize("path", ["/withdraw", "/public-version/withdraw"])
def test_what_is_withdrawn_is_public_no_more_and_leaves_a_tombstone(
    officer: TestClient, editor: TestClient, public: TestClient, kept: Kept, path: str
) -> None:
    approve(officer, editor, kept)
    version(editor, kept)
    publish(editor)
    (row,) = public.get(INCIDENTS).json()["items"]
    put(editor, kept, path, {"reason": "It was another man."})
    assert public.get(INCIDENTS).json()["items"] == []
    assert row["ref"] not in public.get(f"{INCIDENTS}.geojson").text
    gone = public.get(f"{INCIDENTS}/{row['ref']}")
    assert (gone.status_code, gone.json()["title"]) == (410, "Taken back")


def test_a_change_after_approval_waits_for_a_new_one(
    officer: TestClient, editor: TestClient, public: TestClient, kept: Kept
) -> None:
    approve(officer, editor, kept)
    version(editor, kept)
    publish(editor)
    put(officer, kept, "", {"killed": {"min": 2, "best": 2, "max": 2}, "reason": "A second man died."}, "patch")
    assert publish(editor)["changes"][0]["reason"] == "changed since its approval: approve it again"
    assert public.get(INCIDENTS).json()["items"][0]["killed_best"] == 1
    put(editor, kept, "/moves", {"stage": "approved", "note": "It says what its sources say."})
    version(editor, kept)
    (change,) = publish(editor)["changes"]
    assert (change["change"], change["fields"]) == ("changed", ["killed_min", "killed_best", "killed_max"])
    assert public.get(INCIDENTS).json()["items"][0]["killed_best"] == 2


def test_a_restricted_name_in_a_public_text_is_warned_of(officer: TestClient, editor: TestClient, kept: Kept) -> None:
    approve(officer, editor, kept)
    shown = version(editor, kept, title="Gul was shot", summary="His brother Beispiel saw it.")
    assert shown["warnings"] == [
        "The title holds gul, which is part of the name of a person who is not named.",
        "The summary holds beispiel, which is part of the name of the author of a source.",
        "The summary holds beispiel, which is part of the name of somebody who speaks in a source.",
    ]


def test_a_testimony_is_cited_only_with_its_consent(officer: TestClient, editor: TestClient, kept: Kept) -> None:
    approve(officer, editor, kept)
    accounts = editor.get(f"{INCIDENTS}/{kept['id']}").json()["accounts"]
    seen = {"If-Match": editor.get(f"{INCIDENTS}/{kept['id']}").headers["ETag"]}
    told = {"title": "A title", "cites": [accounts[1]["source_id"]], "reason": "A made-up reason."}
    refused = editor.put(f"{INCIDENTS}/{kept['id']}/public-version", json=told, headers=seen)
    assert (refused.status_code, refused.json()["errors"][0]["where"]) == (422, "cites.0")
    consent(officer, "sources", accounts[1]["source_id"], "public_anonymous")
    assert editor.put(f"{INCIDENTS}/{kept['id']}/public-version", json=told, headers=seen).status_code == 200


def test_the_public_changes_nothing_and_reads_nothing_of_our_work(
    public: TestClient, published: TestArchive, kept: Kept
) -> None:
    with writing(published.engine) as session:
        members.add(session, "somebody", "viewer", console("tests"))
    for path in ("/api/v1/persons", "/api/v1/cases", "/api/v1/reviews/queue", "/api/v1/imports", "/api/v1/evidence"):
        assert public.get(path).status_code == 401, path
    assert public.post(INCIDENTS, json=an_incident()).status_code == 401
    assert public.get(f"{INCIDENTS}/{kept['id']}").status_code == 404
    for path in ("/api/v1/areas?country=PAK", "/api/v1/vocabularies", "/api/v1/settlements?q=turbat"):
        assert public.get(path).status_code == 200, path


def test_an_import_with_public_records_is_taken_back_only_after_them(
    officer: TestClient, editor: TestClient, public: TestClient
) -> None:
    file = b"title,kind,source_kind,source_title,sensitivity\nAn alleged killing,killing,press,A report,public\n"
    batch = officer.post("/api/v1/imports", content=file).json()["batch"]
    (row,) = editor.get(INCIDENTS).json()["items"]
    kept = editor.get(f"{INCIDENTS}/{row['ref']}").json()
    approve(officer, editor, kept, "public_anonymised")
    version(editor, kept)
    publish(editor)
    refused = editor.post(f"/api/v1/imports/{batch}/undo?also_edited=true")
    assert refused.status_code == 409
    assert row["ref"] in refused.json()["detail"]
    put(editor, kept, "/public-version/withdraw", {"reason": "The import was wrong."})
    assert editor.post(f"/api/v1/imports/{batch}/undo?also_edited=true").status_code == 200
    assert public.get(INCIDENTS).json()["total"] == 0
