"""Which reads leave a line in history, and that there is no answer where the line cannot be written."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from fastapi import FastAPI
from sqlalchemy.exc import OperationalError
from starlette.testclient import TestClient

from app.access.policy import POLICIES, READ, THE_PUBLIC
from app.access.viewer import Viewer
from app.actions import reads
from app.actions.reads import Asked
from app.db import writing
from app.records import Revision
from tests.api.walking import INCIDENTS, body, knock, something, working
from tests.archives import CONTRIBUTOR, TestArchive
from tests.builders import an_act, an_incident, somebody

Opener = Callable[..., TestClient]
NAME = "Zarmina Beispiel"


def lines(archive: TestArchive, door: Opener) -> list[dict[str, Any]]:
    found = door(archive, "auditor").get("/api/v1/history", params={"limit": 1000}).json()["items"]
    return [line for line in found if line["action"] in {"read", "searched", "exported"}]


@pytest.mark.parametrize("role", ["contributor", "reviewer"])
def test_every_read_of_names_leaves_one_line(
    service: FastAPI, door: Opener, client: TestClient, archive: TestArchive, role: str
) -> None:
    known = something(client)
    reading = [one for one in working(service) if not one.writes and one.policy in {"read", "work", "names", "history"}]
    assert len(reading) >= 35
    asker = door(archive, role)
    for one in reading:
        before = archive.count(Revision)
        status = knock(asker, one, known).status_code
        left = archive.count(Revision) - before
        # A working copy is made at its first use, and that is history too; who may not have a file in hands does not.
        assert (left == 1) or one.noted, f"{one}: {left} lines for {status}"
    assert archive.broken() is None


def test_a_viewer_leaves_lines_for_files_alone(
    service: FastAPI, door: Opener, client: TestClient, archive: TestArchive
) -> None:
    known = something(client)
    reading = [one for one in working(service) if not one.writes and not one.noted]
    before = len(lines(archive, door))
    asker = door(archive, "viewer")
    for one in reading:
        knock(asker, one, known)
    new = lines(archive, door)[: len(lines(archive, door)) - before]
    assert {line["action"] for line in new} == {"exported"}
    assert {line["asked"]["format"] for line in new} >= {"csv", "geojson", "ris"}


def test_the_public_leaves_none(door: Opener, published: TestArchive) -> None:
    before = published.count(Revision)
    assert door(published).get(INCIDENTS).status_code == 200
    assert door(published).get(f"{INCIDENTS}.csv").status_code == 200
    assert published.count(Revision) == before


@pytest.mark.parametrize("path", [INCIDENTS, f"{INCIDENTS}.csv", "/api/v1/persons"])
def test_without_a_line_there_is_no_answer(client: TestClient, path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    client.post(INCIDENTS, json=an_incident(acts=[an_act(person=somebody(NAME))]))

    @contextmanager
    def full(_: object) -> Iterator[None]:
        raise OperationalError("INSERT", {"name": NAME}, Exception("database or disk is full"))
        yield

    assert client.get(path).status_code == 200
    monkeypatch.setattr(reads, "writing_together", full)
    refused = client.get(path)
    assert refused.status_code == 503
    assert "Beispiel" not in refused.text
    # The others go on.
    assert client.get("/api/v1/vocabularies").status_code == 200


def test_that_check_can_fail(client: TestClient, monkeypatch: pytest.MonkeyPatch, archive: TestArchive) -> None:
    monkeypatch.setattr(reads, "is_noted", lambda *_: False)
    before = archive.count(Revision)
    client.get(INCIDENTS)
    assert archive.count(Revision) == before


@pytest.mark.parametrize(
    ("filters", "kept"),
    [
        ({"country": ["PAK"], "date_from": ["2025-06"]}, {"country": ["PAK"], "date_from": ["2025-06"]}),
        ({"country": ["Zarmina"]}, {"country": None}),
        ({"kind": ["killing", "targeted_assassination"]}, {"kind": ["killing", "targeted_assassination"]}),
        ({"kind": ["killing", "zarmina"]}, {"kind": None}),
        ({"bbox": ["60,20,70,30"], "near": ["63.1,26,50"]}, {"bbox": ["60,20,70,30"], "near": ["63.1,26,50"]}),
        ({"near": ["Zarmina"], "area": ["ZARMINA-KHAN"]}, {"near": None, "area": None}),
        ({"q": ["Zarmina"], "person": ["Zarmina"], "source": ["x"]}, {"q": None, "person": None, "source": None}),
        ({"zarmina": ["1"]}, {}),
        ({"area": ["PK-BA"], "sort": ["ref"], "located": ["true"]}, {"area": ["PK-BA"], "sort": ["ref"], "located": ["true"]}),
        ({"updated_since": ["2025-06-01T00:00:00Z"], "harm": ["killed"]},
         {"updated_since": ["2025-06-01T00:00:00Z"], "harm": ["killed"]}),
    ],
)  # fmt: skip
def test_what_may_be_a_name_is_not_kept(filters: dict[str, list[str]], kept: dict[str, Any]) -> None:
    assert reads.what(Asked("/incidents", {}, filters))["asked"] == kept


@pytest.mark.parametrize(
    ("route", "action", "noun"),
    [
        ("/incidents", "read", "incident"), ("/incidents.csv", "exported", "incident"),
        ("/persons/{person_id}", "read", "person"), ("/sources/{source_id}.ris", "exported", "source"),
        ("/incidents/{which}/citations", "read", "incident"), ("/reviews/queue", "read", "review"),
        ("/cases/{case_id}/history", "read", "case"), ("/history/{noun}/{record_id}", "read", "history"),
        ("/imports/{batch_id}", "read", "import"),
    ],
)  # fmt: skip
def test_what_a_line_calls_it(route: str, action: str, noun: str) -> None:
    asked = Asked(route, {}, {})
    assert (asked.action, asked.noun) == (action, noun)


def test_a_record_that_is_not_here_is_not_named(contributor: TestClient, door: Opener, archive: TestArchive) -> None:
    """Else the line itself would make an id known that nothing has."""
    absent = "01900000-0000-7000-8000-00000000abcd"
    assert contributor.get(f"{INCIDENTS}/{absent}").status_code == 404
    assert contributor.get(f"{INCIDENTS}/{absent}").status_code == 404
    assert absent not in door(archive, "auditor").get("/api/v1/history").text


def test_reading_changes_no_version(client: TestClient, contributor: TestClient) -> None:
    """The version of a person is how many changes they have had, not how many readers."""
    person = client.post("/api/v1/persons", json=somebody(NAME)).json()["id"]
    first = contributor.get(f"/api/v1/persons/{person}").headers["ETag"]
    assert contributor.get(f"/api/v1/persons/{person}").headers["ETag"] == first
    changed = client.patch(
        f"/api/v1/persons/{person}", json=body("/api/v1/persons/{person_id}")["json"], headers={"If-Match": first}
    )
    assert changed.status_code == 200, changed.text


def test_reading_does_not_keep_an_import_from_being_taken_back(client: TestClient, contributor: TestClient) -> None:
    batch = client.post("/api/v1/imports", **body("/api/v1/imports")).json()["batch"]
    (row,) = contributor.get(INCIDENTS).json()["items"]
    assert contributor.get(f"{INCIDENTS}/{row['ref']}").status_code == 200
    assert client.post(f"/api/v1/imports/{batch}/undo").status_code == 200


def test_who_need_not_be_written_down_does_not_wait(
    viewer: TestClient, contributor: TestClient, archive: TestArchive
) -> None:
    """While somebody writes for long, those cleared for names wait for their line, and viewers do not."""
    answered: list[int] = []
    waiting = threading.Thread(target=lambda: answered.append(contributor.get(INCIDENTS).status_code))
    with writing(archive.engine):
        waiting.start()
        assert viewer.get(INCIDENTS).status_code == 200
        waiting.join(0.3)
        assert answered == []
    waiting.join(20)
    assert answered == [200]


def test_only_logged_policies_are_noted() -> None:
    asked = Asked("/incidents", {}, {})
    assert {policy.name for policy in POLICIES if reads.is_noted(policy, asked, CONTRIBUTOR)} == {
        "read", "work", "history", "names", "review",
    }  # fmt: skip
    assert not reads.is_noted(READ, asked, Viewer("the public", THE_PUBLIC, "read"))
    assert not reads.is_noted(READ, asked, None)


def test_the_auditor_pages_through(client: TestClient, door: Opener, archive: TestArchive) -> None:
    for _ in range(5):
        client.get(INCIDENTS)
    auditor = door(archive, "auditor")
    first = auditor.get("/api/v1/history", params={"limit": 3}).json()
    rest = auditor.get("/api/v1/history", params={"limit": 3, "cursor": first["next"]}).json()
    numbers = [line["seq"] for line in first["items"] + rest["items"]]
    assert numbers == sorted(numbers, reverse=True)
    assert len(set(numbers)) == 6
    mine = auditor.get("/api/v1/history", params={"action": "read", "noun": "incident", "who": "a reviewer"}).json()
    assert len(mine["items"]) == 5
    record = mine["items"][0]["record_id"]
    assert len(auditor.get("/api/v1/history", params={"record_id": record, "action": "read"}).json()["items"]) == 5
    assert auditor.get("/api/v1/history", params={"since": "nonsense"}).status_code == 422
