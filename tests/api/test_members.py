"""Members and keys over HTTP: what an admin does, what everybody does for themselves, and what neither may."""

from collections.abc import Callable
from typing import Any

import pytest
from starlette.testclient import TestClient

from app.access import second_factor
from app.records import Revision
from tests.api.signing import A_PASSWORD, ANOTHER, Browser, browser, clock, let_in
from tests.archives import TestArchive

__all__ = ["browser", "clock"]
MEMBERS, TOKENS = "/api/v1/members", "/api/v1/tokens"
Door = Callable[..., TestClient]


@pytest.fixture
def admin(door: Door, archive: TestArchive) -> TestClient:
    return door(archive, "admin")


def id_of(admin: TestClient, name: str) -> str:
    return next(str(one["id"]) for one in admin.get(MEMBERS).json() if one["name"] == name)


def test_an_admin_lets_somebody_in_who_then_chooses_a_password(browser: Browser, admin: TestClient) -> None:
    made = admin.post(MEMBERS, json={"name": "Bilal Example", "role": "viewer"})
    assert (made.status_code, made.json()["role"]) == (201, "viewer")
    one = f"{MEMBERS}/{made.json()['id']}"
    link = admin.post(f"{one}/links", json={}).json()
    assert link["path"] == f"/setup?link={link['link']}"
    assert admin.post(f"{one}/links", json={"reset": True}).status_code == 409
    later = admin.post(f"{one}/links", json={}).json()["link"]
    told = {"link": link["link"], "password": A_PASSWORD}
    assert browser.ask("POST", "/api/v1/setup", json=told).status_code == 410  # the later one ended it
    told["link"] = later
    assert browser.ask("POST", "/api/v1/setup", json=told).status_code == 200
    assert admin.post(f"{one}/links", json={}).status_code == 409
    assert browser.sign_in("Bilal Example", A_PASSWORD).status_code == 200


def test_what_is_told_of_members_holds_no_secret(admin: TestClient) -> None:
    for one in admin.get(MEMBERS).json():
        assert set(one) == {"id", "name", "role", "added_at", "disabled_at"}


@pytest.mark.parametrize(
    ("told", "status"),
    [({"name": "a viewer", "role": "viewer"}, 409), ({"name": "x", "role": "owner"}, 422), ({"name": "", "role": "viewer"}, 422),
     ({"name": "x"}, 422), ({"name": "x", "role": "viewer", "password_hash": "y"}, 422)],
)  # fmt: skip
def test_members_who_cannot_be(admin: TestClient, told: dict[str, str], status: int) -> None:
    assert admin.post(MEMBERS, json=told).status_code == status


def test_a_new_role_ends_what_was_given_for_the_old_one(
    archive: TestArchive, browser: Browser, admin: TestClient
) -> None:
    let_in(archive, browser, "Bilal Example", "contributor")
    browser.sign_in("Bilal Example", A_PASSWORD)
    token = browser.ask("POST", TOKENS, json={"scope": "write"}).json()["token"]
    one = f"{MEMBERS}/{id_of(admin, 'Bilal Example')}"
    assert admin.post(f"{one}/role", json={"role": "viewer"}).json()["role"] == "viewer"
    assert browser.get(TOKENS).status_code == 401
    browser.client.cookies.clear()
    assert browser.get(TOKENS, headers={"Authorization": f"Bearer {token}"}).status_code == 401
    assert admin.post(f"{one}/role", json={"role": "owner"}).status_code == 422


def test_the_last_admin_stays(archive: TestArchive, admin: TestClient) -> None:
    one = f"{MEMBERS}/{id_of(admin, 'a admin')}"
    for path, told in ((f"{one}/disable", None), (f"{one}/role", {"role": "viewer"})):
        assert admin.post(path, json=told).status_code == 409
    admin.post(MEMBERS, json={"name": "Nazia Example", "role": "admin"})
    assert admin.post(f"{one}/role", json={"role": "viewer"}).status_code == 200
    assert admin.get(MEMBERS).status_code == 401


def test_out_and_in_again(archive: TestArchive, admin: TestClient) -> None:
    one = f"{MEMBERS}/{id_of(admin, 'a viewer')}"
    assert admin.post(f"{one}/disable").json()["disabled_at"]
    assert admin.post(f"{one}/links", json={}).status_code == 409
    assert admin.post(TOKENS, json={"member": "a viewer"}).status_code == 409
    assert admin.post(f"{one}/enable").json()["disabled_at"] is None
    assert [key["revoked_at"] is not None for key in admin.get(f"{one}/tokens").json()] == [True]


@pytest.mark.parametrize("part", ["disable", "enable", "links", "role", "second-factor", "tokens"])
def test_nobody_has_this_id(admin: TestClient, part: str) -> None:
    method = {"second-factor": "DELETE", "tokens": "GET"}.get(part, "POST")
    told: dict[str, Any] = {"role": {"role": "viewer"}, "links": {}}.get(part, {})  # type: ignore[assignment]
    path = f"{MEMBERS}/01900000-0000-7000-8000-000000000001/{part}"
    assert admin.request(method, path, json=told).status_code == 404


@pytest.mark.parametrize("role", ["viewer", "contributor", "reviewer", "auditor"])
def test_only_an_admin_looks_after_members(door: Door, archive: TestArchive, role: str) -> None:
    before = archive.count(Revision)
    client = door(archive, role)
    for method, path in (
        ("GET", MEMBERS),
        ("POST", MEMBERS),
        ("POST", f"{MEMBERS}/x/disable"),
        ("GET", f"{MEMBERS}/x/tokens"),
    ):
        assert client.request(method, path, json={}).status_code == 403
    assert archive.count(Revision) == before


def test_one_makes_and_revokes_ones_own_tokens(archive: TestArchive, browser: Browser) -> None:
    let_in(archive, browser, "Bilal Example", "contributor")
    browser.sign_in("Bilal Example", A_PASSWORD)
    assert browser.ask("POST", TOKENS, json={"scope": "admin"}).status_code == 403
    assert browser.ask("POST", TOKENS, json={"member": "a viewer"}).status_code == 403
    assert browser.ask("POST", TOKENS, json={"scope": "write", "days": 367}).status_code == 422
    token = browser.ask("POST", TOKENS, json={"scope": "write", "days": 7}).json()["token"]
    (key,) = browser.get(TOKENS).json()
    assert (key["member"], key["scope"], key["revoked_at"]) == ("Bilal Example", "write", None)
    other = archive.tokens["viewer"].split("_")[1]
    assert browser.ask("DELETE", f"{TOKENS}/{other}").status_code == 404
    assert browser.ask("DELETE", f"{TOKENS}/{'0' * 16}").status_code == 404
    (key,) = browser.ask("DELETE", f"{TOKENS}/{key['public']}").json()
    assert key["revoked_at"] is not None
    browser.client.cookies.clear()
    assert browser.get(TOKENS, headers={"Authorization": f"Bearer {token}"}).status_code == 401


@pytest.mark.parametrize("role", ["viewer", "contributor", "reviewer"])
def test_a_lost_token_begets_no_other(door: Door, archive: TestArchive, role: str) -> None:
    assert door(archive, role).post(TOKENS, json={}).status_code == 409


@pytest.mark.parametrize(("role", "status"), [("viewer", 201), ("auditor", 201), ("reviewer", 403)])
def test_an_admin_makes_tokens_but_not_of_those_who_read_everything(admin: TestClient, role: str, status: int) -> None:
    assert admin.post(TOKENS, json={"member": f"a {role}"}).status_code == status
    assert admin.post(TOKENS, json={"member": "nobody"}).status_code == 404


def test_an_admin_revokes_any(admin: TestClient, archive: TestArchive, door: Door) -> None:
    public = archive.tokens["viewer"].split("_")[1]
    assert admin.delete(f"{TOKENS}/{public}").status_code == 200
    assert door(archive, "viewer").get(TOKENS).status_code == 401


def test_whoever_lost_a_device_needs_the_password_still(
    archive: TestArchive, browser: Browser, admin: TestClient
) -> None:
    let_in(archive, browser, "Nazia Example", "auditor")
    browser.sign_in("Nazia Example", A_PASSWORD)
    browser.set_up_device()
    admin.delete(f"{MEMBERS}/{id_of(admin, 'Nazia Example')}/second-factor")
    assert browser.sign_in("Nazia Example", ANOTHER).status_code == 401
    assert browser.sign_in("Nazia Example", A_PASSWORD).status_code == 200
    assert "auditor" not in second_factor.REQUIRED_OF
