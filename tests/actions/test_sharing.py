"""Reports that come at once share one commit, and each is as safe as if it had come alone."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from threading import Event
from typing import Any

import pytest
from sqlalchemy import Connection, event
from sqlalchemy.exc import OperationalError
from sqlmodel import Session

from app.actions import incidents, sharing
from app.actions.sharing import writing_together
from app.db import writing
from app.errors import NotKept
from tests.archives import REVIEWER, TestArchive
from tests.builders import incident_in

pytestmark = pytest.mark.sockets
Work = Callable[[Session], object]


def a_report(title: str) -> Work:
    return lambda session: incidents.report(session, incident_in(title), REVIEWER)


def wrong(session: Session) -> None:
    incidents.report(session, incident_in("never"), REVIEWER)
    raise ValueError("this one goes wrong")


def given_up(session: Session) -> None:
    """What a full disk does: the database gives up the whole transaction, not only this part of it."""
    driver: Any = session.connection().connection.driver_connection
    driver.rollback()
    raise OperationalError("INSERT", {}, Exception("database or disk is full"))


def waiting(archive: TestArchive) -> int:
    return int(vars(archive.engine)["short_changes"]._waiting)


def until(number: Callable[[], int], wanted: int) -> None:
    latest = time.monotonic() + 20
    while number() != wanted:
        assert time.monotonic() < latest
        time.sleep(0.001)


@contextmanager
def at_once(archive: TestArchive, *works: Work) -> Iterator[list[Future[str]]]:
    """Changes of which the first is made only when all others wait for it; what came of each."""
    inside, go = Event(), Event()

    def change(work: Work, *, first: bool) -> str:
        try:
            with writing_together(archive.engine) as session:
                if first:
                    inside.set()
                    assert go.wait(20)
                work(session)
        except Exception as refused:  # noqa: BLE001 - its name is what is tested
            return type(refused).__name__
        return "kept"

    with ThreadPoolExecutor(len(works)) as pool:
        told = [pool.submit(change, works[0], first=True)]
        assert inside.wait(20)
        for number, work in enumerate(works[1:], 1):
            told.append(pool.submit(change, work, first=False))
            until(lambda: waiting(archive), number)
        go.set()
        yield told


def outcomes(archive: TestArchive, *works: Work) -> list[str]:
    with at_once(archive, *works) as told:
        return [one.result(20) for one in told]


@contextmanager
def commits(archive: TestArchive) -> Iterator[list[Connection]]:
    seen: list[Connection] = []

    def note(connection: Connection) -> None:
        seen.append(connection)

    event.listen(archive.engine, "commit", note)
    yield seen
    event.remove(archive.engine, "commit", note)


def refs(archive: TestArchive) -> list[int]:
    return sorted(int(row["ref"].rsplit("-", 1)[1]) for row in archive.rows())


def test_eight_reports_at_once_are_one_commit(archive: TestArchive) -> None:
    with commits(archive) as seen:
        assert outcomes(archive, *[a_report(f"report {n}") for n in range(8)]) == ["kept"] * 8
    assert len(seen) == 1
    assert refs(archive) == list(range(1, 9))
    assert archive.broken() is None


def test_one_alone_waits_for_nobody(archive: TestArchive) -> None:
    with commits(archive) as seen:
        assert outcomes(archive, a_report("alone")) == ["kept"]
        assert outcomes(archive, a_report("alone again")) == ["kept"]
    assert len(seen) == 2


@pytest.mark.parametrize("place", [0, 1, 2])
def test_one_that_goes_wrong_undoes_nothing_of_the_others(archive: TestArchive, place: int) -> None:
    works = [a_report("first"), a_report("second")]
    works.insert(place, wrong)
    assert sorted(outcomes(archive, *works)) == ["ValueError", "kept", "kept"]
    assert archive.titles() == {"first", "second"}
    assert refs(archive) == [1, 2]
    assert archive.broken() is None


def test_nobody_is_told_before_it_is_on_the_disk(archive: TestArchive, monkeypatch: pytest.MonkeyPatch) -> None:
    order: list[str] = []
    commit = Connection.commit

    def slow(connection: Connection) -> None:
        time.sleep(0.05)  # time enough to be told too early
        commit(connection)
        order.append("on the disk")

    monkeypatch.setattr(Connection, "commit", slow)
    with at_once(archive, a_report("first"), a_report("second")) as told:
        for one in told:
            one.add_done_callback(lambda _: order.append("told"))
    assert order == ["on the disk", "told", "told"]


def test_what_the_disk_does_not_take_is_told_to_all(archive: TestArchive, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: Connection) -> None:
        raise OperationalError("COMMIT", {}, Exception("database or disk is full"))

    monkeypatch.setattr(Connection, "commit", full)
    found = outcomes(archive, *[a_report(f"lost {n}") for n in range(3)])
    assert sorted(found) == ["NotKept", "NotKept", "OperationalError"]
    monkeypatch.undo()
    assert outcomes(archive, a_report("kept")) == ["kept"]
    assert archive.titles() == {"kept"}
    assert archive.broken() is None


def test_when_the_database_gives_all_up_nobody_is_told_that_it_was_kept(archive: TestArchive) -> None:
    found = outcomes(archive, a_report("lost"), given_up, a_report("the next"))
    assert set(found[:2]).isdisjoint({"kept"})
    assert archive.titles() == ({"the next"} if found[2] == "kept" else set())
    assert outcomes(archive, a_report("later")) == ["kept"]
    assert archive.broken() is None


def test_no_commit_waits_for_too_many(archive: TestArchive, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sharing, "MOST", 2)
    with commits(archive) as seen:
        assert outcomes(archive, *[a_report(f"report {n}") for n in range(5)]) == ["kept"] * 5
    assert len(seen) == 3


def test_who_writes_for_long_gets_a_turn(archive: TestArchive) -> None:
    def long() -> None:
        with writing(archive.engine) as session:
            incidents.report(session, incident_in("long"), REVIEWER)

    with ThreadPoolExecutor(1) as pool, at_once(archive, a_report("short"), a_report("short too")) as told:
        asked = pool.submit(long)
        assert [one.result(20) for one in told] == ["kept", "kept"]
        asked.result(20)
    assert archive.titles() == {"short", "short too", "long"}
    assert archive.broken() is None


def test_where_no_transaction_can_begin_the_next_one_can(archive: TestArchive, monkeypatch: pytest.MonkeyPatch) -> None:
    def busy(_: object) -> None:
        raise OperationalError("BEGIN IMMEDIATE", {}, Exception("database is locked"))

    monkeypatch.setattr(sharing, "_begin", busy)
    with pytest.raises(OperationalError), writing_together(archive.engine):
        raise AssertionError
    monkeypatch.undo()
    assert outcomes(archive, a_report("kept")) == ["kept"]


def test_what_is_not_kept_is_a_refusal_of_its_own(archive: TestArchive, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sharing, "_stands", lambda _: False)
    with pytest.raises(NotKept, match="nothing of it was kept"), writing_together(archive.engine) as session:
        incidents.report(session, incident_in("lost"), REVIEWER)
    assert archive.titles() == set()
