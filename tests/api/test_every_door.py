"""Every route and method with every kind of key, by good requests: who is let in where, and who is not."""

from collections.abc import Callable
from typing import Any

import pytest
from fastapi import FastAPI
from sqlalchemy import update
from sqlmodel import col
from starlette.testclient import TestClient

from app.access.viewer import console
from app.actions import members
from app.db import writing
from app.records import Incident, Revision
from tests.access.opening import words
from tests.api.walking import OPEN, Door, doors, knock, locked, something, working
from tests.archives import TestArchive

Opener = Callable[..., TestClient]
# These tell of sources, and test_citations.py sees to them; a FlatGeobuf tells of places, and this incident has none.
NOT_TOLD = (".csljson", ".ris", ".bib", ".fgb")
HOUSE = console("tests")


@pytest.fixture
def app(service: FastAPI) -> FastAPI:
    return service


@pytest.fixture
def known(client: TestClient) -> dict[str, str]:
    return something(client)


def statuses(client: TestClient, through: list[Door], known: dict[str, str], **more: Any) -> dict[int, list[str]]:
    """The doors by what they answered, so that a failing test names them."""
    found: dict[int, list[str]] = {}
    for door in through:
        found.setdefault(knock(client, door, known, **more).status_code, []).append(str(door))
    return found


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def a_key(archive: TestArchive, role: str, scope: str) -> dict[str, str]:
    with writing(archive.engine) as session:
        return bearer(members.create_token(session, f"a {role}", scope, 30, HOUSE))


def test_the_walk_finds_what_it_should(app: FastAPI) -> None:
    found = doors(app)
    assert {door.path for door in found} >= OPEN
    assert len([door for door in found if door.writes]) >= 10
    assert len(locked(app)) >= 25


def test_without_a_token_good_requests_write_nothing(
    app: FastAPI, door: Opener, archive: TestArchive, known: dict[str, str]
) -> None:
    before = archive.counts(Incident, Revision)
    assert set(statuses(door(archive), locked(app), known)) == {401}
    assert archive.counts(Incident, Revision) == before


def test_a_token_with_the_secret_of_another_opens_nothing(
    app: FastAPI, door: Opener, archive: TestArchive, known: dict[str, str]
) -> None:
    mine, other = (archive.tokens[role].split("_", 2) for role in ("reviewer", "viewer"))
    mixed = "_".join([*mine[:2], other[2]])
    assert set(statuses(door(archive), locked(app), known, headers=bearer(mixed))) == {401}


def test_a_member_who_is_shut_out_opens_nothing(app: FastAPI, client: TestClient, archive: TestArchive) -> None:
    known = something(client)
    with writing(archive.engine) as session:
        members.disable(session, "a reviewer", HOUSE)
    assert set(statuses(client, locked(app), known)) == {401}


def test_a_good_token_opens_every_door(app: FastAPI, client: TestClient, known: dict[str, str]) -> None:
    """Proof that these tests knock well: with a key, none of the requests is turned away for lack of one."""
    found = statuses(client, working(app), known)
    assert not {401, 403, 405, 422} & set(found), found
    assert sorted(found[404]) == [
        "GET /api/v1/incidents.{name}",
        "POST /api/v1/actors/{actor_id}/parents",
        "POST /api/v1/incidents/{incident_id}/redirect",
    ]


def test_a_guest_with_a_wrong_token_is_no_guest(app: FastAPI, guest: TestClient, known: dict[str, str]) -> None:
    """Who shows a key that does not fit is told so, and not let in as somebody else."""
    assert set(statuses(guest, locked(app), known, headers=bearer("gwh_0_0"))) == {401}


@pytest.mark.parametrize(
    ("role", "scope"),
    [("viewer", "write"), ("viewer", "admin"), ("contributor", "read"), ("reviewer", "read"), ("admin", "admin"),
     ("auditor", "admin")],
)  # fmt: skip
def test_who_may_not_write_cannot(
    app: FastAPI, door: Opener, archive: TestArchive, known: dict[str, str], role: str, scope: str
) -> None:
    headers = a_key(archive, role, scope)
    before = archive.counts(Incident, Revision)
    writes = [one for one in working(app) if one.writes]
    assert set(statuses(door(archive), writes, known, headers=headers)) == {403}
    assert archive.counts(Incident, Revision) == before


@pytest.mark.parametrize(("role", "scope"), [("contributor", "write"), ("reviewer", "write"), ("reviewer", "admin")])
def test_who_may_write_can(door: Opener, archive: TestArchive, role: str, scope: str) -> None:
    answer = knock(door(archive), Door("POST", "/api/v1/incidents"), {}, headers=a_key(archive, role, scope))
    assert answer.status_code == 201


@pytest.mark.parametrize("role", ["admin", "auditor"])
def test_those_who_keep_the_house_do_not_read_incidents(
    app: FastAPI, door: Opener, archive: TestArchive, known: dict[str, str], role: str
) -> None:
    telling = [one for one in working(app) if one.telling]
    assert len(telling) >= 20
    found = statuses(door(archive, role), telling, known)
    assert set(found) == {403}, found


@pytest.mark.parametrize("role", ["viewer", "contributor", "reviewer"])
def test_those_who_work_with_incidents_read_them(
    app: FastAPI, door: Opener, archive: TestArchive, known: dict[str, str], role: str
) -> None:
    reads = [one for one in working(app) if not one.writes and "{name}" not in one.path]
    naming = [one for one in reads if one.naming]
    assert len(naming) >= 3
    assert set(statuses(door(archive, role), naming, known)) == {403 if role == "viewer" else 200}
    keeping = [one for one in reads if one.keeping]
    assert set(statuses(door(archive, role), keeping, known)) == {200 if role == "reviewer" else 403}
    others = [one for one in reads if not (one.naming or one.keeping)]
    assert set(statuses(door(archive, role), others, known)) == {200}


@pytest.mark.parametrize(("role", "status"), [("viewer", 404), ("contributor", 404), ("reviewer", 200)])
def test_a_sealed_incident_is_not_there_for_those_below_a_reviewer(
    app: FastAPI, door: Opener, archive: TestArchive, known: dict[str, str], role: str, status: int
) -> None:
    sealed = {"sensitivity": "sealed", "title": "Zarghuna"}
    with writing(archive.engine) as session:
        session.execute(update(Incident).where(col(Incident.ref) == known["which"]).values(**sealed))
    reads = [one for one in working(app) if not one.writes and one.path.startswith("/api/v1/incidents") and one.telling]
    about = [
        one
        for one in working(app)
        if ("{account_id}" in one.path and not one.writes) or (one in reads and "{which}" in one.path)
    ]
    assert len(about) >= 5
    client = door(archive, role)
    assert set(statuses(client, about, known)) == {status}
    for one in reads:
        if one not in about and not one.path.endswith(NOT_TOLD):
            assert ("Zarghuna" in words(knock(client, one, known).content)) is (status == 200), str(one)


def test_a_sealed_incident_cannot_be_written_to_from_below(
    app: FastAPI, contributor: TestClient, archive: TestArchive, known: dict[str, str]
) -> None:
    with writing(archive.engine) as session:
        session.execute(update(Incident).where(col(Incident.ref) == known["which"]).values(sensitivity="sealed"))
    writes = [one for one in working(app) if one.policy == "write" and "{incident_id}" in one.path]
    before = archive.counts(Incident, Revision)
    found = statuses(contributor, writes, known, headers={"If-Match": f'"{known["incident_id"]}.1"'})
    assert set(found) == {404}, found
    assert archive.counts(Incident, Revision) == before
