"""Signing in: the first morning of a new reviewer, a lost telephone, a stolen laptop, and the last day."""

from typing import Any

from fastapi import FastAPI
from sqlmodel import col, select

from app.actions import members
from app.db import reading, writing
from app.records import Revision
from tests.api.signing import A_PASSWORD, ANOTHER, HOUSE, SECOND, SESSION, Browser, a_link, browser, clock, let_in
from tests.archives import TestArchive

__all__ = ["browser", "clock"]
INCIDENTS = "/api/v1/incidents"


def test_a_reviewer_comes_in_on_the_first_morning(archive: TestArchive, browser: Browser) -> None:
    with writing(archive.engine) as session:
        members.add(session, "Nazia Example", "reviewer", HOUSE)
    link = a_link(archive, "Nazia Example")
    short = browser.ask("POST", "/api/v1/setup", json={"link": link, "password": "short"})
    assert (short.status_code, "12" in short.text, "short" in short.text) == (422, True, False)
    assert browser.ask("POST", "/api/v1/setup", json={"link": link, "password": A_PASSWORD}).status_code == 200
    assert browser.ask("POST", "/api/v1/setup", json={"link": link, "password": ANOTHER}).status_code == 410

    who = browser.sign_in("Nazia Example", A_PASSWORD).json()
    assert (who["member"], who["role"], who["needs"]) == ("Nazia Example", "reviewer", ["second_factor"])
    kept_out = browser.get(INCIDENTS)
    assert (kept_out.status_code, "second factor" in kept_out.json()["detail"]) == (403, True)

    browser.set_up_device()
    assert browser.get(SESSION).json()["needs"] == []
    assert browser.get(INCIDENTS).status_code == 200


def test_from_then_on_the_password_alone_lets_nobody_in(
    archive: TestArchive, browser: Browser, service: FastAPI
) -> None:
    let_in(archive, browser, "Nazia Example", "reviewer")
    browser.sign_in("Nazia Example", A_PASSWORD)
    secret = browser.set_up_device()
    elsewhere = Browser(service, browser.clock)
    assert elsewhere.sign_in("Nazia Example", A_PASSWORD).status_code == 401
    browser.clock.forward(seconds=60)
    code = browser.code(secret)
    assert elsewhere.sign_in("Nazia Example", A_PASSWORD, f"{code[:3]} {code[3:]}").status_code == 200
    over_the_shoulder = Browser(service, browser.clock)
    assert over_the_shoulder.sign_in("Nazia Example", A_PASSWORD, code).status_code == 401


def test_a_laptop_is_stolen(archive: TestArchive, browser: Browser, service: FastAPI) -> None:
    let_in(archive, browser, "Bilal Example", "contributor")
    browser.sign_in("Bilal Example", A_PASSWORD)
    at_home = Browser(service, browser.clock)
    at_home.sign_in("Bilal Example", A_PASSWORD)
    listed = at_home.get("/api/v1/sessions").json()
    assert [one["current"] for one in listed] == [True, False]
    assert browser.get(INCIDENTS).status_code == 200
    assert at_home.ask("DELETE", f"/api/v1/sessions/{listed[1]['id']}").json() == {"ended": 1}
    assert browser.get(INCIDENTS).status_code == 401
    assert at_home.get(INCIDENTS).status_code == 200
    assert at_home.ask("DELETE", "/api/v1/sessions").json() == {"ended": 1}
    assert at_home.get(INCIDENTS).status_code == 401


def test_a_telephone_is_lost(archive: TestArchive, browser: Browser) -> None:
    let_in(archive, browser, "Nazia Example", "reviewer")
    browser.sign_in("Nazia Example", A_PASSWORD)
    browser.set_up_device()
    with writing(archive.engine) as session:
        members.forget_second_factor(session, "Nazia Example", HOUSE)
    assert browser.get(INCIDENTS).status_code == 401
    assert browser.sign_in("Nazia Example", A_PASSWORD).json()["needs"] == ["second_factor"]
    assert browser.get(INCIDENTS).status_code == 403
    browser.set_up_device()
    assert browser.get(INCIDENTS).status_code == 200


def test_the_last_day(archive: TestArchive, browser: Browser) -> None:
    let_in(archive, browser, "Bilal Example", "contributor")
    browser.sign_in("Bilal Example", A_PASSWORD)
    token = browser.ask("POST", "/api/v1/tokens", json={"scope": "write"}).json()["token"]
    with writing(archive.engine) as session:
        members.disable(session, "Bilal Example", HOUSE)
    assert browser.get(INCIDENTS).status_code == 401
    browser.client.cookies.clear()
    assert browser.get(INCIDENTS, headers={"Authorization": f"Bearer {token}"}).status_code == 401
    assert browser.sign_in("Bilal Example", A_PASSWORD).status_code == 401
    with writing(archive.engine) as session:
        members.enable(session, "Bilal Example", HOUSE)
    assert browser.get(INCIDENTS, headers={"Authorization": f"Bearer {token}"}).status_code == 401
    assert browser.sign_in("Bilal Example", A_PASSWORD).status_code == 200


def test_a_password_is_forgotten(archive: TestArchive, browser: Browser, service: FastAPI) -> None:
    let_in(archive, browser, "Bilal Example", "contributor")
    browser.sign_in("Bilal Example", A_PASSWORD)
    first, second = (a_link(archive, "Bilal Example", reset=True) for _ in range(2))
    other = Browser(service, browser.clock)
    assert other.ask("POST", "/api/v1/setup", json={"link": first, "password": ANOTHER}).status_code == 410
    assert other.ask("POST", "/api/v1/setup", json={"link": second, "password": ANOTHER}).status_code == 200
    assert browser.get(INCIDENTS).status_code == 401
    assert other.sign_in("Bilal Example", A_PASSWORD).status_code == 401
    assert other.sign_in("Bilal Example", ANOTHER).status_code == 200


def test_history_tells_every_step_and_no_secret(archive: TestArchive, browser: Browser) -> None:
    let_in(archive, browser, "Nazia Example", "reviewer")
    browser.sign_in("Nazia Example", "a wrong password, made up")
    browser.sign_in("a name nobody has", A_PASSWORD)
    browser.sign_in("Nazia Example", A_PASSWORD)
    secret = browser.set_up_device()
    browser.ask("DELETE", SESSION)
    lines = told(archive)
    done = [line["action"] for line in lines]
    assert done[done.index("link given") :] == [
        "link given", "password chosen", "sign-in failed", "sign-in failed", "signed in", "second factor begun",
        "second factor set up", "signed in", "signed out",
    ]  # fmt: skip
    failed = [(line["who"], line["noun"]) for line in lines if line["action"] == "sign-in failed"]
    assert failed == [("not signed in", "member"), ("not signed in", "archive")]
    for never in (A_PASSWORD, "a wrong password", "a name nobody has", secret, browser.csrf):
        assert never not in str(lines)
    assert archive.broken() is None


def told(archive: TestArchive) -> list[dict[str, Any]]:
    with reading(archive.engine) as session:
        return [line.model_dump() for line in session.exec(select(Revision).order_by(col(Revision.seq))).all()]


def test_a_device_is_changed_with_a_code_of_the_old_one(archive: TestArchive, browser: Browser) -> None:
    let_in(archive, browser, "Bilal Example", "contributor")
    browser.sign_in("Bilal Example", A_PASSWORD)
    old = browser.set_up_device()
    assert browser.ask("POST", SECOND, json={}).status_code == 401
    browser.clock.forward(seconds=90)
    assert browser.ask("POST", SECOND, json={"code": browser.code(old)}).status_code == 200
