"""Cases and imports: a newer row, an import taken back, and what somebody has worked on meanwhile."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import Session, select

from app import imports
from app.actions import batches, cases
from app.db import reading, writing
from app.errors import Conflict
from app.imports import Outcome, Plan
from app.imports.importer import Draft, Importer, Row
from app.queries import cases as queries
from app.queries.cases import CasePage
from app.records import Account, Case, CaseEvent, Incident, Person, PersonName
from app.records.case import CaseClosing, CaseEventIn, CaseOut
from tests.archives import REVIEWER, TestArchive
from tests.builders import a_source, an_incident, incident_in, somebody

Json = dict[str, Any]
HER = {**somebody("Zarmina Example"), "external_id": "made-up:person:1"}
SAYS: Json = {"source": a_source("A made-up testimony", None, kind="testimony_witness")}


def _rows(path: Path) -> Iterator[Row]:
    for number, text in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        yield Row(number, json.loads(text))


LINES = Importer(
    name="made-up", about="Reports as they are, one a line", needs=frozenset(), read=_rows,
    draft=lambda row: Draft(row.values),
)  # fmt: skip


def taking_in(archive: TestArchive, folder: Path, *events: Json, **more: Any) -> Outcome:
    """Import a file of one row with one case."""
    told = an_incident("A made-up disappearance", kind="enforced_disappearance", external_id="made-up:1", **more)
    told["cases"] = [{"person": HER, "events": list(events)}]
    path = folder / "lines"
    path.write_text(json.dumps(told), encoding="utf-8")
    outcome = imports.run(archive.engine, Plan(path, LINES, len(told)), REVIEWER)
    assert outcome.errors == []
    return outcome


def shown(archive: TestArchive) -> list[CaseOut]:
    with reading(archive.engine) as session:
        return queries.page(session, CasePage(), REVIEWER).items


def kinds(archive: TestArchive) -> list[str]:
    return [event.kind for case in shown(archive) for event in case.events]


def add_by_hand(archive: TestArchive, kind: str = "released") -> None:
    told = CaseEventIn.model_validate({"kind": kind, "according_to": SAYS})
    with writing(archive.engine) as session:
        cases.add_event(session, shown(archive)[0].id, told, REVIEWER)


def undo(archive: TestArchive, outcome: Outcome, **how: bool) -> None:
    assert outcome.batch is not None
    with writing(archive.engine) as session:
        batches.undo(session, outcome.batch, REVIEWER, **how)


def test_an_import_taken_back_takes_its_cases_and_people(archive: TestArchive, tmp_path: Path) -> None:
    seen = {"kind": "sighted_in_custody", "according_to": SAYS}
    outcome = taking_in(archive, tmp_path, {"kind": "taken"}, seen)
    assert archive.counts(Case, CaseEvent, Account, Person) == {"Case": 1, "CaseEvent": 2, "Account": 2, "Person": 1}
    undo(archive, outcome)
    left = archive.counts(Case, CaseEvent, Account, Person, PersonName, Incident)
    assert set(left.values()) == {0}
    assert archive.broken() is None


def test_a_case_somebody_has_worked_on_is_not_taken_back_unasked(archive: TestArchive, tmp_path: Path) -> None:
    outcome = taking_in(archive, tmp_path, {"kind": "taken"})
    add_by_hand(archive)
    with pytest.raises(Conflict):
        undo(archive, outcome)
    undo(archive, outcome, also_edited=True)
    assert archive.count(CaseEvent) == 0


@pytest.mark.parametrize("change", ["close", "reject"])
def test_so_it_is_with_other_work_on_a_case(archive: TestArchive, tmp_path: Path, change: str) -> None:
    outcome = taking_in(archive, tmp_path, {"kind": "taken"})
    (case,) = shown(archive)
    with writing(archive.engine) as session:
        if change == "close":
            closing = CaseClosing(closed_as="closed_duplicate", reason="A made-up reason.")
            cases.close(session, case.id, closing, REVIEWER)
        else:
            cases.reject_event(session, case.id, case.events[0].id, "A made-up reason.", REVIEWER)
    with pytest.raises(Conflict):
        undo(archive, outcome)


def test_a_person_of_a_case_stays_when_the_import_that_brought_them_goes(archive: TestArchive, tmp_path: Path) -> None:
    outcome = taking_in(archive, tmp_path, {"kind": "taken"})
    mine = shown(archive)[0].person
    assert mine is not None
    archive.report(incident_in("Another", cases=[{"person": {"id": str(mine.id)}}]))
    undo(archive, outcome)
    (left,) = shown(archive)
    assert left.person is not None
    assert left.person.names[0].full == "Zarmina Example"


def test_a_newer_row_brings_a_newer_life_line_and_takes_it_with_it(archive: TestArchive, tmp_path: Path) -> None:
    taking_in(archive, tmp_path, {"kind": "taken"}, {"kind": "sighted_in_custody", "according_to": SAYS})
    newer = taking_in(archive, tmp_path, {"kind": "taken"}, {"kind": "released", "date": "2026"})
    assert (newer.changed, kinds(archive)) == (1, ["released", "taken"])
    assert shown(archive)[0].current_status == "alive_free"
    assert archive.count(Person) == 1
    undo(archive, newer)
    assert sorted(kinds(archive)) == ["sighted_in_custody", "taken"]
    assert shown(archive)[0].current_status == "detained_unacknowledged"
    assert archive.broken() is None


def test_a_newer_row_does_not_touch_a_case_somebody_has_worked_on(archive: TestArchive, tmp_path: Path) -> None:
    taking_in(archive, tmp_path, {"kind": "taken"})
    add_by_hand(archive, "reported_dead")
    newer = taking_in(archive, tmp_path, {"kind": "taken"}, {"kind": "released", "date": "2026"})
    assert newer.changed == 1
    assert sorted(kinds(archive)) == ["reported_dead", "taken"]
    undo(archive, newer)
    assert sorted(kinds(archive)) == ["reported_dead", "taken"]


def test_the_stored_status_is_the_derived_one(archive: TestArchive, tmp_path: Path) -> None:
    taking_in(archive, tmp_path, {"kind": "taken", "id": (first := "01900000-0000-7000-8000-00000000000a")},
              {"kind": "reported_dead", "supersedes_id": first})  # fmt: skip
    for kind in ("located_alive_free", "disappeared_again", "custody_denied", "habeas_filed"):
        add_by_hand(archive, kind)
        (case,) = shown(archive)
        with Session(archive.engine) as session:
            assert session.exec(select(Case.current_status)).one() == case.current_status, kind
    assert [event.standing for event in case.events if event.kind == "taken"] == ["superseded"]
