"""An archive on a primary and its standby, with its service, in the hands of a test."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from sqlalchemy import update
from sqlmodel import col
from starlette.testclient import TestClient

from app.access.viewer import Viewer
from app.actions import publishing
from app.db import writing
from app.main import create_app
from app.queries.vault import Vault
from app.records import Incident
from app.records.public_version import PublicVersionIn
from app.upkeep import publication
from app.upkeep.published import on_postgresql
from app.upkeep.replicas import Replica
from tests.archives import TestArchive, counting
from tests.builders import incident_in
from tests.shelves import KEY, Postgresql, fill
from tests.upkeep import pair

INCIDENTS = "/api/v1/incidents"
EDITOR = Viewer("another reviewer", "reviewer", "write")


@dataclass(frozen=True)
class Office:
    """An archive on two servers, and its service."""

    archive: TestArchive
    servers: pair.Pair
    replica: Replica
    app: FastAPI

    def client(self, role: str | None = None) -> TestClient:
        headers = {"Authorization": f"Bearer {self.archive.tokens[role]}"} if role else {}
        return TestClient(self.app, headers=headers, follow_redirects=False)

    def told(self) -> dict[str, Any]:
        """What /readyz says of the standby."""
        answer: dict[str, Any] = self.client().get("/readyz").json()["replica"]
        return answer

    def on_standby(self, statement: str) -> list[tuple[object, ...]]:
        return self.servers.standby.ask(statement, str(self.archive.engine.url.database))

    @contextmanager
    def late(self) -> Iterator[None]:
        """The standby takes nothing over meanwhile."""
        self.on_standby("SELECT pg_wal_replay_pause()")
        try:
            yield
        finally:
            self.on_standby("SELECT pg_wal_replay_resume()")
            self.catch_up()

    def catch_up(self) -> None:
        """Wait until it is asked again."""
        self.servers.primary.ask("SELECT pg_current_xact_id()")  # what is half on the disk comes there whole
        until = time.monotonic() + 10
        while self.told()["state"] != "following":
            assert time.monotonic() < until, self.told()
            time.sleep(0.02)


@contextmanager
def opened(folder: Path) -> Iterator[Office]:
    """An office whose archive lies on two servers of its own. `folder`: for its evidence."""
    with pair.running() as servers:
        shelf = Postgresql(servers.primary.url())
        engine = shelf.empty()
        tokens = fill(engine)
        store = on_postgresql(engine)
        url = servers.standby.url(str(engine.url.database))
        replica = Replica(url, engine, bound=10)
        vault = Vault(folder / "evidence", KEY)
        app = create_app(engine, vault, store)
        app.state.replica = replica
        office = Office(TestArchive(engine, tokens, vault, store), servers, replica, app)
        office.client().get(INCIDENTS)  # the first of the day sweeps the published store, and so reads on the primary
        yield office
        replica.dispose()
        store.dispose()
        engine.dispose()  # the databases go with their servers


@contextmanager
def asked(office: Office) -> Iterator[dict[str, int]]:
    """How many questions about incidents each of the two gets meanwhile."""
    store = office.archive.published
    assert store is not None
    count = {"primary": 0, "standby": 0}
    with (
        counting(office.archive.engine) as inner, counting(store.engine) as outer,
        counting(office.replica.working) as moved, counting(office.replica.published) as moved_outer,
    ):  # fmt: skip
        yield count
    for name, sent in (("primary", inner + outer), ("standby", moved + moved_outer)):
        count[name] = sum("FROM incident" in statement for statement in sent)


def moved(office: Office, ask: Callable[[], Any]) -> tuple[Any, int]:
    """What a read answers that the standby answered, and how many questions about incidents the primary got for it.

    On a busy machine the standby is late now and then, and passed by.
    """
    for _ in range(20):
        office.catch_up()
        with asked(office) as count:
            answer = ask()
        assert answer.status_code == 200, answer.text
        if count["standby"]:
            return answer, count["primary"]
    raise AssertionError("no read moved over")


def public(office: Office, title: str) -> Any:
    """A published incident: the inner one's id."""
    made = office.archive.report(incident_in(title))
    engine, store = office.archive.engine, office.archive.published
    assert store is not None
    with writing(engine) as session:
        mine = col(Incident.id) == made.id
        session.execute(update(Incident).where(mine).values(stage="approved", sensitivity="public"))
    words = PublicVersionIn.model_validate({"title": title, "place": "none", "reason": "A made-up reason."})
    seen = office.archive.seen(made.id)
    with writing(engine) as session:
        publishing.approve(session, made.id, words, seen, EDITOR)
    publication.publish(lambda: writing(engine), store, EDITOR)
    return made.id


def put(client: TestClient, record: Any, how: str, path: str, told: dict[str, Any]) -> None:
    seen = client.get(f"{INCIDENTS}/{record}").headers["ETag"]
    answer = client.request(how, f"{INCIDENTS}/{record}{path}", json=told, headers={"If-Match": seen})
    assert answer.status_code == 200, answer.text


def titles(client: TestClient) -> set[str]:
    answer = client.get(f"{INCIDENTS}?limit=200")
    assert answer.status_code == 200, answer.text
    return {row["title"] for row in answer.json()["items"]}
