"""Every route of the service with every method, found by walking, and a good request for each."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from fastapi import FastAPI
from fastapi.routing import iter_route_contexts
from starlette.testclient import TestClient

from tests.builders import an_account, an_act, an_incident, carried_out_by, somebody

OPEN = {"/healthz", "/readyz", "/", "/openapi.json"}
WRITES = {"POST", "PATCH", "PUT", "DELETE"}
# These tell of incidents, or of who reported them; the others are words, places and formats.
TELLING = ("/api/v1/incidents", "/api/v1/accounts", "/api/v1/sources", "/api/v1/imports")
NOT_TELLING = {"/api/v1/imports/formats", "/api/v1/incidents.{name}"}
CSV = b"title,kind,source_kind,source_title\nA made-up title,killing,press,A made-up report\n"
IMPORTS = "/api/v1/imports"
INCIDENTS = "/api/v1/incidents"
ONE = INCIDENTS + "/{incident_id}"


def body(path: str) -> dict[str, Any]:
    """What to send to a route that writes, so that it takes it. A KeyError for a route that is new."""
    why = {"json": {"reason": "A made-up reason."}}
    return {
        INCIDENTS: {"json": an_incident()},
        ONE: {"json": {"reason": "A made-up reason.", "title": "Put right"}},
        ONE + "/withdraw": why,
        ONE + "/redirect": {"json": {"reason": "A made-up reason.", "to": str(uuid4())}},
        ONE + "/accounts": {"json": an_account()},
        ONE + "/acts": {"json": an_act()},
        ONE + "/involvements": {"json": carried_out_by("armed men")},
        ONE + "/places": {"json": {"role": "body_found_at", "country": "PAK"}},
        IMPORTS: {"content": CSV},
        IMPORTS + "/{batch_id}/undo": {},
    }[path]


@dataclass(frozen=True)
class Door:
    """One route with one method."""

    method: str
    path: str

    def __str__(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def writes(self) -> bool:
        return self.method in WRITES

    @property
    def telling(self) -> bool:
        return self.path.startswith(TELLING) and self.path not in NOT_TELLING


def walk(app: FastAPI) -> Iterator[Door]:
    for route in iter_route_contexts(app.routes):
        for method in sorted(route.methods or ()):
            yield Door(method, str(route.path))


def doors(app: FastAPI) -> list[Door]:
    """All of them; fewer than we have would mean that the walk has gone astray, and every test of it with it."""
    found = list(walk(app))
    assert len(found) >= 25
    assert Door("PATCH", ONE) in found
    return found


def locked(app: FastAPI) -> list[Door]:
    """All that ask for a token."""
    return [door for door in doors(app) if door.path not in OPEN]


def something(client: TestClient) -> dict[str, str]:
    """An incident with an import and all its parts, by the names that stand in the paths."""
    told = an_incident(acts=[an_act(person=somebody("Gul Example"))])
    one = client.post(INCIDENTS, json=told).json()
    return {
        "which": one["ref"],
        "incident_id": one["id"],
        "account_id": one["accounts"][0]["id"],
        "source_id": one["accounts"][0]["source_id"],
        "name": "violations",
        "code": "PK-BA",
        "batch_id": client.post(IMPORTS, content=CSV).json()["batch"],
    }


def knock(client: TestClient, door: Door, known: dict[str, str], **more: Any) -> Any:
    """A good request at a door."""
    path = door.path.format_map(known)
    if path.endswith("/settlements"):
        path += "?q=turbat"
    return client.request(door.method, path, **(body(door.path) if door.writes else {}), **more)
