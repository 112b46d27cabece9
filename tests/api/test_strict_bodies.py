"""Bodies that two readers could take for two things, or that no reader should take at all."""

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.testclient import TestClient

from app.api.strict import DEEPEST, read
from app.errors import Invalid
from tests.archives import TestArchive
from tests.builders import an_account, an_incident

URL = "/api/v1/incidents"
GOOD = json.dumps(an_incident("TITLE", at=(1.5, 2.5)))


def send(client: TestClient, body: str | bytes) -> Any:
    raw = body.encode() if isinstance(body, str) else body
    return client.post(URL, content=raw, headers={"Content-Type": "application/json"})


BAD: dict[str, str | bytes] = {
    "NaN": GOOD.replace("1.5", "NaN"),
    "Infinity": GOOD.replace("1.5", "Infinity"),
    "minus Infinity": GOOD.replace("1.5", "-Infinity"),
    "too large a number": GOOD.replace("1.5", "1e400"),
    "a whole number without end": GOOD.replace("1.5", "9" * 400),
    "a whole number beyond reading": GOOD.replace("1.5", "9" * 5000),
    "a name twice": GOOD.replace('"title"', '"kind": "other", "title"'),
    "a name twice further in": GOOD.replace('"kind": "press"', '"kind": "press", "kind": "video"'),
    "NUL": GOOD.replace("TITLE", "a\\u0000b"),
    "NUL in a name": GOOD.replace('"title"', '"ti\\u0000tle"'),
    "half a character": GOOD.replace("TITLE", "\\ud800"),
    "the other half": GOOD.replace("TITLE", "x\\udc00y"),
    "a turned direction": GOOD.replace("TITLE", "a\\u202egpj.exe"),
    "an isolate": GOOD.replace("TITLE", "\\u2067abc"),
    "too deep": "[" * 100 + "]" * 100,
    "far too deep": "[" * 100_000 + "]" * 100_000,
    "too deep in a value": GOOD.replace('"TITLE"', "[" * 40 + "]" * 40),
    "not UTF-8": GOOD.encode().replace(b"TITLE", b"\xff\xfe"),
    "not JSON": "{title: 1}",
    "cut off": GOOD[:-3],
    "two values": GOOD + GOOD,
    "empty": "",
    "only a number": "1",
    "null": "null",
    "a comment": "/* */" + GOOD,
    "a mark at the start": b"\xef\xbb\xbf" + GOOD.encode(),
}


@pytest.mark.parametrize("which", BAD)
def test_what_no_reader_should_take(client: TestClient, archive: TestArchive, which: str) -> None:
    answer = send(client, BAD[which])
    assert answer.status_code == 422, answer.text
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert "TITLE" not in answer.text
    assert archive.rows() == []


def test_the_same_body_unspoilt_is_taken(client: TestClient) -> None:
    assert send(client, GOOD).status_code == 201


def test_a_body_that_is_too_large(client: TestClient, archive: TestArchive) -> None:
    answer = send(client, json.dumps(an_incident(summary="x" * 1_100_000)))
    assert (answer.status_code, answer.headers["Content-Type"]) == (413, "application/problem+json")
    assert archive.rows() == []


def test_real_texts_of_every_script_are_taken(client: TestClient) -> None:
    title = "ہلاکت کا الزام \u200cمیں \u200fعربی — Ünï 😀 한국어"
    assert send(client, json.dumps(an_incident(title))).json()["title"] == title
    assert send(client, json.dumps(an_incident(title), ensure_ascii=False)).json()["title"] == title


@pytest.mark.parametrize(
    "address", ["/api/v1/incidents/a%00b", "/api/v1/incidents?q=a%00b", "/api/v1/areas/%00", "/api/v1/sources?q=%00"]
)
def test_nul_in_an_address(client: TestClient, address: str) -> None:
    assert client.get(address).status_code == 422


@pytest.mark.parametrize("address", ["%ff", "%ed%a0%80", "%80abc"])
def test_an_address_that_is_not_utf8(client: TestClient, address: str) -> None:
    for where in (f"{URL}?q=word{address}", f"{URL}/{address}", f"{URL}?person={address}"):
        assert client.get(where).status_code == 422


@pytest.mark.parametrize("number", [2**63, -(2**63) - 1, 10**30])
def test_no_number_that_history_could_not_seal(client: TestClient, number: int) -> None:
    """Where a value may be anything, a whole number beyond 64 bits must be refused before it is written down."""
    url = f"{URL}/{client.post(URL, json=an_incident()).json()['id']}/accounts"
    account = json.dumps(an_account(title=number))
    answer = client.post(url, content=account, headers={"Content-Type": "application/json"})
    assert answer.status_code == 422
    assert client.post(url, json=an_account(title=2**63 - 1)).status_code == 201


def test_nested_as_deep_as_allowed() -> None:
    assert read(b"[" * DEEPEST + b"]" * DEEPEST)
    with pytest.raises(Invalid):
        read(b"[" * (DEEPEST + 2) + b"]" * (DEEPEST + 2))


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=200, deadline=None)
@given(body=st.binary(max_size=40) | VALUES.map(lambda value: json.dumps(value).encode()))
def test_whatever_comes_is_read_or_refused(body: bytes) -> None:
    try:
        read(body)
    except Invalid as refused:
        assert refused.faults


FIELDS = st.sampled_from(["title", "summary", "kind", "nature", "date", "lon", "lat", "country", "killed", "acts",
                          "involvements", "places", "according_to", "id", "external_id", "uncertainty_m", "licence"])  # fmt: skip


@settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck))
@given(name=FIELDS, value=VALUES)
def test_no_value_of_any_field_makes_the_service_fail(client: TestClient, name: str, value: Any) -> None:
    answer = send(client, json.dumps(an_incident(at=(1.5, 2.5)) | {name: value}))
    assert answer.status_code in (200, 201, 409, 422), answer.text
