"""Decisions: a field follows a rule or one account, for a reason, until that is taken back."""

from typing import Any
from uuid import UUID, uuid4

import pytest
from pydantic import ValidationError

from app.access.viewer import Viewer
from app.actions import accounts, deciding, incidents
from app.db import reading, writing
from app.errors import Forbidden, Invalid, MatchRequired, NotFound, Stale
from app.queries import one
from app.queries.provenance import FieldProvenance, provenance
from app.records.account import StandingIn
from app.records.decision import DecisionIn
from app.records.incident import IncidentChange
from tests.archives import CONTRIBUTOR, READER, REVIEWER, TestArchive
from tests.builders import a_source, account_in, incident_in

WHY = "The hospital list was compared."


def add(archive: TestArchive, which: UUID, day: str | None = None, by: str = "A Third Paper", **said: Any) -> UUID:
    source = a_source(f"What {by} says", by, **({"published": day} if day else {}))
    with writing(archive.engine) as session:
        return accounts.add_account(session, which, account_in(source, **said), REVIEWER)


def decide(archive: TestArchive, which: UUID, by: Viewer = REVIEWER, seen: str | None = None, **told: Any) -> None:
    decision = DecisionIn.model_validate({"rationale": WHY} | told)
    with writing(archive.engine) as session:
        deciding.decide(session, which, decision, seen or archive.seen(which), by)


def judge(archive: TestArchive, account: UUID, standing: str, by: Viewer = REVIEWER) -> None:
    with writing(archive.engine) as session:
        accounts.judge_account(session, account, StandingIn(standing=standing, reason=WHY), by)


def field(archive: TestArchive, which: UUID, name: str) -> FieldProvenance:
    with reading(archive.engine) as session:
        return provenance(session, one.find(session, str(which), REVIEWER), REVIEWER).fields[name]


def killed(archive: TestArchive, which: UUID) -> tuple[int | None, int | None, int | None]:
    tally = archive.see(which).killed
    return tally.min, tally.best, tally.max


@pytest.fixture
def kept(archive: TestArchive) -> UUID:
    """Four, says one; nine, says another, two days later."""
    which = archive.report(incident_in(killed={"best": 4}, source=a_source(published="2025-06-13"))).id
    add(archive, which, "2025-06-15", "A Second Paper", killed=9)
    return which


def test_the_later_decides_until_somebody_does(archive: TestArchive, kept: UUID) -> None:
    assert (killed(archive, kept), field(archive, kept, "killed").rule) == ((4, 9, 9), "most_recent")
    first = archive.see(kept).accounts[0].id
    decide(archive, kept, field="killed", rule="analyst", account_id=first)
    told = field(archive, kept, "killed")
    assert killed(archive, kept) == (None, 4, None)
    assert (told.rule, told.chosen, told.rationale, told.by) == ("analyst", first, WHY, REVIEWER.name)


def test_an_analyst_outlives_new_accounts_and_a_rule_follows_them(archive: TestArchive, kept: UUID) -> None:
    decide(archive, kept, field="killed", rule="analyst", account_id=archive.see(kept).accounts[0].id)
    add(archive, kept, killed=9)
    assert killed(archive, kept) == (None, 4, None)
    decide(archive, kept, field="killed", rule="majority_independent")
    assert killed(archive, kept) == (4, 9, 9)
    add(archive, kept, by="A Fourth Paper", killed=4)
    add(archive, kept, by="A Fifth Paper", killed=4)
    assert killed(archive, kept) == (4, 4, 9)
    assert field(archive, kept, "killed").rule == "majority_independent"


def test_a_decision_is_taken_back(archive: TestArchive, kept: UUID) -> None:
    decide(archive, kept, field="killed", rule="analyst", account_id=archive.see(kept).accounts[0].id)
    decide(archive, kept, field="killed", rule=None)
    assert killed(archive, kept) == (4, 9, 9)
    assert field(archive, kept, "killed").rationale is None


def test_a_number_typed_by_an_analyst_stays(archive: TestArchive, kept: UUID) -> None:
    change = IncidentChange(reason=WHY, killed={"min": 5, "best": 6, "max": 7})
    with writing(archive.engine) as session:
        incidents.amend(session, kept, change, archive.seen(kept), REVIEWER)
    add(archive, kept, killed=40)
    assert killed(archive, kept) == (5, 6, 7)
    assert (field(archive, kept, "killed").rule, field(archive, kept, "killed").chosen) == ("analyst", None)


def test_other_fields_change_only_by_decision(archive: TestArchive, kept: UUID) -> None:
    second = add(archive, kept, date="2025-06-11")
    assert archive.see(kept).date.edtf == "2025-06-12"
    assert field(archive, kept, "date").rule == "first_account"
    decide(archive, kept, field="date", rule="analyst", account_id=second)
    assert archive.see(kept).date.edtf == "2025-06-11"
    assert archive.rows(date_to="2025-06-11")


def test_what_is_rejected_says_nothing_any_more(archive: TestArchive, kept: UUID) -> None:
    first, second = (account.id for account in archive.see(kept).accounts)
    judge(archive, second, "rejected")
    assert killed(archive, kept) == (None, 4, None)
    judge(archive, first, "rejected")
    assert killed(archive, kept) == (None, None, None)
    assert archive.see(kept).independent_sources == 0
    judge(archive, first, "accepted")
    assert killed(archive, kept) == (None, 4, None)
    assert archive.broken() is None


@pytest.mark.parametrize(
    ("told", "why"),
    [
        ({"field": "killed", "rule": "analyst", "account_id": str(uuid4())}, "does not speak"),
        ({"field": "injured", "rule": "most_recent"}, "nothing to weigh"),
        ({"field": "place_name", "rule": None}, "nothing to weigh"),
    ],
)
def test_what_cannot_be_decided(archive: TestArchive, kept: UUID, told: dict[str, Any], why: str) -> None:
    before = archive.see(kept)
    with pytest.raises(Invalid, match=why):
        decide(archive, kept, **told)
    assert archive.see(kept) == before


@pytest.mark.parametrize(
    "told",
    [
        {"field": "stage", "rule": "most_recent"},
        {"field": "killed", "rule": "analyst"},
        {"field": "killed", "rule": "most_recent", "account_id": str(uuid4())},
        {"field": "killed", "rule": "the_loudest"},
        {"field": "killed", "rule": "most_recent", "rationale": ""},
    ],
)
def test_a_decision_must_be_whole(told: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        DecisionIn.model_validate({"rationale": WHY} | told)


def test_who_may_and_which_version(archive: TestArchive, kept: UUID) -> None:
    rule = {"field": "killed", "rule": "most_recent"}
    with pytest.raises(Forbidden):
        decide(archive, kept, by=READER, **rule)
    with pytest.raises(Stale):
        decide(archive, kept, seen='"old"', **rule)
    with pytest.raises(MatchRequired), writing(archive.engine) as session:
        deciding.decide(session, kept, DecisionIn.model_validate({"rationale": WHY} | rule), None, REVIEWER)
    with pytest.raises(NotFound):
        decide(archive, uuid4(), seen='"x"', **rule)
    decide(archive, kept, by=CONTRIBUTOR, **rule)
    with pytest.raises(Forbidden):
        judge(archive, archive.see(kept).accounts[0].id, "rejected", by=READER)
    with pytest.raises(NotFound):
        judge(archive, uuid4(), "rejected")


def test_an_account_of_a_sealed_incident_is_not_there_for_a_contributor(archive: TestArchive) -> None:
    which = archive.report(incident_in(sensitivity="sealed")).id
    with pytest.raises(NotFound):
        judge(archive, archive.see(which).accounts[0].id, "rejected", by=CONTRIBUTOR)


def test_parts_name_the_account_that_tells_of_them(archive: TestArchive, kept: UUID) -> None:
    told = account_in(a_source("More", "A Third Paper"), killed=2)
    told = told.model_validate(told.model_dump(exclude_unset=True) | {
        "acts": [{"kind": "killing", "group": "shepherds", "count": {"best": 2}}],
        "involvements": [{"described_as": "armed men on motorcycles", "degree": "carried_out"}],
        "places": [{"role": "body_found_at", "place_name": "a ravine"}],
    })  # fmt: skip
    with writing(archive.engine) as session:
        made = accounts.add_account(session, kept, told, REVIEWER)
    shown = archive.see(kept)
    assert {part.account_id for part in (*shown.acts, *shown.involvements, *shown.places)} == {made}
    assert archive.titles(q="motorcycles") == {shown.title}


def test_a_correction_of_a_strangers_account_is_refused(archive: TestArchive, kept: UUID) -> None:
    stranger = archive.see(archive.report(incident_in("Another")).id).accounts[0].id
    told = account_in(a_source("More", "A Third Paper")).model_copy(update={"supersedes_id": stranger})
    with pytest.raises(Invalid, match="not here"), writing(archive.engine) as session:
        accounts.add_account(session, kept, told, REVIEWER)
    assert len(archive.see(kept).accounts) == 2
