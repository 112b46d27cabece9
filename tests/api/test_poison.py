"""Every door that takes something, with everything that should be taken by none: refused cleanly, and never repeated."""

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import unquote_to_bytes

import pytest
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse
from starlette.testclient import TestClient

from app.access.policy import WRITE, allow
from app.api import incoming
from app.main import create_app
from tests.api.raw import JSON, Heard, send
from tests.api.walking import INCIDENTS, Door, body, doors, something
from tests.archives import TestArchive
from tests.builders import an_incident

MARK = "Kanarienvogel"
OUGHT = b'{"MARK": "MARK", %s}'
# What is wrong, and the word by which the refusal tells that it saw just this.
POISONS: dict[str, tuple[bytes, str]] = {
    "NaN": (b'"x": NaN', "NaN"),
    "Infinity": (b'"x": Infinity', "Infinity"),
    "minus Infinity": (b'"x": [-Infinity]', "Infinity"),
    "1e400": (b'"x": 1e400', "too large"),
    "a huge whole number": (b'"x": ' + b"9" * 400, "too large"),
    "a whole number beyond reading": (b'"x": ' + b"9" * 5000, "JSON"),
    "half a character": (b'"x": "MARK\\ud800"', "half a character"),
    "the other half, in a name": (b'"MARK\\udc00": 1', "half a character"),
    "NUL": (b'"x": "MARK\\u0000"', "NUL"),
    "a control character": (b'"x": "MARK\\u0085"', "control"),
    "a turned direction": (b'"x": "MARK\\u202egpj"', "direction"),
    "a name twice": (b'"x": "MARK", "x": 1', "twice"),
    "a name twice, written in two ways": (b'"\\u00e9": 1, "e\\u0301": "MARK"', "twice"),
    "a name twice, far in": (b'"x": [{"y": {"z": "MARK", "z": 1}}]', "twice"),
    "depth 100": (b'"x": ' + b"[" * 100 + b"]" * 100, "deep"),
    "depth 100,000": (b'"x": ' + b"[" * 100_000 + b"]" * 100_000, "deep"),
    "a list of 10,001": (b'"x": [' + b"1," * 10_000 + b"1]", "list is too long"),
    "not UTF-8": (b'"x": "MARK\xff"', "UTF-8"),
    "not JSON": (b'"x": MARK', "JSON"),
    "cut off": (b'"x": ["MARK"', "JSON"),
}


class Somewhere(dict[str, str]):
    """Ids of records that are not laid out lead nowhere."""

    def __missing__(self, _: str) -> str:
        return "01900000-0000-7000-8000-00000000ffff"


def takes_json(door: Door) -> bool:
    return door.writes and door.method != "DELETE" and "json" in body(door.path)


def poisoned(app: FastAPI, door: Door, known: dict[str, str], token: str, poison: bytes) -> Heard:
    raw = (OUGHT % poison).replace(b"MARK", MARK.encode())
    return send(app, door.method, door.path.format_map(known).encode(), token, [raw], JSON)


def faults(heard: Heard, word: str) -> list[str]:
    """What is wrong with a refusal; nothing, if it is one, says why and repeats nothing."""
    found = []
    if not 400 <= heard.status < 500:
        found.append(f"answered {heard.status}")
    elif (b"content-type", b"application/problem+json") not in heard.headers:
        found.append("no problem+json")
    elif heard.body and word not in json.dumps(heard.json()["errors"]):
        found.append(f"refused for something else: {heard.status} {heard.json()['errors']}")
    if MARK.lower().encode() in heard.all.lower():
        found.append("repeats what was sent")
    return found


@pytest.fixture
def known(archive: TestArchive, client: TestClient) -> dict[str, str]:
    return Somewhere(something(client))


def tokens_for(archive: TestArchive, door: Door) -> str:
    """Somebody whom the door lets in: what is sent is read only then."""
    return archive.tokens[{"administer": "admin"}.get(door.policy, "reviewer")]


@pytest.mark.parametrize("poison", POISONS)
def test_every_door_that_reads_json(
    archive: TestArchive, client: TestClient, service: FastAPI, known: dict[str, str], poison: str
) -> None:
    tried = [door for door in doors(service) if takes_json(door)]
    assert len(tried) >= 30
    before = archive.rows()
    raw, word = POISONS[poison]
    found = {str(door): faults(poisoned(service, door, known, tokens_for(archive, door), raw), word) for door in tried}
    assert {door: wrong for door, wrong in found.items() if wrong} == {}
    assert archive.rows() == before


@allow(WRITE)
async def _echoing(request: Request) -> JSONResponse:
    """What must never be: a door that reads for itself, and tells what it read."""
    raw = (await request.body()).decode("utf-8", "replace")
    return JSONResponse({"errors": [{"what": f"cannot read {raw}"}]}, 422, media_type="application/problem+json")


@allow(WRITE)
async def _trusting(request: Request) -> JSONResponse:
    return JSONResponse({"taken": len(await request.body())})


@pytest.mark.parametrize(("planted", "says"), [(_echoing, "repeats"), (_trusting, "answered 200")])
def test_a_door_that_echoes_or_trusts_is_found(archive: TestArchive, planted: Any, says: str) -> None:
    app = create_app(archive.engine, archive.vault)
    app.add_api_route("/planted", planted, methods=["POST"])
    heard = poisoned(app, Door("POST", "/planted"), {}, archive.tokens["reviewer"], POISONS["NUL"][0])
    assert any(says in fault for fault in faults(heard, "NUL"))


ADDRESSES: dict[str, tuple[bytes, str]] = {
    "NUL": (b"%00", "control"),
    "a control character": (b"%1b", "control"),
    "a turned direction": (b"%e2%80%ae", "direction"),
    "half a character": (b"%ed%a0%80", "UTF-8"),
    "not UTF-8": (b"%ff", "UTF-8"),
    "too long a form of a letter": (b"%c0%ae", "UTF-8"),
    "% alone": (b"%", "without two digits"),
    "% and no digits": (b"%zz", "without two digits"),
    "raw bytes": (b"\xff\xfe", "UTF-8"),
}


@pytest.mark.parametrize("poison", ADDRESSES)
@pytest.mark.parametrize("place", ["question", "name", "path"])
def test_every_address(
    archive: TestArchive, client: TestClient, service: FastAPI, known: dict[str, str], poison: str, place: str
) -> None:
    raw, word = ADDRESSES[poison]
    found = {}
    for door in doors(service):
        address = door.path.format_map(known).encode()
        if place == "path":
            if "{" not in door.path:
                continue
            address = door.path.replace("{", "\0{").encode().split(b"\0")[0] + MARK.encode() + raw + _rest(door)
        else:
            address += b"?" + (b"q=" + MARK.encode() + raw if place == "question" else MARK.encode() + raw + b"=1")
        heard = send(service, door.method, address, tokens_for(archive, door))
        wrong = faults(heard, word)
        if place == "path" and heard.status == 404 and MARK.encode() not in heard.all:
            wrong = []  # it leads to no door at all
        if wrong:
            found[str(door)] = wrong
    assert found == {}


def _rest(door: Door) -> bytes:
    """What follows the first id of a path."""
    return door.path.partition("}")[2].format_map(Somewhere()).encode()


@pytest.mark.parametrize("path", [INCIDENTS, f"{INCIDENTS}.csv", f"{INCIDENTS}.geojson", f"{INCIDENTS}.ris"])
def test_what_may_stand_once_stands_once(client: TestClient, path: str) -> None:
    for name in ("q", "country", "bbox", "date_from", "located", "min_sources"):
        answer = client.get(f"{path}?{name}={MARK}&{name}={MARK}")
        assert answer.status_code == 422
        assert [fault["where"] for fault in answer.json()["errors"]] == [name]
        assert MARK not in answer.text
    assert client.get(f"{path}?kind=killing&kind=other").status_code == 200
    assert client.get(f"{path}?verification=unreviewed&verification=single_source").status_code == 200


def test_too_long_an_address(client: TestClient) -> None:
    assert client.get(f"{INCIDENTS}?q={'a' * 9000}").status_code == 414
    assert client.get(f"{INCIDENTS}/{'a' * 9000}").status_code == 414


def test_names_are_kept_in_composed_form(client: TestClient) -> None:
    """Letter for letter the same, whichever way the keyboard wrote them."""
    apart, together = "Jose\u0301 \u0627\u0653", "José \u0622"
    one = client.post(INCIDENTS, json=an_incident(apart)).json()
    assert one["title"] == together
    assert client.get(f"{INCIDENTS}/{one['id']}").json()["title"] == together
    for asked in (apart, together):
        found = client.get(INCIDENTS, params={"q": asked}).json()
        assert [item["ref"] for item in found["items"]] == [one["ref"]]
    kept = "ہلاکت کا الزام \u200cمیں ۆ ې گ ڑ ݨ"
    assert client.post(INCIDENTS, json=an_incident(kept)).json()["title"] == kept


@pytest.mark.parametrize("kind", ["text/plain", "application/xml", "multipart/form-data; boundary=x", "", "\x00"])
def test_a_body_of_another_kind(client: TestClient, archive: TestArchive, service: FastAPI, kind: str) -> None:
    raw = json.dumps(an_incident(MARK)).encode()
    heard = send(
        service, "POST", INCIDENTS.encode(), archive.tokens["reviewer"], [raw], [(b"content-type", kind.encode())]
    )
    assert faults(heard, "") == []
    assert archive.rows() == []


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(incoming, "REST", 0.2)
    monkeypatch.setattr(incoming, "GRACE", 0.5)


DRIPS: dict[str, list[bytes | float]] = {
    "never the rest": [b'{"title": "Kanarienvogel"', 5, b"}"],
    "drop by drop": [part for letter in b"x" * 40 for part in (bytes([letter]), 0.05)],
}


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("how", DRIPS)
@pytest.mark.parametrize("path", [INCIDENTS, "/api/v1/imports", "/api/v1/sources/import", INCIDENTS + "/{id}/evidence"])
def test_a_body_that_comes_too_slowly(
    client: TestClient, archive: TestArchive, service: FastAPI, path: str, how: str
) -> None:
    one = client.post(INCIDENTS, json=an_incident()).json()["id"]
    heard = send(service, "POST", path.format(id=one).encode(), archive.tokens["reviewer"], DRIPS[how], JSON)
    assert heard.status == 408, heard.body
    assert faults(heard, "") == []
    assert (b"connection", b"close") in [(name.lower(), value) for name, value in heard.headers]
    assert len(archive.rows()) == 1


def test_a_body_that_keeps_coming_is_waited_for(client: TestClient, archive: TestArchive, service: FastAPI) -> None:
    raw = json.dumps(an_incident("In pieces")).encode()
    pieces = [part for start in range(0, len(raw), 40) for part in (raw[start : start + 40], 0.01)][:-1]
    assert send(service, "POST", INCIDENTS.encode(), archive.tokens["reviewer"], pieces, JSON).status == 201


TOO_LARGE = 25 * 1024 * 1024 + 1


@pytest.mark.parametrize("path", ["/api/v1/imports", "/api/v1/sources/import"])
def test_a_file_that_is_too_large(client: TestClient, archive: TestArchive, service: FastAPI, path: str) -> None:
    pieces = [MARK.encode() + b"x" * (1 << 20)] * (TOO_LARGE >> 20) + [b"x" * (1 << 20)]
    heard = send(service, "POST", path.encode(), archive.tokens["reviewer"], pieces)
    assert heard.status == 413
    assert faults(heard, "") == []


def test_the_poisons_are_what_they_say() -> None:
    unescaped: Callable[[bytes], bytes] = unquote_to_bytes
    for name, (raw, _) in ADDRESSES.items():
        if name in {"half a character", "not UTF-8", "too long a form of a letter", "raw bytes"}:
            with pytest.raises(UnicodeDecodeError):
                unescaped(raw).decode()
