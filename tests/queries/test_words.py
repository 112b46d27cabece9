"""Full text: any spelling finds the word, and no text at all breaks the question."""
# ruff: noqa: RUF001 - letters that look like other letters are what this file is about

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from app.queries.filter import IncidentFilter
from tests.archives import TestArchive
from tests.builders import an_act, carried_out_by, incident_in

pytestmark = pytest.mark.one_archive


@pytest.fixture(scope="module", autouse=True)
def archive(shared: TestArchive) -> TestArchive:
    shared.report_all([
        incident_in("Alleged shooting near José María Córdoba", summary="O'Neill said: \"not OR near\"."),
        incident_in("ہلاکت کا الزام: علی کے گاؤں میں", place_name="خان گڑھ"),
        incident_in("ادعاء قتل في مدينة حماة", summary="الى جانب المدرسة"),
        incident_in("A raid", acts=[an_act(group="weavers of Straße")], involvements=[carried_out_by("armed men")]),
        incident_in("Row 2025 ２０２５ of a list"),
    ])  # fmt: skip
    return shared


@pytest.mark.parametrize(
    ("asked", "beginning"),
    [
        ("jose maria cordoba", "Alleged shooting"),
        ("JOSÉ", "Alleged shooting"),
        ("O’Neill", "Alleged shooting"),
        ("near not or", "Alleged shooting"),
        ("علي", "ہلاکت"),
        ("هلاكت", "ہلاکت"),
        ("خاں", "ہلاکت"),
        ("حماه", "ادعاء"),
        ("إلى", "ادعاء"),
        ("مدينه", "ادعاء"),
        ("strasse weavers", "A raid"),
        ("armed MEN", "A raid"),
        ("٢٠٢٥", "Row 2025"),
    ],
)
def test_any_spelling_finds_it(archive: TestArchive, asked: str, beginning: str) -> None:
    (title,) = archive.titles(q=asked)
    assert title.startswith(beginning)


@pytest.mark.parametrize("asked", ["shooting raid", "shoot", "josé*", "cordob*"])
def test_every_word_counts_and_whole(archive: TestArchive, asked: str) -> None:
    found = archive.titles(q=asked)
    assert found == ({"Alleged shooting near José María Córdoba"} if asked == "josé*" else set())


@pytest.mark.parametrize(
    "asked",
    [
        '"', '""', 'a"b', "*", "raid*", "^raid", "NEAR(", "NEAR(a b, 2)", "raid AND", "OR raid", "NOT raid", "-raid",
        "words:raid", "{words names}: raid", "raid:*", "raid & !x", "raid <-> x", "(raid", "raid)", "'", "''raid", "\\",
        "raid\\", "raid;--", "a'||'b", "%", "%raid%", "_", "\u0640", "\u200f", "\u200b", "raid\ttwo\nlines", "😀", "raid😀",
        "ﷺ", "a" * 500, "\u0301", "$$", "?", ":name", "raid?",
    ],
)  # fmt: skip
def test_no_operator_of_any_engine_means_anything(archive: TestArchive, asked: str) -> None:
    ask(archive, asked)


def ask(archive: TestArchive, asked: str) -> set[str] | None:
    """The answer; None when it is said that there is no word in it."""
    try:
        question = IncidentFilter(q=asked)
    except ValidationError as refused:
        assert "letter or digit" in str(refused) or "500" in str(refused)
        return None
    return archive.ask(question)


@pytest.mark.parametrize("asked", ["", " ", "!!!", '"', "*", "-", "\u0640"])
def test_a_question_without_a_word_is_refused_and_not_taken_for_all(archive: TestArchive, asked: str) -> None:
    assert ask(archive, asked) is None


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(asked=st.text(max_size=60))
def test_no_text_breaks_the_question(shared: TestArchive, asked: str) -> None:
    ask(shared, asked)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(asked=st.text(max_size=40), name=st.sampled_from(["actor", "person", "source", "area"]))
def test_no_text_breaks_the_other_questions(shared: TestArchive, asked: str, name: str) -> None:
    if "\0" not in asked:
        question: dict[str, Any] = {name: asked}
        assert shared.titles(**question) <= shared.titles()
