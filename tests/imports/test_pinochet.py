"""Deaths and disappearances in Chile, all 2,398 rows: named victims, life lines, places in order, pages, vague dates."""

import csv
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

import pytest
from sqlmodel import Session, col, func, select

from app import imports
from app.actions import batches
from app.db import reading, writing
from app.imports import Outcome, tables
from app.imports.running import Plan
from app.queries import cases, history
from app.queries.cases import CaseFilter, CasePage, ReadinessTotals
from app.records import Account, Act, Actor, Case, CaseEvent, Incident, IncidentPlace, Involvement, Person, Source
from app.records.case import CaseOut
from tests.archives import REVIEWER, TestArchive
from tests.samples.pinochet import PINOCHET
from tests.shelves import Shelf

pytestmark = [pytest.mark.one_archive, pytest.mark.real_data]
FILE = "pinochet_chile/pinochet.csv"
ROWS, DISAPPEARED, REPORTED_DEAD = 2398, 853, 108
CASES = DISAPPEARED + REPORTED_DEAD
Raw = dict[str, str]


@dataclass(frozen=True)
class Taken:
    """The file, what came of it, and the archive it is in."""

    path: Path
    outcome: Outcome
    archive: TestArchive


def plan(path: Path) -> Plan:
    return Plan(path, PINOCHET, len(tables.heading(path)))


@pytest.fixture(scope="module")
def chile(real_data: Callable[[str], Path], shared: TestArchive) -> Taken:
    path = real_data(FILE)
    return Taken(path, imports.run(shared.engine, plan(path), REVIEWER), shared)


@cache
def original(path: Path) -> dict[str, Raw]:
    """The file as Python's own csv reads it, by its number of the victim."""
    with path.open(encoding="utf-8", newline="") as text:
        return {f"pinochet:{row['individual_id']}": row for row in csv.DictReader(text)}


def raw(chile: Taken, *, cases_only: bool = False) -> list[Raw]:
    rows = list(original(chile.path).values())
    return [row for row in rows if row["violence"].startswith("Disappearance")] if cases_only else rows


def told(row: Raw, column: str) -> bool:
    return row[column].strip() not in {"NA", "", "?"}


def listed(row: Raw, column: str) -> list[int]:
    """The numbers of the places of which a column is told."""
    return [number for number in range(1, 7) if told(row, f"{column}_{number}")]


@pytest.fixture(scope="module")
def lines(chile: Taken) -> dict[str, CaseOut]:
    """Every case with its life line, by the number of the victim; read page by page."""
    found: dict[str, CaseOut] = {}
    asked = CasePage(limit=200)
    with reading(chile.archive.engine) as session:
        while True:
            page = cases.page(session, asked, REVIEWER)
            found |= {str(case.external_id).replace("case:", ""): case for case in page.items}
            if page.next is None:
                assert len(found) == page.total
                return found
            asked = asked.model_copy(update={"after": page.next})


@pytest.fixture(scope="module")
def ready(chile: Taken) -> ReadinessTotals:
    with reading(chile.archive.engine) as session:
        return cases.totals(session, CaseFilter(), REVIEWER)


def test_every_row_is_taken(chile: Taken) -> None:
    counts = {"rows": ROWS, "new": ROWS, "changed": 0, "unchanged": 0, "refused": 0, "warnings": 4}
    assert chile.outcome.counts() == counts
    odd = Counter(note.why for note in chile.outcome.notes)
    # The middle of Santiago stands for whatever is not known better.
    assert odd == {"the event starts after it ends": 3, "265 of 2226 points lie on this one spot": 1}
    assert len(original(chile.path)) == ROWS


def test_kinds_follow_the_violence(chile: Taken) -> None:
    assert Counter(row["kind"] for row in chile.archive.rows()) == {
        "killing": 1331, "enforced_disappearance": CASES, "unexplained_killing": 93, "other": 8, "unknown": 5,
    }  # fmt: skip


def test_every_victim_is_one_person_with_an_act(chile: Taken) -> None:
    tortured = sum("1" in (row["torture"], row["mistreatment"]) for row in raw(chile))
    assert chile.archive.counts(Person, Act) == {"Person": ROWS, "Act": ROWS + tortured}
    with Session(chile.archive.engine) as session:
        mine = col(Act.kind) != "torture_ill_treatment", col(Act.age_at_event).is_not(None)
        ages = session.exec(select(func.count()).where(*mine)).one()
    assert ages == sum(told(row, "age") for row in raw(chile)) == 1625


def test_the_disappearances_are_cases_with_derived_statuses(chile: Taken, lines: dict[str, CaseOut]) -> None:
    rows = raw(chile, cases_only=True)
    assert len(rows) == len(lines) == CASES
    alive_when_last_seen = [row for row in rows if row["violence"] == "Disappearance"]
    held = sum(any(row[f"place_{n}"] == "In Custody" for n in range(1, 7)) for row in alive_when_last_seen)
    statuses = Counter(case.current_status for case in lines.values())
    assert statuses == {
        "dead_unconfirmed": REPORTED_DEAD, "detained_unacknowledged": held, "missing_fate_unknown": DISAPPEARED - held,
    }  # fmt: skip
    for status, number in statuses.items():
        with reading(chile.archive.engine) as session:
            assert cases.page(session, CasePage(status=(status,)), REVIEWER).total == number


def test_life_lines_follow_the_places(chile: Taken, lines: dict[str, CaseOut]) -> None:
    for key, case in lines.items():
        row = original(chile.path)[key]
        happened = Counter(event.kind for event in case.events)
        custody = sum(row[f"place_{n}"] == "In Custody" for n in range(1, 7))
        assert happened["taken"] == 1, key
        assert happened["sighted_in_custody"] == custody, key
        assert happened["transferred"] == max(custody - 1, 0), key
        assert happened["reported_dead"] == (row["violence"] != "Disappearance"), key
        assert {event.account_id is not None for event in case.events} == {True}


def expected(row: Raw) -> tuple[date | None, date | None]:
    """The first and the last day that a row allows, in its own order."""
    first = next((row[name] for name in ("start_date_daily", "start_date_monthly") if told(row, name)), None)
    if told(row, "end_date_daily"):
        last = date.fromisoformat(row["end_date_daily"])
    elif told(row, "end_date_monthly"):
        month = date.fromisoformat(row["end_date_monthly"])
        last = date.fromordinal(
            month.replace(year=month.year + month.month // 12, month=month.month % 12 + 1).toordinal() - 1
        )
    else:
        last = None
    return date.fromisoformat(first) if first else None, last


def test_no_day_is_made_up(chile: Taken) -> None:
    """Of 166 rows the first day is not told: 57 have its month; of the rest 27 have the last day, one its month."""
    vague = {key: row for key, row in original(chile.path).items() if not told(row, "start_date_daily")}
    assert len(vague) == 166
    assert sum(told(row, "start_date_monthly") for row in vague.values()) == 57
    with Session(chile.archive.engine) as session:
        asked = select(Incident.external_id, Incident.date_earliest, Incident.date_latest)
        kept = {key: (first, last) for key, first, last in session.execute(asked).all()}
    for key, row in original(chile.path).items():
        first, last = expected(row)
        swapped = first is not None and last is not None and first > last
        assert kept[key] == ((last, first) if swapped else (first, last)), key
    assert all(first is None or first != last for first, last in (kept[key] for key in vague))
    assert sum(kept[key] == (None, None) for key in vague) == 81


def test_vague_beginnings_of_life_lines_stay_vague(chile: Taken, lines: dict[str, CaseOut]) -> None:
    found = Counter()
    for key, case in lines.items():
        taken = next(event for event in case.events if event.kind == "taken")
        if not told(original(chile.path)[key], "start_date_daily"):
            found[taken.date.precision] += 1
    assert found == {"month": 21, "open": 2, "unknown": 5}


def test_places_come_with_their_roles(chile: Taken) -> None:
    rows = raw(chile)
    theirs = sum(
        any(told(row, f"{column}_{n}") for column in ("place", "location", "latitude"))
        for row in rows
        for n in range(1, 7)
    )
    custody = sum(row[f"place_{n}"] == "In Custody" for row in rows for n in range(1, 7))
    with Session(chile.archive.engine) as session:
        roles = Counter(session.exec(select(IncidentPlace.role)).all())
        sites = session.exec(select(func.count()).where(col(IncidentPlace.geo_precision) == "site")).one()
        most = Counter(session.exec(select(IncidentPlace.incident_pk)).all())
    assert roles.total() == theirs
    assert roles["held_at"] + roles["transferred_to"] == custody == 1453
    assert roles["held_at"] == sum(any(row[f"place_{n}"] == "In Custody" for n in range(1, 7)) for row in rows)
    assert sites == sum(row[f"exact_coordinates_{n}"] == "1" for row in rows for n in listed(row, "latitude")) == 1766
    assert max(most.values()) == 6


def test_points_come_back(chile: Taken) -> None:
    assert sum(bool(row["lat"]) for row in chile.archive.rows()) == sum(
        bool(listed(row, "latitude")) for row in raw(chile)
    )
    assert sum(told(row, "latitude_1") for row in raw(chile)) == 2109


def test_every_row_is_cited_by_its_page(chile: Taken) -> None:
    with Session(chile.archive.engine) as session:
        asked = select(Incident.external_id, Account.locator_type, Account.locator)
        cited = {key: (kind, where) for key, kind, where in session.execute(asked.join(Account)).all()}
        assert session.exec(select(func.count()).select_from(Source)).one() == 1
    paged = {key: row["page"].strip() for key, row in original(chile.path).items() if told(row, "page")}
    assert len(paged) == 2390
    assert {key: where for key, (kind, where) in cited.items() if kind == "page"} == paged


def test_what_a_submission_of_each_would_lack(chile: Taken, ready: ReadinessTotals) -> None:
    rows = raw(chile, cases_only=True)
    found = {(count.code, count.level): count.cases for count in ready.by_code}
    assert (ready.total, ready.ready) == (CASES, 0)
    # The data set tells nothing of complaints, of who would hand a case in, of consent or confidentiality.
    assert {code for (code, _), number in found.items() if number == CASES} == {"W5", "W6", "W7", "W8"}
    assert (
        found["W2", "block"]
        == sum(not told(row, "start_date_monthly") and not told(row, "end_date_daily") for row in rows)
        == 5
    )
    assert found["W2a", "advise"] == 21
    assert found["W3", "block"] == sum(not listed(row, "latitude") for row in rows) == 43
    unlinked = [row for row in rows if not told(row, "perpetrator_affiliation")]
    assert {row["perpetrator_affiliation_detail"] for row in unlinked} == {"NA", "Private citizens"}
    assert found["W4", "block"] == len(unlinked) == 28
    assert not {"W0", "W1", "W1a", "W9", "U1", "U2"} & {code for code, _ in found}


def test_a_second_time_there_is_nothing_new(chile: Taken) -> None:
    before = chile.archive.counts(Incident, Case, CaseEvent, Person, Account)
    again = imports.run(chile.archive.engine, plan(chile.path), REVIEWER)
    assert (again.new, again.changed, again.unchanged, again.recorded) == (0, 0, ROWS, False)
    assert chile.archive.counts(Incident, Case, CaseEvent, Person, Account) == before


def test_taken_back_nothing_is_left_but_history(shelf: Shelf, chile: Taken) -> None:
    archive = TestArchive(shelf.copy(chile.archive.engine), shelf.tokens)
    assert chile.outcome.batch is not None
    with writing(archive.engine) as session:
        assert batches.undo(session, chile.outcome.batch, REVIEWER) == ROWS
    left = archive.counts(Incident, Case, CaseEvent, Account, Act, Involvement, IncidentPlace, Person, Actor, Source)
    assert set(left.values()) == {0}, left
    with reading(archive.engine) as session:
        assert history.check_chain(session)[1] is None
    shelf.drop(archive.engine)
