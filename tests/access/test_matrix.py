"""Every route x method x asker x class of object: what a table written by hand says, cell by cell, all of them."""

import asyncio
from collections.abc import Iterable, Iterator
from dataclasses import replace

import pytest
from fastapi import APIRouter, FastAPI
from httpx import ASGITransport, AsyncClient
from starlette.testclient import TestClient

from app import depends
from app import main as service_of
from app.access.policy import POLICIES, READ
from app.api import history as history_routes
from app.api.strict import StrictRoute, Undeclared
from app.db import reading
from app.main import create_app
from app.queries import one
from app.upkeep.published import beside, on_postgresql
from tests.access.matrix import CLASSES, PRINCIPALS, Grounds, ask, kinds, lay_out, nothing_lasts
from tests.access.table import EXCEPTIONS, FIRST, IN, TABLE, THEN, THERE, expected, policy_of
from tests.api.walking import OGC, Door, walk
from tests.archives import TestArchive

pytestmark = pytest.mark.one_archive
FINE = {200, 201, 202, 204, 308}
# So few askers go round on PostgreSQL: its conditions are the same, and the way there is longer.
ON_POSTGRESQL = ("nobody", "contributor")


@pytest.fixture(scope="module")
def grounds(shared: TestArchive, service: FastAPI, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Grounds]:
    sqlite = shared.engine.dialect.name == "sqlite"
    folder = tmp_path_factory.mktemp("published")
    store = beside(folder / "published.db", shared.engine) if sqlite else on_postgresql(shared.engine)
    archive = replace(shared, published=store)

    def opened(role: str) -> TestClient:
        serve(service, archive)
        return TestClient(service, headers={"Authorization": f"Bearer {archive.tokens[role]}"} if role else {})

    yield lay_out(opened, archive)
    store.dispose()


def serve(app: FastAPI, archive: TestArchive) -> None:
    app.state.engine, app.state.vault, app.state.published = archive.engine, archive.vault, archive.published


def rooms(app: FastAPI) -> list[Door]:
    """Every route and method but the description, which tells what everybody may know."""
    return list(walk(app))


def wrong(app: FastAPI, grounds: Grounds, principal: str, doors: Iterable[Door]) -> tuple[int, list[str]]:
    """How many cells were asked, and those that are not as the table says."""
    serve(app, grounds.archive)
    key = grounds.keys[principal]
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    cells = [(door, kind) for door in doors for kind in kinds(door)]

    async def ask_all() -> list[int]:
        # Straight into the service: a client that waits on another thread takes twice as long.
        async with AsyncClient(transport=ASGITransport(app), base_url="http://testserver", headers=headers) as client:
            known = [(door, grounds.known(principal, kind)) for door, kind in cells]
            return [await ask(client, door, ids, grounds.etags) for door, ids in known]

    with nothing_lasts(app):
        met = asyncio.run(ask_all())
    found = []
    for (door, kind), status in zip(cells, met, strict=True):
        wanted = expected(door, principal, kind)
        if status not in (FINE if wanted == IN else {wanted}):
            found.append(f"{principal} | {door} | {kind}: {status}, not {wanted}")
    return len(cells), found


def test_every_cell_is_as_the_table_says(service: FastAPI, grounds: Grounds, database: str) -> None:
    doors = rooms(service)
    askers = PRINCIPALS if database == "sqlite" else ON_POSTGRESQL
    asked = [wrong(service, grounds, principal, doors) for principal in askers]
    red = [line for _, found in asked for line in found]
    assert red == [], "\n".join(red)
    cells = sum(len(kinds(door)) for door in doors)
    assert {count for count, _ in asked} == {cells}
    assert cells >= 400


def test_the_table_is_of_everything_there_is(service: FastAPI) -> None:
    doors = rooms(service)
    described = {f"{method.upper()} {path}" for path, told in service.openapi()["paths"].items() for method in told}
    hidden = {"GET /", "GET /docs", "GET /docs.css", "GET /openapi.json", "GET /api/v1/incidents.{name}"}
    hidden |= {f"GET {path}" for path in OGC}
    assert {str(door) for door in doors} == described | hidden
    assert set(TABLE) == {policy.name for policy in POLICIES}
    assert {len(row) for row in TABLE.values()} == {len(PRINCIPALS)}
    assert set(CLASSES) < set(THERE)


def test_every_route_declares_what_the_table_says(service: FastAPI) -> None:
    doors = rooms(service)
    assert {str(door): door.policy for door in doors if door.policy != policy_of(door)} == {}
    assert set(EXCEPTIONS) | set(FIRST) | set(THEN) <= {str(door) for door in doors}


def test_a_route_without_a_policy_stops_the_app(monkeypatch: pytest.MonkeyPatch) -> None:
    def bare() -> dict[str, str]:
        return {}

    router = APIRouter(route_class=StrictRoute)
    with pytest.raises(Undeclared):
        router.add_api_route("/bare", bare)
    # Nor does one come in by a router that is not strict.
    loose = APIRouter()
    loose.add_api_route("/bare", bare)
    monkeypatch.setattr(service_of, "ROUTERS", (*service_of.ROUTERS, loose))
    with pytest.raises(Undeclared, match="/bare"):
        create_app(None)  # type: ignore[arg-type]


def test_a_loosened_policy_turns_it_red(grounds: Grounds, monkeypatch: pytest.MonkeyPatch) -> None:
    """The public would read who changed what: whoever opens a door is told by the table, and not by the door."""
    monkeypatch.setattr(history_routes.list_versions, "policy", READ)
    app = create_app(None)  # type: ignore[arg-type]
    doors = [door for door in rooms(app) if door.path.endswith("/versions")]
    assert [door.policy for door in doors] == ["read"]
    _, found = wrong(app, grounds, "nobody", doors)
    assert len(found) == len(CLASSES)


def test_a_query_that_forgets_whose_it_is_turns_it_red(
    service: FastAPI, grounds: Grounds, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two walls stand before the sealed: either holds alone, and without both the column is red."""
    doors = [door for door in rooms(service) if "{which}" in door.path and door.method == "GET"]
    assert len(doors) >= 8
    assert wrong(service, grounds, "contributor", doors)[1] == []
    with monkeypatch.context() as patch:
        patch.setattr(depends, "guarded", lambda engine, _: reading(engine))
        assert wrong(service, grounds, "contributor", doors)[1] == []
        patch.setattr(one, "_named", one._named.__wrapped__)  # which is kept, with what may be seen
        patch.setattr(one, "visible", lambda _: [])
        found = wrong(service, grounds, "contributor", doors)[1]
    assert len(found) == len(doors)
    assert all("| sealed: 200, not 404" in line for line in found), found
