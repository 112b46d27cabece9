"""Two processes serve one archive: nothing is lost, no number is given twice, and a sign-in is good at both."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import psutil
import pytest
from sqlalchemy import update

from app import __main__ as door
from app.actions import members, one_use
from app.db import writing
from app.records import Archive, Incident
from app.upkeep import reference
from tests.api.signing import A_PASSWORD, HOUSE
from tests.archives import TestArchive
from tests.builders import an_incident
from tests.cli.helping import Gawah

pytestmark = pytest.mark.sockets
INCIDENTS = "/api/v1/incidents"
EACH = 8


class Line:
    """A connection that one of the two processes holds, with what a browser or a program would send along."""

    def __init__(self, port: int, headers: dict[str, str]) -> None:
        self.connection = HTTPConnection("127.0.0.1", port, timeout=30)
        self.headers = headers

    def ask(self, method: str, path: str, told: Any = None, **more: str) -> tuple[int, Any, dict[str, str]]:
        """Status, body and headers of the answer."""
        body = None if told is None else json.dumps(told)
        headers = {"Content-Type": "application/json", **self.headers, **more}
        self.connection.request(method, path, body=body, headers=headers)
        with self.connection.getresponse() as answer:
            text = answer.read()
            return answer.status, json.loads(text), {name.lower(): value for name, value in answer.getheaders()}


@contextmanager
def serving(script: Path, folder: Path) -> Iterator[tuple[psutil.Process, int]]:
    """The service with two workers, begun by the script that people begin it with. Its process, and its port."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    line = [sys.executable, str(script), "serve", "--port", str(port), "--workers", "2"]
    environment = os.environ | {"PYTHONPATH": str(door.ROOT)}
    with (folder / "said").open("w+") as said:
        server = subprocess.Popen(line, cwd=folder, env=environment, stderr=said)
        try:
            yield psutil.Process(server.pid), port
        finally:
            server.send_signal(signal.SIGTERM)
            try:
                server.wait(20)
            except subprocess.TimeoutExpired:
                for process in [*psutil.Process(server.pid).children(recursive=True), psutil.Process(server.pid)]:
                    process.kill()
                raise
        said.seek(0)
        assert "Traceback" not in said.read()


def holder(server: psutil.Process, own: int) -> int | None:
    """Which of the processes holds the other end of a connection. `own`: its port here."""
    for process in server.children(recursive=True):
        with suppress(psutil.Error):
            if any(end.raddr and end.raddr.port == own for end in process.net_connections("tcp4")):
                return int(process.pid)
    return None


def one_of_each(server: psutil.Process, port: int, headers: dict[str, str]) -> list[Line]:
    """A connection to each of the two, once both are up."""
    found: dict[int, Line] = {}
    until = time.monotonic() + 60
    while len(found) < 2:
        assert time.monotonic() < until, "the second process took no connection"
        line = Line(port, headers)
        with suppress(OSError):
            assert line.ask("GET", "/healthz")[0] == 200
            at = holder(server, line.connection.sock.getsockname()[1])
            if at is not None and at not in found:
                found[at] = line
                continue
        line.connection.close()
        time.sleep(0.02)
    return list(found.values())


@pytest.fixture
def script(tmp_path: Path) -> Path:
    """`gawah` as the front door writes it."""
    place = door.Place(tmp_path / "checkout")
    place.scripts.mkdir(parents=True)
    place.packages.mkdir(parents=True)
    door.write_command_line(place)
    return place.scripts / "gawah"


def test_two_processes_serve_one_archive(
    archive: TestArchive, home: Path, script: Path, tmp_path: Path, gawah: Gawah
) -> None:
    with writing(archive.engine) as session:
        members.add(session, "amna", "contributor", HOUSE)
        link = one_use.give_link(session, "amna", HOUSE).secret
        session.execute(update(Archive).values(geodata=reference.fingerprint()))  # loading it all would take seconds
    token = {"Authorization": f"Bearer {archive.tokens['reviewer']}"}
    with serving(script, tmp_path) as (server, port):
        both = one_of_each(server, port, token)
        told_at_once(both)
        nobody_overwrites(both)
        signed_in_at_one(*one_of_each(server, port, {"Sec-Fetch-Site": "same-origin"}), link)
        for line in both:
            line.connection.close()
    assert archive.counts(Incident) == {"Incident": 2 * EACH}
    assert archive.broken() is None
    assert gawah("verify").code == 0


def told_at_once(both: list[Line]) -> None:
    """Both write and read at the same time: every report is there, under a number of its own."""

    def tell(line: Line) -> list[str]:
        refs, before = [], 0
        for number in range(EACH):
            status, made, _ = line.ask("POST", INCIDENTS, an_incident(f"Report {number}"))
            assert status == 201, made
            refs.append(made["ref"])
            status, page, _ = line.ask("GET", f"{INCIDENTS}?limit=200")
            assert (status, page["total"] >= before + 1) == (200, True)
            assert set(refs) <= {item["ref"] for item in page["items"]}
            before = page["total"]
        return refs

    with ThreadPoolExecutor(2) as threads:
        refs = [ref for part in threads.map(tell, both) for ref in part]
    assert sorted(int(re.split("-", ref)[-1]) for ref in refs) == list(range(1, 2 * EACH + 1))
    assert [line.ask("GET", INCIDENTS)[1]["total"] for line in both] == [2 * EACH, 2 * EACH]


def nobody_overwrites(both: list[Line]) -> None:
    """Two change one record as they saw it: one of them is told that it has changed meanwhile."""
    which = both[0].ask("GET", f"{INCIDENTS}?limit=1")[1]["items"][0]["ref"]
    _, shown, headers = both[0].ask("GET", f"{INCIDENTS}/{which}")

    def change(line: Line) -> int:
        told = {"title": f"Changed by {id(line)}", "reason": "It is told anew."}
        return line.ask("PATCH", f"{INCIDENTS}/{shown['id']}", told, **{"If-Match": headers["etag"]})[0]

    with ThreadPoolExecutor(2) as threads:
        assert sorted(threads.map(change, both)) == [200, 412]
    titles = {line.ask("GET", f"{INCIDENTS}/{which}")[1]["title"] for line in both}
    assert len(titles) == 1
    assert titles != {shown["title"]}


def signed_in_at_one(one: Line, other: Line, link: str) -> None:
    """Who signs in at one is known at the other, and signed out at both at once."""
    assert one.ask("POST", "/api/v1/setup", {"link": link, "password": A_PASSWORD})[0] == 200
    status, who, headers = other.ask("POST", "/api/v1/session", {"name": "amna", "password": A_PASSWORD})
    assert status == 200, who
    kept = {"Cookie": headers["set-cookie"].split(";")[0], "X-CSRF": who["csrf"]}
    for line in (one, other):
        assert line.ask("GET", INCIDENTS, **kept)[0] == 200
    one.headers |= kept
    one.connection.request("DELETE", "/api/v1/session", headers=one.headers)
    with one.connection.getresponse() as answer:
        assert answer.status in {200, 204}
        answer.read()
    assert other.ask("GET", INCIDENTS, **kept)[0] == 401
    for line in (one, other):
        line.connection.close()
