"""The rules by which a number follows from what voices say."""

from datetime import date
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.queries.voices import Voice
from app.queries.weighing import Telling, range_of, voices_on, weigh, weigh_tally
from app.records.blocks import TallyOut

Numbers = tuple[int | None, int | None, int | None]


def telling(pk: int, value: Any = None, operator: str = "equals", *, speaker: str = "", **more: Any) -> Telling:
    """An accepted report by its own voice, unless told otherwise."""
    said = {"killed": {"value": value, "operator": operator}} if value is not None else {}
    voice = Voice(pk, UUID(int=pk), speaker or f"s{pk}", compiles=False, own=more.pop("own", True))
    fields = {"stance": "reports", "standing": "accepted", "day": None, "rank": (2, 5), "said": said} | more
    return Telling(account=UUID(int=pk), voice=voice, **fields)


def ends(known: list[Telling], rule: str | None = None) -> tuple[Numbers, str]:
    found = weigh_tally("killed", known, rule)
    assert found is not None
    return (found.value.min, found.value.best, found.value.max), found.rule


TELLINGS = {
    "one voice is taken at its word": ([telling(1, {"best": 4})], (None, 4, None), "single_source"),
    "at least has no upper end": ([telling(1, 4, "at_least")], (4, None, None), "single_source"),
    "at most has no lower end": ([telling(1, 4, "at_most")], (None, None, 4), "single_source"),
    "two that agree": ([telling(1, 4), telling(2, {"best": 4})], (4, 4, 4), "majority_independent"),
    "two against one": ([telling(1, 9), telling(2, 4), telling(3, 4)], (4, 4, 9), "majority_independent"),
    "one against one, without days": ([telling(1, 4), telling(2, 9)], (4, 4, 9), "first_account"),
    "the later of two": (
        [telling(1, 9, day=date(2025, 6, 14)), telling(2, 4, day=date(2025, 6, 12))], (4, 9, 9), "most_recent",
    ),
    "a day against none decides nothing": ([telling(1, 4), telling(2, 9, day=date(2025, 6, 1))], (4, 4, 9), "first_account"),
    "at least below an exact number": ([telling(1, 12), telling(2, 4, "at_least")], (4, 12, 12), "majority_independent"),
    "at least above every exact number": ([telling(1, 3), telling(2, 5, "at_least")], (3, 3, None), "majority_independent"),
    "ranges widen": (
        [telling(1, {"min": 3, "best": 5, "max": 8}), telling(2, {"min": 4, "best": 5, "max": 12})], (3, 5, 12),
        "majority_independent",
    ),
    "who repeats is not heard": (
        [telling(1, 4), telling(2, 9, speaker="s1", own=False), telling(3, 40, speaker="s1", own=False)], (None, 4, None),
        "single_source",
    ),
    "a denial is no number": ([telling(1, 4), telling(2, 0, stance="denies")], (None, 4, None), "single_source"),
    "rejected": ([telling(1, 4), telling(2, 9, standing="rejected")], (None, 4, None), "single_source"),
    "words are no number": ([telling(1, 4), telling(2, "several")], (None, 4, None), "single_source"),
    "the row before speaks where the newer says nothing": (
        [telling(1, 4, standing="superseded"), telling(2)], (None, 4, None), "single_source",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("known", "expected", "rule"), TELLINGS.values(), ids=TELLINGS.keys())
def test_what_follows(known: list[Telling], expected: Numbers, rule: str) -> None:
    assert ends(known) == (expected, rule)


def test_nobody_says_a_number() -> None:
    assert weigh_tally("killed", [telling(1), telling(2, "several"), telling(3, 3, "unknown")]) is None


def test_the_most_authoritative_when_that_is_the_rule() -> None:
    known = [telling(1, 9, rank=(1, 5)), telling(2, 4, rank=(0, 5)), telling(3, 9, rank=(1, 5))]
    assert ends(known)[1] == "majority_independent"
    assert ends(known, "most_authoritative") == ((4, 4, 9), "most_authoritative")


def test_no_grade_at_all_is_no_authority() -> None:
    known = [telling(1, 9), telling(2, 4)]
    assert ends(known, "most_authoritative") == ((4, 9, 9), "first_account")


def test_other_fields_follow_a_rule_too() -> None:
    days = {1: "2025-06-12", 2: "2025-06", 3: "2025-06-12"}
    known = [telling(pk, said={"date": {"value": day}}) for pk, day in days.items()]
    found = weigh("date", known, "majority_independent")
    assert found is not None
    assert (found.value, found.account) == ("2025-06-12", UUID(int=1))


numbers = st.integers(0, 50)
tallies = (
    st.lists(numbers, min_size=3, max_size=3)
    .map(sorted)
    .map(lambda n: dict(zip(("min", "best", "max"), n, strict=True)))
)
saids = st.one_of(
    tallies.map(lambda t: (t, "equals")), st.tuples(numbers, st.sampled_from(["equals", "at_least", "at_most"]))
)
many = st.lists(saids, min_size=1, max_size=6).map(lambda known: [telling(n, *said) for n, said in enumerate(known, 1)])


@given(many)
def test_the_numbers_rise(known: list[Telling]) -> None:
    found = weigh_tally("killed", known)
    assert found is not None
    assert found.value.in_order(), found.value


@given(many)
def test_the_ends_do_not_hang_on_the_order(known: list[Telling]) -> None:
    (low, _, high), _ = ends(known)
    (again, _, most), _ = ends(known[::-1])
    assert (low, high) == (again, most)


@given(many, st.data())
def test_papers_that_repeat_change_nothing(known: list[Telling], data: st.DataObject) -> None:
    """However many repeat one voice, and whatever they make of its number."""
    origin = data.draw(st.sampled_from(known))
    papers = [
        telling(100 + n, *said, speaker=origin.voice.speaker, own=False)
        for n, said in enumerate(data.draw(st.lists(saids)))
    ]
    assert ends([*known, *papers]) == ends(known)
    assert len(voices_on("killed", [*known, *papers])) == len(known)


@given(many)
def test_every_exact_number_lies_within(known: list[Telling]) -> None:
    (low, _, high), _ = ends(known)
    for told in known:
        stated = range_of(told.said["killed"])
        for number in (stated.min, stated.best):
            assert number is None or low is None or number >= low
        assert stated.max is None or high is None or stated.max <= high


def test_a_range_is_read_from_either_form() -> None:
    assert range_of({"value": 4}) == TallyOut(best=4)
    assert range_of({"value": {"min": 4}, "operator": "at_least"}) == TallyOut(min=4)
    assert range_of({"value": True}) == TallyOut()
