"""What a page costs in questions: few, always as many, and none that walks through all that may be seen."""

from typing import Any

import pytest
from sqlalchemy import Engine, event
from sqlmodel import Session

from app import db
from app.access.policy import PARTNER
from app.access.viewer import OUTSIDER, Viewer
from app.access.wall import guarded
from app.db import reading
from app.queries import incidents
from app.queries.filter import IncidentPage
from app.queries.people import PersonPage, persons
from app.queries.rows import PK, stored
from tests.archives import REVIEWER, TestArchive, counting
from tests.builders import TURBAT, an_act, incident_in, somebody

BOX = (60.0, 24.0, 61.0, 25.0)
AROUND_THEM = (62.0, 25.0, 64.0, 27.0)


def asked_of(engine: Engine, question: IncidentPage, viewer: Viewer) -> list[tuple[str, Any]]:
    """The questions of one page and its total, with their values, as the database gets them."""
    seen: list[tuple[str, Any]] = []

    def note(_: Any, __: Any, statement: str, values: Any, *___: Any) -> None:
        seen.append((statement, values))

    event.listen(engine, "before_cursor_execute", note)
    with reading(engine) as session:
        incidents.page(session, question, viewer)
        incidents.count(session, question, viewer)
    event.remove(engine, "before_cursor_execute", note)
    return [one for one in seen if one[0].startswith("SELECT")]


@pytest.mark.parametrize("database", ["sqlite"], scope="module")  # PostgreSQL knows how common each word is
@pytest.mark.parametrize("viewer", [OUTSIDER, Viewer("a partner", role=PARTNER), REVIEWER], ids=lambda one: one.role)
def test_a_box_is_answered_by_the_grid_whoever_asks(archive: TestArchive, viewer: Viewer) -> None:
    """Else a page for the public would take as long as there are incidents: SQLite likes an index on one value best."""
    archive.report_all(incident_in(f"Alleged {n}") for n in range(3))
    with Session(archive.engine) as session:
        for statement, values in asked_of(archive.engine, IncidentPage(bbox=BOX, limit=2), viewer):
            plan = session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values).all()
            steps = " ".join(line[-1] for line in plan)
            assert "sensitivity" not in steps
            by_number = "incident.pk IN" in statement  # those of the page, once they are found
            assert "FROM incident" not in statement or by_number or "ix_incident_cell" in steps
            assert "SCAN incident" not in steps


def test_of_a_list_of_numbers_those_that_are_there_are_found(archive: TestArchive) -> None:
    archive.report_all(incident_in(f"Alleged {n}") for n in range(4))
    with guarded(archive.engine, REVIEWER) as session:
        for asked in ([], [2], [3, 1, 99, 3], list(range(400))):
            assert [row[PK] for row in stored(session, asked)] == sorted({1, 2, 3, 4} & set(asked))


def test_maps_of_one_size_ask_in_the_same_words(archive: TestArchive) -> None:
    """So they are put into words once, and a server may keep them prepared."""
    elsewhere = (-10.0, 34.0, -9.0, 35.0)
    told = [asked_of(archive.engine, IncidentPage(bbox=box, limit=2), REVIEWER)[0][0] for box in (BOX, elsewhere)]
    assert told[0] == told[1]


@pytest.mark.parametrize("limit", [2, 3, 4])
def test_the_total_beside_a_page_is_what_the_count_alone_says(archive: TestArchive, limit: int) -> None:
    """On every page, also where it was counted with the first, and also of another question in the same session."""
    archive.report_all(incident_in(f"Alleged {n}", date=f"2020-01-0{n}", at=TURBAT) for n in range(1, 8))
    around, far = IncidentPage(bbox=AROUND_THEM, limit=limit), IncidentPage(bbox=(0.0, 0.0, 1.0, 1.0))
    seen, cursor = [], None
    while cursor or not seen:
        with reading(archive.engine) as session:
            question = around.model_copy(update={"cursor": cursor})
            items, cursor = incidents.page(session, question, REVIEWER)
            assert incidents.count(session, question, REVIEWER) == 7
            assert incidents.count(session, far, REVIEWER) == 0
        seen += [row["title"] for row in items]
    assert seen == [f"Alleged {n}" for n in range(7, 0, -1)]


@pytest.mark.parametrize("database", ["sqlite"], scope="module")
def test_the_first_page_of_a_small_box_is_counted_as_it_is_found(archive: TestArchive) -> None:
    archive.report_all(incident_in(f"Alleged {n}", at=TURBAT) for n in range(3))
    asked = [said for said, _ in asked_of(archive.engine, IncidentPage(bbox=AROUND_THEM, limit=2), REVIEWER)]
    assert [said for said in asked if said.startswith("SELECT count")] == []
    assert len([said for said in asked if "count(*) OVER ()" in said]) == 1


@pytest.mark.parametrize("database", ["sqlite"], scope="module")
def test_a_common_name_is_not_read_to_its_end(archive: TestArchive) -> None:
    """The incidents that name somebody like this come in the order of the index: nothing is gathered and sorted."""
    archive.report(incident_in(acts=[an_act(person=somebody("Abdul Rehman Example"))]))
    asked = PersonPage.model_validate({"like": "Abdul Rahman Example"})
    with reading(archive.engine) as session, counting(archive.engine) as statements:
        assert [person.names[0].full for person in persons(session, asked, REVIEWER)[0]] == ["Abdul Rehman Example"]
        named = [one for one in statements if "incident_search MATCH" in one]
        assert named
        for statement in named:
            plan = session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", ("x", 300, 0)).all()
            assert "TEMP B-TREE" not in " ".join(line[-1] for line in plan)


def test_nobody_asks_for_the_key_of_a_newcomer(archive: TestArchive) -> None:
    people = [an_act(person=somebody(f"Made Up {n}")) for n in range(3)]
    with counting(archive.engine) as statements:
        archive.report(incident_in(acts=people))
    assert [one for one in statements if "FROM identity_key" in one] == []
    assert len(archive.see(archive.rows()[0]["ref"]).acts) == 3


def test_what_few_incidents_have_is_asked_for_only_where_there_is_some(archive: TestArchive) -> None:
    with counting(archive.engine) as statements:
        archive.see(archive.report(incident_in("plain")).id)
    assert [one for one in statements if "FROM incident_place" in one and "EXISTS" not in one] == []
    told = archive.report(incident_in("with a place", places=[{"place_name": "the other market"}]))
    assert len(archive.see(told.id).places) == 1


def test_a_page_takes_as_many_questions_for_many_as_for_one(archive: TestArchive) -> None:
    archive.report_all(incident_in(f"Alleged {n}") for n in range(5))
    found: dict[int, list[int]] = {1: [], 4: []}
    for limit, asked in found.items():
        for viewer in (OUTSIDER, REVIEWER):
            with counting(archive.engine) as statements, reading(archive.engine) as session:
                incidents.page(session, IncidentPage(limit=limit), viewer)
            asked.append(len([one for one in statements if one.startswith("SELECT")]))
    assert found == {1: [3, 5], 4: [3, 5]}


def test_conditions_that_are_kept_are_those_of_who_asks_what(archive: TestArchive) -> None:
    """One session, several questions and viewers: each gets its own answer."""
    archive.report(incident_in("Sealed", sensitivity="sealed"))
    archive.report(incident_in("Open"))
    reader = Viewer("a reader", role="viewer")
    with reading(archive.engine) as session:
        every, one = IncidentPage(), IncidentPage(q="Sealed")
        counted = [incidents.count(session, asked, by) for asked in (every, one) for by in (REVIEWER, reader, REVIEWER)]
    assert counted == [2, 1, 2, 1, 0, 1]


def test_a_connection_that_was_lost_while_it_rested_is_made_anew(
    archive: TestArchive, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A server that was started anew costs nobody an answer."""
    if archive.engine.dialect.name != "postgresql":
        pytest.skip("SQLite has no connection to lose")
    archive.engine.dispose()
    with archive.engine.connect() as connection:
        driver: Any = connection.connection.driver_connection
    driver.close()
    monkeypatch.setattr(db, "REST", -1.0)
    with reading(archive.engine) as session:
        assert incidents.count(session, IncidentPage(), REVIEWER) == 0
