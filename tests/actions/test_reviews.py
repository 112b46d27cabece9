"""Every move by every role against a table written out by hand, and the refusals of review one by one."""

from typing import Any
from uuid import UUID

import pytest
from sqlmodel import Session

from app.access.viewer import Viewer, console
from app.actions import batches, composing, incidents, links, members, people, reviews
from app.actions.composing import Report
from app.db import reading, writing
from app.errors import Conflict, Forbidden, Invalid, MatchRequired, NotFound, Stale, Untimely
from app.queries import reviews as queries
from app.records import Incident, Link, Review, Revision
from app.records.incident import IncidentChange
from app.records.link import LinkIn
from app.records.review import AssignmentIn, MoveIn, Noted, VerificationIn
from tests.actions.reviewing import BOTH, ROLES, as_role, refusal, reported, set_to
from tests.archives import CONTRIBUTOR, READER, REVIEWER, TestArchive
from tests.builders import incident_in

STAGES = ("draft", "submitted", "in_review", "changes_requested", "approved", "published", "withdrawn")
REVIEWERS = {"reviewer"}
# Written out by hand from what a documentation team agrees on, not read from the list of the product.
MAY: dict[tuple[str, str], set[str]] = {
    ("draft", "submitted"): BOTH,
    ("draft", "withdrawn"): BOTH,
    ("submitted", "in_review"): REVIEWERS,
    ("submitted", "draft"): BOTH,
    ("submitted", "withdrawn"): BOTH,
    ("in_review", "changes_requested"): REVIEWERS,
    ("in_review", "approved"): REVIEWERS,
    ("in_review", "submitted"): REVIEWERS,
    ("in_review", "withdrawn"): REVIEWERS,
    ("changes_requested", "submitted"): BOTH,
    ("changes_requested", "withdrawn"): BOTH,
    ("approved", "published"): REVIEWERS,
    ("approved", "in_review"): REVIEWERS,
    ("approved", "withdrawn"): REVIEWERS,
    ("published", "in_review"): REVIEWERS,
    ("published", "withdrawn"): REVIEWERS,
    ("withdrawn", "draft"): REVIEWERS,
}
OTHER = Viewer("another reviewer", "reviewer", "write")


@pytest.fixture
def one(archive: TestArchive) -> UUID:
    return reported(archive)


@pytest.mark.parametrize("here", STAGES)
def test_every_move_by_every_role(archive: TestArchive, one: UUID, here: str) -> None:
    found, expected = {}, {}
    for onward in STAGES:
        for role in ROLES:
            with Session(archive.engine) as session:
                etag = set_to(session, one, stage=here)
                told = MoveIn(stage=onward, note="Read.")
                found[onward, role] = refusal(session, reviews.move, one, told, etag, as_role(role))
            may = MAY.get((here, onward))
            wrong = Forbidden if role not in BOTH or may else Untimely
            expected[onward, role] = None if may and role in may else wrong
    assert found == expected


def test_a_refusal_says_what_is_possible_and_who_may(archive: TestArchive, one: UUID) -> None:
    with writing(archive.engine) as session:
        etag = set_to(session, one, stage="submitted")
        with pytest.raises(Untimely) as refused:
            reviews.move(session, one, MoveIn(stage="published", note="Now."), etag, OTHER)
        assert refused.value.detail == (
            "The record stands at submitted; it cannot go to published from there. Possible from submitted: in_review "
            "(reviewer), draft (contributor or reviewer), withdrawn (contributor or reviewer)."
        )
        with pytest.raises(Forbidden) as forbidden:
            reviews.move(session, one, MoveIn(stage="in_review", note="Now."), etag, CONTRIBUTOR)
        assert forbidden.value.detail.startswith("Only a reviewer takes a record from submitted to in_review: ask one.")


def test_a_move_needs_the_version_one_saw(archive: TestArchive, one: UUID) -> None:
    told, weighed = MoveIn(stage="submitted", note="Done."), VerificationIn(verification="contested", note="Two.")
    with writing(archive.engine) as session:
        for act, what in ((reviews.move, told), (reviews.verify, weighed)):
            with pytest.raises(MatchRequired):
                act(session, one, what, None, REVIEWER)
            with pytest.raises(Stale):
                act(session, one, what, incidents.etag(one, 99), REVIEWER)


def test_withdrawing_goes_by_the_same_table(archive: TestArchive, one: UUID) -> None:
    with writing(archive.engine) as session:
        etag = set_to(session, one, stage="in_review")
        with pytest.raises(Forbidden):
            incidents.withdraw(session, one, "Not ours.", etag, CONTRIBUTOR)
        with pytest.raises(Forbidden):
            incidents.redirect(session, one, archive_twin(session), "A duplicate.", etag, CONTRIBUTOR)
        incidents.withdraw(session, one, "Not ours.", etag, REVIEWER)
        with pytest.raises(Untimely):
            incidents.withdraw(session, one, "Again.", set_to(session, one), REVIEWER)
    with reading(archive.engine) as session:
        (step,) = queries.of_incident(session, incidents.find(session, one, REVIEWER), REVIEWER)
    assert (step.kind, step.before, step.after, step.note) == ("move", "in_review", "withdrawn", "Not ours.")


def archive_twin(session: Session) -> UUID:
    return incidents.report(session, incident_in("The same again"), REVIEWER).id


@pytest.mark.parametrize("name", ["a contributor", "A Contributor"])
def test_who_reported_it_does_not_approve_it_by_another_door(archive: TestArchive, one: UUID, name: str) -> None:
    told = MoveIn(stage="approved", note="Read.")
    with writing(archive.engine) as session:
        etag = set_to(session, one, stage="in_review")
        with pytest.raises(Forbidden, match="a second reviewer is needed"):
            reviews.move(session, one, told, etag, console(name))
        reviews.move(session, one, told, etag, console("somebody else"))


def test_a_change_reopens_also_what_is_published_and_once(archive: TestArchive, one: UUID) -> None:
    with writing(archive.engine) as session:
        etag = set_to(session, one, stage="published")
        incidents.amend(session, one, IncidentChange(reason="A correction.", title="Put right"), etag, CONTRIBUTOR)
        again = set_to(session, one)
        incidents.amend(session, one, IncidentChange(reason="A correction.", title="Put right!"), again, CONTRIBUTOR)
    with reading(archive.engine) as session:
        incident = incidents.find(session, one, REVIEWER)
        steps_taken = queries.of_incident(session, incident, REVIEWER)
    assert archive.see(one).stage == "in_review"
    assert [(s.before, s.after, s.by) for s in steps_taken] == [("published", "in_review", "a contributor")]
    assert archive.broken() is None


def test_work_is_given_to_those_who_can_do_it(archive: TestArchive, one: UUID) -> None:
    with writing(archive.engine) as session:
        members.add(session, "somebody gone", "reviewer", console("tests"))
        members.disable(session, "somebody gone", console("tests"))
        for name in ("nobody here", "somebody gone", "a viewer", "an admin", "an auditor", "a admin"):
            with pytest.raises(Invalid):
                reviews.assign(session, one, AssignmentIn(member=name), REVIEWER)
        reviews.assign(session, one, AssignmentIn(member="a contributor", note="Please."), REVIEWER)
        with pytest.raises(Untimely):
            reviews.assign(session, one, AssignmentIn(member="a contributor"), REVIEWER)
        reviews.assign(session, one, AssignmentIn(member=None), CONTRIBUTOR)
        set_to(session, one, sensitivity="sealed")
        with pytest.raises(Invalid):
            reviews.assign(session, one, AssignmentIn(member="a contributor"), REVIEWER)
        reviews.assign(session, one, AssignmentIn(member="a reviewer"), REVIEWER)
    assert archive.see(one).assigned_to == "a reviewer"


def test_who_may_not_write_takes_no_step_and_who_may_not_see_finds_nothing(archive: TestArchive, one: UUID) -> None:
    acts: list[tuple[Any, tuple[Any, ...]]] = [
        (reviews.move, (MoveIn(stage="submitted", note="Done."), None)),
        (reviews.verify, (VerificationIn(verification="contested", note="Two."), None)),
        (reviews.comment, (Noted(note="A remark."),)),
        (reviews.assign, (AssignmentIn(member=None),)),
    ]
    with writing(archive.engine) as session:
        for act, told in acts:
            with pytest.raises(Forbidden):
                act(session, one, *told, READER)
        set_to(session, one, sensitivity="sealed")
        for act, told in acts:
            with pytest.raises(NotFound):
                act(session, one, *told, CONTRIBUTOR)


def test_every_step_leaves_a_row_and_a_sealed_line(archive: TestArchive, one: UUID) -> None:
    before = archive.counts(Review, Revision)
    with writing(archive.engine) as session:
        reviews.move(session, one, MoveIn(stage="submitted", note="Done."), set_to(session, one), CONTRIBUTOR)
        weighed = VerificationIn(verification="corroborated", note="Two.")
        reviews.verify(session, one, weighed, set_to(session, one), REVIEWER)
        reviews.comment(session, one, Noted(note="A remark."), CONTRIBUTOR)
        reviews.assign(session, one, AssignmentIn(member="a reviewer"), REVIEWER)
    after = archive.counts(Review, Revision)
    assert {name: after[name] - before[name] for name in after} == {"Review": 4, "Revision": 4}
    assert archive.broken() is None


def test_an_import_that_is_taken_back_takes_steps_and_links_with_it(archive: TestArchive) -> None:
    stays = archive.report(incident_in("Mine")).id
    with writing(archive.engine) as session:
        pen, batch = batches.open_batch(session, REVIEWER, {"format": "x", "file_name": "x", "file_sha256": "0" * 64})
        goes = composing.enter(pen, [Report(incident_in("Theirs"), {"report": {}})], people.Known())[0]
    with writing(archive.engine) as session:
        links.link(session, stays, LinkIn.model_validate({"kind": "precedes", "to": goes.id}), REVIEWER)
    with pytest.raises(Conflict), writing(archive.engine) as session:
        batches.undo(session, batch, REVIEWER)
    with writing(archive.engine) as session:
        reviews.comment(session, goes.id, Noted(note="A remark."), REVIEWER)
        assert batches.undo(session, batch, REVIEWER, also_edited=True) == 1
    assert archive.counts(Incident, Review, Link) == {"Incident": 1, "Review": 0, "Link": 0}
    assert archive.see(stays).links == []
    assert archive.broken() is None
