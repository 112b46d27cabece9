"""The doors of references: who is let in, what is hidden, and how they answer a bad question."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from starlette.testclient import TestClient

from app.db import reading
from app.exports import CITATIONS
from app.queries import cited
from app.queries.catalogue import SourceFilter
from app.queries.filter import IncidentFilter
from app.records import ImportBatch, Revision, Source
from app.records.incident import IncidentIn
from tests.archives import CONTRIBUTOR, REVIEWER, TestArchive, counting
from tests.builders import a_source, an_account, an_incident, incident_in

SOURCES, INCIDENTS = "/api/v1/sources", "/api/v1/incidents"
RIS = b"TY  - NEWS\r\nTI  - A made-up headline\r\nER  - \r\n"
FORMS = list(CITATIONS)
Opener = Callable[..., TestClient]


def titles(client: TestClient, path: str, **asked: Any) -> list[str]:
    answer = client.get(path, params=asked)
    assert answer.status_code == 200, answer.text
    return [item["title"] for item in answer.json()]


@pytest.mark.parametrize("form", FORMS)
def test_a_file_says_what_it_is(client: TestClient, form: str) -> None:
    client.post(SOURCES, json=a_source())
    for door in (SOURCES, INCIDENTS):
        answer = client.get(f"{door}.{form}")
        assert answer.headers["Content-Type"] == f"{CITATIONS[form].media_type}; charset=utf-8"
        ending = answer.headers["Content-Disposition"].rstrip('"').rsplit(".", 1)[1]
        assert ending == CITATIONS[form].ending
        assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_each_source_once_in_the_order_it_came(archive: TestArchive, client: TestClient) -> None:
    archive.report_all(incident_in(f"Event {n}", source=a_source(f"Report {n % 3}")) for n in range(9))
    assert titles(client, f"{INCIDENTS}.csljson") == ["Report 0", "Report 1", "Report 2"]
    assert titles(client, f"{INCIDENTS}.csljson", q="Event 4") == ["Report 1"]
    assert titles(client, f"{SOURCES}.csljson") == ["Report 0", "Report 1", "Report 2"]


@pytest.mark.parametrize("form", FORMS)
def test_a_bad_question_is_no_half_file(client: TestClient, form: str) -> None:
    for path in (f"{SOURCES}.{form}?limit=3", f"{INCIDENTS}.{form}?severity=high", f"{INCIDENTS}.{form}?limit=3"):
        answer = client.get(path)
        assert (answer.status_code, answer.headers["Content-Type"]) == (422, "application/problem+json"), path


def test_who_may_not_read_names_cannot_ask_for_the_sources_of_a_person(viewer: TestClient) -> None:
    assert viewer.get(f"{INCIDENTS}.ris?person=somebody").status_code == 422


def test_an_unknown_format_names_those_there_are(client: TestClient) -> None:
    answer = client.get(f"{INCIDENTS}.endnote")
    assert answer.status_code == 404
    assert "csljson, ris, bib" in answer.json()["detail"]
    assert client.get(f"{SOURCES}.endnote").status_code == 404


def hidden(archive: TestArchive) -> dict[str, str]:
    """A sealed source, one that only a sealed incident cites, one that it shares with an open one, one uncited."""
    shared = a_source("Shared")
    archive.report(incident_in("Open", source=shared))
    archive.report(incident_in("Open too", source=a_source("Sealed itself", sensitivity="sealed")))
    made = archive.report(incident_in("Sealed", sensitivity="sealed", source=a_source("Only of the sealed")))
    with reading(archive.engine) as session:
        return {one.title or "": str(one.id) for one in cited.stream(session, SourceFilter(), REVIEWER)} | {
            "incident": str(made.id)
        }


@pytest.mark.parametrize("role", ["viewer", "contributor"])
def test_sources_out_of_sight_are_out_of_every_door(archive: TestArchive, door: Opener, role: str) -> None:
    ids = hidden(archive)
    client = door(archive, role)
    client_of_all = door(archive, "reviewer")
    for path in (f"{SOURCES}.csljson", f"{INCIDENTS}.csljson"):
        assert titles(client, path) == ["Shared"]
        assert titles(client_of_all, path) == ["Shared", "Sealed itself", "Only of the sealed"]
    assert [one["title"] for one in client.get(SOURCES).json()["items"]] == ["Shared"]
    assert client.get(SOURCES).json()["total"] == 1
    for title in ("Sealed itself", "Only of the sealed"):
        for path in ("", ".ris", "/citation"):
            assert client.get(f"{SOURCES}/{ids[title]}{path}").status_code == 404
            assert client_of_all.get(f"{SOURCES}/{ids[title]}{path}").status_code == 200
    assert client.get(f"{INCIDENTS}/{ids['incident']}/citations").status_code == 404


def test_a_source_that_an_open_incident_cites_too_is_in_sight(archive: TestArchive, viewer: TestClient) -> None:
    for sensitivity in ("sealed", "internal"):
        archive.report(incident_in(sensitivity, sensitivity=sensitivity, source=a_source("Shared")))
    assert titles(viewer, f"{SOURCES}.csljson") == ["Shared"]
    assert titles(viewer, f"{INCIDENTS}.csljson") == ["Shared"]


def test_a_sealed_source_of_an_open_incident_is_nowhere(
    archive: TestArchive, client: TestClient, viewer: TestClient
) -> None:
    told = an_incident("Open", source=a_source("Sealed itself", sensitivity="sealed"))
    made = client.post(INCIDENTS, json=told).json()
    client.post(f"{INCIDENTS}/{made['id']}/accounts", json=an_account())
    assert len(client.get(f"{INCIDENTS}/{made['ref']}/citations").json()) == 2
    (seen,) = viewer.get(f"{INCIDENTS}/{made['ref']}/citations").json()
    assert "Sealed itself" not in str(seen)
    for path in (f"/{made['ref']}", f"/{made['ref']}/accounts", f"/{made['ref']}/provenance", "", ".csv", ".geojson"):
        assert "Sealed itself" in client.get(f"{INCIDENTS}{path}").text, path
        assert "Sealed itself" not in viewer.get(f"{INCIDENTS}{path}").text, path


def test_withdrawn_incidents_answer_nothing(archive: TestArchive, client: TestClient) -> None:
    made = archive.report(incident_in(source=a_source("Withdrawn with it")))
    one = client.get(f"{INCIDENTS}/{made.ref}")
    client.post(f"{INCIDENTS}/{made.id}/withdraw", json={"reason": "x y z"}, headers={"If-Match": one.headers["ETag"]})
    assert titles(client, f"{INCIDENTS}.csljson") == []
    assert titles(client, f"{SOURCES}.csljson") == ["Withdrawn with it"]


def test_who_may_not_write_enters_nothing(archive: TestArchive, door: Opener) -> None:
    before = archive.counts(Source, Revision, ImportBatch)
    for role in ("viewer", "admin", "auditor"):
        assert door(archive, role).post(SOURCES, json=a_source()).status_code == 403
        assert door(archive, role).post(f"{SOURCES}/import", content=RIS).status_code == 403
    assert door(archive).post(f"{SOURCES}/import", content=RIS).status_code == 401
    assert archive.counts(Source, Revision, ImportBatch) == before


def test_a_known_source_told_again_is_shown_also_when_it_is_sealed(contributor: TestClient) -> None:
    told = a_source("Sealed", sensitivity="sealed")
    first, again = contributor.post(SOURCES, json=told), contributor.post(SOURCES, json=told)
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()


@pytest.mark.parametrize(
    "wrong",
    [{}, {"kind": "press"}, {"kind": "gossip", "title": "x"}, {"kind": "press", "title": "x", "colour": "red"},
     {"kind": "press", "title": "x", "url": "javascript:x"}, {"kind": "press", "title": "a\0b"},
     {"kind": "press", "title": "x", "derived_from_source_id": "01900000-0000-7000-8000-000000000001"}],
)  # fmt: skip
def test_a_source_that_is_none(contributor: TestClient, archive: TestArchive, wrong: dict[str, Any]) -> None:
    answer = contributor.post(SOURCES, json=wrong)
    assert answer.status_code == 422
    assert answer.json()["errors"]
    assert archive.count(Source) == 0


def test_a_library_may_be_as_large_as_an_import(contributor: TestClient, archive: TestArchive) -> None:
    answer = contributor.post(f"{SOURCES}/import", content=b"x" * (25 * 1024 * 1024 + 1))
    assert answer.status_code == 413
    assert archive.count(Source) == 0


@pytest.mark.parametrize(("body", "asked"), [(b"", {}), (b"\xff\xfe", {}), (b"x", {"format": "endnote"}), (b"[", {})])
def test_what_is_no_library(contributor: TestClient, body: bytes, asked: dict[str, str]) -> None:
    answer = contributor.post(f"{SOURCES}/import", content=body, params=asked)
    assert (answer.status_code, answer.headers["Content-Type"]) == (422, "application/problem+json")


def test_many_sources_take_as_few_questions_as_two(archive: TestArchive) -> None:
    def asked(question: SourceFilter | IncidentFilter) -> int:
        with counting(archive.engine) as sent, reading(archive.engine) as session:
            assert len(list(cited.stream(session, question, CONTRIBUTOR))) == cited.count(
                session, question, CONTRIBUTOR
            )
        return len([one for one in sent if one.lstrip().startswith("SELECT")])

    archive.report_all(incident_in(source=a_source(f"Report {n}")) for n in range(2))
    few = asked(SourceFilter()), asked(IncidentFilter())
    archive.report_all(incident_in(source=a_source(f"Report {n}")) for n in range(2, 60))
    assert (asked(SourceFilter()), asked(IncidentFilter())) == few


def test_reports_and_libraries_know_the_same_source(archive: TestArchive, contributor: TestClient) -> None:
    entered = contributor.post(SOURCES, json=a_source()).json()
    archive.report(IncidentIn.model_validate(an_incident()))
    assert archive.count(Source) == 1
    assert archive.see(archive.rows()[0]["ref"]).accounts[0].source_id == UUID(entered["id"])
