"""One incident: all that hangs on it, in few questions, and only for whoever may see it."""

import pytest
from sqlalchemy import update
from sqlmodel import col, select

from app.db import reading, writing
from app.errors import NotFound
from app.queries import one
from app.records import Account, Act, Incident, IncidentPlace
from tests.archives import CONTRIBUTOR, READER, TestArchive, counting
from tests.builders import a_source, an_act, carried_out_by, incident_in, somebody

NAMED = somebody("Example Person", sex="male", birth_year=1990)


def test_it_asks_the_same_however_much_hangs_on_it(archive: TestArchive) -> None:
    asked = []
    for many in (1, 12):
        actors = [carried_out_by(f"actor {n}") for n in range(many)]
        made = archive.report(incident_in(acts=[an_act()] * many, involvements=actors))
        with counting(archive.engine) as sent:
            archive.see(made.ref)
        asked.append(len(sent))
    assert asked[0] == asked[1]


def test_in_a_row_every_field_stands_under_its_name(archive: TestArchive) -> None:
    made = archive.report(
        incident_in(acts=[an_act(group="some farmers")], places=[{"role": "held_at", "place_name": "a camp"}])
    )
    with reading(archive.engine) as session:
        incident = one.find(session, made.ref, READER)
        parts = {table: one._parts(session, table, incident.pk)[0] for table in (Account, Act, IncidentPlace)}
        for table, row in {**parts, Incident: incident}.items():
            kept = session.exec(select(table).where(col(table.pk) == row.pk)).one()
            assert {name: getattr(row, name) for name in table.model_fields} == kept.model_dump()


def test_of_a_source_that_is_known_no_outlet_is_asked_for(archive: TestArchive) -> None:
    told = incident_in(source=a_source(publication={"name": "An Example Paper"}))
    asked = []
    for _ in range(2):
        with counting(archive.engine) as sent:
            archive.report(told)
        asked.append([statement for statement in sent if "FROM publication" in statement])
    assert [len(one) for one in asked] == [1, 0]


def test_it_is_found_by_id_and_by_ref_in_any_case(archive: TestArchive) -> None:
    made = archive.report(incident_in())
    assert archive.see(made.id) == archive.see(made.ref) == archive.see(made.ref.lower())


@pytest.mark.parametrize("name", ["IR-2025-999999", "", "x", "00000000-0000-0000-0000-000000000001", "%", "IR-'"])
def test_what_is_not_there_is_not_found(archive: TestArchive, name: str) -> None:
    with pytest.raises(NotFound):
        archive.see(name)


def test_the_sealed_are_not_there_for_others(archive: TestArchive) -> None:
    made = archive.report(incident_in(sensitivity="sealed"))
    with pytest.raises(NotFound) as hidden:
        archive.see(made.ref, CONTRIBUTOR)
    with pytest.raises(NotFound) as absent:
        archive.see("IR-2025-999999", CONTRIBUTOR)
    assert str(hidden.value) == str(absent.value)
    assert archive.see(made.ref).ref == made.ref


def test_a_reader_sees_that_there_is_somebody_and_no_name(archive: TestArchive) -> None:
    told = incident_in(acts=[an_act(person=NAMED, age_at_event=34)])
    told.according_to.speaker = "A neighbour"
    made = archive.report(told)
    shown, whole = archive.see(made.ref, READER), archive.see(made.ref, CONTRIBUTOR)
    assert whole.acts[0].person.names[0].full == "Example Person"
    assert (whole.acts[0].age_at_event, whole.accounts[0].speaker) == (34, "A neighbour")
    assert shown.acts[0].person.names == []
    assert (shown.acts[0].person.birth_year, shown.acts[0].age_at_event, shown.accounts[0].speaker) == (
        None,
        None,
        None,
    )
    assert "Example Person" not in shown.model_dump_json()


def test_a_sealed_identity_is_read_back_by_reviewers_alone(archive: TestArchive) -> None:
    sealed = somebody("Example Secret", identity_protection="sealed", pseudonym="P.", birth_year=1990)
    made = archive.report(incident_in(acts=[an_act(person=sealed)]))
    assert archive.see(made.ref).acts[0].person.names[0].full == "Example Secret"
    for viewer in (CONTRIBUTOR, READER):
        person = archive.see(made.ref, viewer).acts[0].person
        assert (person.names, person.pseudonym, person.birth_year) == ([], None, None)
        assert archive.titles(viewer, q="Secret") == set()
    assert archive.titles(q="Secret") == set()


def test_an_alleged_person_is_shown_only_where_that_may_be_told(archive: TestArchive) -> None:
    """`tests/api/test_responsible.py` asks every role, verification and format."""
    person = {"person": somebody("Example Officer"), "degree": "ordered"}
    made = archive.report(incident_in(involvements=[person, person | {"disclosable": True}]))
    assert [one.person for one in archive.see(made.ref).involvements] == [None, None]
    with writing(archive.engine) as session:
        session.execute(update(Incident).values(verification="corroborated"))
    hidden, shown = archive.see(made.ref).involvements
    assert hidden.person is None
    assert shown.person.names[0].full == "Example Officer"
    assert [one.person for one in archive.see(made.ref, READER).involvements] == [None, None]
    assert archive.rows()[0]["alleged_responsible"] == "Example Officer"


def test_an_author_is_not_for_readers(archive: TestArchive) -> None:
    made = archive.report(incident_in(source=a_source("A letter", by=None, author="Example Author", kind="other")))
    assert "Example Author" not in archive.see(made.ref, READER).model_dump_json()
    assert archive.see(made.ref, CONTRIBUTOR).accounts[0].source.author == "Example Author"


def test_an_author_is_not_in_the_rows_of_readers_either(archive: TestArchive) -> None:
    archive.report(incident_in(source=a_source("A letter", by=None, author="Example Author", kind="other")))
    assert "Example Author" not in str(archive.rows(READER))
