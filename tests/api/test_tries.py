"""How often one may try to sign in, and who is kept waiting by it."""

import pytest
from fastapi import FastAPI

from app.access.limits import Tries
from app.records import Revision
from tests.api.signing import A_PASSWORD, ANOTHER, Browser, browser, clock, let_in
from tests.archives import TestArchive

__all__ = ["browser", "clock"]
NAME = "Bilal Example"


def test_tries_are_counted_and_others_are_not_kept_out(
    archive: TestArchive, browser: Browser, service: FastAPI
) -> None:
    let_in(archive, browser, NAME, "viewer")
    for _ in range(10):
        assert browser.sign_in(NAME, "a made-up wrong password").status_code == 401
    before = archive.count(Revision)
    late = browser.sign_in(NAME, A_PASSWORD)
    assert (late.status_code, archive.count(Revision)) == (429, before)
    assert 0 < int(late.headers["Retry-After"]) <= 300
    elsewhere = Browser(service, browser.clock, peer="198.51.100.7")
    assert elsewhere.sign_in(NAME, A_PASSWORD).status_code == 200


def test_codes_are_counted_wherever_they_come_from(archive: TestArchive, browser: Browser, service: FastAPI) -> None:
    let_in(archive, browser, NAME, "contributor")
    browser.sign_in(NAME, A_PASSWORD)
    browser.set_up_device()
    found = [
        Browser(service, browser.clock, peer=f"198.51.100.{n}").sign_in(NAME, A_PASSWORD, "000000").status_code
        for n in range(6)
    ]
    assert found == [401] * 5 + [429]


def test_without_counting_a_guesser_would_go_on(
    archive: TestArchive, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The planted fault."""
    monkeypatch.setattr(Tries, "failed", lambda *_: None)
    assert {browser.sign_in("nobody", ANOTHER).status_code for _ in range(15)} == {401}
