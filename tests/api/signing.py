"""People at a browser, in the hands of a test: a clock to move, cheap passwords, and a page of ours."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pyotp
import pytest
from fastapi import FastAPI
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher
from starlette.testclient import TestClient

from app.access import passwords
from app.access.limits import Tries
from app.access.viewer import console
from app.actions import members, one_use
from app.db import writing
from tests.archives import TestArchive

HOUSE = console("tests")
HERE = "https://archive.example"
SESSION, SECOND = "/api/v1/session", "/api/v1/session/second-factor"
A_PASSWORD = "seven made-up words in a row"
ANOTHER = "eight other made-up words here"


class Clock:
    """The time as the archive sees it, which stands still until a test moves it."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        here = self
        self.at = datetime.now(UTC)

        class Standing(datetime):
            @classmethod
            def now(cls, tz: Any = None) -> datetime:  # type: ignore[override]
                return here.at.astimezone(tz)

        monkeypatch.setattr("app.db.datetime", Standing)

    def forward(self, **how_far: float) -> None:
        self.at += timedelta(**how_far)

    def now(self) -> datetime:
        return self.at


def cheap_passwords(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same code with the least work that argon2 can do."""
    weakest = PasswordHash((Argon2Hasher(time_cost=1, memory_cost=8, parallelism=1),))
    monkeypatch.setattr(passwords, "HASHER", weakest)
    monkeypatch.setattr(passwords, "NOBODYS", weakest.hash("nobody"))


class Browser:
    """One browser at one peer: it keeps cookies, and its pages say where they come from."""

    def __init__(self, service: FastAPI, clock: Clock, *, base: str = HERE, peer: str = "192.0.2.1") -> None:
        self.client = TestClient(service, base_url=base, follow_redirects=False, client=(peer, 50000))
        self.clock = clock
        self.csrf = ""

    def ask(self, method: str, path: str, **more: Any) -> Any:
        headers = {"Sec-Fetch-Site": "same-origin", "X-CSRF": self.csrf} | more.pop("headers", {})
        return self.client.request(method, path, headers=headers, **more)

    def get(self, path: str, **more: Any) -> Any:
        return self.ask("GET", path, **more)

    def sign_in(self, name: str, password: str, code: str | None = None) -> Any:
        told = {"name": name, "password": password} | ({"code": code} if code is not None else {})
        return self.noting(self.ask("POST", SESSION, json=told))

    def noting(self, answer: Any) -> Any:
        """Keep what a page of ours reads in an answer."""
        if answer.status_code == 200:
            self.csrf = answer.json().get("csrf") or self.csrf
        return answer

    def set_up_device(self) -> str:
        """Set up an authenticator app; its secret."""
        told = self.ask("POST", SECOND, json={}).json()
        secret = parse_qs(urlsplit(told["address"]).query)["secret"][0]
        assert self.noting(self.ask("PUT", SECOND, json={"code": self.code(secret)})).status_code == 200
        return secret

    def code(self, secret: str) -> str:
        return pyotp.TOTP(secret).at(self.clock.now())

    @property
    def cookies(self) -> dict[str, str]:
        return dict(self.client.cookies)


def a_link(archive: TestArchive, name: str, *, reset: bool = False) -> str:
    with writing(archive.engine) as session:
        return one_use.give_link(session, name, HOUSE, reset=reset).secret


def let_in(archive: TestArchive, browser: Browser, name: str, role: str) -> None:
    """A new member with a password."""
    with writing(archive.engine) as session:
        members.add(session, name, role, HOUSE)
    told = {"link": a_link(archive, name), "password": A_PASSWORD}
    assert browser.ask("POST", "/api/v1/setup", json=told).json() == {"member": name}


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch)


@pytest.fixture
def browser(archive: TestArchive, service: FastAPI, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> Iterator[Browser]:
    """A browser that opens the archive over https."""
    cheap_passwords(monkeypatch)
    service.state.engine, service.state.vault = archive.engine, archive.vault
    service.state.published, service.state.tries, service.state.begun = archive.published, Tries(), None
    yield Browser(service, clock)
    service.state.tries = Tries()
