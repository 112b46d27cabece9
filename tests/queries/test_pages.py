"""Pages and streams: every row once, as many as were counted, in a constant number of questions to the database."""

import random
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import Engine, event

from app.actions import keeping
from app.db import reading
from app.errors import Invalid
from app.queries import incidents
from app.queries.filter import IncidentFilter, IncidentPage
from app.vocabulary.word import vocabulary
from tests.archives import READER, REVIEWER, TestArchive, counting
from tests.builders import HOMS, QUETTA, TURBAT, a_source, carried_out_by, incident_in

BY_INDEX = ("SEARCH incident USING I", "SEARCH incident USING COVERING I")
pytestmark = pytest.mark.one_archive
SORTS = ["-date_earliest", "date_earliest", "-updated_at", "ref"]
DATES = ["2025-06-12", "2025-06-12", "2025-06", "2024", None, None, "../2025-01-01", "1999-12-31"]
PLACES = [{}, {"at": TURBAT}, {"at": QUETTA, "exactly": "area2"}, {"at": HOMS}, {"country": "PAK"}]
KINDS = ["killing", "summary_execution", "enforced_disappearance", "attack_on_civilians"]


@pytest.fixture(scope="module", autouse=True)
def archive(shared: TestArchive) -> TestArchive:
    """A hundred and one incidents, many of one date and many without."""
    shared.report_all(
        incident_in(
            f"Incident {n}", kind=KINDS[n % 4], on=DATES[n % 8], killed={"best": n % 3}, **PLACES[n % 5],
            source=a_source(f"Report {n % 7}"), involvements=[carried_out_by("armed men")] * (n % 2),
        )
        for n in range(101)
    )  # fmt: skip
    return shared


def walk(archive: TestArchive, limit: int, **question: Any) -> list[str]:
    """The refs of every page in turn."""
    refs, cursor = [], None
    while True:
        with reading(archive.engine) as session:
            asked = IncidentPage(limit=limit, cursor=cursor, **question)
            items, cursor = incidents.page(session, asked, REVIEWER)
        assert len(items) <= limit
        refs += [item["ref"] for item in items]
        if cursor is None:
            return refs
        assert len(items) == limit


@pytest.mark.parametrize("limit", [1, 7, 101, 200])
@pytest.mark.parametrize("sort", SORTS)
def test_the_pages_hold_every_row_once(archive: TestArchive, sort: str, limit: int) -> None:
    refs = walk(archive, limit, sort=sort)
    assert len(refs) == len(set(refs)) == 101


@pytest.mark.parametrize("sort", SORTS)
def test_small_pages_are_the_large_one_cut_up(archive: TestArchive, sort: str) -> None:
    assert walk(archive, 3, sort=sort) == walk(archive, 200, sort=sort)


@pytest.mark.parametrize("sort", ["-date_earliest", "date_earliest"])
def test_the_undated_come_last(archive: TestArchive, sort: str) -> None:
    dates = {row["ref"]: row["date_earliest"] for row in archive.rows()}
    found = [dates[ref] for ref in walk(archive, 13, sort=sort)]
    known = [day for day in found if day is not None]
    assert found == sorted(known, reverse=sort.startswith("-")) + [None] * (101 - len(known))
    assert None in found


def test_a_stream_has_the_order_of_the_references(archive: TestArchive) -> None:
    assert [row["ref"] for row in archive.rows()] == walk(archive, 10, sort="ref")


def random_question(chance: random.Random) -> dict[str, Any]:
    """A few parts of a question, drawn by lot."""
    every: dict[str, Any] = {
        "kind": [chance.choice([*KINDS, "attack"])],
        "country": chance.choice(["PAK", "SYR"]),
        "located": chance.choice([True, False]),
        "harm": ["killed"],
        "date_from": chance.choice(["1999", "2024", "2025-06"]),
        "date_match": chance.choice(["overlaps", "within"]),
        "bbox": (chance.uniform(30, 60), chance.uniform(20, 28), chance.uniform(60, 80), chance.uniform(28, 40)),
        "near": (*QUETTA, chance.choice([10, 700, 5000])),
        "q": chance.choice(["incident", "7", "armed men", "Turbat"]),
        "actor": "armed",
        "source": chance.choice(["Report", "Report 3", "Example Paper"]),
        "verification": [chance.choice(list(vocabulary("verifications")))],
    }
    return {name: every[name] for name in chance.sample(sorted(every), chance.randint(1, 3))}


@pytest.mark.parametrize("seed", range(30))
def test_as_many_come_as_were_counted(archive: TestArchive, seed: int) -> None:
    question = random_question(random.Random(seed))
    with reading(archive.engine) as session:
        counted = incidents.count(session, IncidentFilter(**question), REVIEWER)
    assert len(archive.rows(**question)) == counted
    assert sorted(walk(archive, 9, **question)) == sorted(row["ref"] for row in archive.rows(**question))


@pytest.mark.parametrize(("kept", "questions"), [(False, 5), (True, 2)])
def test_a_page_asks_few_questions_however_long_it_is(archive: TestArchive, *, kept: bool, questions: int) -> None:
    """For the numbers and for their texts; where there are none, for what they are made of too."""
    if kept:
        keeping.fill(archive.engine)
    asked = []
    for limit in (1, 10, 100):
        with reading(archive.engine) as session, counting(archive.engine) as sent:
            incidents.page(session, IncidentPage(limit=limit), READER)
        asked.append(len([s for s in sent if s.lstrip().upper().startswith("SELECT")]))
    assert asked == [questions] * 3


@pytest.mark.parametrize("cursor", ["", "x", "bnVsbA", "W10", "W251bGwsICJJUi0xIl0", "é", "WyIyMDI1IiwgIklSIl0", "{}"])
def test_a_cursor_that_is_not_ours_is_refused(archive: TestArchive, cursor: str) -> None:
    with reading(archive.engine) as session, pytest.raises(Invalid):
        incidents.page(session, IncidentPage(cursor=cursor), REVIEWER)


@pytest.mark.parametrize("sort", SORTS)
def test_a_later_page_is_sought_and_not_walked_to(archive: TestArchive, sort: str) -> None:
    """SQLite says how it goes about each question: by an index from the cursor on, and without sorting."""
    if archive.engine.dialect.name != "sqlite":
        pytest.skip("SQLite alone tells its plan in these words")
    plans = []
    with reading(archive.engine) as session:
        _, cursor = incidents.page(session, IncidentPage.model_validate({"limit": 50, "sort": sort}), REVIEWER)
        with asking(archive.engine) as sent:
            incidents.page(
                session, IncidentPage.model_validate({"limit": 50, "sort": sort, "cursor": cursor}), REVIEWER
            )
        for statement, parameters in sent:
            if "ORDER BY incident." in statement and "LIMIT" in statement:
                told = session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters).all()
                plans.append([step for *_, step in told if "incident" in step or "TEMP" in step])
    assert plans
    assert all(steps and all(step.startswith(BY_INDEX) for step in steps) for steps in plans), plans


@contextmanager
def asking(engine: Engine) -> Iterator[list[tuple[str, Any]]]:
    """The statements that are sent meanwhile, with their parameters."""
    sent: list[tuple[str, Any]] = []

    def note(_: Any, __: Any, statement: str, parameters: Any, *___: Any) -> None:
        sent.append((statement, parameters))

    event.listen(engine, "before_cursor_execute", note)
    yield sent
    event.remove(engine, "before_cursor_execute", note)
