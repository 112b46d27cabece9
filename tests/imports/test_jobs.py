"""Jobs: each exactly once, whatever ends in between, and by whoever may today."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import update
from sqlmodel import col, select
from starlette.testclient import TestClient

from app.access.viewer import console
from app.actions import jobs, members
from app.cli import moving
from app.db import noting, now, writing
from app.imports import background
from app.imports.background import Worker
from app.queries.board import Board
from app.records import ImportBatch, Incident, Job
from app.records.job import FAILED
from tests.archives import TestArchive
from tests.cli.helping import Gawah
from tests.imports.jobs import JOBS, board_of, leave, look, table, worker_of


def grow_old(board: Board) -> None:
    """As though whoever runs something had given no sign of life for a minute."""
    with noting(board.engine) as session:
        session.execute(update(Job).values(seen_at=now() - timedelta(minutes=1)))


def begin(worker: Worker) -> Any:
    with noting(worker.board.engine) as session:
        job = jobs.take_up(session, worker.name, worker.board.has_upload)
        if job is not None:
            session.expunge(job)
        return job


def test_one_at_a_time(contributor: TestClient, archive: TestArchive) -> None:
    first, second = leave(contributor, table(1)), leave(contributor, table(1, "second"))
    one, other = worker_of(archive), worker_of(archive)
    assert begin(one).id == UUID(first["id"])
    assert begin(other) is None
    assert not other.run_next()
    grow_old(one.board)
    assert begin(other).id == UUID(first["id"])
    assert look(contributor, second)["state"] == "waiting"


def test_two_cannot_have_the_turn(
    contributor: TestClient, archive: TestArchive, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also when both looked before either took it: the database lets one of them."""
    leave(contributor, table(1))
    leave(contributor, table(1, "second"))
    worker = worker_of(archive)
    assert begin(worker) is not None
    monkeypatch.setattr(jobs, "RUNNING", "unheard of")
    assert not worker_of(archive).run_next()
    assert archive.count(Incident) == 0


def test_what_was_recorded_and_not_said_is_not_recorded_again(
    contributor: TestClient, archive: TestArchive, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The process ends between the last word of the import and the end of the job."""
    job = leave(contributor, table(3))
    with monkeypatch.context() as patch, pytest.raises(SystemExit):
        patch.setattr(jobs, "end", lambda *_: (_ for _ in ()).throw(SystemExit))
        worker_of(archive).run_next()
    assert archive.counts(Incident, ImportBatch) == {"Incident": 3, "ImportBatch": 1}
    assert look(contributor, job)["state"] == "running"
    assert contributor.post(f"{JOBS}/{job['id']}/cancel").json()["state"] == "running"
    grow_old(board_of(archive))
    assert worker_of(archive).run_next()
    found = look(contributor, job)
    assert (found["state"], found["outcome"]["new"], found["rows_done"]) == ("done", 3, 3)
    assert archive.counts(Incident, ImportBatch) == {"Incident": 3, "ImportBatch": 1}


def test_two_that_run_the_same_record_it_once(contributor: TestClient, archive: TestArchive) -> None:
    """One that was held up for long goes on although another has taken its job: its batch is there already."""
    job = leave(contributor, table(3))
    slow, other = worker_of(archive), worker_of(archive)
    held = begin(slow)
    grow_old(slow.board)
    assert other.run_next()
    with background._pulse(slow, held) as watch:
        assert slow._already(held) is not None  # it would look first
        with pytest.raises(Exception, match="import_batch"):
            raise_as_if_unseen(slow, held, watch)
    assert look(contributor, job)["state"] == "done"
    assert archive.counts(Incident, ImportBatch) == {"Incident": 3, "ImportBatch": 1}


def raise_as_if_unseen(worker: Worker, job: Job, watch: Any) -> None:
    """The import itself, once the upload is gone with the other's end: its file is put back."""
    source = worker.board.upload(job.id)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(background, "pour", lambda _, __, into: into.write(table(3, "the same, later")))
        assert not worker.board.has_upload(job.id)
        worker._take(job, watch)
    assert source.folder.exists()


def test_a_shutdown_puts_it_back(contributor: TestClient, archive: TestArchive) -> None:
    job = leave(contributor, table(3))
    worker = worker_of(archive)
    held, worker.ending = worker.ending, Ending(after=1)
    assert not worker.run_next()
    worker.ending = held
    found = look(contributor, job)
    assert (found["state"], found["rows_done"], archive.count(Incident)) == ("waiting", 0, 0)
    assert worker_of(archive).run_next()
    assert look(contributor, job)["state"] == "done"


class Ending:
    """The service ends when it has been asked so often whether it does."""

    def __init__(self, after: int) -> None:
        self.left = after

    def is_set(self) -> bool:
        self.left -= 1
        return self.left < 0

    def wait(self, _: float) -> bool:
        return self.is_set()


def test_what_takes_its_process_down_each_time_is_given_up(contributor: TestClient, archive: TestArchive) -> None:
    job, after = leave(contributor, table(1)), leave(contributor, table(1, "second"))
    for _ in range(jobs.MOST_TRIES):
        assert begin(worker_of(archive)).id == UUID(job["id"])
        grow_old(board_of(archive))
    assert worker_of(archive).run_next()
    assert (look(contributor, job)["state"], look(contributor, after)["state"]) == (FAILED, "done")


def test_a_fault_of_ours_ends_it_without_a_word_of_the_file(
    contributor: TestClient, archive: TestArchive, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_: Any) -> None:
        raise RuntimeError("Alleged killing of somebody")

    job = leave(contributor, table(1))
    monkeypatch.setattr(background.imports, "run", fail)
    assert worker_of(archive).run_next()
    assert look(contributor, job)["told"] == background.IN_ALL_OF
    assert "somebody" not in caplog.text


def test_the_rights_of_today_count(
    contributor: TestClient, archive: TestArchive, door: Callable[..., TestClient]
) -> None:
    gone, lowered = leave(contributor, table(1)), leave(door(archive, "reviewer"), table(1, "second"))
    with writing(archive.engine) as session:
        members.disable(session, "a contributor", console("tests"))
        members.change_role(session, "a reviewer", "viewer", console("tests"))
    worker = worker_of(archive)
    assert [worker.run_next(), worker.run_next(), worker.run_next()] == [True, True, False]
    with noting(worker.board.engine) as session:
        ended = {str(job.id): (job.state, job.error) for job in session.exec(select(Job)).all()}
    assert ended[gone["id"]] == ("refused", "Who sent this is not a member any more; nothing was recorded.")
    assert ended[lowered["id"]][0] == "refused"
    assert archive.count(Incident) == 0


def test_uploads_lie_enciphered_and_go(contributor: TestClient, archive: TestArchive) -> None:
    leave(contributor, table(2, "Example Beispiel"))
    board = board_of(archive)
    files = [path for path in board.folder.rglob("*") if path.is_file()]
    assert len(files) == 1
    assert b"Beispiel" not in files[0].read_bytes()
    if board.engine is not archive.engine:
        file = Path(str(board.engine.url.database))
        kept = b"".join(path.read_bytes() for path in file.parent.glob(f"{file.name}*"))
        assert kept
        assert b"big.csv" not in kept
    assert worker_of(archive).run_next()
    assert not any(board.folder.rglob("*"))
    assert not list(Path("/dev/shm").glob(f"gawah-{'[0-9a-f]' * 32}-*"))


def test_an_upload_that_nobody_needs_goes(
    contributor: TestClient, archive: TestArchive, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The process ends after the end of the job, and before its upload is deleted."""
    leave(contributor, table(1))
    with monkeypatch.context() as patch:
        patch.setattr(Board, "drop_upload", lambda *_: None)
        assert worker_of(archive).run_next()
    waiting = leave(contributor, table(1, "second"))
    worker = worker_of(archive)
    assert worker.sweep() == 0  # it might be on its way in
    assert worker.sweep(age=0) == 1
    assert [room.name for room in worker.board.folder.iterdir()] == [UUID(waiting["id"]).hex]


def test_what_ended_long_ago_is_forgotten(contributor: TestClient, archive: TestArchive) -> None:
    job = leave(contributor, table(1))
    assert worker_of(archive).run_next()
    with noting(board_of(archive).engine) as session:
        mine = col(Job.id) == UUID(job["id"])
        session.execute(update(Job).where(mine).values(ended_at=now() - jobs.KEPT - timedelta(days=1)))
    assert not worker_of(archive).run_next()
    assert contributor.get(f"{JOBS}/{job['id']}").status_code == 404


def test_the_console_lists_them(contributor: TestClient, home: Path, gawah: Gawah) -> None:
    assert home.is_dir()
    leave(contributor, table(4))
    (line,) = gawah("jobs").out.splitlines()
    assert line.split("\t")[1:] == ["waiting", "a contributor", "big.csv", "It waits for its turn."]


def test_the_console_says_what_an_interrupt_left(
    home: Path, archive: TestArchive, gawah: Gawah, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert home.is_dir()
    (tmp_path / "big.csv").write_bytes(table(3))

    def interrupt(*_: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("app.imports.running.batches.close_batch", interrupt)
    said = gawah("import", str(tmp_path / "big.csv"))
    assert (said.code, said.err.strip()) == (130, "Stopped. Nothing of this file was recorded.")
    assert archive.count(Incident) == 0


def test_the_console_says_so_when_the_interrupt_came_too_late(
    home: Path, archive: TestArchive, gawah: Gawah, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert home.is_dir()
    (tmp_path / "big.csv").write_bytes(table(3))
    run = moving.imports.run

    def interrupted(*asked: Any) -> None:
        run(*asked)
        raise KeyboardInterrupt

    monkeypatch.setattr(moving.imports, "run", interrupted)
    said = gawah("import", str(tmp_path / "big.csv"))
    assert said.err.startswith("It was all recorded already. To take it back: gawah import undo ")
    assert gawah("import", "undo", said.err.split()[-1]).code == 0


ASKED = b"id,title,kind,source_kind,source_title,alleged_responsible\nour-1,Alleged raid,killing,press,A report,Example Force\n"
NEW = [{"kind": "actor", "name": "Example Force", "do": "create"}]


def test_decisions_outlive_a_process(contributor: TestClient, archive: TestArchive) -> None:
    """Whoever takes the job up after a crash goes on with them; and one that asks waits for as long as it takes."""
    job = leave(contributor, ASKED, ask_first="true")
    assert worker_of(archive).run_next()
    assert not worker_of(archive).run_next()
    assert look(contributor, job)["state"] == "asking"
    assert contributor.put(f"{JOBS}/{job['id']}/decisions", json=NEW).is_success
    assert begin(worker_of(archive)).id == UUID(job["id"])
    assert contributor.put(f"{JOBS}/{job['id']}/decisions", json=NEW).status_code == 409
    grow_old(board_of(archive))
    assert worker_of(archive).run_next()
    assert look(contributor, job)["outcome"]["created"] == {"actor": 1, "person": 0}
    with noting(board_of(archive).engine) as session:
        ended = session.exec(select(Job)).one()
        assert "Example Force" not in (ended.findings or "")


def test_who_never_decides_is_told_so(contributor: TestClient, archive: TestArchive) -> None:
    job = leave(contributor, ASKED, ask_first="true")
    worker = worker_of(archive)
    assert worker.run_next()
    with noting(worker.board.engine) as session:
        session.execute(update(Job).values(seen_at=now() - jobs.KEPT - timedelta(days=1)))
    assert not worker.run_next()
    assert look(contributor, job)["told"] == jobs.NOBODY_DECIDED
    assert worker.sweep(age=0) == 1


def test_what_asks_keeps_no_other_from_its_turn(contributor: TestClient, archive: TestArchive) -> None:
    leave(contributor, ASKED, ask_first="true")
    other = leave(contributor, table(1))
    worker = worker_of(archive)
    assert [worker.run_next(), worker.run_next(), worker.run_next()] == [True, True, False]
    assert look(contributor, other)["state"] == "done"
