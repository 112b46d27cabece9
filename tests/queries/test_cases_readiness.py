"""What a submission to the UN lacks: each rule finds its gap, names the field that mends it, and is content then."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from app.queries.readiness import Accused, Subject, months_before, readiness
from app.records import Case, CaseEvent, Incident
from app.records.case import Gap
from app.vocabulary.certainty import parse

TODAY = date(2026, 9, 30)
TURBAT = {"place_name": "a house in Turbat", "country": "PAK", "geo_precision": "settlement", "uncertainty_m": 2000.0}


def happened(kind: str, on: str | None = None, **more: Any) -> CaseEvent:
    when = parse(on) if on else None
    days = {"date_earliest": when.earliest, "date_latest": when.latest} if when else {}
    return CaseEvent(**{"kind": kind, **days, **more})


def complaint(**more: Any) -> CaseEvent:
    return happened("habeas_filed", "2025-08-01", **{"authority": "High Court", "result": "dismissed", **more})


def case(**more: Any) -> Case:
    told = {
        "submitter_name": "A sister", "submitter_contact": "+000", "submitter_relationship": "sibling",
        "submitter_confidential": True, "witnesses_confidential": False,
    }  # fmt: skip
    return Case(**{**told, **more})


def subject(**more: Any) -> Subject:
    """A case that lacks nothing."""
    whole = Subject(
        case=case(), status="missing_fate_unknown", disappearance=True, names=["Gul Example"], described=True,
        events=[happened("taken", "2025-06-12", **TURBAT), complaint()], where_and_when=Incident(),
        accused=[Accused("intelligence", "carried_out")], accounts=1,
    )  # fmt: skip
    return replace(whole, **more)


def gaps(of: Subject, today: date = TODAY) -> list[Gap]:
    return readiness(of, today).gaps


def said(of: Subject, today: date = TODAY) -> list[tuple[str, str, str | None]]:
    return [(gap.code, gap.level, gap.field) for gap in gaps(of, today)]


def test_a_whole_case_is_ready() -> None:
    assert readiness(subject(), TODAY).ready is True
    assert gaps(subject()) == []


@pytest.mark.parametrize("status", ["alive_free", "dead_identified", "detained_acknowledged", "closed_duplicate"])
def test_w0_nobody_sought(status: str) -> None:
    assert said(subject(status=status)) == [("W0", "block", "events")]


@pytest.mark.parametrize("status", ["detained_unacknowledged", "dead_unconfirmed", "fate_disputed"])
def test_w0_still_sought(status: str) -> None:
    assert readiness(subject(status=status), TODAY).ready


def test_w0_another_violation_and_nobody_named() -> None:
    assert said(subject(disappearance=False)) == [("W0", "block", "incident.kind")]
    assert said(subject(names=[])) == [("W0", "block", "person.names")]


@pytest.mark.parametrize("name", ["Gul", "G. E.", "unknown man", "N.N."])
def test_w1_a_full_name(name: str) -> None:
    assert said(subject(names=[name])) == [("W1", "block", "person.names")]
    assert readiness(subject(names=[name, "گل مثال"]), TODAY).ready


def test_w1a_something_beside_the_name() -> None:
    assert said(subject(described=False)) == [("W1a", "advise", "person.birth_year")]
    assert readiness(subject(described=False), TODAY).ready


@pytest.mark.parametrize(
    ("on", "in_detention", "expected"),
    [
        ("2025-06-12", None, []),
        ("2025-06", None, [("W2a", "advise", "events[taken].date")]),
        ("2025-07", None, [("W2a", "advise", "events[taken].date")]),
        ("2025-06-10/2025-07-11", None, [("W2", "block", "events[taken].date")]),
        ("2025", None, [("W2", "block", "events[taken].date")]),
        ("2025", False, [("W2", "block", "events[taken].date")]),
        ("2025", True, [("W2a", "advise", "events[taken].date")]),
        ("2024/2025", True, [("W2", "block", "events[taken].date")]),
        ("../2025-06-12", None, [("W2", "block", "events[taken].date")]),
        (None, True, [("W2", "block", "events[taken].date")]),
    ],
)
def test_w2_the_date(on: str | None, in_detention: bool | None, expected: list[Any]) -> None:
    events = [happened("taken", on, **TURBAT), complaint()]
    found = said(subject(events=events, case=case(last_seen_in_detention=in_detention)), date(2030, 1, 1))
    assert found == expected


def test_w2_last_seen_or_the_incident_will_do() -> None:
    seen = [happened("taken", "2025", **TURBAT), happened("last_seen", "2025-06-12"), complaint()]
    assert gaps(subject(events=seen)) == []
    incident = Incident(date_earliest=date(2025, 6, 12), date_latest=date(2025, 6, 12))
    assert gaps(subject(events=[happened("taken", **TURBAT), complaint()], where_and_when=incident)) == []


@pytest.mark.parametrize(
    ("where", "field"),
    [
        ({}, "events[taken].place_name"),
        ({**TURBAT, "country": None}, "events[taken].country"),
        ({**TURBAT, "geo_precision": "area2", "uncertainty_m": 60_000.0}, "events[taken].geo_precision"),
        ({**TURBAT, "uncertainty_m": 25_001.0}, "events[taken].geo_precision"),
        ({**TURBAT, "geo_precision": "unknown", "uncertainty_m": None}, "events[taken].geo_precision"),
        ({**TURBAT, "geo_precision": "near_settlement", "uncertainty_m": 25_000.0}, None),
    ],
)
def test_w3_the_place(where: dict[str, Any], field: str | None) -> None:
    found = said(subject(events=[happened("taken", "2025-06-12", **where), complaint()]))
    assert found == ([("W3", "block", field)] if field else [])


STATE = ["armed_forces", "police", "intelligence", "prison", "border", "local_authority", "judiciary", "state_other"]


@pytest.mark.parametrize("kind", [*STATE, "paramilitary", "state_aligned_militia", "foreign_forces"])
def test_w4_the_state_or_who_acts_for_it(kind: str) -> None:
    assert gaps(subject(accused=[Accused("crowd"), Accused(kind, "suspected")])) == []


@pytest.mark.parametrize(
    "kind", ["unidentified", "unknown", None, "armed_opposition", "criminal", "private_individual"]
)
def test_w4_others_need_a_reason(kind: str | None) -> None:
    accused = [Accused(kind, "carried_out")]
    assert said(subject(accused=accused)) == [("W4", "block", "state_link")]
    assert gaps(subject(accused=accused, case=case(state_link="Their car had the plates of the army."))) == []
    assert gaps(subject(accused=[Accused(kind, "acquiesced")])) == []


def test_w4_says_that_cases_without_a_state_are_documented_apart() -> None:
    (gap,) = gaps(subject(accused=[Accused("armed_opposition")]))
    assert "documented apart" in gap.sentence


def test_w4_nobody_named_or_only_who_looked_away() -> None:
    assert said(subject(accused=[])) == [("W4", "block", "involvements")]
    assert said(subject(accused=[Accused("police", "failed_to_investigate")])) == [("W4", "block", "involvements")]


@pytest.mark.parametrize(
    ("step", "field"),
    [
        (complaint(authority=None), "events[habeas_filed].authority"),
        (complaint(result=None), "events[habeas_filed].result"),
        (complaint(date_earliest=None, date_latest=None), "events[habeas_filed].date"),
    ],
)
def test_w5_a_step_that_lacks_something(step: CaseEvent, field: str) -> None:
    taken = happened("taken", "2025-06-12", **TURBAT)
    assert said(subject(events=[taken, step])) == [("W5", "block", field)]
    assert gaps(subject(events=[taken, step, complaint()])) == []


def test_w5_no_step_at_all_or_a_reason_why() -> None:
    alone = [happened("taken", "2025-06-12", **TURBAT)]
    assert said(subject(events=alone)) == [("W5", "block", "no_steps_reason")]
    assert gaps(subject(events=alone, case=case(no_steps_reason="Nobody dared."))) == []


def test_w5_an_answer_is_an_outcome() -> None:
    answered = [
        happened("taken", "2025-06-12", **TURBAT),
        complaint(result=None),
        happened("authority_replied", "2025-09"),
    ]
    assert gaps(subject(events=answered)) == []


@pytest.mark.parametrize("field", ["submitter_name", "submitter_contact", "submitter_relationship"])
def test_w6_who_hands_it_in(field: str) -> None:
    found = said(subject(case=case(**{field: None})))
    assert ("W6", "block", field) in found
    assert len(found) == (2 if field == "submitter_relationship" else 1)  # and then it may be no relative


@pytest.mark.parametrize("relationship", ["parent", "spouse", "child", "sibling", "other_family"])
def test_w7_family_needs_no_consent(relationship: str) -> None:
    assert gaps(subject(case=case(submitter_relationship=relationship))) == []


@pytest.mark.parametrize("relationship", ["lawyer", "organisation", "friend_or_colleague", "other"])
def test_w7_others_need_the_consent_of_the_family(relationship: str) -> None:
    consent = {"family_consent_by": "the mother", "family_consent_how": "in writing"}
    told = case(submitter_relationship=relationship)
    assert said(subject(case=told)) == [("W7", "block", "family_consent_by")]
    told = case(submitter_relationship=relationship, **consent)
    assert said(subject(case=told)) == [("W7", "block", "family_consent_on")]
    told = case(submitter_relationship=relationship, **consent, family_consent_on=date(2026, 1, 1))
    assert gaps(subject(case=told)) == []


@pytest.mark.parametrize("field", ["submitter_confidential", "witnesses_confidential"])
def test_w8_a_choice_and_no_is_one(field: str) -> None:
    assert said(subject(case=case(**{field: None}))) == [("W8", "block", field)]
    assert gaps(subject(case=case(**{field: False}))) == []


def test_w9_a_source() -> None:
    assert said(subject(accounts=0)) == [("W9", "advise", "events[taken].according_to")]


def taken(on: str, **more: Any) -> Subject:
    return subject(events=[happened("taken", on, **TURBAT), complaint()], **more)


@pytest.mark.parametrize(("on", "urgent"), [("2026-06-30", True), ("2026-06-29", False), ("2026-09-30", True)])
def test_u1_urgent_within_three_months(on: str, urgent: bool) -> None:
    assert (("U1", "inform", None) in said(taken(on))) is urgent
    assert readiness(taken(on), TODAY).ready


def test_u1_goes_by_the_latest_possible_day_and_says_so() -> None:
    (vague,) = [gap for gap in gaps(taken("2026-06-20/2026-07-05")) if gap.code == "U1"]
    assert "2026-07-05 at the latest" in vague.sentence


def test_u2_between_sessions_when_linked_to_an_urgent_one() -> None:
    assert said(taken("2026-01-15", connected=[date(2026, 8, 1)])) == [("U2", "inform", None)]
    assert said(taken("2026-01-15", connected=[date(2026, 2, 1)])) == []
    assert said(taken("2025-09-29", connected=[date(2026, 8, 1)])) == []


def test_who_disappeared_again_is_judged_by_the_last_time() -> None:
    again = [happened("taken", "2015-01-01", **TURBAT), happened("disappeared_again", "2026-09", **TURBAT), complaint()]
    assert said(subject(events=again)) == [("W2a", "advise", "events[disappeared_again].date"), ("U1", "inform", None)]


@pytest.mark.parametrize(
    ("day", "months", "before"),
    [
        (date(2026, 9, 30), 3, date(2026, 6, 30)), (date(2026, 5, 31), 3, date(2026, 2, 28)),
        (date(2026, 1, 15), 1, date(2025, 12, 15)), (date(2024, 2, 29), 12, date(2023, 2, 28)),
    ],
)  # fmt: skip
def test_calendar_months(day: date, months: int, before: date) -> None:
    assert months_before(day, months) == before
