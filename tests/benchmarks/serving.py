"""The real service in a process of its own on loopback, and what it costs to ask it."""

import http.client
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
import psutil  # type: ignore[import-untyped]
from sqlalchemy import create_engine, text

from tests.benchmarks.clock import tree, used
from tests.benchmarks.grounds import Ground

ROOT = Path(__file__).resolve().parents[2]
HOST = "127.0.0.1"
PIECE = 64 * 1024
EVERY = 1 / 20
PATIENCE = 60


@dataclass(frozen=True)
class Answer:
    """One download: what it held, and what it cost the service. Memory in MiB above where it stood before."""

    file: Path
    first_byte: float
    wall: float
    cpu: float
    growth: float


class Server:
    """A running service, ours or a peer's. `database`: the server it asks, whose work is counted too."""

    def __init__(
        self, process: psutil.Process, port: int, headers: dict[str, str], database: psutil.Process | None = None
    ) -> None:
        self.process, self.port, self.headers, self.database = process, port, headers, database

    def connection(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection(HOST, self.port, timeout=PATIENCE)

    def ask(self, path: str) -> Any:
        """The JSON at a path of the API."""
        connection = self.connection()
        body = fetch(connection, path, self.headers)
        connection.close()
        return orjson.loads(body)

    def download(self, path: str, to: Path) -> Answer:
        """Stream an answer into a file and watch the service meanwhile."""
        before, rss = self.cpu(), self.memory()
        with self._watch() as seen:
            start = time.perf_counter()
            first = self._stream(path, to)
            wall = time.perf_counter() - start
        return Answer(to, first - start, wall, self.cpu() - before, max([*seen, rss]) - rss)

    def _stream(self, path: str, to: Path) -> float:
        """When the first byte of the body came."""
        connection = self.connection()
        connection.request("GET", path, headers=self.headers)
        with connection.getresponse() as response, to.open("wb") as file:
            file.write(response.read(1))
            first = time.perf_counter()
            if response.status != http.HTTPStatus.OK:
                raise RuntimeError(f"the service answered {response.status}")
            while piece := response.read(PIECE):
                file.write(piece)
        connection.close()
        return first

    def drain(self, path: str) -> int:
        """Read an answer and let it go; how many bytes it had."""
        connection, size = self.connection(), 0
        connection.request("GET", path, headers=self.headers)
        with connection.getresponse() as response:
            if response.status != http.HTTPStatus.OK:
                raise RuntimeError(f"the service answered {response.status}")
            while piece := response.read(PIECE):
                size += len(piece)
        connection.close()
        return size

    @contextmanager
    def _watch(self) -> Iterator[list[float]]:
        """The memory of the service, twenty times a second and once at the end."""
        seen: list[float] = []
        over = threading.Event()

        def look() -> None:
            while not over.wait(EVERY):
                seen.append(self.memory())

        watcher = threading.Thread(target=look)
        watcher.start()
        try:
            yield seen
        finally:
            over.set()
            watcher.join()
            seen.append(self.memory())

    def cpu(self) -> float:
        """Seconds of processor time so far, with that of the processes it started and of the database."""
        return used(self.process) + used(self.database)

    def memory(self) -> float:
        """MiB of the service and the processes it started."""
        return float(sum(one.memory_info().rss for one in tree(self.process)) / 2**20)


def fetch(connection: http.client.HTTPConnection, path: str, headers: dict[str, str]) -> bytes:
    """One answer on a connection that stays open. Raises RuntimeError unless it is 200."""
    connection.request("GET", path, headers=headers)
    with connection.getresponse() as response:
        body = response.read()
        if response.status != http.HTTPStatus.OK:
            raise RuntimeError(f"the service answered {response.status}")
    return body


@contextmanager
def serving(ground: Ground, *, public: bool = False) -> Iterator[Server]:
    """A fresh service on an archive, asked by a member or by the public; it is stopped at the end."""
    environment = environment_of(ground)
    port = free_port()
    line = [sys.executable, "-m", "app.cli", "serve", "--port", str(port)]
    headers = {} if public else {"Authorization": f"Bearer {ground.token}"}
    with running(line, port, ground.settings.data_dir, environment) as process:
        yield Server(process, port, headers, database_of(ground.settings.database_url))


@contextmanager
def running(
    line: list[str], port: int, folder: Path, environment: dict[str, str], sign_of_life: str = "/"
) -> Iterator[psutil.Process]:
    """A program that serves on a port, from when it answers until it is stopped."""
    with (folder / "server.log").open("wb") as said:
        process = subprocess.Popen(line, cwd=folder, env=environment, stdout=said, stderr=said)
    try:
        _wait_for(port, process, sign_of_life)
        yield psutil.Process(process.pid)
    finally:
        process.terminate()
        process.wait(PATIENCE)


def database_of(url: str | None) -> psutil.Process | None:
    """The PostgreSQL server at an address, where it runs on this machine."""
    if url is None:
        return None
    engine = create_engine(url)
    with engine.connect() as connection:
        own = connection.execute(text("SELECT pg_backend_pid()")).scalar_one()
        found: psutil.Process | None = psutil.Process(own).parent()
    engine.dispose()
    return found


def environment_of(ground: Ground) -> dict[str, str]:
    ground.settings.data_dir.mkdir(parents=True, exist_ok=True)
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GAWAH_")}
    kept |= {"PYTHONPATH": str(ROOT), "GAWAH_DATA_DIR": str(ground.settings.data_dir), "GAWAH_HOST": HOST}
    return kept | ({"GAWAH_DATABASE_URL": ground.settings.database_url} if ground.settings.database_url else {})


def free_port() -> int:
    with socket.socket() as found:
        found.bind((HOST, 0))
        return int(found.getsockname()[1])


def _wait_for(port: int, process: subprocess.Popen[bytes], path: str) -> None:
    """Until the service answers. Raises RuntimeError when it does not."""
    latest = time.monotonic() + PATIENCE
    while time.monotonic() < latest and process.poll() is None:
        connection = http.client.HTTPConnection(HOST, port, timeout=PATIENCE)
        try:
            fetch(connection, path, {})
        except OSError:
            time.sleep(0.05)
        else:
            return
        finally:
            connection.close()
    raise RuntimeError("the service did not start")
