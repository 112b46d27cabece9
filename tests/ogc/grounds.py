"""Incidents of many kinds, places and days for the tests of /ogc, inside the archive or published, and a server."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID

import uvicorn
from sqlalchemy import update
from sqlmodel import col
from starlette.testclient import TestClient

from app.db import writing
from app.main import create_app
from app.records import Incident
from app.upkeep.published import beside, on_postgresql
from tests.archives import CONTRIBUTOR, TestArchive
from tests.builders import HOMS, QUETTA, TURBAT, a_source, an_incident, incident_in

ITEMS = "/ogc/collections/incidents/items"
INCIDENTS = "/api/v1/incidents"
KINDS = ("killing", "summary_execution", "torture_ill_treatment", "enforced_disappearance")
DAYS: tuple[Any, ...] = ("2025-06-12", "2024", None, "2025-06", "2023-01-01/2023-03-05", "../2022-02-02")
PLACES: tuple[Any, ...] = (TURBAT, QUETTA, HOMS, None)
TITLES = (
    "Shots in a market",
    'O\'Hara "quoted" 100% [sic]',
    "إطلاق نار في السوق",
    "A_b *star* \\ back",
    "shots near Kech",
)


def told(n: int) -> dict[str, Any]:
    """The body of the incident with this number: no two columns follow one another."""
    at = PLACES[n % 4]
    return an_incident(
        f"{TITLES[n % 5]} {n}", kind=KINDS[n // 2 % 4], on=DAYS[n % 6],
        at=at and (at[0] + n % 7 / 10, at[1] + n % 5 / 10),
        killed={"min": n % 3, "best": n % 9} if n % 9 >= n % 3 and n % 5 else None,
        source=a_source(f"A report {n}", url=f"https://example.org/{n}"),
    )  # fmt: skip


def fill(archive: TestArchive, many: int) -> list[UUID]:
    return [archive.report(incident_in(**_words(told(n))), CONTRIBUTOR).id for n in range(many)]


def _words(body: dict[str, Any]) -> dict[str, Any]:
    """A body as `incident_in` takes it."""
    more = {
        name: value
        for name, value in body.items()
        if name not in {"lon", "lat", "geo_precision", "according_to", "date"}
    }
    at = (body["lon"], body["lat"]) if "lon" in body else None
    return more | {"at": at, "on": body.get("date"), "source": body["according_to"]["source"]}


def publish(archive: TestArchive, folder: Path, many: int) -> TestArchive:
    """The same incidents, let out to everybody; places are told as they are chosen, in turn."""
    sqlite = archive.engine.dialect.name == "sqlite"
    store = beside(folder / "published.db", archive.engine) if sqlite else on_postgresql(archive.engine)
    opened = replace(archive, published=store)
    which = fill(opened, many)
    with writing(opened.engine) as session:
        ready = {"sensitivity": "public_anonymised", "stage": "approved", "verification": "corroborated"}
        session.execute(update(Incident).where(col(Incident.id).in_(which)).values(**ready))
    editor = TestClient(create_app(opened.engine, opened.vault, store))
    editor.headers["Authorization"] = f"Bearer {opened.tokens['reviewer']}"
    for n, one in enumerate(which):
        version = {"title": told(n)["title"], "place": ("area2", "grid", "area1")[n % 3], "reason": "A made-up reason."}
        seen = {"If-Match": opened.seen(one)}
        answer = editor.put(f"{INCIDENTS}/{one}/public-version", json=version, headers=seen)
        assert answer.status_code == 200, answer.text
    assert editor.post("/api/v1/publication").json()["counts"] == {"new": many}
    return opened


@contextmanager
def serving(archive: TestArchive, asked: list[str]) -> Iterator[str]:
    """The service on loopback, as long as it is needed: its address. `asked`: every address that it is asked for."""
    app = create_app(archive.engine, archive.vault, archive.published)

    async def listening(scope: Any, receive: Any, send: Any) -> None:
        asked.append(f"{scope['path']}?{scope['query_string'].decode()}")
        await app(scope, receive, send)

    server = uvicorn.Server(uvicorn.Config(listening, host="127.0.0.1", port=0, log_level="error", lifespan="off"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    until = time.monotonic() + 20
    while not server.started and time.monotonic() < until:
        time.sleep(0.02)
    assert server.started, "the server did not come up"
    port = server.servers[0].sockets[0].getsockname()[1]
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join(20)
