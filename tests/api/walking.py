"""Every route of the service with every method, found by walking, and a good request for each."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from uuid import uuid4

from fastapi import FastAPI
from fastapi.routing import iter_route_contexts
from starlette.testclient import TestClient

from app.access.policy import declared
from app.imports.kobo import forms
from tests.builders import TURBAT, a_source, an_account, an_act, an_incident, carried_out_by, somebody
from tests.pictures import a_photo

OPEN = {"/healthz", "/readyz", "/", "/openapi.json", "/docs", "/docs.css"}
# Described by a document of their own: /ogc/api.
OGC = {
    "/ogc", "/ogc/api", "/ogc/conformance", "/ogc/collections", "/ogc/collections/incidents",
    "/ogc/collections/incidents/queryables", "/ogc/collections/incidents/items",
    "/ogc/collections/incidents/items/{which}",
}  # fmt: skip
WRITES = {"POST", "PATCH", "PUT", "DELETE"}
# These tell of incidents, or of who reported them; the others are words, places and formats.
TELLING = (
    "/api/v1/incidents", "/api/v1/accounts", "/api/v1/sources", "/api/v1/imports", "/api/v1/persons", "/api/v1/actors",
    "/api/v1/reviews", "/api/v1/links", "/api/v1/history", "/api/v1/cases",
    "/api/v1/evidence", "/api/v1/totals", "/tiles/incidents", "/ogc/collections/incidents/",
)  # fmt: skip
NOT_TELLING = {"/api/v1/imports/formats", "/api/v1/incidents.{name}"}
# What an address must be asked with, by its end or its beginning, to be a good request.
NEEDED = {"/settlements": "q=turbat", "/file": "purpose=a+made-up+purpose", "/api/v1/totals": "by=kind"}
# A release that is not there.
FROZEN = {"release": "made-up@2026-11", "file": "incidents.csv"}
# The tile that holds the whole world.
TILE = {"z": "0", "x": "0", "y": "0"}
CSV = b"title,kind,date,source_kind,source_title\nA made-up title,killing,2025-06-12,press,A made-up report\n"
AREAS = b"Location,Admin Level,P-Code,Name,Parent P-Code\nPAK,2,PKX99,A made-up district,PK-BA\n"
TOML = (
    b'[report]\ntitle = "{title}"\nkind = "killing"\n'
    b'according_to = { source = { kind = "press", title = "A made-up report" } }\n'
)
SOURCES: dict[str, dict[str, Any]] = {
    "/api/v1/sources": {"json": {"kind": "press", "title": "A made-up report"}},
    "/api/v1/sources/{source_id}": {"json": {"reason": "A made-up reason.", "licence": "CC0"}},
    "/api/v1/sources/import": {"content": b"TY  - NEWS\r\nTI  - A made-up report\r\nER  - \r\n"},
}
MEMBER, MY_SESSION = "/api/v1/members/{member_id}", "/api/v1/session"
MEMBERS: dict[str, dict[str, Any]] = {
    MY_SESSION: {"json": {"name": "nobody", "password": "a made-up password"}},
    MY_SESSION + "/by-link": {"json": {"link": "A" * 43}},
    MY_SESSION + "/password": {"json": {"old": "a made-up password", "new": "another made-up one"}},
    MY_SESSION + "/second-factor": {"json": {"code": "123456"}},
    "/api/v1/setup": {"json": {"link": "A" * 43, "password": "a made-up password"}},
    **{path: {} for path in ("/api/v1/sessions", "/api/v1/sessions/{sign_in_id}", "/api/v1/tokens/{public}")},
    "/api/v1/tokens": {"json": {"scope": "read"}},
    "/api/v1/members": {"json": {"name": "Example Newcomer", "role": "viewer"}},
    MEMBER + "/oidc": {"json": {"issuer": "https://house.example.org", "subject": "1"}},
    **{MEMBER + part: {} for part in ("/disable", "/enable", "/second-factor")},
    MEMBER + "/role": {"json": {"role": "viewer"}},
    MEMBER + "/links": {"json": {"reset": False}},
}
IMPORTS = "/api/v1/imports"
TAKING_IN: dict[str, dict[str, Any]] = {
    IMPORTS: {"content": CSV},
    IMPORTS + "/suggestions": {"content": CSV},
    IMPORTS + "/areas": {
        "content": AREAS,
        "params": {"layer": "made-up", "source": "Example Mappers", "licence": "CC0", "dry_run": True},
    },
    IMPORTS + "/refused": {"content": CSV},
    IMPORTS + "/mappings/{name}": {"content": TOML},
    IMPORTS + "/{batch_id}/undo": {},
    IMPORTS + "/names": {"content": CSV},
    "/api/v1/jobs/{job_id}/cancel": {},
    "/api/v1/jobs/{job_id}/decisions": {"content": b"kind,name,do,id,column\nactor,Example Force,create,,\n"},
    "/api/v1/kobo/{hook}": {"json": {"_uuid": "0-1", "_submission_time": "2025-06-12T10:00:00"}},
}
OTHER = "01900000-0000-7000-8000-000000000001"  # an incident beside the one that is knocked for
INCIDENTS = "/api/v1/incidents"
EXPORT_LINKS = "/api/v1/export-links"
LINKS: dict[str, dict[str, Any]] = {
    EXPORT_LINKS: {"json": {"label": "For a made-up partner", "reach": "partner", "question": {"country": "PAK"}}},
    EXPORT_LINKS + "/{export_link_id}/revoke": {},
}
ONE = INCIDENTS + "/{incident_id}"
AGREED = {"json": {"scope": "internal", "given_by": "a sister", "method": "written", "given_on": "2026-01-02"}}
PUBLISHING: dict[str, dict[str, Any]] = {
    **{f"/api/v1/{noun}/consents": AGREED for noun in ("persons/{person_id}", "sources/{source_id}")},
    "/api/v1/consents/{consent_id}/withdraw": {"json": {"reason": "A made-up reason."}},
    ONE + "/public-version": {
        "json": {"title": "Alleged, and told to all", "place": "area1", "reason": "A made-up reason."}
    },
    ONE + "/public-version/withdraw": {"json": {"reason": "A made-up reason."}},
    "/api/v1/publication": {},
}
PUBLISHING |= {
    "/api/v1/releases": {"json": {"name": "made-up@2026-12", "reason": "A made-up reason."}},
    "/api/v1/releases/{release}/recall": {"json": {"refs": ["PI-AAAAAAAAAAAA"], "reason": "A made-up reason."}},
}
PERSONS, ACTORS = "/api/v1/persons", "/api/v1/actors"
ERASURES: dict[str, dict[str, Any]] = {
    PERSONS + "/{person_id}/erasure": {"json": {"legal_basis": "A made-up law, article 17"}},
    "/api/v1/erasures/{erasure_id}/confirm": {},
}
CASES = "/api/v1/cases/{case_id}"
BACK = (ONE + "/restore", "/api/v1/history/{noun}/{record_id}/restore")
EVIDENCE = "/api/v1/evidence/{evidence_id}"
BEARING = (ONE, "/api/v1/sources/{source_id}", "/api/v1/accounts/{account_id}", "/api/v1/acts/{act_id}")


def body(path: str) -> dict[str, Any]:
    """What to send to a route that writes, so that it takes it. A KeyError for a route that is new."""
    why = {"json": {"reason": "A made-up reason."}}
    return {
        INCIDENTS: {"json": an_incident()},
        ONE: {"json": {"reason": "A made-up reason.", "title": "Put right"}},
        ONE + "/withdraw": why,
        ONE + "/redirect": {"json": {"reason": "A made-up reason.", "to": str(uuid4())}},
        ONE + "/accounts": {"json": an_account()},
        ONE + "/decisions": {"json": {"field": "title", "rule": "most_recent", "rationale": "A made-up reason."}},
        "/api/v1/accounts/{account_id}/standing": {"json": {"standing": "needs_work", "reason": "A made-up reason."}},
        ONE + "/acts": {"json": an_act()},
        ONE + "/involvements": {"json": carried_out_by("armed men")},
        ONE + "/places": {"json": {"role": "body_found_at", "country": "PAK"}},
        ONE + "/moves": {"json": {"stage": "submitted", "note": "A made-up note."}},
        ONE + "/verification": {"json": {"verification": "single_source", "note": "A made-up note."}},
        ONE + "/assignment": {"json": {"member": "a reviewer"}},
        ONE + "/comments": {"json": {"note": "A made-up note."}},
        ONE + "/links": {"json": {"kind": "same_pattern", "to": OTHER}},
        **{path: {"json": {"seq": 1, "reason": "A made-up reason."}} for path in BACK},
        "/api/v1/links/{link_id}/revoke": why,
        **of_cases(),
        **SOURCES,
        **ERASURES,
        **TAKING_IN,
        "/api/v1/involvements/{involvement_id}/disclosure": {
            "json": {"reason": "A made-up reason.", "disclosable": True}
        },
        PERSONS: {"json": somebody("Gul Example")},
        PERSONS + "/{person_id}": {"json": {"reason": "A made-up reason.", "birth_year": 1990}},
        PERSONS + "/{person_id}/names": {"json": {"full": "گل مثال"}},
        ACTORS: {"json": {"name": "A made-up force"}},
        ACTORS + "/{actor_id}": {"json": {"reason": "A made-up reason.", "country": "PAK"}},
        ACTORS + "/{actor_id}/parents": {"json": {"parent_id": str(uuid4()), "date": "2025"}},
        **files(),
        **LINKS,
        **PUBLISHING,
        **MEMBERS,
    }[path]


def of_cases() -> dict[str, dict[str, Any]]:
    """The same for the routes of cases."""
    return {
        ONE + "/cases": {"json": {"person": somebody("Gul Example")}},
        CASES: {"json": {"reason": "A made-up reason.", "no_steps_reason": "Nobody dared."}},
        CASES + "/events": {"json": {"kind": "released", "according_to": {"source": a_source()}}},
        CASES + "/events/{event_id}/reject": {"json": {"reason": "A made-up reason."}},
        CASES + "/close": {"json": {"reason": "A made-up reason.", "closed_as": "closed_duplicate"}},
    }


@cache
def files() -> dict[str, dict[str, Any]]:
    """The same for the routes that take files in."""
    sent: dict[str, dict[str, Any]] = {path + "/evidence": {"content": a_photo((1, 2, 3))} for path in BEARING}
    return sent | {
        EVIDENCE + "/derived": {"content": b"A made-up transcript", "params": {"derivation": "transcript"}},
        EVIDENCE + "/attachments": {"json": {"incident_id": OTHER}},
    }


@dataclass(frozen=True)
class Door:
    """One route with one method. `policy`: the name of the policy that it declares."""

    method: str
    path: str
    policy: str = field(default="", compare=False)

    def __str__(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def writes(self) -> bool:
        return self.method in WRITES

    @property
    def naming(self) -> bool:
        """Whether it is only for those who read who people are."""
        return self.policy == "names"

    @property
    def keeping(self) -> bool:
        """Whether it tells in whose hands a file was, which is for reviewers alone."""
        return self.path == EVIDENCE + "/custody"

    @property
    def noted(self) -> bool:
        """Whether a read leaves a line in history: who had a file in hands."""
        return self.path in {EVIDENCE + "/file", EVIDENCE + "/working-copy"}

    @property
    def telling(self) -> bool:
        return self.path.startswith(TELLING) and self.path not in NOT_TELLING


def walk(app: FastAPI) -> Iterator[Door]:
    for route in iter_route_contexts(app.routes):
        for method in sorted(route.methods or ()):
            policy = declared(route.endpoint)
            yield Door(method, str(route.path), policy.name if policy else "")


def doors(app: FastAPI) -> list[Door]:
    """All of them; fewer than we have would mean that the walk has gone astray, and every test of it with it."""
    found = list(walk(app))
    assert len(found) >= 25
    assert Door("PATCH", ONE) in found
    return found


# These read the published store, whoever asks.
OUTSIDE = ("/api/v1/releases", "/api/v1/changes.atom")
HOUSEKEEPING = {"administer", "audit", "jobs", "own", "enter", "review", "erase", "erasures"}


def locked(app: FastAPI) -> list[Door]:
    """All that ask for a token."""
    return [door for door in doors(app) if door.path not in OPEN and door.policy not in {"open", "link"}]


def working(app: FastAPI) -> list[Door]:
    """Those of them that are for everybody who works with records. The others: tests/access/test_matrix.py."""
    mine = [door for door in locked(app) if door.policy not in HOUSEKEEPING]
    return [door for door in mine if not door.path.startswith(OUTSIDE)]


def something(client: TestClient) -> dict[str, str]:
    """An incident with an import and all its parts, by the names that stand in the paths."""
    told = an_incident(acts=[an_act(person=somebody("Gul Example"))], involvements=[carried_out_by("A made-up unit")])
    told["cases"] = [{"person": somebody("Gul Example"), "events": [{"kind": "taken"}]}]
    one = client.post(INCIDENTS, json=told).json()
    case = client.get(CASES.format(case_id=one["cases"][0]["id"])).json()
    client.post(INCIDENTS, json=an_incident("Another", id=OTHER, at=TURBAT))
    tied = {"kind": "precedes", "to": OTHER}
    shared = client.post(EXPORT_LINKS, **body(EXPORT_LINKS)).json()
    consents = PERSONS + "/{person_id}/consents"
    agreed = client.post(consents.format(person_id=one["acts"][0]["person"]["id"]), **body(consents)).json()
    return {
        **{name: str(uuid4()) for name in ("member_id", "sign_in_id")},
        "public": "0" * 16,
        "export_link_id": shared["id"],
        "secret": shared["address"].split("/")[4],
        "form": "csv",
        "link_id": client.post(f"{INCIDENTS}/{one['id']}/links", json=tied).json()["id"],
        "noun": "incident",
        "record_id": one["id"],
        "which": one["ref"],
        "incident_id": one["id"],
        "case_id": case["id"],
        "event_id": case["events"][0]["id"],
        "account_id": one["accounts"][0]["id"],
        "source_id": one["accounts"][0]["source_id"],
        "erasure_id": OTHER,
        "consent_id": agreed["id"],
        "person_id": one["acts"][0]["person"]["id"],
        "actor_id": one["involvements"][0]["actor"]["id"],
        "involvement_id": one["involvements"][0]["id"],
        "act_id": one["acts"][0]["id"],
        "evidence_id": client.post(f"{INCIDENTS}/{one['id']}/evidence", content=a_photo()).json()["id"],
        "name": "violations",
        "code": "PK-BA",
        **FROZEN,
        **TILE | {"hook": a_hook(client)},
        "job_id": client.post(IMPORTS, content=CSV, params={"background": "true"}).json()["id"],
        "batch_id": client.post(IMPORTS, content=CSV).json()["batch"],
    }


def a_hook(client: TestClient) -> str:
    """The secret of the hook of a form."""
    folder = client.app.state.forms  # type: ignore[attr-defined]
    forms.keep(folder, "monitors", forms.Form(server="https://kobo.example.org", form="aMadeUpForm"))
    return forms.open_hook(folder, "monitors")


def asked(path: str) -> str:
    """An address with what it must be asked with."""
    return path + "".join(f"?{query}" for part, query in NEEDED.items() if path.endswith(part) or path.startswith(part))


def knock(client: TestClient, door: Door, known: dict[str, str], **more: Any) -> Any:
    """A good request at a door."""
    path = asked(door.path.format_map(known))
    return client.request(door.method, path, **(body(door.path) if door.writes else {}), **more)
