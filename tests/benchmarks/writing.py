"""Writing while others write: reports from eight clients at once, each with its history, synced to the disk."""

import http.client
import sqlite3
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from statistics import quantiles

import orjson

from app.api.examples import REPORT_BODY
from app.db import reading
from app.queries import history
from tests.benchmarks.bench import Bench
from tests.benchmarks.clock import in_turn
from tests.benchmarks.figures import Figure, Found
from tests.benchmarks.goals import GOALS
from tests.benchmarks.serving import Server, serving

CLIENTS, SECONDS, TIMES = 8, 3.0, 3


@dataclass
class Told:
    """Seconds each report took, and the answers that were no 201."""

    took: list[float] = field(default_factory=list)
    refused: list[int] = field(default_factory=list)


def reports(bench: Bench) -> Iterator[Found]:
    """Eight clients post reports for some seconds, three times over."""
    ground = bench.grounds.fresh()
    with serving(ground) as server:
        _post_for(server, 0.5)
        before = server.ask("/api/v1/incidents?limit=1")["total"]
        told, bare = in_turn(lambda: _post_for(server, SECONDS), lambda: _bare(bench.folder / "bare.db"), TIMES)
        after = server.ask("/api/v1/incidents?limit=1")["total"]
    posted = sum(len(turn.took) for turn in told)
    with reading(ground.engine) as session:
        broken = history.check_chain(session)[1]
    refused = sum(len(turn.refused) for turn in told)
    wrong = "history does not hold" if broken else ""
    wrong = wrong or ("" if after - before == posted else f"{posted} reports made {after - before} incidents")
    wrong = wrong or (f"{refused} reports were refused" if refused else "")
    bench.grounds.drop([ground])
    yield from _figures(told, bare, wrong)


def _figures(told: list[Told], bare: list[float], wrong: str) -> Iterator[Figure]:
    cuts = [quantiles(turn.took, n=100) for turn in told]
    name = f"report with history, {CLIENTS} clients"
    yield Figure(f"{name}: p50", "ms", [cut[49] * 1000 for cut in cuts], wrong=wrong)
    yield Figure(f"{name}: p99", "ms", [cut[98] * 1000 for cut in cuts], goal=GOALS["write/p99"], wrong=wrong)
    rate = [len(turn.took) / SECONDS for turn in told]
    yield Figure(
        f"{name}: writes", "/s", rate, bare, "plain sqlite3, one row a synced commit", GOALS["write/rate"], wrong
    )


def _post_for(server: Server, seconds: float) -> Told:
    told, end = Told(), time.monotonic() + seconds
    clients = [threading.Thread(target=_client, args=(server, number, end, told)) for number in range(CLIENTS)]
    for client in clients:
        client.start()
    for client in clients:
        client.join()
    return told


def _client(server: Server, number: int, end: float, told: Told) -> None:
    connection = server.connection()
    sent = 0
    while time.monotonic() < end:
        sent += 1
        body = orjson.dumps(REPORT_BODY | {"title": f"Synthetic report {sent} of client {number}"})
        start = time.perf_counter()
        status = _post(connection, body, server.headers)
        told.took.append(time.perf_counter() - start)
        if status != http.HTTPStatus.CREATED:
            told.refused.append(status)
    connection.close()


def _post(connection: http.client.HTTPConnection, body: bytes, headers: dict[str, str]) -> int:
    connection.request("POST", "/api/v1/incidents", body, headers | {"Content-Type": "application/json"})
    with connection.getresponse() as response:
        response.read()
        return response.status


def _bare(file: Path) -> float:
    """Rows a second that one writer gets into a plain SQLite, each in a synced transaction of its own."""
    file.unlink(missing_ok=True)
    database = sqlite3.connect(file, isolation_level=None)
    database.execute("PRAGMA journal_mode = WAL")
    database.execute("PRAGMA synchronous = FULL")
    database.execute("CREATE TABLE bare (what TEXT)")
    what, written, end = orjson.dumps(REPORT_BODY).decode(), 0, time.monotonic() + 1
    while time.monotonic() < end:
        database.execute("INSERT INTO bare VALUES (?)", (what,))
        written += 1
    database.close()
    return float(written)
