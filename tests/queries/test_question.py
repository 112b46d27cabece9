"""The question itself: as a link and back, in words, and strict about what it does not know."""

from datetime import UTC, date, datetime
from typing import Any
from urllib.parse import parse_qs

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from app.queries.filter import IncidentFilter
from app.vocabulary.word import vocabulary

KINDS = st.lists(st.sampled_from(list(vocabulary("violations"))), max_size=3, unique=True)
VERIFICATIONS = st.lists(st.sampled_from(list(vocabulary("verifications"))), max_size=2, unique=True)
DEGREES_EAST = st.floats(-180, 180)
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=40)
DAYS = st.tuples(st.dates(), st.dates()).map(sorted)


@st.composite
def questions(draw: st.DrawFn) -> IncidentFilter:
    """Any question that can be asked."""
    south, north = sorted((draw(st.floats(-90, 90)), draw(st.floats(-90, 90))))
    first, last = draw(DAYS)
    every: dict[str, st.SearchStrategy[Any]] = {
        "bbox": st.just((draw(DEGREES_EAST), south, draw(DEGREES_EAST), north)),
        "near": st.tuples(DEGREES_EAST, st.floats(-90, 90), st.floats(0.001, 20_000)),
        "area": st.text(st.characters(exclude_categories=["Cs"]), max_size=60),
        "country": st.from_regex(r"[A-Z]{3}", fullmatch=True),
        "date_from": st.just(first), "date_to": st.just(last),
        "date_match": st.sampled_from(["overlaps", "within"]),
        "kind": KINDS, "verification": VERIFICATIONS,
        "harm": st.lists(st.sampled_from(["killed", "injured", "missing", "detained"]), unique=True),
        "actor": TEXTS, "person": TEXTS, "source": TEXTS, "q": TEXTS.map(lambda text: f"{text} word"),
        "stage": st.sampled_from(list(vocabulary("stages"))), "min_sources": st.integers(0, 1000),
        "located": st.booleans(),
        "updated_since": st.datetimes(timezones=st.just(UTC)),
    }  # fmt: skip
    asked = draw(st.sets(st.sampled_from(sorted(every))))
    return IncidentFilter(**{name: draw(every[name]) for name in sorted(asked)})


@settings(max_examples=300, deadline=None)
@given(question=questions())
def test_a_question_comes_back_from_its_link_as_it_was(question: IncidentFilter) -> None:
    linked = parse_qs(question.query_string(), keep_blank_values=True, strict_parsing=bool(question.query_string()))
    many = {"kind", "harm", "verification"}
    again = {name: values if name in many else values[0] for name, values in linked.items()}
    assert IncidentFilter.model_validate(again) == question


@settings(max_examples=150, deadline=None)
@given(question=questions())
def test_every_question_can_be_said(question: IncidentFilter) -> None:
    said = question.sentence()
    assert said.startswith("alleged incidents")
    assert "  " not in said or any("  " in f" {value} " for value in question.asked().values())


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({}, "alleged incidents"),
        ({"kind": "enforced_disappearance", "country": "PAK", "date_from": "2024", "date_to": "2025"},
         "alleged incidents of enforced disappearance in Pakistan between 2024 and 2025"),
        ({"area": "PK-BA", "harm": ["killed", "missing"]}, "alleged incidents with people killed or missing in Balochistan"),
        ({"date_from": "2025-06-01", "date_match": "within"}, "alleged incidents certainly from 2025-06-01 on"),
        ({"date_to": "2025-06-30"}, "alleged incidents until 2025-06-30"),
        ({"date_from": "2025-06-01", "date_to": "2025-06-01"}, "alleged incidents on 2025-06-01"),
        ({"near": (63.05, 26, 50)}, "alleged incidents within 50 km of 26, 63.05"),
        ({"min_sources": 0}, "alleged incidents with at least 0 independent sources"),
        ({"located": False, "q": "school"}, "alleged incidents without a point on the map mentioning “school”"),
        ({"verification": ["contested"]}, "alleged incidents assessed as contested"),
    ],
)  # fmt: skip
def test_what_is_said(asked: dict[str, Any], said: str) -> None:
    assert IncidentFilter(**asked).sentence() == said


@pytest.mark.parametrize("name", ["severity", "Kind", "limit", "hxl", "notes", "cursor"])
def test_an_unknown_part_is_an_error_and_not_silence(name: str) -> None:
    with pytest.raises(ValidationError):
        IncidentFilter.model_validate({name: "1"})


@pytest.mark.parametrize(
    "asked",
    [
        {"bbox": "1,2,3"}, {"bbox": "1,2,3,4,5"}, {"bbox": "0,10,1,-10"}, {"bbox": "0,0,181,1"}, {"bbox": "nan,0,1,1"},
        {"bbox": "a,b,c,d"}, {"near": "0,0,0"}, {"near": "0,0,-1"}, {"near": "0,91,1"}, {"near": "0,0,inf"},
        {"near": "0,0,20039"}, {"country": "PK"}, {"country": "pak"}, {"date_from": "2025-13"},
        {"date_from": "2025-02", "date_to": "2025-01"}, {"date_match": "sometimes"}, {"kind": "beating_up"},
        {"harm": "hurt"}, {"stage": "lost"}, {"verification": "true"}, {"min_sources": -1}, {"located": "perhaps"},
        {"q": " "}, {"q": "x" * 501}, {"updated_since": "yesterday"},
    ],
)  # fmt: skip
def test_what_cannot_be_asked(asked: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        IncidentFilter.model_validate(asked)


def test_numbers_come_as_text_or_as_numbers() -> None:
    assert IncidentFilter(bbox="1,2,3,4") == IncidentFilter(bbox=(1, 2, 3, 4)) == IncidentFilter(bbox=["1,2,3,4"])


def test_a_month_is_its_first_and_last_day() -> None:
    question = IncidentFilter(date_from="2025-02", date_to="2025-02")
    assert (question.date_from, question.date_to) == (date(2025, 2, 1), date(2025, 2, 28))


def test_a_time_without_a_zone_is_utc() -> None:
    assert IncidentFilter(updated_since="2025-01-01T00:00").updated_since == datetime(2025, 1, 1, tzinfo=UTC)


def test_a_question_does_not_change() -> None:
    with pytest.raises(ValidationError):
        IncidentFilter().kind = ("killing",)  # type: ignore[misc]
