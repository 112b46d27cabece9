"""Sign-ins over HTTP: the cookie, proof that a page is ours, how long they hold, and how often one may try."""

from datetime import timedelta
from typing import Any

import pytest
from fastapi import FastAPI
from sqlalchemy import update
from sqlmodel import Session, col, select

from app.access import browsers, sessions
from app.db import writing
from app.records import Archive, Member, MemberSession, OneTimeLink, Revision
from tests.api.signing import (
    A_PASSWORD,
    ANOTHER,
    HERE,
    SECOND,
    SESSION,
    Browser,
    a_link,
    browser,
    clock,
    let_in,
)  # fmt: skip
from tests.archives import TestArchive
from tests.builders import an_incident
from tests.shelves import only

__all__ = ["browser", "clock"]
NAME = "Bilal Example"
SOURCES = "/api/v1/sources"
A_SOURCE = {"kind": "press", "title": "A made-up report"}
PAGE = {"Sec-Fetch-Site": "same-origin"}


@pytest.fixture
def bilal(archive: TestArchive, browser: Browser) -> Browser:
    """A contributor who is signed in."""
    let_in(archive, browser, NAME, "contributor")
    assert browser.sign_in(NAME, A_PASSWORD).status_code == 200
    return browser


def test_the_cookie_is_for_this_site_over_tls_and_no_script(archive: TestArchive, browser: Browser) -> None:
    let_in(archive, browser, NAME, "viewer")
    answer = browser.sign_in(NAME, A_PASSWORD)
    name, _, words = answer.headers["Set-Cookie"].partition("=")
    assert name == "__Host-gawah"
    assert {word.strip() for word in words.split(";")[1:]} == {"Path=/", "HttpOnly", "SameSite=Lax", "Secure"}
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.json()["scope"] == "read"


@pytest.mark.parametrize("host", ["http://127.0.0.1:8000", "http://localhost:8000"])
def test_on_its_own_machine_plain_http_will_do(
    archive: TestArchive, browser: Browser, service: FastAPI, host: str
) -> None:
    let_in(archive, browser, NAME, "viewer")
    near = Browser(service, browser.clock, base=host, peer="127.0.0.1")
    answer = near.sign_in(NAME, A_PASSWORD)
    assert answer.headers["Set-Cookie"].startswith("gawah=")
    assert "Secure" not in answer.headers["Set-Cookie"]
    assert near.get(SESSION).json()["member"] == NAME


@pytest.mark.parametrize(
    ("base", "peer"),
    [("http://archive.example", "192.0.2.1"), ("http://archive.example", "127.0.0.1"),
     ("http://127.0.0.1:8000", "192.0.2.1"), ("http://127.0.0.1.example", "127.0.0.1")],
)  # fmt: skip
def test_over_a_network_no_password_is_taken_in_the_clear(
    archive: TestArchive, browser: Browser, service: FastAPI, base: str, peer: str
) -> None:
    let_in(archive, browser, NAME, "viewer")
    answer = Browser(service, browser.clock, base=base, peer=peer).sign_in(NAME, A_PASSWORD)
    assert (answer.status_code, "https" in answer.text) == (422, True)
    assert "Set-Cookie" not in answer.headers


def test_only_digests_are_kept(archive: TestArchive, bilal: Browser) -> None:
    secret = bilal.cookies["__Host-gawah"]
    link = a_link(archive, NAME, reset=True)
    with Session(archive.engine) as session:
        kept = [row.model_dump_json() for table in (MemberSession, OneTimeLink) for row in session.exec(select(table))]
    assert len(secret) == len(link) == 43
    assert not [row for row in kept if secret in row or link in row or bilal.csrf in row]


FOREIGN: dict[str, dict[str, str]] = {
    "another site": {"Sec-Fetch-Site": "cross-site", "Origin": HERE},
    "a sister site": {"Sec-Fetch-Site": "same-site"},
    "typed by hand": {"Sec-Fetch-Site": "none"},
    "another origin": {"Origin": "https://other.example"},
    "plain http": {"Origin": HERE.replace("https", "http")},
    "no origin": {},
    "a sandbox": {"Origin": "null"},
}


@pytest.mark.parametrize("headers", FOREIGN.values(), ids=FOREIGN)
def test_another_site_changes_nothing_even_with_the_right_words(
    archive: TestArchive, bilal: Browser, headers: dict[str, str]
) -> None:
    before = archive.count(Revision)
    answer = bilal.client.post(SOURCES, json=A_SOURCE, headers=headers | {"X-CSRF": bilal.csrf})
    assert (answer.status_code, archive.count(Revision)) == (403, before)


@pytest.mark.parametrize("csrf", [None, "", "0" * 64, "é"])
def test_a_page_of_ours_must_have_read_the_word(archive: TestArchive, bilal: Browser, csrf: str | None) -> None:
    headers = PAGE | ({"X-CSRF": csrf.encode()} if csrf is not None else {})  # type: ignore[dict-item]
    assert bilal.client.post(SOURCES, json=A_SOURCE, headers=headers).status_code == 403
    assert bilal.ask("POST", SOURCES, json=A_SOURCE).status_code == 201
    assert bilal.client.post(SOURCES, json=A_SOURCE, headers={"Origin": HERE, "X-CSRF": bilal.csrf}).status_code == 200


def test_the_word_belongs_to_one_sign_in(archive: TestArchive, bilal: Browser, service: FastAPI) -> None:
    other = Browser(service, bilal.clock)
    other.sign_in(NAME, A_PASSWORD)
    assert other.csrf != bilal.csrf
    assert other.ask("POST", SOURCES, json=A_SOURCE, headers={"X-CSRF": bilal.csrf}).status_code == 403


def test_without_the_guard_another_site_would_change_things(bilal: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    """The planted fault: what the tests above would see if nobody asked where a change comes from."""
    monkeypatch.setattr(browsers, "check_page_is_ours", lambda *_: None)
    assert bilal.client.post(SOURCES, json=A_SOURCE, headers={"Sec-Fetch-Site": "cross-site"}).status_code == 201


def test_nobody_is_signed_in_by_a_page_of_another_site(archive: TestArchive, browser: Browser) -> None:
    let_in(archive, browser, NAME, "viewer")
    told = {"name": NAME, "password": A_PASSWORD}
    for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://other.example"}):
        assert browser.client.post(SESSION, json=told, headers=headers).status_code == 403
    assert browser.client.post(SESSION, json=told).status_code == 200  # curl says nothing, and has no cookie to lose


def test_a_token_and_a_cookie_are_one_too_many(archive: TestArchive, bilal: Browser) -> None:
    both = {"Authorization": f"Bearer {archive.tokens['viewer']}"}
    assert bilal.get(SESSION, headers=both).status_code == 422
    bilal.client.cookies.clear()
    assert bilal.get(SESSION, headers=both).json() == {
        "member": "a viewer", "role": "viewer", "scope": "admin", "csrf": None, "needs": [],
    }  # fmt: skip


@pytest.mark.parametrize("secret", ["", "x", "A" * 43, "é"])
def test_a_cookie_that_fits_nothing_is_told_and_dropped(bilal: Browser, secret: str) -> None:
    answer = bilal.client.get(SESSION, headers={"Cookie": f"__Host-gawah={secret}".encode("latin-1")})
    assert answer.status_code == 401
    if secret:
        assert "Max-Age=0" in answer.headers["Set-Cookie"]


def test_a_cookie_of_a_sister_site_is_not_looked_at(bilal: Browser) -> None:
    secret = bilal.cookies["__Host-gawah"]
    bilal.client.cookies.clear()
    assert bilal.client.get(SESSION, headers={"Cookie": f"gawah={secret}"}).status_code == 401


def test_idle_for_half_an_hour_is_gone(bilal: Browser) -> None:
    for _ in range(4):
        bilal.clock.forward(minutes=29)
        assert bilal.get(SESSION).status_code == 200
    bilal.clock.forward(minutes=30, seconds=1)
    assert bilal.get(SESSION).status_code == 401


def test_after_twelve_hours_it_is_over_however_busy(bilal: Browser) -> None:
    for _ in range(35):
        bilal.clock.forward(minutes=20)
        assert bilal.get(SESSION).status_code == 200
    bilal.clock.forward(minutes=20)
    assert bilal.get(SESSION).status_code == 401


@only("sqlite")  # PostgreSQL locks the one row
def test_being_seen_does_not_wait_for_a_long_import(archive: TestArchive, bilal: Browser) -> None:
    bilal.clock.forward(minutes=5)
    with archive.engine.write_lock:  # type: ignore[attr-defined]
        assert bilal.get(SESSION).status_code == 200


def test_signing_out_ends_it_and_takes_the_cookie_back(bilal: Browser) -> None:
    secret = bilal.cookies["__Host-gawah"]
    answer = bilal.ask("DELETE", SESSION)
    assert (answer.json(), "Max-Age=0" in answer.headers["Set-Cookie"]) == ({"ended": 1}, True)
    assert bilal.cookies == {}
    assert bilal.client.get(SESSION, headers={"Cookie": f"__Host-gawah={secret}"}).status_code == 401


def test_a_new_password_needs_the_old_one_and_ends_every_sign_in(bilal: Browser, service: FastAPI) -> None:
    other = Browser(service, bilal.clock)
    other.sign_in(NAME, A_PASSWORD)
    before = bilal.cookies
    wrong = bilal.ask("POST", f"{SESSION}/password", json={"old": ANOTHER, "new": ANOTHER})
    weak = bilal.ask("POST", f"{SESSION}/password", json={"old": A_PASSWORD, "new": "Bilal Example"})
    assert (wrong.status_code, weak.status_code, bilal.cookies) == (401, 422, before)
    done = bilal.noting(bilal.ask("POST", f"{SESSION}/password", json={"old": A_PASSWORD, "new": ANOTHER}))
    assert done.status_code == 200
    assert bilal.cookies != before
    assert bilal.ask("POST", SOURCES, json=A_SOURCE).status_code == 201
    assert other.get(SESSION).status_code == 401


CONFINED = [
    ("GET", "/api/v1/incidents"), ("GET", "/api/v1/vocabularies"), ("POST", SOURCES), ("GET", "/api/v1/sessions"),
    ("POST", "/api/v1/tokens"), ("GET", "/api/v1/tokens"), ("GET", "/api/v1/members"),
]  # fmt: skip


@pytest.mark.parametrize("role", ["reviewer", "admin"])
def test_who_needs_a_second_factor_first_sets_it_up(archive: TestArchive, browser: Browser, role: str) -> None:
    let_in(archive, browser, NAME, role)
    assert browser.sign_in(NAME, A_PASSWORD).json()["needs"] == ["second_factor"]
    for method, path in CONFINED:
        answer = browser.ask(method, path, json=A_SOURCE)
        assert answer.status_code == 403, (method, path)
        assert "second factor" in answer.json()["detail"]
    wrong = browser.ask("PUT", SECOND, json={"code": "000000"})
    assert wrong.status_code == 409
    told = browser.ask("POST", SECOND, json={})
    assert told.json()["address"].startswith("otpauth://totp/Gawah:")
    assert told.json()["picture"].startswith("data:image/svg+xml")
    assert browser.ask("PUT", SECOND, json={"code": "12345"}).status_code == 422
    browser.set_up_device()
    assert browser.get("/api/v1/sessions").status_code == 200
    assert browser.get("/api/v1/members").status_code == (200 if role == "admin" else 403)


@pytest.mark.parametrize("role", ["viewer", "contributor", "auditor"])
def test_who_needs_none_may_have_one(archive: TestArchive, browser: Browser, role: str) -> None:
    let_in(archive, browser, NAME, role)
    assert browser.sign_in(NAME, A_PASSWORD).json()["needs"] == []
    browser.set_up_device()
    assert browser.sign_in(NAME, A_PASSWORD).status_code == 401


@pytest.mark.parametrize(
    "told",
    [{}, {"name": "x"}, {"name": "x", "password": ""}, {"name": "", "password": "y"}, {"name": "x", "password": 1},
     {"name": "x", "password": "y", "more": 1}, {"name": "x", "password": "y" * 201}, [], "x"],
)  # fmt: skip
def test_what_is_no_sign_in_is_refused_and_not_repeated(browser: Browser, told: Any) -> None:
    answer = browser.ask("POST", SESSION, json=told)
    assert answer.status_code == 422
    assert "y" * 201 not in answer.text


def test_a_link_works_once_within_an_hour(archive: TestArchive, browser: Browser) -> None:
    let_in(archive, browser, NAME, "viewer")
    link = a_link(archive, NAME, reset=True)
    browser.clock.forward(minutes=61)
    told = {"link": link, "password": ANOTHER}
    assert browser.ask("POST", "/api/v1/setup", json=told).status_code == 410
    assert browser.ask("POST", "/api/v1/session/by-link", json={"link": link}).status_code == 410
    assert browser.sign_in(NAME, A_PASSWORD).status_code == 200


def test_how_a_sign_in_is_kept_and_how_long(archive: TestArchive, bilal: Browser) -> None:
    with Session(archive.engine) as session:
        kept = session.exec(select(MemberSession).order_by(col(MemberSession.pk).desc())).first()
        assert kept is not None
        assert kept.expires_at - kept.started_at == sessions.LONGEST == timedelta(hours=12)


def test_an_own_archive_without_an_admin_answers_nothing(archive: TestArchive, browser: Browser) -> None:
    with writing(archive.engine) as session:
        session.execute(update(Member).where(col(Member.role) == "admin").values(role="viewer"))
    for path in ("/", "/readyz", "/api/v1/incidents", SESSION):
        assert browser.get(path).status_code == 503, path
    assert browser.sign_in(NAME, A_PASSWORD).status_code == 503
    headers = {"Authorization": f"Bearer {archive.tokens['reviewer']}"}
    assert browser.ask("POST", "/api/v1/incidents", json=an_incident(), headers=headers).status_code == 503
    assert browser.get("/healthz").status_code == 200
    with writing(archive.engine) as session:
        session.execute(update(Archive).values(kind="sample"))
    assert browser.get("/readyz").json() == {"status": "ready", "archive": "sample"}
