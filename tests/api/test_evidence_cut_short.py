"""An upload that is cut short: the server is killed in the middle of it, and nothing says that it ever began."""

import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from app.queries.vault import INCOMING
from app.records import Attachment, Evidence, Revision
from tests.archives import TestArchive
from tests.builders import incident_in
from tests.cli.helping import Gawah

ROOT = Path(__file__).resolve().parents[2]
WHOLE, SENT = 8 << 20, 4 << 20


@contextmanager
def serving(folder: Path) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """A server of its own over the archive, and its port."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    line = [sys.executable, "-m", "app.cli", "serve", "--port", str(port)]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    with subprocess.Popen(line, cwd=folder, env=environment, stderr=subprocess.DEVNULL) as server:
        try:
            _wait(port)
            yield server, port
        finally:
            server.kill()


def _wait(port: int) -> None:
    for _ in range(400):
        with socket.socket() as knocking:
            if knocking.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise AssertionError("the server did not come up")


@pytest.mark.sockets
def test_killed_in_the_middle_of_an_upload_it_remembers_nothing(
    archive: TestArchive, home: Path, tmp_path: Path, gawah: Gawah
) -> None:
    which = archive.report(incident_in()).id
    before = archive.counts(Evidence, Attachment, Revision)
    with ExitStack() as ends, serving(tmp_path) as (server, port):
        line = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
        ends.callback(line.close)
        line.putrequest("POST", f"/api/v1/incidents/{which}/evidence")
        line.putheader("Authorization", f"Bearer {archive.tokens['contributor']}")
        line.putheader("Content-Length", str(WHOLE))
        line.endheaders()
        line.send(bytes(SENT))
        left = arriving(home)
        server.send_signal(signal.SIGKILL)
        server.wait()
    assert archive.counts(Evidence, Attachment, Revision) == before
    assert [path for path in (home / "evidence").rglob("*") if path.is_file()] == [left]
    os.utime(left, (0, 0))  # an hour later
    assert gawah("verify").code == 0
    assert not left.exists()


def arriving(home: Path) -> Path:
    """The file that is on its way in, once some of it is on the disk."""
    for _ in range(400):
        for path in (home / "evidence" / INCOMING).glob("*"):
            if path.stat().st_size > SENT // 2:
                return path
        time.sleep(0.05)
    raise AssertionError("nothing arrived")
