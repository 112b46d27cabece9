"""People and actors in imports, undoing and history: nobody is lost, and nobody is left in the index who should not be."""

from uuid import UUID

import pytest
from sqlmodel import Session, select

from app.access.viewer import Viewer, console
from app.actions import actors, batches, people
from app.actions.composing import Report, enter
from app.db import reading, writing
from app.errors import Forbidden
from app.queries import actors as actor_queries
from app.queries import people as people_queries
from app.queries.history import etag
from app.queries.people import PersonPage
from app.records import Actor, Person, PersonName
from app.records.actor import ActorChange, ActorParentIn, NewActor
from app.records.incident import IncidentIn
from app.records.person import NewPerson, PersonChange, PersonNameIn
from tests.archives import CONTRIBUTOR, READER, REVIEWER, TestArchive
from tests.builders import an_act, an_incident, somebody

FILE = {"format": "spreadsheet", "file_name": "made-up.csv", "file_sha256": "0" * 64}
GUL = NewPerson.model_validate(somebody("Gul Example"))


def an_actor(name: str) -> NewActor:
    return NewActor.model_validate({"name": name})


def a_name(full: str) -> PersonNameIn:
    return PersonNameIn.model_validate({"full": full})


def under(parent: UUID) -> ActorParentIn:
    return ActorParentIn.model_validate({"parent_id": parent})


FORCE = an_actor("Frontier Example Force")


def by_import(archive: TestArchive, *told: IncidentIn) -> tuple[people.Known, UUID]:
    """Take reports in as a file would bring them; who was met, and the batch."""
    known = people.Known()
    with writing(archive.engine) as session:
        pen, batch = batches.open_batch(session, REVIEWER, FILE)
        raw = [{"report": one.model_dump(mode="json", exclude_unset=True)} for one in told]
        enter(pen, [Report(one, r) for one, r in zip(told, raw, strict=True)], known)
    return known, batch


def of_a_file(name: str, **more: object) -> IncidentIn:
    force = {"actor": {"name": "A unit", "external_id": "list:1"}}
    person = somebody(name, external_id="list:2", **more)
    return IncidentIn.model_validate(an_incident(name, acts=[an_act(person=person)], involvements=[force]))


def test_a_file_offers_nobody_and_knows_its_own_by_their_ids(archive: TestArchive) -> None:
    with writing(archive.engine) as session:
        people.enter(session, GUL, REVIEWER)
    known, _ = by_import(archive, of_a_file("Gul Example"), of_a_file("Gul Example again"))
    assert known.candidates == []
    assert archive.counts(Person, PersonName, Actor) == {"Person": 2, "PersonName": 2, "Actor": 1}


def test_a_person_sealed_in_one_row_is_not_found_by_the_next(archive: TestArchive) -> None:
    by_import(archive, of_a_file("Gul Example", identity_protection="sealed"), of_a_file("Zarmina"))
    assert archive.titles(q="Gul alleged") == set()
    assert archive.titles(q="Gul") == {"Gul Example"}  # by its title, which is our own
    assert archive.titles(person="Gul") == {"Gul Example", "Zarmina"}
    assert archive.titles(CONTRIBUTOR, person="Gul") == set()


def test_an_actor_that_stands_in_a_tree_outlives_its_import(archive: TestArchive) -> None:
    _, batch = by_import(archive, of_a_file("Gul Example"))
    with writing(archive.engine) as session:
        unit = session.exec(select(Actor.id)).one()
        army = actors.enter(session, FORCE, REVIEWER).id
        actors.add_parent(session, unit, under(army), REVIEWER)
        batches.undo(session, batch, console("tests"))
        assert actor_queries.whole(session, unit, REVIEWER).parents[0].actor.id == army
    assert archive.counts(Person, PersonName, Actor) == {"Person": 0, "PersonName": 0, "Actor": 2}


def test_every_change_leaves_one_line_and_the_chain_holds(archive: TestArchive) -> None:
    with writing(archive.engine) as session:
        person, actor = people.enter(session, GUL, REVIEWER).id, actors.enter(session, FORCE, REVIEWER).id
        army = actors.enter(session, an_actor("An army"), REVIEWER).id
        people.add_name(session, person, a_name("گل مثال"), REVIEWER)
        change = PersonChange.model_validate({"reason": "For a test.", "sex": "female"})
        people.amend(session, person, change, f'"{person}.2"', REVIEWER)
        renamed = ActorChange.model_validate({"reason": "For a test.", "name": "Another"})
        actors.amend(session, actor, renamed, f'"{actor}.1"', REVIEWER)
        actors.add_parent(session, actor, under(army), REVIEWER)
        assert etag(session, person) == f'"{person}.3"'
    assert archive.broken() is None


def test_a_change_that_changes_nothing_is_still_on_record(archive: TestArchive) -> None:
    with writing(archive.engine) as session:
        person = people.enter(session, GUL, REVIEWER).id
        same = PersonChange.model_validate({"reason": "Seen again.", "identity_protection": "named"})
        people.amend(session, person, same, f'"{person}.1"', REVIEWER)
    with reading(archive.engine) as session:
        assert people_queries.whole(session, person, REVIEWER).identity_protection == "named"


@pytest.mark.parametrize("by", [READER, Viewer("x", "admin", "admin"), Viewer("x", "reviewer", "read")])
def test_who_may_not_write_changes_nobody(archive: TestArchive, by: Viewer) -> None:
    with writing(archive.engine) as session:
        person, actor = people.enter(session, GUL, REVIEWER).id, actors.enter(session, FORCE, REVIEWER).id
        change = {"reason": "For a test."}
        for attempt in (
            lambda: people.enter(session, GUL, by),
            lambda: people.add_name(session, person, a_name("x"), by),
            lambda: people.amend(session, person, PersonChange.model_validate(change | {"sex": "male"}), None, by),
            lambda: actors.enter(session, FORCE, by),
            lambda: actors.amend(session, actor, ActorChange.model_validate(change | {"name": "x"}), None, by),
            lambda: actors.add_parent(session, actor, under(actor), by),
        ):
            with pytest.raises(Forbidden):
                attempt()
    assert archive.counts(Person, Actor) == {"Person": 1, "Actor": 1}


def test_a_name_without_a_letter_is_kept_and_offers_nobody(archive: TestArchive) -> None:
    nameless = NewPerson.model_validate(somebody("???"))
    with writing(archive.engine) as session:
        people.enter(session, nameless, REVIEWER)
        assert people.enter(session, nameless, REVIEWER).candidates == []
    with Session(archive.engine) as session:
        assert session.execute(select(PersonName.full, PersonName.name_key)).all() == [("???", "")] * 2
        found, total = people_queries.persons(session, PersonPage(), REVIEWER)
    assert (len(found), total) == (2, 2)
