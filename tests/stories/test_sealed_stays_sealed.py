"""A reviewer seals what could cost a life: from then on nobody below finds a trace of it, by any door."""

from collections.abc import Callable
from typing import Any

import pytest
from fastapi import FastAPI
from sqlalchemy import event
from starlette.testclient import TestClient

from app.access import wall
from app.access.wall import GuardedSession
from tests.access.sealing import CANARY, fill
from tests.api.walking import doors, knock
from tests.archives import TestArchive
from tests.shelves import only

INCIDENTS = "/api/v1/incidents"
FORMS = ("", ".csv", ".geojson", ".geojsonl")
QUESTIONS = tuple(f"?{name}={CANARY}" for name in ("q", "source", "actor"))


@pytest.fixture
def known(archive: TestArchive, client: TestClient) -> dict[str, Any]:
    """The ids of the sealed record, and of all that hangs on it, as a reviewer reads them."""
    fill(archive)
    one = client.get(f"{INCIDENTS}?q={CANARY}").json()["items"][0]
    shown: dict[str, Any] = client.get(f"{INCIDENTS}/{one['ref']}").json()
    return {
        "which": shown["id"], "incident_id": shown["id"], "noun": "incident", "record_id": shown["id"],
        "account_id": shown["accounts"][0]["id"], "source_id": shown["accounts"][0]["source_id"],
        "person_id": shown["acts"][0]["person"]["id"], "actor_id": shown["involvements"][0]["actor"]["id"],
        "case_id": shown["cases"][0]["id"], "evidence_id": shown["evidence"][0]["id"], "act_id": shown["acts"][0]["id"],
        "link_id": shown["links"][0]["id"], "involvement_id": shown["involvements"][0]["id"], "ref": shown["ref"],
    }  # fmt: skip


def told(client: TestClient, service: FastAPI, known: dict[str, Any]) -> str:
    """Everything that all reading doors answer about it, and about lists that it might stand in."""
    answers = [client.get(INCIDENTS + form).text for form in FORMS]
    answers += [str(client.get(INCIDENTS + question).json().get("items")) for question in QUESTIONS]
    for door in doors(service):
        wanted = set(door.path.replace("}", "{").split("{")[1::2])
        if not door.writes and wanted <= set(known):
            answers.append(knock(client, door, known).text)
    return "\n".join(answers)


@pytest.mark.parametrize("role", ["viewer", "contributor", "admin", "auditor"])
def test_no_door_tells_of_it_below_a_reviewer(
    archive: TestArchive, door: Callable[..., TestClient], service: FastAPI, known: dict[str, Any], role: str
) -> None:
    words = told(door(archive, role), service, known)
    assert CANARY.casefold() not in words.casefold()
    assert known["ref"] not in words


def test_a_reviewer_reads_it_at_all_of_them(client: TestClient, service: FastAPI, known: dict[str, Any]) -> None:
    assert told(client, service, known).count(CANARY) > 20


def test_counts_do_not_tell_of_it_either(viewer: TestClient, client: TestClient, known: dict[str, Any]) -> None:
    for path, less in ((INCIDENTS, 1), ("/api/v1/sources", 1), ("/api/v1/actors", 1), ("/api/v1/cases", 1)):
        assert viewer.get(path).json()["total"] == client.get(path).json()["total"] - less, path
    for path in ("/api/v1/evidence",):
        assert viewer.get(path).json()["total"] == 0


def test_the_wall_alone_would_do(
    viewer: TestClient, service: FastAPI, known: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every condition that a question brings itself forgotten at once: the wall still keeps all of it back."""
    forget(monkeypatch)
    assert CANARY.casefold() not in told(viewer, service, known).casefold()


@only("sqlite")  # PostgreSQL keeps the rows back itself
def test_and_without_the_wall_the_forgotten_conditions_are_felt(
    viewer: TestClient, service: FastAPI, known: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The fault planted: those conditions forgotten, and the rules of the wall empty."""
    forget(monkeypatch)
    monkeypatch.setattr(wall, "_criteria", lambda _: [])
    monkeypatch.setattr(wall, "_rules_of", lambda _: wall.Rules("viewer without rules"))
    assert CANARY.casefold() in told(viewer, service, known).casefold()


def forget(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let `visible` and its kin, wherever they were imported, answer with no condition."""
    from app.queries import actors, cases, catalogue, cited, conditions, evidence, links, one, people, reviews

    for module in (actors, cases, catalogue, cited, conditions, evidence, links, one, people, reviews):
        for name in ("visible", "visible_sources", "visible_evidence", "unsealed"):
            if hasattr(module, name):
                monkeypatch.setattr(module, name, lambda _: [])


def test_a_statement_past_the_hook_answers_with_an_error_and_no_row(viewer: TestClient, known: dict[str, Any]) -> None:
    event.remove(GuardedSession, "do_orm_execute", wall.hook)
    try:
        answer = viewer.get(INCIDENTS)
    finally:
        event.listen(GuardedSession, "do_orm_execute", wall.hook)
    assert (answer.status_code, known["ref"] in answer.text) == (500, False)
