"""People at the command line: a first admin, links, roles, and tokens that end."""

import re
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from app.settings import Settings
from app.upkeep.engines import connect
from tests.api.signing import A_PASSWORD, ANOTHER, Browser, browser, clock
from tests.archives import TestArchive
from tests.cli.helping import Gawah

__all__ = ["browser", "clock"]
LINK = re.compile(r"http://127\.0\.0\.1:8000/setup\?link=([A-Za-z0-9_-]{43})\n")


def test_init_ends_with_a_link_by_which_the_first_admin_comes_in(gawah: Gawah, nowhere: Path, browser: Browser) -> None:
    said = gawah("init", "--admin", "amna", "--no-recovery-key")
    link = LINK.fullmatch(said.out)
    assert (said.code, link is not None) == (0, True)
    assert link is not None
    assert "curl" in said.err
    assert link[1] not in said.err
    engine = connect(Settings())
    browser.client.app.state.engine = engine  # type: ignore[attr-defined]
    told = {"link": link[1], "password": A_PASSWORD}
    assert browser.ask("POST", "/api/v1/setup", json=told).json() == {"member": "amna"}
    assert browser.sign_in("amna", A_PASSWORD).json()["needs"] == ["second_factor"]
    browser.set_up_device()
    assert [one["name"] for one in browser.get("/api/v1/members").json()] == ["amna"]
    engine.dispose()


def test_a_link_is_given_and_a_reset_is_asked_for_by_name(gawah: Gawah, home: Path, browser: Browser) -> None:
    gawah("member", "add", "bilal", "--role", "viewer")
    said = gawah("member", "link", "bilal")
    link = LINK.fullmatch(said.out)
    assert link is not None
    assert gawah("member", "link", "bilal", "--reset").code == 2
    assert browser.ask("POST", "/api/v1/setup", json={"link": link[1], "password": A_PASSWORD}).status_code == 200
    again = gawah("member", "link", "bilal")
    assert (again.code, again.out, "--reset" in again.err) == (2, "", True)
    link = LINK.fullmatch(gawah("member", "link", "bilal", "--reset").out)
    assert link is not None
    assert browser.ask("POST", "/api/v1/setup", json={"link": link[1], "password": ANOTHER}).status_code == 200
    assert gawah("member", "link", "nobody").code == 2


def test_out_and_in_and_another_role(gawah: Gawah, home: Path) -> None:
    gawah("member", "add", "bilal", "--role", "contributor")
    for words, state in ((("disable",), "disabled"), (("enable",), "active")):
        assert gawah("member", *words, "bilal").code == 0
        assert ["bilal", "contributor", state] in [
            line.split("\t")[:3] for line in gawah("member", "list").out.splitlines()
        ]
    assert gawah("member", "role", "bilal", "viewer").code == 0
    assert "bilal\tviewer" in gawah("member", "list").out
    assert gawah("member", "role", "bilal", "owner").code == 2
    assert gawah("member", "forget-second-factor", "bilal").code == 0
    assert gawah("member", "enable", "nobody").code == 2


def test_the_last_admin_cannot_be_shut_out(gawah: Gawah, home: Path) -> None:
    said = gawah("member", "disable", "a admin")
    assert (said.code, "last admin" in said.err) == (2, True)


def test_tokens_are_listed_and_revoked(gawah: Gawah, home: Path, archive: TestArchive, door: Any) -> None:
    gawah("member", "add", "bilal", "--role", "contributor")
    token = gawah("token", "create", "bilal").out.strip()
    public = token.split("_")[1]
    (line,) = gawah("token", "list", "bilal").out.splitlines()
    assert line.split("\t")[:3] == [public, "bilal", "read"]
    assert line.endswith("active")
    assert len(gawah("token", "list").out.splitlines()) == 6
    assert gawah("token", "revoke", public).code == 0
    assert gawah("token", "list", "bilal").out.strip().endswith("revoked")
    client: TestClient = door(archive)
    assert client.get("/api/v1/tokens", headers={"Authorization": f"Bearer {token}"}).status_code == 401
    assert gawah("token", "revoke", "0" * 16).code == 2
    assert gawah("token", "list", "nobody").code == 2


def test_the_sample_archive_is_entered_by_a_link_that_works_once(
    gawah: Gawah, nowhere: Path, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("uvicorn.run", lambda *_, **__: None)
    said = gawah("open")
    assert re.fullmatch(r"gwh_[0-9a-f]{16}_[A-Za-z0-9_-]{43}\n", said.out)
    link = re.search(r"/sign-in\?link=([A-Za-z0-9_-]{43})", said.err)
    assert link is not None
    engine = connect(Settings())
    browser.client.app.state.engine = engine  # type: ignore[attr-defined]
    told = {"link": link[1]}
    who = browser.noting(browser.ask("POST", "/api/v1/session/by-link", json=told)).json()
    assert (who["member"], who["role"], who["needs"]) == ("sample", "reviewer", [])
    assert (
        browser.ask("POST", "/api/v1/sources", json={"kind": "press", "title": "A made-up report"}).status_code == 201
    )
    assert browser.ask("POST", "/api/v1/session/by-link", json=told).status_code == 410
    engine.dispose()
