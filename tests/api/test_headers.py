"""What every answer says of itself: an exact table, over every door with every method, and when things go wrong."""

import logging
from collections.abc import Callable
from typing import Any

import pytest
from fastapi import FastAPI
from starlette.responses import StreamingResponse
from starlette.testclient import TestClient

from app.access.policy import OPEN, READ, allow
from app.api import headers
from app.main import create_app
from tests.api.walking import Door, doors, knock, something
from tests.archives import TestArchive
from tests.builders import an_incident

URL = "/api/v1/incidents"
CANARY = "Kanarienvogel"
Opener = Callable[..., TestClient]

# The contract, written out: what `app/api/headers.py` makes is compared with this and not with itself.
EVERYWHERE = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}
STRICT = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
POLICIES = {"page": STRICT + "; style-src 'self'", "file": STRICT + "; sandbox", "data": STRICT}
FOR_ALL = {"/", "/docs", "/docs.css", "/openapi.json"}
DANGEROUS = ("camera", "geolocation", "microphone", "payment", "usb")


def wanted(path: str, answer: Any, asker: str) -> dict[str, str]:
    """What must stand on an answer."""
    kind = "page" if path == "/docs" else "file" if "content-disposition" in answer.headers else "data"
    told = answer.status_code == 200 and answer.request.method in {"GET", "HEAD"}
    caching = "no-store"
    if told and path in FOR_ALL:
        caching = "public, max-age=300"
    elif told and asker == "public" and path not in {"/healthz", "/readyz"} and "{secret}" not in path:
        caching = "public, no-cache"
    return EVERYWHERE | {"content-security-policy": POLICIES[kind], "cache-control": caching}


def wrong(path: str, answer: Any, asker: str) -> dict[str, Any]:
    """Every header that is not as the table says."""
    table = wanted(path, answer, asker)
    found = {name: answer.headers.get_list(name) for name in table if answer.headers.get_list(name) != [table[name]]}
    vary = {part.strip().lower() for part in answer.headers.get("vary", "").split(",")}
    if not {"authorization", "cookie"} <= vary:
        found["vary"] = vary
    off = answer.headers.get("permissions-policy", "")
    if not all(f"{feature}=()" in off for feature in DANGEROUS):
        found["permissions-policy"] = off
    for never in ("server", "x-powered-by", "strict-transport-security", "access-control-allow-origin"):
        if never in answer.headers:
            found[never] = answer.headers[never]
    return found


def round_of(client: TestClient, service: FastAPI, known: dict[str, str], asker: str) -> dict[str, Any]:
    """Knock at every door; what was wrong, by door and status."""
    client._transport.raise_server_exceptions = False  # type: ignore[attr-defined]
    found = {}
    for door in doors(service):
        told = knock(client, door, known)
        if wrong(door.path, told, asker):
            found[f"{door} {told.status_code}"] = wrong(door.path, told, asker)
    return found


@pytest.fixture
def known(published: TestArchive, door: Opener) -> dict[str, str]:
    return Absent(something(door(published, "reviewer")))


class Absent(dict[str, str]):
    """Ids of records that a walk does not lay out lead nowhere, which is an answer too."""

    def __missing__(self, _: str) -> str:
        return "01900000-0000-7000-8000-00000000ffff"


@pytest.mark.parametrize("asker", ["reviewer", "viewer", "auditor", "admin", "public"])
def test_at_every_door(
    published: TestArchive, door: Opener, service: FastAPI, known: dict[str, str], asker: str
) -> None:
    client = door(published, None if asker == "public" else asker)
    assert round_of(client, service, known, asker) == {}


def test_the_public_is_answered_at_all(published: TestArchive, door: Opener) -> None:
    """Or the table would not have been tried for what may be kept in a cache."""
    answer = door(published).get(URL)
    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "public, no-cache")


@pytest.mark.parametrize(
    ("what", "makes"),
    [
        ("a header forgotten", lambda _: {}),
        ("a member's answer in caches", lambda _: headers.ALWAYS | {"Cache-Control": "public, max-age=60"}),
        ("scripts let in", lambda _: headers.ALWAYS | {"Content-Security-Policy": "default-src *"}),
    ],
)
def test_a_fault_is_noticed(
    published: TestArchive, door: Opener, service: FastAPI, known: dict[str, str], what: str, makes: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr(headers, "contract", lambda scope, status, given: makes(scope))
    assert len(round_of(door(published, "reviewer"), service, known, "reviewer")) > 25, what


@pytest.mark.parametrize(
    ("how", "path", "more", "status"),
    [
        ("GET", "/nowhere", {}, 404),
        ("GET", f"{URL}/{CANARY}", {}, 404),
        ("DELETE", URL, {}, 405),
        ("OPTIONS", URL, {}, 405),
        ("GET", f"{URL}?limit={CANARY}", {}, 422),
        ("GET", f"{URL}?q={'x' * 9000}", {}, 414),
        ("POST", URL, {"json": {CANARY: 1}}, 422),
        (
            "POST",
            URL,
            {"content": b'"' + b"x" * 1_100_000 + b'"', "headers": {"Content-Type": "application/json"}},
            413,
        ),
        ("PATCH", f"{URL}/01900000-0000-7000-8000-00000000ffff", {"json": {"reason": "Made up.", "title": "x"}}, 404),
    ],
)
def test_on_refusals(client: TestClient, how: str, path: str, more: dict[str, Any], status: int) -> None:
    answer = client.request(how, path, **more)
    assert answer.status_code == status
    assert wrong(path.partition("?")[0], answer, "reviewer") == {}
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert CANARY not in answer.text


def test_what_cannot_be_used_here_is_named(client: TestClient) -> None:
    allowed = client.delete(URL).headers["Allow"]
    assert {word.strip() for word in allowed.split(",")} == {"GET", "POST"}


def test_without_a_key_and_with_a_wrong_one(published: TestArchive, door: Opener) -> None:
    for sent in ("", f"Bearer gwh_{'0' * 16}_{'A' * 43}"):
        answer = door(published).post(URL, json=an_incident(), headers={"Authorization": sent} if sent else {})
        assert answer.status_code == 401
        assert wrong(URL, answer, "nobody") == {}


@allow(OPEN)
def _fail() -> None:
    raise RuntimeError(f"{CANARY} went wrong")


@allow(READ)
def _fail_later() -> StreamingResponse:
    def pieces() -> Any:
        yield b"the beginning"
        raise RuntimeError(f"{CANARY} went wrong")

    return StreamingResponse(pieces(), media_type="text/plain")


@pytest.fixture
def failing(archive: TestArchive) -> TestClient:
    app = create_app(archive.engine, archive.vault)
    app.add_api_route("/fails", _fail, methods=["GET", "POST"])
    app.add_api_route("/fails-later", _fail_later)
    return TestClient(app, headers={"Authorization": f"Bearer {archive.tokens['reviewer']}"})


def test_a_failure_says_nothing_outside_and_no_names_inside(
    failing: TestClient, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        answer = failing.post(f"/fails?q={CANARY}", json={"name": CANARY})
    assert (answer.status_code, answer.headers["Content-Type"]) == (500, "application/problem+json")
    assert wrong("/fails", answer, "reviewer") == {}
    assert "RuntimeError" not in answer.text
    noted = "\n".join(record.getMessage() for record in caplog.records if record.name == "gawah")
    assert "RuntimeError at" in noted
    assert "_fail" in noted
    assert CANARY not in answer.text + str(answer.headers) + noted


def test_one_in_the_middle_breaks_off(failing: TestClient, caplog: pytest.LogCaptureFixture) -> None:
    answer = failing.get("/fails-later")
    assert answer.text == "the beginning"
    assert wrong("/fails-later", answer, "reviewer") == {}
    assert "_fail_later" in caplog.text or "pieces" in caplog.text
    assert CANARY not in caplog.text


def test_strict_transport_over_https_alone(failing: TestClient) -> None:
    secure = TestClient(failing.app, base_url="https://testserver").get("/healthz")
    assert secure.headers["Strict-Transport-Security"].startswith("max-age=63072000")
    assert "Strict-Transport-Security" not in failing.get("/healthz").headers


def test_only_the_head(client: TestClient, service: FastAPI) -> None:
    """HEAD answers as GET does, without a body, at every address that can be read."""
    client.post(URL, json=an_incident())
    for path in ("/", "/docs", "/healthz", URL, f"{URL}.csv", f"{URL}.geojson", "/api/v1/sources.ris"):
        head, whole = client.head(path), client.get(path)
        assert (head.status_code, head.content) == (200, b"")
        told = set(head.headers) - {"content-length", "content-encoding", "etag"}
        assert {name: head.headers[name] for name in told} == {name: whole.headers[name] for name in told}
    assert client.head("/api/v1/incidents/check-nothing").status_code == 404
    assert client.head(f"{URL}/01900000-0000-7000-8000-00000000ffff/withdraw").status_code == 405


def test_downloads_are_attachments(client: TestClient, service: FastAPI) -> None:
    known = Absent(something(client))
    files = [door for door in doors(service) if door.method == "GET" and is_a_file(door)]
    assert len(files) >= 6
    for door in files:
        told = knock(client, door, known)
        if told.status_code == 200:
            assert told.headers["Content-Disposition"].startswith("attachment"), str(door)


def is_a_file(door: Door) -> bool:
    last = door.path.rsplit("/", 1)[-1]
    return last in {"file", "working-copy"} or ("." in last and not last.endswith((".css", ".json", "}")))
