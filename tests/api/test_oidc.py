"""Sign-in by another house, against a small provider of our own on loopback: who is let in, and which tokens are not."""

import hmac
import json
import time
from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from fastapi import FastAPI
from joserfc import jwt
from joserfc.jwk import RSAKey
from starlette.testclient import TestClient

from app.access.oidc import Provider
from app.access.viewer import console
from app.actions import members
from app.db import writing
from app.queries.members import by_name
from tests.archives import TestArchive

pytestmark = pytest.mark.sockets
Claims = dict[str, Any]
START, BACK = "/api/v1/oidc/start", "/api/v1/oidc/return"


class House:
    """A provider: it lets in whom the test says, and signs what the test wants."""

    def __init__(self) -> None:
        self.key = RSAKey.generate_key(2048, {"kid": "one"})
        self.claims: Claims = {}
        self.sign: Callable[[Claims], str] = lambda claims: jwt.encode({"alg": "RS256", "kid": "one"}, claims, self.key)
        self.asked: dict[str, list[str]] = {}
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.issuer = f"http://127.0.0.1:{self.server.server_port}"

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        house = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self._answer(house.told()[self.path])

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                house.asked = parse_qs(body)
                self._answer({"access_token": "made-up", "token_type": "Bearer", "id_token": house.token()})

            def _answer(self, told: Any) -> None:
                written = json.dumps(told).encode()
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(written)))
                self.end_headers()
                self.wfile.write(written)

            def log_message(self, *_: Any) -> None:
                pass

        return Handler

    def told(self) -> dict[str, Any]:
        return {
            "/.well-known/openid-configuration": {
                "issuer": self.issuer, "authorization_endpoint": f"{self.issuer}/authorize",
                "token_endpoint": f"{self.issuer}/token", "jwks_uri": f"{self.issuer}/keys",
            },
            "/keys": {"keys": [self.key.as_dict(private=False)]},
        }  # fmt: skip

    def token(self) -> str:
        return self.sign(self.claims)


@pytest.fixture
def house() -> Iterator[House]:
    made = House()
    thread = Thread(target=made.server.serve_forever, daemon=True)
    thread.start()
    yield made
    made.server.shutdown()
    made.server.server_close()
    thread.join()


@pytest.fixture
def browser(service: FastAPI, archive: TestArchive, house: House) -> Iterator[TestClient]:
    service.state.engine, service.state.vault, service.state.published = archive.engine, archive.vault, None
    service.state.provider = Provider(house.issuer, "gawah", "a made-up secret")
    with writing(archive.engine) as session:
        members.tie(session, by_name(session, "a contributor").id, (house.issuer, "42"), console("tests"))
    yield TestClient(service, base_url="https://archive.example.org", follow_redirects=False)
    service.state.provider = None


def go(browser: TestClient) -> dict[str, str]:
    """To the provider; what the archive has told it."""
    there = browser.get(START)
    assert there.status_code == 307, there.text
    return {name: values[0] for name, values in parse_qs(urlsplit(there.headers["Location"]).query).items()}


def let_in(house: House, told: dict[str, str], **claims: Any) -> None:
    now = int(time.time())
    house.claims = {
        "iss": house.issuer, "aud": "gawah", "sub": "42", "iat": now, "exp": now + 300, "nonce": told["nonce"],
    } | claims  # fmt: skip


def come_back(browser: TestClient, told: dict[str, str], **more: str) -> Any:
    return browser.get(BACK, params={"code": "a-code", "state": told["state"]} | more)


def test_a_member_who_is_tied_comes_in(browser: TestClient, house: House) -> None:
    told = go(browser)
    assert (told["response_type"], told["scope"], told["client_id"]) == ("code", "openid", "gawah")
    assert told["code_challenge_method"] == "S256"
    let_in(house, told, email="somebody.else@example.org")
    answer = come_back(browser, told)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/")
    assert house.asked["code_verifier"][0]
    who = browser.get("/api/v1/session").json()
    assert (who["member"], who["role"], who["needs"]) == ("a contributor", "contributor", [])


def test_the_way_back_works_once(browser: TestClient, house: House) -> None:
    told = go(browser)
    let_in(house, told)
    assert come_back(browser, told).status_code == 303
    assert come_back(browser, told).status_code == 401


def by_hand(house: House, header: Claims, seal: Callable[[bytes], bytes]) -> None:
    """A token put together by hand: no library would make it."""

    def made(claims: Claims) -> str:
        told = b".".join(_coded(json.dumps(part).encode()) for part in (header, claims))
        return (told + b"." + _coded(seal(told))).decode()

    house.sign = made


def _coded(part: bytes) -> bytes:
    return urlsafe_b64encode(part).rstrip(b"=")


def signed_by_nobody(house: House) -> None:
    by_hand(house, {"alg": "none"}, lambda _: b"")


def signed_with_the_public_key(house: House) -> None:
    known = house.key.as_pem(private=False)
    by_hand(house, {"alg": "HS256"}, lambda told: hmac.digest(known, told, "sha256"))


def signed_by_another(house: House) -> None:
    other = RSAKey.generate_key(2048, {"kid": "one"})
    house.sign = lambda claims: jwt.encode({"alg": "RS256", "kid": "one"}, claims, other)


@pytest.mark.parametrize("forge", [signed_by_nobody, signed_with_the_public_key, signed_by_another])
def test_a_token_that_the_provider_has_not_signed_lets_nobody_in(
    browser: TestClient, house: House, forge: Callable[[House], None]
) -> None:
    told = go(browser)
    let_in(house, told)
    forge(house)
    refused = come_back(browser, told)
    assert refused.status_code == 401
    assert browser.get("/api/v1/session").status_code == 401


@pytest.mark.parametrize(
    "claims",
    [
        {"iss": "https://another.example.org"}, {"aud": "another"}, {"nonce": "another"}, {"exp": 1_000_000_000},
        {"sub": None}, {"nonce": None}, {"azp": "another"}, {"aud": ["another", "and another"]},
    ],
    ids=str,
)  # fmt: skip
def test_claims_that_are_not_for_us_let_nobody_in(browser: TestClient, house: House, claims: Claims) -> None:
    told = go(browser)
    let_in(house, told, **claims)
    house.claims = {name: value for name, value in house.claims.items() if value is not None}
    assert come_back(browser, told).status_code == 401


def test_the_browser_that_comes_back_is_the_one_that_went(browser: TestClient, house: House) -> None:
    told = go(browser)
    let_in(house, told)
    assert come_back(browser, told, state="another").status_code == 401
    browser.cookies.clear()
    assert come_back(browser, told).status_code == 401


def test_who_is_not_tied_or_is_shut_out_stays_out(browser: TestClient, house: House, archive: TestArchive) -> None:
    told = go(browser)
    let_in(house, told, sub="43")
    assert come_back(browser, told).status_code == 401
    with writing(archive.engine) as session:
        members.disable(session, "a contributor", console("tests"))
    told = go(browser)
    let_in(house, told)
    assert come_back(browser, told).status_code == 401


def test_a_reviewer_needs_a_second_factor_there_too(browser: TestClient, house: House, archive: TestArchive) -> None:
    with writing(archive.engine) as session:
        members.tie(session, by_name(session, "a reviewer").id, (house.issuer, "7"), console("tests"))
    told = go(browser)
    let_in(house, told, sub="7", amr=["pwd"])
    assert come_back(browser, told).status_code == 403
    told = go(browser)
    let_in(house, told, sub="7", amr=["pwd", "otp"])
    assert come_back(browser, told).status_code == 303
    assert browser.get("/api/v1/session").json()["member"] == "a reviewer"


def test_an_archive_without_a_provider_and_one_that_is_silent(browser: TestClient, house: House) -> None:
    browser.app.state.provider = Provider("http://127.0.0.1:9", "gawah", "x")  # type: ignore[attr-defined]
    assert browser.get(START).status_code == 409
    browser.app.state.provider = None  # type: ignore[attr-defined]
    assert browser.get(START).status_code == 404


def test_an_admin_ties_and_two_members_never_share_one(
    door: Callable[..., TestClient], archive: TestArchive, client: TestClient
) -> None:
    admin = door(archive, "admin")
    first, second, *_ = admin.get("/api/v1/members").json()
    told = {"issuer": "https://house.example.org", "subject": "1"}
    assert admin.put(f"/api/v1/members/{second['id']}/oidc", json=told).status_code == 200
    assert admin.put(f"/api/v1/members/{first['id']}/oidc", json=told).status_code in {401, 409}
    assert client.put(f"/api/v1/members/{first['id']}/oidc", json=told).status_code == 403
