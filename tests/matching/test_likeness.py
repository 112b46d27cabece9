"""How alike names are: letter for letter a hundred, in any order of the words, and less for each that is spare."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rapidfuzz.distance import OSA

from app.matching.likeness import ALIKE, likeness, spellings

NAMES = st.lists(st.text("abcdehmnrs", min_size=1, max_size=8), min_size=1, max_size=4)


@given(NAMES, st.randoms(use_true_random=False))
def test_the_order_of_words_does_not_matter(name: list[str], chance: object) -> None:
    other = list(name)
    chance.shuffle(other)  # type: ignore[attr-defined]
    assert likeness(name, other) == 100


@given(NAMES, NAMES)
def test_it_lies_between_nothing_and_a_hundred(asked: list[str], name: list[str]) -> None:
    assert 0 <= likeness(asked, name) <= 100


def test_one_letter_is_alike_and_another_name_is_not() -> None:
    assert likeness(["abdul", "rahman"], ["abdul", "rehman"]) > 90
    assert likeness(["abdul", "rahman"], ["abdul", "rehman", "khan"]) < likeness(
        ["abdul", "rahman"], ["abdul", "rehman"]
    )
    assert likeness(["abdul", "rahman"], ["zarina", "gul"]) < ALIKE
    assert likeness([], ["gul"]) == 0


@pytest.mark.parametrize("word", ["rehman", "عبدالله", "гульназ", "khan"])
def test_every_spelling_is_at_most_one_letter_away(word: str) -> None:
    found = spellings(word)
    assert found[0] == word
    assert len(found) == len(set(found))
    assert all(OSA.distance(word, one) <= 1 for one in found)
    assert {word[1:], word[:-1], word[1] + word[0] + word[2:]} <= set(found)


def test_of_a_short_word_there_is_one_spelling() -> None:
    assert spellings("ali") == ["ali"]
