"""What the matrix asks with: every door, ten kinds of askers, and one whole object of every class."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from fastapi import FastAPI, Request
from httpx import AsyncClient
from sqlalchemy import update
from sqlmodel import col
from starlette.testclient import TestClient

from app import depends
from app.access.viewer import console
from app.actions import members
from app.db import now, writing
from app.records import Evidence, Incident, Source, Token
from tests.api import walking
from tests.api.walking import ACTORS, CASES, EXPORT_LINKS, IMPORTS, INCIDENTS, OTHER, PERSONS, Door
from tests.archives import TestArchive
from tests.builders import TURBAT, a_source, an_account, an_act, an_incident, carried_out_by, somebody
from tests.pictures import a_photo

Known = dict[str, str]
PRINCIPALS = (
    "nobody", "viewer", "contributor", "reviewer", "admin", "auditor", "partner link", "disabled", "expired",
    "read only",
)  # fmt: skip
CLASSES = ("public", "internal", "restricted", "sealed", "withdrawn", "absent")
# Ids that lead to an incident, or to what only it tells of.
TOLD = frozenset({
    "which", "incident_id", "account_id", "act_id", "involvement_id", "case_id", "event_id", "evidence_id", "link_id",
    "source_id", "person_id", "actor_id", "record_id", "consent_id",
})  # fmt: skip
# Ids that are there or not, whatever any incident's sensitivity.
OTHERS = frozenset({
    "batch_id", "export_link_id", "secret", "hook", "code", "member_id", "sign_in_id", "public", "erasure_id", "release",
    "job_id",
})  # fmt: skip
FIXED = frozenset({"noun", "form", "name", "file", "z", "x", "y"})  # words in an address that are no ids
HOUSE = console("tests")
CONSENTS = "/api/v1/persons/{person_id}/consents"


@dataclass(frozen=True)
class Grounds:
    """An archive with its published store, what is in them, and the key of each asker."""

    archive: TestArchive
    objects: dict[str, Known]
    public: Known
    keys: dict[str, str | None]
    etags: dict[str, str]

    def known(self, principal: str, kind: str) -> Known:
        """The ids that an asker sends: the public has those of the published store."""
        return self.public if principal == "nobody" and kind in {"public", "here"} else self.objects[kind]


def places(door: Door) -> set[str]:
    """The names of the ids in an address. A name that nothing here knows is an error: tell it which kind it is."""
    found = {part.partition("}")[0] for part in door.path.split("{")[1:]}
    strangers = found - TOLD - OTHERS - FIXED
    assert not strangers, f"{door}: say in tests/access/matrix.py what {sorted(strangers)} lead to"
    return found


def kinds(door: Door) -> tuple[str, ...]:
    """The classes of objects that a door is asked for."""
    found = places(door)
    if found & TOLD:
        return CLASSES
    return ("here", "absent") if found & OTHERS else ("-",)


def fill(client: TestClient, editor: TestClient, archive: TestArchive, number: int) -> Known:
    """An incident with everything that can hang on it, held as closely as its class says; all of it its own."""
    kind = CLASSES[number]
    name = f"Example {chr(65 + number)}beispiel"
    told = an_incident(
        f"Alleged, {kind}", source=a_source(f"A report, {kind}", f"Paper {kind}"), at=TURBAT,
        acts=[an_act(person=somebody(name))], involvements=[carried_out_by(f"Unit {kind}")],
    )  # fmt: skip
    told["cases"] = [{"person": somebody(f"{name} the younger"), "events": [{"kind": "taken"}]}]
    one = _made(client.post(INCIDENTS, json=told))
    other = _made(client.post(INCIDENTS, json=an_incident(f"Beside, {kind}")))
    unit = _made(client.post(ACTORS, json={"name": f"A wider unit, {kind}"}))
    case = client.get(CASES.format(case_id=one["cases"][0]["id"])).json()
    photo = a_photo((number * 20, 10, 10))
    evidence = _made(client.post(f"{INCIDENTS}/{one['id']}/evidence", content=photo))["id"]
    tied = _made(client.post(f"{INCIDENTS}/{one['id']}/links", json={"kind": "precedes", "to": other["id"]}))
    agreed = _made(client.post(CONSENTS.format(person_id=one["acts"][0]["person"]["id"]), **walking.body(CONSENTS)))
    line = client.get(f"{INCIDENTS}/{one['id']}/history").json()[0]["seq"]
    _made(client.post(f"{INCIDENTS}/{one['id']}/accounts", json=an_account(a_source(f"Further, {kind}"))))
    known = {
        "which": one["ref"], "incident_id": one["id"], "account_id": one["accounts"][0]["id"],
        "source_id": one["accounts"][0]["source_id"], "act_id": one["acts"][0]["id"],
        "person_id": one["acts"][0]["person"]["id"], "involvement_id": one["involvements"][0]["id"],
        "actor_id": one["involvements"][0]["actor"]["id"], "case_id": case["id"], "event_id": case["events"][0]["id"],
        "evidence_id": evidence, "link_id": tied["id"], "noun": "incident", "record_id": one["id"],
        "seq": str(line), "other": other["id"], "unit": unit["id"],
        "consent_id": agreed["id"],
    }  # fmt: skip
    change = {"reason": "For the test.", "summary": "Put right"}
    seen = {"If-Match": archive.seen(one["id"])}
    _made(client.patch(f"{INCIDENTS}/{one['id']}", json=change, headers=seen))
    _hold(editor, archive, kind, known)
    return known


def _made(answer: Any) -> dict[str, Any]:
    assert answer.status_code < 300, answer.text
    return dict(answer.json())


def _hold(client: TestClient, archive: TestArchive, kind: str, known: Known) -> None:
    if kind == "withdrawn":
        seen = {"If-Match": archive.seen(known["incident_id"])}
        _made(
            client.post(f"{INCIDENTS}/{known['incident_id']}/withdraw", json={"reason": "For the test."}, headers=seen)
        )
        return
    with writing(archive.engine) as session:
        for table, record in ((Incident, "incident_id"), (Source, "source_id"), (Evidence, "evidence_id")):
            mine = col(table.id) == UUID(known[record])
            session.execute(update(table).where(mine).values(sensitivity=kind))


def elsewhere(client: TestClient, archive: TestArchive) -> Known:
    """What hangs on no incident."""
    gone = _made(client.post(PERSONS, json=somebody("Example Vergessen")))["id"]
    erasure = _made(client.post(f"{PERSONS}/{gone}/erasure", **walking.body(PERSONS + "/{person_id}/erasure")))
    with writing(archive.engine) as session:
        member = members.add(session, "an onlooker", "viewer", HOUSE)
        spare = members.create_token(session, "a reviewer", "read", 30, HOUSE)
    row = b"title,kind,source_kind,source_title\nFrom a file,killing,press,A report from a file\n"
    link = _made(client.post(EXPORT_LINKS, **walking.body(EXPORT_LINKS)))
    return {
        "job_id": _made(client.post(IMPORTS, content=row, params={"background": "true"}))["id"],
        "batch_id": _made(client.post(IMPORTS, content=row))["batch"], "export_link_id": link["id"],
        "hook": walking.a_hook(client),
        "secret": link["address"].split("/")[4], "form": "csv", "code": "PK-BA", "name": "violations",
        **walking.TILE, "member_id": str(member), "sign_in_id": str(uuid4()), "public": spare.split("_")[1],
        "erasure_id": erasure["id"], "release": "made-up@2026-11", "file": "incidents.csv",
    }  # fmt: skip


def absent(known: Known) -> Known:
    """The same names with ids that lead nowhere."""
    gone = {name: str(uuid4()) for name in TOLD | OTHERS}
    return known | gone | {"secret": "x" * 43, "hook": "x" * 43, "code": "XX-XX"}


def keys(archive: TestArchive, secret: str) -> dict[str, str | None]:
    """The key of each asker; a partner knocks with the secret of a link as if it were one."""
    found: dict[str, str | None] = {role: archive.tokens.get(role) for role in PRINCIPALS} | {"partner link": secret}
    with writing(archive.engine) as session:
        for who in ("disabled", "expired"):
            members.add(session, f"a {who} one", "reviewer", HOUSE)
            found[who] = members.create_token(session, f"a {who} one", "admin", 30, HOUSE)
        found["read only"] = members.create_token(session, "a contributor", "read", 30, HOUSE)
        members.disable(session, "a disabled one", HOUSE)
        public = (found["expired"] or "").split("_")[1]
        session.execute(update(Token).where(col(Token.public) == public).values(expires_at=now()))
    return found


def lay_out(open_door: Callable[[str], TestClient], archive: TestArchive) -> Grounds:
    """Everything that the matrix asks about."""
    officer, editor = open_door("contributor"), open_door("reviewer")
    _made(officer.post(INCIDENTS, json=an_incident("Another", id=OTHER)))
    other = elsewhere(editor, archive)
    objects = {kind: fill(officer, editor, archive, n) | other for n, kind in enumerate(CLASSES) if kind != "absent"}
    objects["here"] = objects["-"] = objects["restricted"]
    objects["absent"] = absent(objects["restricted"])
    public = published(officer, editor, open_door(""), objects["public"])
    for known in (*objects.values(), public):
        known["told"] = public["which"]
    return Grounds(archive, objects, public, keys(archive, other["secret"]), versions(editor, objects))


def published(officer: TestClient, editor: TestClient, public: TestClient, known: Known) -> Known:
    """Let the public object be public: the ids that it has out there."""
    one = f"{INCIDENTS}/{known['incident_id']}"
    told = {
        "title": "Alleged, and told to all",
        "place": "area1",
        "cites": [known["source_id"]],
        "reason": "For the test.",
    }
    _step(officer, one, "/moves", {"stage": "submitted", "note": "For the test."})
    _step(editor, one, "/moves", {"stage": "in_review", "note": "For the test."})
    _step(editor, one, "/moves", {"stage": "approved", "note": "For the test."})
    _step(editor, one, "/public-version", told, "PUT")
    assert _made(editor.post("/api/v1/publication"))["counts"] == {"new": 1}
    _made(editor.post("/api/v1/releases", json={"name": known["release"], "reason": "For the test."}))
    (row,) = _made(public.get(INCIDENTS))["items"]
    shown = _made(public.get(f"{INCIDENTS}/{row['ref']}"))
    return known | {
        "which": row["ref"], "account_id": shown["accounts"][0]["id"],
        "source_id": shown["accounts"][0]["source"]["id"], "actor_id": shown["involvements"][0]["actor"]["id"],
    }  # fmt: skip


def _step(client: TestClient, one: str, path: str, told: dict[str, Any], how: str = "POST") -> None:
    seen = {"If-Match": client.get(one).headers["ETag"]}
    _made(client.request(how, one + path, json=told, headers=seen))


def versions(client: TestClient, objects: dict[str, Known]) -> dict[str, str]:
    """The ETag of every record that has one, by its id."""
    found = {}
    for known in objects.values():
        for noun in ("incident", "person", "actor", "case", "source"):
            answer = client.get(f"/api/v1/{noun}s/{known[f'{noun}_id']}")
            if "ETag" in answer.headers:
                found[known[f"{noun}_id"]] = answer.headers["ETag"]
    return found


class _TakenBack(Exception):
    """Raised to take back what a route has written, so that every cell is asked of the same archive."""


@contextmanager
def nothing_lasts(app: FastAPI) -> Iterator[None]:
    """Routes write, answer, and nothing of it stays."""

    def writes(request: Request) -> Callable[[], Any]:
        @contextmanager
        def session() -> Iterator[Any]:
            with suppress(_TakenBack), writing(depends.engine_of(request)) as opened:
                yield opened
                raise _TakenBack

        return session

    both = depends._writing, depends._writing_briefly
    app.dependency_overrides |= dict.fromkeys(both, writes)
    yield
    for one in both:
        del app.dependency_overrides[one]


async def ask(client: AsyncClient, door: Door, known: Known, etags: dict[str, str]) -> int:
    """A good request at a door: the status."""
    sent = walking.body(door.path) if door.writes else {}
    told = sent.get("json")
    if isinstance(told, dict):
        fit = {
            "to": known["other"],
            "parent_id": known["unit"],
            "incident_id": known["other"],
            "seq": int(known["seq"]),
            "refs": [known["told"]],
        }
        sent = sent | {"json": told | {name: value for name, value in fit.items() if name in told}}
    headers = {"If-Match": etag} if (etag := _etag(door, known, etags)) else {}
    path = walking.asked(door.path.format_map(known))
    return (await client.request(door.method, path, headers=headers, **sent)).status_code


def _etag(door: Door, known: Known, etags: dict[str, str]) -> str | None:
    first = door.path.partition("{")[2].partition("}")[0]
    record = {"involvement_id": "incident_id", "noun": "record_id"}.get(first, first)
    return etags.get(known.get(record, "")) if door.writes else None
