"""Requests made to break something: in headers, in files, in numbers; each gets a clean refusal without an echo."""

import json
from typing import Any

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from tests.api.walking import CSV, something, working
from tests.archives import TestArchive
from tests.builders import a_source, an_act, an_incident

URL = "/api/v1/incidents"
NOBODY = "01a20d04-3d20-77cb-bf33-e8d8def002e1"
CANARY = "Kanarienvogel"
# These take a file as it is, whatever stands in it, or nothing.
FILES = ("/imports", "/import", "/undo", "/cancel", "/evidence", "/derived")
JSON = {"Content-Type": "application/json"}


@pytest.fixture(autouse=True)
def _quiet(client: TestClient) -> None:
    """A fault inside is an answer 500 here, as it is for people, and no exception in the test."""
    client._transport.raise_server_exceptions = False  # type: ignore[attr-defined]


def check(answer: Any, *allowed: int) -> dict[str, Any]:
    assert answer.status_code in (allowed or range(400, 500)), (answer.status_code, answer.text)
    assert answer.headers["Content-Type"] == "application/problem+json"
    told = answer.json()
    assert set(told) == {"type", "title", "status", "detail", "errors"}
    assert CANARY.lower() not in (answer.text + str(answer.headers)).lower()
    return dict(told)


@pytest.mark.parametrize(
    "query",
    [
        "q=%00", f"q={CANARY}%00", f"{CANARY}%00=1", "limit=" + "9" * 5000, "bbox=NaN,0,1,1", "bbox=0,0,Infinity,1",
        "bbox=1e400,0,1,1", "near=0,0,-1", "near=0,0,1e308", "near=0,0,NaN", "min_sources=-1", "q=", "q=%20",
        f"limit=1&limit={CANARY}", "updated_since=99999999999999999999", f"kind=killing&kind={CANARY}",
        "updated_since=0001-01-01T00:00:00%2B23:00", "updated_since=9999-12-31T23:59:59-23:00", "area=" + "x" * 61,
    ],
)  # fmt: skip
def test_a_question_at_the_edge(client: TestClient, query: str) -> None:
    assert check(client.get(f"{URL}?{query}"), 422)["errors"]


WRONG: dict[str, dict[str, Any]] = {
    "a country": an_incident(country=CANARY),
    "an address": an_incident(source=a_source(url=f"javascript:{CANARY}")),
    "an address kept elsewhere": an_incident(source=a_source(archive_url=f"data:text/html,{CANARY}")),
    "a script": an_incident(acts=[an_act(person={"names": [{"full": "Gul", "script": CANARY}]})]),
    "the country of an outlet": an_incident(source=a_source(publication={"name": "x", "country": CANARY})),
    "the country of an actor": an_incident(involvements=[{"actor": {"name": "x", "country": CANARY}}]),
    "a huge number": an_incident(killed={"best": 10**30}),
    "a huge year": an_incident(on="9" * 400),
    "a year too large": an_incident(on="99999-01-01"),
}


@pytest.mark.parametrize("told", WRONG.values(), ids=WRONG.keys())
def test_a_report_with_a_wrong(client: TestClient, archive: TestArchive, told: dict[str, Any]) -> None:
    assert check(client.post(URL, json=told), 422)["errors"]
    assert archive.rows() == []


UNREADABLE: dict[str, str] = {
    "NaN": json.dumps(an_incident(killed={"best": float("nan")})),
    "1e400": json.dumps(an_incident(lon=1.5, lat=0.0, geo_precision="exact")).replace("1.5", "1e400"),
    "a name twice": json.dumps(an_incident()).replace('"title":', f'"title": "{CANARY}", "title":', 1),
    "NUL": json.dumps(an_incident(f"{CANARY}\0")),
    "half a character": json.dumps(an_incident(CANARY + "\ud800")),
    "depth 100": f'{{"title": {"[" * 100}{"]" * 100}}}',
    "depth 100,000": "[" * 100_000,
    "depth 100,000 of objects": '{"a":' * 100_000,
    "an integer too long to read": '{"title": ' + "9" * 5000 + "}",
    "nothing": "",
    "a text": f'"{CANARY}"',
    "null": "null",
}


@pytest.mark.parametrize("sent", UNREADABLE.values(), ids=UNREADABLE.keys())
@pytest.mark.parametrize("path", [f"/{NOBODY}", f"/{NOBODY}/accounts", f"/{NOBODY}/withdraw"])
def test_every_reader_of_bodies_is_strict(client: TestClient, path: str, sent: str) -> None:
    method = "PATCH" if path == f"/{NOBODY}" else "POST"
    assert check(client.request(method, URL + path, content=sent.encode(), headers=JSON), 422)["errors"]


@pytest.mark.parametrize("name", ["If-Match", "Idempotency-Key", "Authorization", CANARY, "Content-Type", "Accept"])
def test_headers_do_not_come_back(client: TestClient, name: str) -> None:
    one = client.post(URL, json=an_incident()).json()["id"]
    for value in (CANARY, CANARY * 30, f'W/"{CANARY}"', "\u00fc" + CANARY):
        headers = {name: value.encode("latin-1")}
        check(client.patch(f"{URL}/{one}", json={"reason": "Made up.", "title": "x"}, headers=headers))
        check(client.post(URL, json={}, headers=headers))


@pytest.mark.parametrize("value", [b"", b"\xff\xfe", b"x" * 200, b"x" * 201])
def test_a_key_of_any_bytes(client: TestClient, value: bytes) -> None:
    answer = client.post(URL, json=an_incident(), headers={"Idempotency-Key": value})
    assert answer.status_code == (422 if len(value) > 200 else 201)


@pytest.mark.parametrize(
    ("query", "sent", "status"),
    [
        ("", CANARY.encode(), 422), ("", CANARY.encode() + b"\0", 422), (f"?{CANARY}=1", CSV, 422),
        (f"?dry_run={CANARY}", CSV, 422), (f"?format={CANARY}", CSV, 422), (f"?format={CANARY * 30}", CSV, 422),
        ("?format=ucdp-ged", CSV, 422), ("", b"", 422), ("", b"\x1f\x8b" + CANARY.encode(), 422),
        ("", b"PK\x03\x04" + CANARY.encode(), 422), (f"/{CANARY}/undo", b"", 422),
        ("", b'title,kind,source_kind\n"' + CANARY.encode(), 422), (f"/{NOBODY}/undo", b"", 404),
        (f"/{NOBODY}/undo?also_edited={CANARY}", b"", 422), (f"?name={CANARY * 30}", CSV, 422),
    ],
)  # fmt: skip
def test_a_wrong_import(client: TestClient, query: str, sent: bytes, status: int) -> None:
    check(client.post(f"/api/v1/imports{query}", content=sent), status)


def test_a_form_is_taken_for_no_file_at_any_door(client: TestClient, archive: TestArchive, service: FastAPI) -> None:
    """Its own lines would be read with those of the file."""
    known, before = something(client), len(archive.rows())
    tried = [door for door in working(service) if door.writes]
    assert {door.path for door in tried} >= {"/api/v1/imports", "/api/v1/imports/refused"}
    for door in tried:
        answer = client.request(door.method, door.path.format_map(known), files={"file": (f"{CANARY}.csv", CSV)})
        assert "--data-binary" in check(answer, 422)["errors"][0]["mend"]
    assert len(archive.rows()) == before


def test_unknown_fields_are_refused_at_every_door(client: TestClient, service: FastAPI) -> None:
    known = something(client)
    tried = [door for door in working(service) if door.writes and not door.path.endswith(FILES)]
    assert len(tried) >= 8
    for door in tried:
        path = door.path.format_map(known)
        check(client.request(door.method, path, json={CANARY: CANARY, "reason": 7, "kind": CANARY}), 422)
