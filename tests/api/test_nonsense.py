"""Hundreds of made-up questions and bodies: whatever comes, the answer is a good one or a clean refusal."""

import json
from typing import Any
from urllib.parse import quote

import pytest
from fastapi import FastAPI
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.testclient import TestClient

from app.queries.filter import CsvFilter, IncidentPage
from app.vocabulary.word import vocabulary
from tests.archives import TestArchive
from tests.builders import TURBAT, a_source, an_act, an_incident, incident_in, somebody

pytestmark = [pytest.mark.one_archive]
URL = "/api/v1/incidents"
OFTEN = settings(
    max_examples=150,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
NAMES = sorted({*IncidentPage.model_fields, *CsvFilter.model_fields, "no_such_field", "", "bbox[]", "kind "})
# The values on which programs stumble, and values that are good.
TRICKY = st.sampled_from([
    "", "0", "-1", "1e400", "NaN", "inf", "-0", "9" * 30, "9" * 5000, "null", "true", "[]", "{}", "'", '"', "%", "\\", ";--",
    "\0", "\ud7ff", "\u202e", "\x7f", "\u0660", "\u00bd", "2025", "2025-13", "2025-02-30", "0000", "-0001", "10000-01-01",
    "9999-12-31", "0001-01-01", "9999-12-31T23:59:59-23:59", "0001-01-01T00:00:00+23:59", "1,2,3,4", "4,3,2,1",
    "180,90,180,90", "-180,-90,180,90", "179,-1,-179,1", "nan,nan,nan", "0,90,20037", "0,-90,0.000001", "0,0,20038",
    "PAK", "PK-BA", "killing", "killed", "unreviewed", "withdrawn", "overlaps", "ref", "-updated_at", "a OR b", "a* NEAR b",
    "WyIxIiwiMSJd", "W251bGwsIklSLTIwMjYtMDAwMDAxIl0", "e30", "====", "\u062a\u0631\u0628\u062a", "00000000-0000-0000-0000-000000000000",
])  # fmt: skip
VALUES = TRICKY | st.text(max_size=40)
QUESTIONS = st.lists(st.tuples(st.sampled_from(NAMES) | st.text(max_size=10), VALUES), max_size=5)
JSON_VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | VALUES | st.sampled_from(list(vocabulary("violations"))),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
WHOLE = an_incident(
    at=TURBAT, killed={"min": 1, "best": 2, "max": 3}, summary="Made up", country="PAK", place_name="Turbat",
    source=a_source(url="https://example.org/a", published="2025-06-13", author="Omar Primer"),
    acts=[an_act(person=somebody("Gul Example", birth_year=1990))],
    involvements=[{"actor": {"name": "armed men", "aliases": ["men"]}, "degree": "ordered"}],
    places=[{"role": "held_at", "place_name": "a camp", "date": "2025-06"}],
)  # fmt: skip


@pytest.fixture
def asker(shared: TestArchive, service: FastAPI) -> TestClient:
    """A reviewer of one archive for all; a fault inside is an answer 500 here, as it is for people."""
    app = service
    app.state.engine, app.state.vault, app.state.published = shared.engine, shared.vault, shared.published
    headers = {"Authorization": f"Bearer {shared.tokens['reviewer']}"}
    return TestClient(app, headers=headers, follow_redirects=False, raise_server_exceptions=False)


def fine(answer: Any) -> None:
    assert answer.status_code < 500, answer.text
    if answer.status_code >= 400:
        assert answer.headers["Content-Type"] == "application/problem+json"
        assert set(answer.json()) == {"type", "title", "status", "detail", "errors"}


def paths(value: Any, here: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every place in a body."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [here, *(place for key, part in inner for place in paths(part, (*here, key)))]


def put(body: Any, place: tuple[Any, ...], value: Any) -> Any:
    """A copy of a body with something else in one place."""
    if not place:
        return value
    copy = json.loads(json.dumps(body))
    part = copy
    for key in place[:-1]:
        part = part[key]
    part[place[-1]] = value
    return copy


@pytest.fixture(autouse=True)
def _one_incident(shared: TestArchive) -> None:
    if not shared.rows():
        shared.report(incident_in(at=TURBAT))


@given(asked=QUESTIONS)
@OFTEN
def test_questions_for_a_page(asker: TestClient, asked: list[tuple[str, str]]) -> None:
    fine(asker.get(URL, params=asked))


@given(asked=QUESTIONS, form=st.sampled_from(["csv", "geojson", "geojsonl"]))
@OFTEN
def test_questions_for_a_file(asker: TestClient, asked: list[tuple[str, str]], form: str) -> None:
    fine(asker.get(f"{URL}.{form}", params=asked))


@given(
    asked=st.lists(
        st.tuples(st.sampled_from(["q", "url", "limit", "after", "country", "level", "parent", "lon", "lat"]), VALUES),
        max_size=4,
    ),
    where=st.sampled_from(["sources", "areas", "settlements"]),
)
@OFTEN
def test_questions_for_words_and_places(asker: TestClient, asked: list[tuple[str, str]], where: str) -> None:
    fine(asker.get(f"/api/v1/{where}", params=asked))


@given(value=TRICKY, name=st.sampled_from(sorted(IncidentPage.model_fields)))
@OFTEN
def test_every_filter_with_every_tricky_value(asker: TestClient, name: str, value: str) -> None:
    fine(asker.get(URL, params={name: value}))


@given(place=st.sampled_from(paths(WHOLE)), value=JSON_VALUES)
@settings(OFTEN, max_examples=400)
def test_reports_with_something_else_in_one_place(asker: TestClient, place: tuple[Any, ...], value: Any) -> None:
    body = json.dumps(put(WHOLE, place, value)).encode("utf-8", "surrogatepass")
    fine(asker.post(URL, content=body, headers={"Content-Type": "application/json"}))


@given(
    said=st.dictionaries(st.sampled_from(["date", "killed", "lon", "title", "country", "x"]), JSON_VALUES, max_size=3)
)
@settings(OFTEN, max_examples=100)
def test_accounts_that_say_anything(asker: TestClient, said: dict[str, Any]) -> None:
    """An account is taken with values of any kind; reading them again, side by side, must not stumble on them."""
    one = asker.post(URL, json=an_incident()).json()["id"]
    told = {"source": a_source(), "said": {name: {"value": value} for name, value in said.items()}}
    body = json.dumps(told).encode("utf-8", "surrogatepass")
    fine(asker.post(f"{URL}/{one}/accounts", content=body, headers={"Content-Type": "application/json"}))
    assert asker.get(f"{URL}/{one}/provenance").status_code == 200


@given(sent=st.binary(max_size=60) | st.text(alphabet='{}[]",:0eE+-.ntf\\u \n', max_size=60).map(str.encode))
@OFTEN
def test_bytes_that_mean_nothing(asker: TestClient, sent: bytes) -> None:
    fine(asker.post(URL, content=sent, headers={"Content-Type": "application/json"}))
    fine(asker.post("/api/v1/imports", content=sent, params={"dry_run": True}))
    fine(asker.post("/api/v1/imports", content=b"title,kind,source_kind\n" + sent, params={"dry_run": True}))


@given(path=st.text(max_size=30))
@OFTEN
def test_addresses_that_mean_nothing(asker: TestClient, path: str) -> None:
    for before in (f"{URL}/", f"{URL}.", "/api/v1/areas/", "/api/v1/vocabularies/"):
        fine(asker.get(before + quote(path, safe="")))
