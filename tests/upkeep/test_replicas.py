"""Reads move to a real standby and never show an old state; a standby that lags or stops costs nothing but speed."""

import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text, update
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session, col, select

from app.access.wall import STAFF, STEP_DOWN, guarded
from app.db import open_postgresql, reading, writing
from app.keyring import give_keys, keyring_of
from app.records import Incident
from app.settings import Settings
from app.upkeep import replicas
from app.upkeep.engines import UnsafeDatabase
from app.upkeep.replicas import Replica, open_replica
from tests.archives import READER, REVIEWER, counting
from tests.builders import an_act, an_incident, incident_in, somebody
from tests.shelves import KEY, URL_NAME
from tests.upkeep.office import INCIDENTS, Office, asked, moved, opened, public, put, titles

# With one_archive, one worker runs them all: the two servers are started once.
pytestmark = [
    pytest.mark.one_archive,
    pytest.mark.skipif(not os.environ.get(URL_NAME), reason=f"{URL_NAME} is not set"),
]


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    with opened(tmp_path_factory.mktemp("office")) as made:
        yield made


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch, office: Office) -> None:
    """No test waits for seconds, nor for what the one before it left."""
    for state in replicas.REST:
        monkeypatch.setitem(replicas.REST, state, 0.1)
    office.catch_up()


READS: dict[str, Callable[[Office], Any]] = {
    "a page": lambda office: office.client("viewer").get(INCIDENTS),
    "a page that history notes first": lambda office: office.client("reviewer").get(INCIDENTS),
    "a file": lambda office: office.client("viewer").get(f"{INCIDENTS}.csv"),
    "a page for the public": lambda office: office.client().get(INCIDENTS),
}


@pytest.mark.parametrize("name", READS)
def test_reads_move_over(office: Office, name: str) -> None:
    public(office, f"For {name}")
    answer, left = moved(office, lambda: READS[name](office))
    assert (f"For {name}" in answer.text, left) == (True, 0)


def test_a_shared_link_is_read_there_too(office: Office) -> None:
    told = {"label": "For a made-up partner", "reach": "partner"}
    made = office.client("reviewer").post("/api/v1/export-links", json=told)
    assert made.status_code == 201, made.text
    assert moved(office, lambda: office.client().get(made.json()["address"]))[1] == 0


def test_writes_and_what_they_answer_never_move(office: Office) -> None:
    with asked(office) as count:
        made = office.client("contributor").post(INCIDENTS, json=an_incident("Written"))
    assert made.status_code == 201
    assert (count["primary"] > 0, count["standby"]) == (True, 0)
    for engine in (office.replica.working, office.replica.published):
        with pytest.raises(DBAPIError, match="read-only"), engine.begin() as connection:
            connection.execute(text("CREATE TABLE public.mine ()"))


def test_who_asks_is_looked_up_on_the_primary(office: Office) -> None:
    with counting(office.replica.working) as sent:
        office.client("viewer").get(INCIDENTS)
    assert not [statement for statement in sent if "FROM token" in statement or "FROM member" in statement]


@pytest.mark.parametrize("path", [INCIDENTS, f"{INCIDENTS}.geojson"])
def test_what_was_sealed_a_moment_ago_is_not_read_from_a_standby_that_lags(office: Office, path: str) -> None:
    record = office.archive.report(incident_in(f"Sealed {path}")).id
    office.catch_up()
    with office.late():
        put(
            office.client("reviewer"),
            record,
            "PATCH",
            "",
            {"sensitivity": "sealed", "reason": "Somebody is in danger."},
        )
        with guarded(office.replica.working, READER) as session:  # there it still lies open
            assert f"Sealed {path}" in set(session.scalars(select(Incident.title)).all())
        with asked(office) as count:
            assert f"Sealed {path}" not in office.client("viewer").get(path).text
            assert office.client("viewer").get(f"{INCIDENTS}/{record}").status_code == 404
        assert count["standby"] == 0
    assert f"Sealed {path}" not in titles(office.client("viewer"))


def test_the_same_when_another_process_wrote(office: Office) -> None:
    """Nothing in this process knows of the change."""
    other = give_keys(open_postgresql(office.archive.engine.url), KEY)
    record = office.archive.report(incident_in("Sealed elsewhere")).id
    office.catch_up()
    with office.late():
        with writing(other) as session:
            session.execute(update(Incident).where(col(Incident.id) == record).values(sensitivity="sealed"))
        assert "Sealed elsewhere" not in titles(office.client("viewer"))
    other.dispose()


def test_what_was_taken_back_is_gone_for_the_public_at_once(office: Office) -> None:
    record = public(office, "Taken back")
    office.catch_up()
    assert "Taken back" in titles(office.client())
    with office.late():
        put(office.client("reviewer"), record, "POST", "/withdraw", {"reason": "It is wrong."})
        with reading(office.replica.published) as session:
            assert "Taken back" in set(session.scalars(select(Incident.title)).all())
        assert "Taken back" not in titles(office.client())
    assert "Taken back" not in titles(office.client())


def test_whoever_writes_reads_it_at_once_every_time(office: Office) -> None:
    record = office.archive.report(incident_in("Version 0")).id
    reviewer, viewer = office.client("reviewer"), office.client("viewer")
    for number in range(1, 11):
        put(reviewer, record, "PATCH", "", {"title": f"Version {number}", "reason": "It is told anew."})
        assert viewer.get(f"{INCIDENTS}/{record}").json()["title"] == f"Version {number}"


def test_how_far_it_lags_is_shown(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    assert office.told() == {"state": "following", "lag_seconds": 0.0}
    with office.late():
        office.archive.report(incident_in("Late"))
        time.sleep(0.1)
        seen = office.told()
        assert (seen["state"], seen["lag_seconds"] > 0) == ("behind", True)
        monkeypatch.setattr(office.replica, "bound", 0.0)
        time.sleep(0.1)
        assert office.told()["state"] == "lagging"
        monkeypatch.setattr(office.replica, "bound", 10.0)


def test_a_standby_that_stops_costs_only_speed_and_comes_back(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(replicas.REST, "stopped", 2.0)
    viewer = office.client("viewer")
    office.servers.standby.stop()
    try:
        began = time.monotonic()
        with asked(office) as count:
            assert [viewer.get(INCIDENTS).status_code for _ in range(5)] == [200] * 5
        assert time.monotonic() - began < 10
        assert (count["primary"] > 0, count["standby"]) == (True, 0)
        assert office.told() == {"state": "stopped", "lag_seconds": None}
        with counting(office.archive.engine) as sent:  # while it rests, nobody even asks how far the primary stands
            assert viewer.get(INCIDENTS).status_code == 200
        assert not [statement for statement in sent if "pg_current_wal" in statement]
    finally:
        office.servers.standby.start()
    assert moved(office, lambda: viewer.get(INCIDENTS))[1] == 0


def test_after_its_rest_one_request_tries_and_the_others_go_on(office: Office) -> None:
    office.replica._rests_until = time.monotonic() - 1
    assert [office.replica._may_try() for _ in range(3)] == [True, False, False]
    assert office.replica.mark() is None


def test_when_it_is_full_the_primary_helps(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(replicas, "MOST_AT_ONCE", 2)
    with office.replica.published.connect(), office.replica.published.connect(), asked(office) as count:
        assert office.client("viewer").get(INCIDENTS).status_code == 200
    assert (count["primary"] > 0, count["standby"]) == (True, 0)
    assert moved(office, lambda: office.client("viewer").get(INCIDENTS))[1] == 0


def test_another_database_is_no_standby(office: Office) -> None:
    """Its positions say nothing of ours: the primary itself, and a database beside ours on the standby."""
    for url in (office.archive.engine.url.render_as_string(hide_password=False), office.servers.standby.url()):
        stranger = Replica(url, office.archive.engine, bound=10)
        assert stranger.standing().state == "foreign"
        assert not stranger.has(stranger.mark())
        stranger.dispose()


def test_the_wall_holds_there(office: Office) -> None:
    office.archive.report(incident_in("Behind the wall", sensitivity="sealed"))
    office.catch_up()
    with guarded(office.replica.working, READER) as session:
        assert "Behind the wall" not in set(session.scalars(select(Incident.title)).all())
    with guarded(office.replica.working, REVIEWER) as session:
        assert "Behind the wall" in set(session.scalars(select(Incident.title)).all())
    sealed = text("SELECT count(*) FROM incident WHERE title = 'Behind the wall'")
    with office.replica.working.connect() as connection:  # and without the hook the database keeps it back itself
        assert connection.execute(sealed).scalar() == 1
        connection.exec_driver_sql(STEP_DOWN, (STAFF, "viewer", "somebody"))
        assert connection.execute(sealed).scalar() == 0
    with Session(office.replica.published) as session, pytest.raises(DBAPIError, match="permission denied"):
        session.execute(text("SELECT count(*) FROM public.incident"))


def test_names_are_read_there_with_the_keys_of_the_primary(office: Office) -> None:
    made = office.archive.report(incident_in("Named", acts=[an_act(person=somebody("Gul Beispiel"))]))
    answer, _ = moved(office, lambda: office.client("reviewer").get(f"{INCIDENTS}/{made.id}"))
    assert "Gul Beispiel" in answer.text
    assert keyring_of(office.replica.working.dialect) is keyring_of(office.archive.engine.dialect)


def test_settings_open_one_beside_a_primary_alone(office: Office, tmp_path: Path) -> None:
    url = office.servers.standby.url("x")
    assert open_replica(Settings(data_dir=tmp_path), office.archive.engine) is None
    with pytest.raises(UnsafeDatabase, match="GAWAH_DATABASE_URL"):
        open_replica(Settings(data_dir=tmp_path, read_database_url=url), office.archive.engine)
    both = Settings(data_dir=tmp_path, database_url=url, read_database_url=url, read_lag=3)
    opened = open_replica(both, office.archive.engine)
    assert opened is not None
    assert (opened.bound, opened.working.url.query["connect_timeout"]) == (3, "2")
    opened.dispose()
