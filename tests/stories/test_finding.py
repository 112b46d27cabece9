"""Finding again: the incident that answers a word best, and a person whose name somebody else spells otherwise."""

from collections.abc import Callable
from typing import Any

import pytest
from starlette.testclient import TestClient

from tests.archives import TestArchive
from tests.builders import an_act, an_incident, somebody

INCIDENTS, PERSONS = "/api/v1/incidents", "/api/v1/persons"


def report(client: TestClient, title: str, *people: str, **more: Any) -> None:
    acts = {"acts": [an_act(person=somebody(name)) for name in people]} if people else {}
    answer = client.post(INCIDENTS, json=an_incident(title, **acts, **more))
    assert answer.status_code == 201, answer.text


def test_the_report_about_it_comes_before_those_that_mention_it(client: TestClient) -> None:
    """She looks for the raid on a press club. Of all that speak of a press club, hers is neither new nor long."""
    report(client, "Alleged raid on the Turbat press club", on="2021")
    report(client, "A march", on="2025", summary="It ended at the press club.")
    report(client, "A road block", on="2024")
    asked = {"q": "press club", "sort": "relevance"}
    told = client.get(INCIDENTS, params=asked).json()
    assert [row["title"] for row in told["items"]] == ["Alleged raid on the Turbat press club", "A march"]
    assert (told["total"], told["ranked"], told["next"]) == (2, 2, None)
    assert "ranked" not in client.get(INCIDENTS, params={"q": "press club"}).json()
    first = client.get(INCIDENTS, params=asked | {"limit": "1"}).json()
    then = client.get(INCIDENTS, params=asked | {"limit": "1", "cursor": first["next"]}).json()
    assert [*first["items"], *then["items"]] == told["items"]


def test_without_words_she_is_told_what_is_missing(client: TestClient) -> None:
    answer = client.get(INCIDENTS, params={"sort": "relevance"})
    assert answer.status_code == 422
    assert "give them as q" in answer.text


@pytest.mark.parametrize(
    "asked", ["Abdul Rahman Example", "abdul rehman exampel", "Example Abdul Rehmán", "Rehman Abdool"]
)
def test_a_name_is_found_however_it_is_spelt(client: TestClient, asked: str) -> None:
    report(client, "An alleged killing", "Abdul Rehman Example", "Gul Naz Other")
    report(client, "Another", "Abdul Karim Other", "Zarina Else")
    told = client.get(PERSONS, params={"like": asked}).json()
    assert told["items"][0]["names"][0]["full"] == "Abdul Rehman Example"
    scores = [person["likeness"] for person in told["items"]]
    assert scores == sorted(scores, reverse=True)
    assert all(70 <= score <= 100 for score in scores)
    assert told["total"] == len(told["items"])
    assert told["next"] is None


def test_letter_for_letter_is_a_hundred_and_nobody_is_nothing(client: TestClient) -> None:
    report(client, "An alleged killing", "Abdul Rehman Example")
    (found,) = client.get(PERSONS, params={"like": "abdul rehman example"}).json()["items"]
    assert found["likeness"] == 100
    assert client.get(PERSONS, params={"like": "Xyq Wvu"}).json() == {"items": [], "total": 0, "next": None}
    assert client.get(PERSONS).json()["items"][0]["likeness"] is None
    told = client.get(PERSONS, params={"like": "abdul rehman example", "q": found["names"][0]["full"]}).json()
    assert told["total"] == 1


def test_who_reads_no_names_may_not_ask_by_them(client: TestClient, viewer: TestClient) -> None:
    report(client, "An alleged killing", "Abdul Rehman Example")
    assert viewer.get(PERSONS, params={"like": "Abdul Rehman"}).status_code == 403


def test_a_sealed_identity_is_like_nobody(client: TestClient) -> None:
    sealed = somebody("Abdul Rehman Example", identity_protection="sealed")
    answer = client.post(INCIDENTS, json=an_incident("An alleged killing", acts=[an_act(person=sealed)]))
    assert answer.status_code == 201, answer.text
    assert client.get(PERSONS, params={"like": "Abdul Rehman Example"}).json()["total"] == 0


def test_the_name_that_was_asked_for_is_written_down_nowhere(
    client: TestClient, archive: TestArchive, door: Callable[..., TestClient], capfd: pytest.CaptureFixture[str]
) -> None:
    client.get(PERSONS, params={"like": "Zarghuna Lookedfor"})
    told = door(archive, "auditor").get("/api/v1/history", params={"limit": 5})
    (line,) = [line for line in told.json()["items"] if line["action"] == "searched"]
    assert line["asked"]["asked"] == {"like": None}
    assert "lookedfor" not in (told.text + "".join(capfd.readouterr())).casefold()
