"""An officer leaves a big file with the service, goes away, comes back: she sees how far it is, and what happened."""

import time
from collections.abc import Callable
from threading import Thread
from typing import Any

import pytest
from starlette.testclient import TestClient

from app.db import writing
from app.imports import background
from app.records import Incident
from tests.archives import TestArchive
from tests.imports.jobs import IMPORTS, JOBS, board_of, leave, look, table, worker_of


def test_she_leaves_a_file_and_finds_it_taken_in(contributor: TestClient, archive: TestArchive) -> None:
    job = leave(contributor, table(30))
    assert (job["state"], job["told"], job["rows_in_all"]) == ("waiting", "It waits for its turn.", 30)
    assert archive.count(Incident) == 0

    worker = worker_of(archive)
    assert worker.run_next()

    found = look(contributor, job)
    assert (found["state"], found["rows_done"], found["seconds_left"]) == ("done", 30, None)
    assert found["told"].startswith("Recorded: 30 rows, 30 new, 0 changed, 0 unchanged, 0 refused.")
    assert archive.count(Incident) == 30
    assert archive.broken() is None
    batch = contributor.get(f"{IMPORTS}/{job['id']}").json()
    assert (batch["new"], batch["file_name"], batch["started_by"]) == (30, "big.csv", "a contributor")
    assert contributor.post(f"{IMPORTS}/{job['id']}/undo").json() == {"incidents": 30}
    assert not worker.run_next()


def test_a_wrong_row_is_told_and_nothing_is_recorded(contributor: TestClient, archive: TestArchive) -> None:
    body = table(3).replace(b"2025-06-12\n", b"some day\n", 1)
    job = leave(contributor, body)
    assert worker_of(archive).run_next()
    found = look(contributor, job)
    assert (found["state"], found["outcome"]["refused"]) == ("refused", 1)
    assert found["told"].startswith("Rows were refused; nothing was recorded: 3 rows, ")
    (error,) = found["findings"]["errors"]
    assert (error["line"], error["column"]) == (2, "date")
    assert archive.count(Incident) == 0

    mended = leave(contributor, body, keep_good="true")
    assert worker_of(archive).run_next()
    assert look(contributor, mended)["outcome"]["recorded"] is True
    assert archive.count(Incident) == 2


def test_a_file_that_cannot_be_read_is_refused_at_once(contributor: TestClient) -> None:
    answer = contributor.post(IMPORTS, content=b"a,b\n1,2\n", params={"background": "true"})
    assert answer.status_code == 422
    assert contributor.get(JOBS).json() == []


def test_she_cancels_what_has_not_begun(contributor: TestClient, archive: TestArchive) -> None:
    job = leave(contributor, table(3))
    told = contributor.post(f"{JOBS}/{job['id']}/cancel").json()
    assert (told["state"], told["told"]) == ("cancelled", "Cancelled by a contributor; nothing was recorded.")
    assert not worker_of(archive).run_next()
    assert archive.count(Incident) == 0
    assert not any(board_of(archive).folder.rglob("*"))


def test_she_sees_how_far_it_is_and_cancels_it(
    contributor: TestClient, archive: TestArchive, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While the import holds the archive: she is answered all the same, and may leave a second file."""
    monkeypatch.setattr(background, "PULSE", 0.05)
    job = leave(contributor, table(2500))
    worker = worker_of(archive)
    seen: list[dict[str, Any]] = []
    halted: list[dict[str, Any]] = []

    def come_back() -> None:
        while not seen or seen[-1]["state"] == "waiting" or not seen[-1]["rows_done"]:
            time.sleep(0.05)
            seen.append(look(contributor, job))
            if seen[-1]["state"] not in {"waiting", "running"}:
                return
        seen.append(leave(contributor, table(2, "second")))
        halted.append(contributor.post(f"{JOBS}/{job['id']}/cancel").json())

    away = Thread(target=come_back)
    away.start()
    assert worker.run_next()
    away.join()

    running = seen[-2]
    assert running["state"] == "running"
    assert 0 < running["rows_done"] < 2500
    assert running["told"] == f"{running['rows_done']} of about 2500 rows are read; nothing is recorded before the end."
    assert running["seconds_left"] >= 0
    assert halted[0]["state"] == "running"
    assert look(contributor, job)["told"] == "Cancelled by a contributor; nothing was recorded."
    assert archive.count(Incident) == 0
    assert worker.run_next()  # the second file
    assert archive.count(Incident) == 2
    again = contributor.post(f"{JOBS}/{seen[-1]['id']}/cancel")
    assert (again.status_code, again.json()["title"]) == (409, "Not possible as things stand")


def test_who_may_see_it(archive: TestArchive, door: Callable[..., TestClient]) -> None:
    """Who may import sees that it is there; what was found in the file is for whoever sent it."""
    sender = door(archive, "contributor")
    job = leave(sender, table(2).replace(b"2025-06-12\n", b"some day\n", 1))
    assert worker_of(archive).run_next()
    assert look(sender, job)["findings"]["errors"]
    other = door(archive, "reviewer")
    assert look(other, job)["findings"] is None
    assert look(other, job)["outcome"]["refused"] == 1
    for role in ("viewer", "admin", "auditor"):
        assert door(archive, role).get(f"{JOBS}/{job['id']}").status_code == 403
    assert door(archive).get(JOBS).status_code == 401


def test_it_waits_for_nobody_who_writes_something_else(contributor: TestClient, archive: TestArchive) -> None:
    """Jobs are left, seen and cancelled while somebody else holds the archive."""
    with writing(archive.engine):
        job = leave(contributor, table(1))
        assert look(contributor, job)["state"] == "waiting"
        assert contributor.post(f"{JOBS}/{job['id']}/cancel").json()["state"] == "cancelled"
