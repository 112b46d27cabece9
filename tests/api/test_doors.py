"""The doors: closed without a token, open to guests only for reading, and described so that machines can use them."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.routing import iter_route_contexts
from openapi_spec_validator import validate
from sqlalchemy import update
from sqlmodel import Session, col
from starlette.testclient import TestClient

from app.access.tokens import holder
from app.db import now, writing
from app.main import create_app
from app.records import Member, Token
from tests.archives import TestArchive
from tests.builders import an_account, an_act, an_incident, carried_out_by

OPEN = {"/", "/healthz", "/readyz"}
ONE = "00000000-0000-0000-0000-000000000001"
WHY = {"reason": "For a test."}
BODIES: dict[str, Any] = {
    "/incidents": an_incident(), "/withdraw": WHY, "/redirect": WHY | {"to": ONE}, "/accounts": an_account(),
    "/acts": an_act(), "/involvements": carried_out_by("x"), "/places": {"role": "held_at"}, "/imports": None, "/undo": None,
}  # fmt: skip


def routes() -> list[tuple[str, str]]:
    """Every method and path that the service answers."""
    found = [
        (method, context.path)
        for context in iter_route_contexts(create_app(None).routes)  # type: ignore[arg-type]
        for method in (getattr(context, "methods", None) or set()) - {"HEAD", "OPTIONS"}
    ]
    return sorted(found)


ROUTES = routes()
WRITES = [(method, path) for method, path in ROUTES if method not in ("GET", "HEAD")]
CLOSED = [(m, p) for m, p in ROUTES if p not in OPEN and not p.startswith("/openapi")]


def knock(client: TestClient, method: str, path: str) -> Any:
    at = re.sub(r"\{[a-z_]*id\}|\{which\}", ONE, path).replace("{code}", "PK-BA").replace("{name}", "stages")
    body = next((b for ending, b in BODIES.items() if method == "POST" and at.endswith(ending)), None)
    body = WHY | {"title": "Another"} if method == "PATCH" else body
    return client.request(method, at, json=body, params={"q": "x"} if "settlements" in at else None)


def test_there_are_as_many_doors_as_we_think() -> None:
    assert len(ROUTES) > 25
    assert {"/api/v1/incidents", "/api/v1/incidents.csv", "/api/v1/imports/{batch_id}/undo"} <= {p for _, p in ROUTES}


@pytest.mark.parametrize("token", [None, "", "Bearer", "Bearer x", f"Bearer gwh_{'0' * 16}_{'A' * 43}", "Basic YTpi"])
def test_without_a_token_every_door_is_closed(
    door: Callable[..., TestClient], archive: TestArchive, token: str | None
) -> None:
    client = door(archive)
    if token is not None:
        client.headers["Authorization"] = token
    for method, path in CLOSED:
        answer = knock(client, method, path)
        assert answer.status_code == 401, f"{method} {path}: {answer.text}"
        assert answer.headers["Content-Type"] == "application/problem+json"
        assert answer.headers["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize("path", sorted(OPEN))
def test_three_doors_are_open_and_tell_nothing(
    door: Callable[..., TestClient], archive: TestArchive, path: str
) -> None:
    answer = door(archive).get(path)
    assert answer.status_code == 200
    assert "IR-" not in answer.text


def test_guests_read(guest: TestClient) -> None:
    for method, path in CLOSED:
        if (method, path) not in WRITES:
            assert knock(guest, method, path).status_code in (200, 404), f"{method} {path}"


def test_guests_and_viewers_change_nothing(guest: TestClient, viewer: TestClient, archive: TestArchive) -> None:
    for method, path in WRITES:
        assert knock(guest, method, path).status_code == 401, f"{method} {path}"
        assert knock(viewer, method, path).status_code == 403, f"{method} {path}"
    assert archive.rows() == []


@pytest.mark.parametrize("role", ["admin", "auditor"])
def test_who_runs_the_house_does_not_read_its_papers(
    door: Callable[..., TestClient], archive: TestArchive, role: str
) -> None:
    client = door(archive, role)
    for path in ("/incidents", "/incidents.csv", "/incidents.geojson", f"/incidents/{ONE}", "/sources", "/imports"):
        assert client.get(f"/api/v1{path}").status_code == 403, path
    assert client.post("/api/v1/incidents", json=an_incident()).status_code == 403


def test_a_token_that_is_over_opens_nothing(contributor: TestClient, archive: TestArchive) -> None:
    token = archive.tokens["contributor"]
    for table, values in (
        (Token, {"expires_at": now() - timedelta(seconds=1)}),
        (Token, {"expires_at": now() + timedelta(days=1), "revoked_at": now()}),
        (Member, {"disabled_at": now()}),
    ):
        assert contributor.get("/api/v1/incidents").status_code == 200
        with Session(archive.engine) as session:
            session.execute(update(table).values(**values))
            session.commit()
        assert contributor.get("/api/v1/incidents").status_code == 401
        with writing(archive.engine) as session:
            session.execute(update(Token).values(expires_at=now() + timedelta(days=1), revoked_at=None))
            session.execute(update(Member).values(disabled_at=None))
            assert holder(session, token) is not None


def test_only_the_digest_of_a_token_is_kept(archive: TestArchive) -> None:
    with Session(archive.engine) as session:
        kept = [str(row) for row in session.execute(Token.__table__.select()).all()]  # type: ignore[attr-defined]
    for token in archive.tokens.values():
        assert not [row for row in kept if token.split("_", 2)[2] in row]


def test_a_token_to_read_does_not_write(door: Callable[..., TestClient], archive: TestArchive) -> None:
    with Session(archive.engine) as session:
        session.execute(update(Token).where(col(Token.scope) == "admin").values(scope="read"))
        session.commit()
    client = door(archive, "reviewer")
    assert client.get("/api/v1/incidents").status_code == 200
    assert client.post("/api/v1/incidents", json=an_incident()).status_code == 403


@pytest.fixture(scope="module")
def described(apps: dict[bool, FastAPI]) -> dict[str, Any]:
    return apps[False].openapi()


def test_the_description_is_valid(described: dict[str, Any]) -> None:
    validate(described)


def test_every_door_is_in_the_description(described: dict[str, Any]) -> None:
    told = {(method.upper(), path) for path, methods in described["paths"].items() for method in methods}
    assert set(CLOSED) - told == {("GET", "/api/v1/incidents.{name}")}


def test_the_examples_are_good_reports(described: dict[str, Any], client: TestClient) -> None:
    body = described["paths"]["/api/v1/incidents"]["post"]["requestBody"]["content"]["application/json"]
    examples = [example["value"] for example in body["examples"].values()]
    assert examples
    for example in examples:
        made = client.post("/api/v1/incidents", json=example)
        assert made.status_code == 201
        patch = described["paths"]["/api/v1/incidents/{incident_id}"]["patch"]["requestBody"]["content"]
        for change in patch["application/json"]["examples"].values():
            url, seen = f"/api/v1/incidents/{made.json()['id']}", {"If-Match": made.headers["ETag"]}
            assert client.patch(url, json=change["value"], headers=seen).status_code == 200


def test_every_operation_says_what_it_is_for(described: dict[str, Any]) -> None:
    for path, methods in described["paths"].items():
        for method, operation in methods.items():
            assert operation.get("summary"), f"{method} {path}"
            assert operation.get("description"), f"{method} {path}"
            assert operation.get("tags"), f"{method} {path}"
