"""The doors: closed without a token, open to guests only for reading, and described so that machines can use them."""

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
from tests.api.walking import OGC
from tests.archives import TestArchive
from tests.builders import an_incident

OPEN = {"/", "/docs", "/docs.css", "/healthz", "/readyz"}


def routes() -> list[tuple[str, str]]:
    """Every method and path that the service answers."""
    found = [
        (method, context.path)
        for context in iter_route_contexts(create_app(None).routes)  # type: ignore[arg-type]
        for method in (getattr(context, "methods", None) or set()) - {"HEAD", "OPTIONS"}
    ]
    return sorted(found)


ROUTES = routes()


def test_there_are_as_many_doors_as_we_think() -> None:
    assert len(ROUTES) > 25
    assert {"/api/v1/incidents", "/api/v1/incidents.csv", "/api/v1/imports/{batch_id}/undo"} <= {p for _, p in ROUTES}


@pytest.mark.parametrize("token", [None, "", "Bearer", "Bearer x", f"Bearer gwh_{'0' * 16}_{'A' * 43}", "Basic YTpi"])
def test_what_is_no_token_opens_nothing(
    door: Callable[..., TestClient], archive: TestArchive, token: str | None
) -> None:
    client = door(archive)
    if token is not None:
        client.headers["Authorization"] = token
    for answer in (client.get("/api/v1/incidents"), client.post("/api/v1/incidents", json=an_incident())):
        assert answer.status_code == 401, answer.text
        assert answer.headers["Content-Type"] == "application/problem+json"
        assert answer.headers["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize("path", sorted(OPEN))
def test_three_doors_are_open_and_tell_nothing(
    door: Callable[..., TestClient], archive: TestArchive, path: str
) -> None:
    answer = door(archive).get(path)
    assert answer.status_code == 200
    assert "IR-" not in answer.text


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
def described(service: FastAPI) -> dict[str, Any]:
    return service.openapi()


def test_the_description_is_valid(described: dict[str, Any]) -> None:
    validate(described)


def test_every_door_is_in_the_description(described: dict[str, Any]) -> None:
    told = {(method.upper(), path) for path, methods in described["paths"].items() for method in methods}
    # What maps open by its address has a description of its own, as its standard asks: /ogc/api.
    apart = {*OPEN, *OGC, "/openapi.json"}
    assert {(m, p) for m, p in ROUTES if p not in apart} - told == {("GET", "/api/v1/incidents.{name}")}


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
