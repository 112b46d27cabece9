"""The status that follows from a life line: a pure function, told as short life lines."""

from datetime import date
from itertools import permutations
from typing import Any

import pytest

from app.queries.fates import Step, fate
from app.vocabulary.certainty import parse
from app.vocabulary.word import vocabulary

FAMILY, ARMY, LABORATORY = 1, 2, 3
MISSING, FREE, DEAD, IDENTIFIED = "missing_fate_unknown", "alive_free", "dead_unconfirmed", "dead_identified"
HELD, ADMITTED, DISPUTED = "detained_unacknowledged", "detained_acknowledged", "fate_disputed"


def step(kind: str, on: str | None = None, by: int | None = FAMILY) -> Step:
    when = parse(on) if on else None
    return Step(kind, when.earliest if when else None, when.latest if when else None, by)


def status(*line: tuple[Any, ...]) -> str:
    return fate([step(*one) for one in line]).status


def test_nothing_known_is_missing() -> None:
    assert fate([]).status == MISSING
    assert fate([]).decided_by is None


@pytest.mark.parametrize("kind", list(vocabulary("case_event_kinds")))
def test_every_kind_alone_leads_to_the_status_its_word_names(kind: str) -> None:
    expected = vocabulary("case_event_kinds")[kind].traits.get("status", MISSING)
    assert status((kind, "2025-06")) == expected
    assert status((kind,)) == expected


@pytest.mark.parametrize(
    "kind",
    ["reported_dead", "remains_reported", "remains_recovered", "remains_returned", "death_certificate_issued",
     "absence_declared"],
)  # fmt: skip
def test_no_report_and_no_paper_confirms_a_death(kind: str) -> None:
    line = [("taken", "2025-01"), (kind, "2025-06"), (kind, "2025-07", ARMY), (kind, "2025-08", LABORATORY)]
    assert status(*line) == (MISSING if kind == "absence_declared" else DEAD)


def test_an_identification_does_and_what_comes_after_does_not_undo_it() -> None:
    line = [("reported_dead", "2025-03"), ("identified_by_forensics", "2025-06-01", LABORATORY)]
    for kind in ("remains_returned", "death_certificate_issued", "reported_dead", "last_seen", "custody_denied"):
        assert status(*line, (kind, "2025-07-01")) == IDENTIFIED, kind


@pytest.mark.parametrize("kind", ["search_request_filed", "habeas_filed", "authority_replied", "family_unreachable"])
@pytest.mark.parametrize(
    ("before", "then"), [("sighted_in_custody", HELD), ("released", FREE), ("reported_dead", DEAD)]
)
def test_complaints_change_nothing(kind: str, before: str, then: str) -> None:
    assert status((before, "2025-01-01"), (kind, "2025-06-01")) == then


@pytest.mark.parametrize(
    ("before", "then"),
    [
        ("taken", MISSING), ("sighted_in_custody", HELD), ("transferred", HELD), ("custody_acknowledged", HELD),
        ("released", FREE), ("reported_dead", DEAD),
    ],
)  # fmt: skip
def test_a_denial_counts_only_against_a_sighting(before: str, then: str) -> None:
    assert status((before, "2025-01-01"), ("custody_denied", "2025-06-01", ARMY)) == then


def test_a_sighting_before_a_release_says_nothing_of_the_next_disappearance() -> None:
    line = [("sighted_in_custody", "2025-01-01"), ("released", "2025-02-01"), ("disappeared_again", "2025-03-01")]
    assert status(*line, ("custody_denied", "2025-04-01", ARMY)) == MISSING


def test_a_sighting_does_not_take_back_what_the_holder_admitted() -> None:
    assert status(("custody_acknowledged", "2025-01-01"), ("sighted_in_custody", "2025-02-01")) == ADMITTED


def test_the_latest_event_decides_however_they_were_entered() -> None:
    line = [("taken", "2025-01-01"), ("sighted_in_custody", "2025-02"), ("released", "2025-03-05", ARMY),
            ("disappeared_again", "2025-06"), ("located_alive_detained", "2025-08-01", LABORATORY)]  # fmt: skip
    for shuffled in permutations(line):
        assert status(*shuffled) == ADMITTED


def test_of_two_on_one_day_the_more_certain_decides() -> None:
    line = [("custody_acknowledged", "2025-01-01"), ("released", "2025-01-01"), ("sighted_in_custody", "2025-01-01")]
    assert {status(*shuffled) for shuffled in permutations(line)} == {FREE}


def test_a_vague_beginning_lies_before_what_happened_in_custody() -> None:
    assert status(("taken", "2025"), ("sighted_in_custody", "2025-03-01")) == HELD
    assert status(("taken", "../2025-12-31"), ("released", "2025-03-01")) == FREE
    assert status(("taken", "2026-01"), ("released", "2025-03-01")) == MISSING


def test_events_without_a_day() -> None:
    assert status(("taken", "2025-01-01"), ("sighted_in_custody",)) == HELD
    assert status(("taken", "2025-01-01"), ("sighted_in_custody",), ("released", "2025-06-01")) == FREE
    assert status(("taken", "2025-01-01"), ("sighted_in_custody", "2025-06-01"), ("reported_dead",)) == DEAD


@pytest.mark.parametrize("alive", ["released", "located_alive_free", "located_alive_detained", "escaped"])
@pytest.mark.parametrize("dead", ["reported_dead", "remains_recovered", "identified_by_forensics"])
def test_life_and_death_on_days_that_may_be_the_same(alive: str, dead: str) -> None:
    assert status((alive, "2025-06", ARMY), (dead, "2025-06-15", FAMILY)) == DISPUTED
    assert status((alive, "2025-06-15", ARMY), (dead, "2025-06", FAMILY)) == DISPUTED
    assert status((alive, "2025-06", None), (dead, "2025-06", None)) == DISPUTED


def test_no_dispute_where_one_follows_the_other_or_one_account_tells_both() -> None:
    assert status(("released", "2025-05-01", ARMY), ("reported_dead", "2025-06-01")) == DEAD
    assert status(("reported_dead", "2025-05-01"), ("located_alive_free", "2025-06-01", ARMY)) == FREE
    assert status(("released", "2025-06", FAMILY), ("reported_dead", "2025-06", FAMILY)) in {FREE, DEAD}
    assert (
        status(("released", "2025-06-01", ARMY), ("reported_dead", "2025-06-01"), ("case_reopened", "2025-07-01"))
        == MISSING
    )


def test_nobody_is_seen_alive_after_being_identified_among_the_dead() -> None:
    assert (
        status(("identified_by_forensics", "2025-06-01", LABORATORY), ("located_alive_free", "2025-09-01")) == DISPUTED
    )
    assert (
        status(("identified_by_forensics", "2025-06-01", LABORATORY), ("sighted_in_custody", "2025-09-01")) == DISPUTED
    )


def test_the_deciding_step_is_named() -> None:
    decided = fate([step("taken", "2025-01-01"), step("released", "2025-02-01"), step("habeas_filed", "2025-03-01")])
    assert decided.decided_by == step("released", "2025-02-01")
    assert decided.decided_by.latest == date(2025, 2, 1)
