"""A service that is killed in the middle of an import and begun again: the job ends, and its rows are there once."""

import json
import os
import random
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from app import __main__ as door
from app.db import noting, now, writing
from app.records import Archive, ImportBatch, Incident, Job
from app.upkeep import reference
from tests.archives import TestArchive
from tests.imports.jobs import IMPORTS, JOBS, board_of, table

pytestmark = pytest.mark.sockets
ROWS = 2500


@contextmanager
def serving(folder: Path) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """The service as one process: it, and its port."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    line = [sys.executable, "-m", "app.cli", "serve", "--port", str(port)]
    environment = os.environ | {"PYTHONPATH": str(door.ROOT)}
    with (folder / "said").open("ab") as said:
        server = subprocess.Popen(line, cwd=folder, env=environment, stderr=said)
        try:
            yield server, port
        finally:
            server.send_signal(signal.SIGTERM)
            server.wait(60)
    assert b"Traceback" not in (folder / "said").read_bytes()


def ask(port: int, token: str, method: str, path: str, body: bytes | None = None) -> Any:
    connection = HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request(method, path, body=body, headers={"Authorization": f"Bearer {token}"})
    with connection.getresponse() as answer:
        told = json.loads(answer.read())
        assert answer.status < 300, told
    connection.close()
    return told


def until(what: Callable[[], Any], seconds: float = 90) -> Any:
    """The first answer that is one."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        with suppress(OSError):
            found = what()
            if found:
                return found
        time.sleep(0.2)
    raise AssertionError("it took too long")


def test_killed_in_the_middle_and_begun_again(archive: TestArchive, home: Path, tmp_path: Path) -> None:
    assert home.is_dir()
    with writing(archive.engine) as session:
        session.execute(update(Archive).values(geodata=reference.fingerprint()))  # loading it all would take seconds
    token, board = archive.tokens["contributor"], board_of(archive)
    with serving(tmp_path) as (server, port):
        until(lambda: ask(port, token, "GET", "/healthz"))
        job = ask(port, token, "POST", f"{IMPORTS}?background=true&name=big.csv", table(ROWS))["id"]
        until(lambda: ask(port, token, "GET", f"{JOBS}/{job}")["state"] == "running")
        time.sleep(random.uniform(0, 1.5))
        server.kill()
        server.wait()
    assert archive.counts(Incident, ImportBatch) in (
        {"Incident": 0, "ImportBatch": 0},
        {"Incident": ROWS, "ImportBatch": 1},
    )
    with noting(board.engine) as session:  # as though nobody had begun it again for a while
        session.execute(update(Job).values(seen_at=now() - timedelta(minutes=1)))
    with serving(tmp_path) as (_, port):
        found = until(lambda: ended(port, token, job))
    assert (found["state"], found["outcome"]["new"]) == ("done", ROWS)
    assert archive.counts(Incident, ImportBatch) == {"Incident": ROWS, "ImportBatch": 1}
    assert archive.broken() is None
    assert not any((home / "jobs").rglob("*"))
    board.close()


def ended(port: int, token: str, job: str) -> Any:
    found = ask(port, token, "GET", f"{JOBS}/{job}")
    return found if found["state"] not in {"waiting", "running"} else None
