"""The items of /ogc are those of every other door: the same numbers, page by page, for whoever may see them."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import update
from sqlmodel import col
from starlette.testclient import TestClient

from app.access import visibility
from app.access.policy import READ, THE_PUBLIC
from app.access.viewer import Viewer
from app.actions import reads
from app.actions.reads import Asked
from app.db import writing
from app.queries.queryables import QUERYABLES, may_ask
from app.records import Incident
from app.vocabulary.sensitivity import INTERNAL
from tests.archives import TestArchive, counting
from tests.builders import TURBAT, a_source, an_incident
from tests.ogc.grounds import INCIDENTS, ITEMS, fill

Opener = Callable[..., TestClient]
MANY = 24
HOSTILE = "<script>alert('1')</script> \"quoted\" & more"


def all_pages(client: TestClient, asked: str) -> list[dict[str, Any]]:
    met = []
    while asked:
        answer = client.get(asked)
        assert answer.status_code == 200, answer.text
        met += answer.json()["features"]
        asked = next((one["href"] for one in answer.json()["links"] if one["rel"] == "next"), "")
    return met


@pytest.mark.parametrize(
    "asked",
    ["", "kind=killing", "kind=killing&kind=torture_ill_treatment", "country=PAK&located=true", "bbox=60,20,70,30", "harm=killed",
     "near=63.05,26.0,100", "area=PK-BA", "date_from=2024&date_to=2025-06", "date_from=2025&date_match=within", "q=market",
     "min_sources=1", "source=report", "verification=unreviewed", "updated_since=2020-01-01", "stage=draft", "located=false"],
)  # fmt: skip
def test_every_question_has_the_same_answer_as_elsewhere(filled: TestArchive, door: Opener, asked: str) -> None:
    client = door(filled, "contributor")
    elsewhere = client.get(f"{INCIDENTS}.geojson?{asked}").json()["features"]
    total = client.get(f"{INCIDENTS}?{asked}").json()["total"]
    assert client.get(f"{ITEMS}?{asked}").json()["numberMatched"] == total == len(elsewhere)
    met = all_pages(client, f"{ITEMS}?limit=4&{asked}")
    assert {one["id"]: one for one in met} == {one["id"]: one for one in elsewhere}
    assert len(met) == total


@pytest.fixture(scope="module")
def filled(shared: TestArchive) -> TestArchive:
    fill(shared, MANY)
    return shared


def test_a_page_asks_the_database_as_often_however_long_it_is(filled: TestArchive, door: Opener) -> None:
    client = door(filled, "viewer")
    sent = []
    for limit in (2, 20):
        with counting(filled.engine) as statements:
            assert client.get(ITEMS, params={"limit": limit}).status_code == 200
        sent.append(len(statements))
    assert sent[0] == sent[1]
    following = next(one["href"] for one in client.get(f"{ITEMS}?limit=2").json()["links"] if one["rel"] == "next")
    with counting(filled.engine) as statements:
        assert client.get(following).status_code == 200
    assert statements
    assert [statement for statement in statements if "count(" in statement] == []


def test_what_one_may_not_ask_is_refused_in_the_words_of_what_is_not_there(filled: TestArchive, door: Opener) -> None:
    """A viewer does not read who people are, so does not ask by it."""
    client = door(filled, "viewer")
    unknown = client.get(ITEMS, params={"nonsense": "x"}).json()
    hidden = client.get(ITEMS, params={"person": "x"})
    assert (hidden.status_code, hidden.json()) == (400, unknown)
    words = [
        client.get(ITEMS, params={"filter": f"{name} = 'x'"}).json()
        for name in ("nonsense", "stage", "summary", "id", "pk")
    ]
    assert words == [words[0]] * len(words)


def test_a_column_that_one_may_not_read_is_no_column(
    filled: TestArchive, door: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = door(filled, "viewer")
    unknown = client.get(ITEMS, params={"filter": "nonsense = 'x'"}).json()
    told = client.get("/ogc/collections/incidents/queryables").json()["properties"]
    assert set(told) == {"geometry", *QUERYABLES}
    real = visibility.delicacy
    closer = lambda table, name: INTERNAL if name == "title" else real(table, name)  # noqa: E731
    monkeypatch.setattr("app.queries.queryables.delicacy", closer)
    assert [may_ask("title", Viewer("x", role)) for role in (THE_PUBLIC, "partner", "viewer")] == [False, False, True]
    monkeypatch.setattr("app.queries.queryables.may_read", lambda viewer, kind: kind is not INTERNAL)
    assert client.get(ITEMS, params={"filter": "title = 'x'"}).json() == unknown
    assert "title" not in client.get("/ogc/collections/incidents/queryables").json()["properties"]


def test_no_word_of_an_incident_is_taken_for_html(archive: TestArchive, door: Opener) -> None:
    client = door(archive, "contributor")
    one = client.post(INCIDENTS, json=an_incident(HOSTILE, at=TURBAT, source=a_source(HOSTILE))).json()
    for path in (f"{ITEMS}?filter=title LIKE '<script>%25'", f"{ITEMS}/{one['ref']}"):
        answer = client.get(path, headers={"Accept": "text/html"})
        assert answer.status_code == 200
        assert "<script>" not in answer.text
        assert "&lt;script&gt;" in answer.text


def test_an_incident_that_leads_to_another_does_so_here(archive: TestArchive, door: Opener) -> None:
    client = door(archive, "reviewer")
    one, other = (client.post(INCIDENTS, json=an_incident(title)).json() for title in ("One", "The same"))
    seen = {"If-Match": archive.seen(one["id"])}
    why = {"to": other["id"], "reason": "The same event."}
    assert client.post(f"{INCIDENTS}/{one['id']}/redirect", json=why, headers=seen).status_code == 200
    answer = client.get(f"{ITEMS}/{one['ref']}")
    assert answer.status_code == 308
    assert client.get(answer.headers["Location"]).json()["id"] == other["ref"]
    assert [found["id"] for found in client.get(ITEMS).json()["features"]] == [other["ref"]]


def test_what_is_withdrawn_or_sealed_is_not_on_the_map(archive: TestArchive, door: Opener) -> None:
    client = door(archive, "reviewer")
    gone, sealed = (client.post(INCIDENTS, json=an_incident(title)).json() for title in ("Gone", "Sealed"))
    seen = {"If-Match": archive.seen(gone["id"])}
    client.post(f"{INCIDENTS}/{gone['id']}/withdraw", json={"reason": "A mistake."}, headers=seen)
    with writing(archive.engine) as session:
        session.execute(update(Incident).where(col(Incident.ref) == sealed["ref"]).values(sensitivity="sealed"))
    assert client.get(f"{ITEMS}/{gone['ref']}").status_code == 410
    assert [one["id"] for one in client.get(ITEMS).json()["features"]] == [sealed["ref"]]
    viewer = door(archive, "viewer")
    assert viewer.get(ITEMS).json()["numberMatched"] == 0
    assert viewer.get(f"{ITEMS}/{sealed['ref']}").json() == viewer.get(f"{ITEMS}/{uuid4()}").json()
    assert viewer.get(f"{ITEMS}?cursor={sealed['ref']}").status_code == 400


def test_a_read_is_noted_as_one_of_incidents_and_without_the_words_of_its_filter() -> None:
    asked = Asked(f"{ITEMS}", {}, {"filter": ["title = 'Gul Example'"], "datetime": ["2025-06-12/.."], "limit": ["5"]})
    assert (asked.noun, asked.action) == ("incident", "searched")
    told = reads.what(asked)["asked"]
    assert told == {"filter": None, "datetime": ["2025-06-12/.."], "limit": ["5"]}
    assert reads.is_noted(READ, asked, Viewer("a contributor", "contributor"))
