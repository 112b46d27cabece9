"""Imports that somebody left with the service: one at a time, each exactly once, also over a restart."""

import logging
import os
import secrets
import shutil
import socket
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from threading import Event, Thread
from typing import Any
from uuid import UUID

from sqlalchemy.exc import IntegrityError, OperationalError
from sqlmodel import Session, col, select

from app import imports
from app.access.viewer import Viewer, check_may_write
from app.actions import areas, jobs, keeping, vault
from app.actions.jobs import WAS_CANCELLED, End, Left
from app.db import noting, reading
from app.errors import Forbidden, Refusal, Untimely
from app.imports import Hints, Outcome, Plan, mappings
from app.imports import asking as asked_names
from app.imports.resolving import from_lines
from app.imports.tables.source import line_ends
from app.queries import jobs as queries
from app.queries.board import ABANDONED, Board
from app.queries.vault import Digest, pour
from app.records import ImportBatch, Job, Member
from app.records.job import ASKING, CANCELLED, DONE, FAILED, REFUSED, JobOut
from app.records.keys import new_id

SHOWN, LONGEST = 100, 1000
# Cells of the file, and words of other records: those may be sealed while the job is remembered.
VALUES = frozenset({"value", "about"})
# Seconds between two signs of life, and between two looks whether something waits.
PULSE, PAUSE = 1.0, 2.0
# Seconds that a shutdown waits for a chunk to end.
PATIENCE = 30.0
IN_ALL_OF = "Something went wrong on our side; nothing was recorded. Tell whoever looks after the server."
LOG = logging.getLogger(__name__)
# The thread that works on what waits.
WORKER = "jobs"


@dataclass(frozen=True)
class How:
    """How a file is to be taken in, as it was asked for."""

    format: str | None
    mapping: str | None
    name: str
    dry_run: bool
    keep_good: bool
    hints: Hints
    ask_first: bool = False


class HaltedError(Exception):
    """Rolls an import back from within. `by`: who asked for it; None when the service ends or has lost the job."""

    def __init__(self, by: str | None) -> None:
        super().__init__("halted")
        self.by = by


def plan(path: Path, how: How, folder: Path | None) -> Plan:
    """`folder`: of the mappings that the archive keeps. Raises Invalid, NotFound and Unreadable."""
    mapping = mappings.named(how.mapping, folder) if how.mapping else None
    told = {"dry_run": how.dry_run, "keep_good": how.keep_good, "name": how.name}
    plan = imports.plan(path, how.format, **told, hints=how.hints, mapping=mapping)  # type: ignore[arg-type]
    return replace(plan, ask_first=how.ask_first)


def leave(board: Board, path: Path, how: How, by: Viewer, folder: Path | None) -> JobOut:
    """Keep an upload and make a job of it. What can be refused at once is: Invalid, NotFound, Unreadable."""
    check_may_write(by)
    rows = about_how_many(path, plan(path, how, folder))
    which = new_id()
    try:
        with path.open("rb") as body:
            kept = vault.store(board.upload(which), body)
        with noting(board.engine) as session:
            jobs.leave(session, Left(which, how.name, kept.sha256, asdict(how), rows), by)
            return queries.one(session, which, by)
    except BaseException:
        board.drop_upload(which)
        raise


def about_how_many(path: Path, found: Plan) -> int | None:
    """The lines of a text under its heading: a cell with line breaks counts as several. None for what is no text."""
    if not found.read_as.startswith(("CSV", "TSV")):
        return None
    return line_ends(path) - 1


class Worker:
    """Takes up whatever waits, in a thread of its own. `folder`: of the mappings that the archive keeps."""

    def __init__(self, board: Board, folder: Path | None) -> None:
        self.board, self.folder = board, folder
        self.name = f"{socket.gethostname()[:60]}:{os.getpid()}:{secrets.token_hex(4)}"
        self.ending = Event()
        self.thread: Thread | None = None

    def start(self) -> None:
        self.thread = Thread(target=self._work, name=WORKER, daemon=True)
        self.thread.start()

    def stop(self) -> None:
        """Let the job at hand go: whoever runs next takes it up again."""
        self.ending.set()
        if self.thread is not None:
            self.thread.join(PATIENCE)
        self.board.close()

    def sweep(self, age: float = ABANDONED) -> int:
        """Delete uploads that nobody needs any more: how many."""
        with noting(self.board.engine) as session:
            return self.board.sweep(queries.to_do(session), age)

    def _work(self) -> None:
        while not self.ending.wait(PAUSE):
            try:
                self.sweep()
                areas.keep_up(self.board.archive)  # another process may have laid a layer
                while not self.ending.is_set() and self.run_next():
                    pass
                if not self.ending.is_set():
                    keeping.keep_up(self.board.archive)
            except Exception as problem:  # noqa: BLE001 - the thread must live on; what went wrong may hold names
                LOG.warning("A job could not be worked on just now: %s", type(problem).__name__)

    def run_next(self) -> bool:
        """Do one job from its beginning to its end. False when there was none to do."""
        try:
            with noting(self.board.engine) as session:
                job = jobs.take_up(session, self.name, self.board.has_upload)
                if job is None:
                    return False
                session.expunge(job)
        except IntegrityError:
            return False
        with _pulse(self, job) as watch:
            how = self._ended(job, watch)
        if how is None:
            with noting(self.board.engine) as session:
                jobs.put_back(session, job.id, self.name)
            return False
        with noting(self.board.engine) as session:
            is_mine = (jobs.ask if how.state == ASKING else jobs.end)(session, job.id, self.name, how)
        if is_mine and how.state != ASKING:
            self.board.drop_upload(job.id)
        return True

    def _ended(self, job: Job, watch: "Watch") -> End | None:
        """What came of it; None when it is to wait for another process. Whatever goes wrong, nothing is half done."""
        try:
            return self._already(job) or self._take(job, watch)
        except HaltedError as halt:
            return End(CANCELLED, WAS_CANCELLED.format(halt.by)) if halt.by else None
        except Refusal as refusal:
            return End(REFUSED, refusal.detail[:LONGEST])
        except OperationalError:  # the database does not answer just now
            self.ending.wait(PAUSE)
            return None
        except Exception as problem:  # noqa: BLE001 - it must end, and say so
            LOG.warning("A job failed: %s", type(problem).__name__)
            return self._already(job) or End(FAILED, IN_ALL_OF)

    def _already(self, job: Job) -> End | None:
        """Its end, when another process recorded it and had no time to say so."""
        with reading(self.board.archive) as session:
            there = session.exec(select(ImportBatch).where(col(ImportBatch.id) == job.id)).first()
            if there is None:
                return None
            counts = {name: getattr(there, name) for name in (*queries.COUNTED, "warnings")}
            return End(DONE, outcome={"batch": str(job.id), "recorded": True, **counts})

    def _take(self, job: Job, watch: "Watch") -> End:
        watch(0)
        how = How(**job.asked | {"hints": Hints(**job.asked["hints"])})
        with reading(self.board.archive) as session:
            by = sender(session, job.sent_by)
        with _laid_open(self.board, job) as path:
            found = replace(plan(path, how, self.folder), batch=job.id)
            found = found.decided(from_lines(jobs.decisions_of(job)))
            outcome = imports.run(self.board.archive, found, by, watch)
            return asking(outcome) if found.waits_for_decisions(outcome) else ending(outcome)


def sender(session: Session, name: str) -> Viewer:
    """Who sent a job, with the rights they have today. Raises Forbidden."""
    member = session.exec(select(Member).where(col(Member.name) == name)).first()
    if member is None or member.disabled_at is not None:
        raise Forbidden("Who sent this is not a member any more; nothing was recorded.")
    by = Viewer(member.name, member.role, "write")
    check_may_write(by)
    return by


def asking(outcome: Outcome) -> End:
    """The same, and the names that are to be decided on."""
    end = ending(outcome)
    names = asked_names.kept(outcome.names.as_json(outcome.numbering))
    return replace(end, state=ASKING, findings=(end.findings or {}) | {queries.NAMES: names})


def ending(outcome: Outcome) -> End:
    """The counts for all who may import; the findings, without the cells themselves, for whoever sent the file."""
    whole = outcome.as_json()
    found = {name: [_without_value(one) for one in whole.pop(name)[:SHOWN]] for name in queries.FINDINGS}
    state = REFUSED if outcome.refused and not outcome.recorded else DONE
    return End(
        state, outcome={name: whole[name] for name in whole if not isinstance(whole[name], list)}, findings=found
    )


def _without_value(finding: dict[str, Any]) -> dict[str, Any]:
    return {name: told for name, told in finding.items() if name not in VALUES}


class Watch:
    """Counts the rows that are read, and halts the import when somebody asks for it or the service ends."""

    def __init__(self, ending: Event) -> None:
        self.ending = ending
        self.rows, self.is_lost = 0, False
        self.stopped_by: str | None = None

    def __call__(self, rows: int) -> None:
        self.rows += rows
        if self.stopped_by is not None:
            raise HaltedError(self.stopped_by)
        if self.is_lost or self.ending.is_set():
            raise HaltedError(None)


@contextmanager
def _pulse(worker: Worker, job: Job) -> Iterator[Watch]:
    """Give a sign of life every second, from a thread beside the import: that one may have to wait for its turn."""
    watch, over = Watch(worker.ending), Event()
    watch.stopped_by = job.stop_asked_by

    def beat() -> None:
        while not over.wait(PULSE):
            try:
                with noting(worker.board.engine) as session:
                    watch.stopped_by = jobs.give_sign(session, job.id, worker.name, watch.rows)
            except Untimely:
                watch.is_lost = True
                return
            except OperationalError:
                continue  # the next one may get through

    thread = Thread(target=beat, name="pulse of a job", daemon=True)
    thread.start()
    try:
        yield watch
    finally:
        over.set()
        thread.join()


@contextmanager
def _laid_open(board: Board, job: Job) -> Iterator[Path]:
    """The upload as its readers need it: in memory where the system has such a folder, and gone afterwards.

    What a process that was killed left open is taken away by the next one that takes up the job.
    """
    memory = Path("/dev/shm")  # noqa: S108 - the folder inside has a name of its own, and is its owner's alone
    place = memory if memory.is_dir() else Path(tempfile.gettempdir())
    for left in place.glob(f"{_open_name(job.id)}*"):
        shutil.rmtree(left, ignore_errors=True)
    with tempfile.TemporaryDirectory(prefix=_open_name(job.id), dir=place) as room:
        path = Path(room) / "upload"
        with path.open("wb") as file:
            pour(board.upload(job.id), job.sha256, Digest(file.write))
        yield path


def _open_name(job: UUID) -> str:
    return f"gawah-{job.hex}-"
