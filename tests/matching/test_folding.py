"""One word typed in many ways is one word; and a word is nothing but letters and digits."""
# ruff: noqa: RUF001 - letters that look like other letters are what these tests are about

import sys
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from app.matching.folding import fold, name_key, words

SAME = [
    # Arabic, Persian, Urdu, Pashto, Kurdish
    ("محمد", "مُحَمَّد", "محـــمد", "مح\u200cمد", "\u200fمحمد\u200f"),
    ("احمد", "أحمد", "أحمد", "إحمد", "آحمد", "ٱحمد"),
    ("علي", "علی", "على", "علے", "عَلِيّ", "ﻋﻠﻲ"),
    ("كراچي", "کراچی", "ڪراچى"),
    ("خديجه", "خديجة", "خدیجہ", "خدیجۃ", "خديجە", "خدیجھ"),
    ("هي", "ہے", "ھے", "ہی"),
    ("مومن", "مؤمن"),
    ("نايب", "نائب", "نایب"),
    ("علما", "علماء"),
    ("رحمن", "رحمٰن"),
    ("خان", "خاں"),
    ("كورد", "کورد", "کۆرد"),
    ("خانه", "خانۀ", "خانه\u0654"),
    ("لا", "ﻻ"),
    ("123", "۱۲۳", "١٢٣", "１２３", "१२३"),
    # Latin
    ("istanbul", "İstanbul", "ISTANBUL", "ıstanbul"),
    ("nguyen van duc", "Nguyễn Văn Đức", unicodedata.normalize("NFD", "Nguyễn Văn Đức")),
    ("strasse", "Straße", "STRASSE"),
    ("lodz", "Łódź"),
    ("oystein", "Øystein"),
    ("hamid", "Ḥamīd", "Ħamid", "Ｈａｍｉｄ"),
    ("'ali", "ʿAlī", "‘Ali", "’Ali", "ʻAli"),
    ("file", "ﬁle"),
    # Cyrillic, Greek, Hangul
    ("елкин", "Ёлкин", "ЕЛКИН"),
    ("чойбалсан", "ЧОЙБАЛСАН", unicodedata.normalize("NFD", "Чойбалсан")),
    ("οδοσ", "ὁδός", "ΟΔΟΣ"),
    ("한국", unicodedata.normalize("NFD", "한국")),
    ("ガ", "ｶﾞ", "カ\u3099"),
]
DIFFERENT = [
    ("чой", "чои"),  # й is a letter, not и with an accent
    ("کور", "گور"),
    ("تال", "ٹال"),
    ("が", "か"),
    ("smith", "smyth"),  # likeness is another file's work
]
WORDS = [
    (
        "Killed in Kech, 12.5 km off; O'Brien-Smith",
        ["killed", "in", "kech", "12", "5", "km", "off", "o", "brien", "smith"],
    ),
    ("snake_case __init__", ["snake", "case", "init"]),
    ('drop" OR NEAR(* ^title: "x")', ["drop", "or", "near", "title", "x"]),
    ("نصیر احمد، بگٹی؛ ۲۰۲۵", ["نصير", "احمد", "بگٹي", "2025"]),
    ("می\u200cخواهم", ["ميخواهم"]),
    ("हिन्दी", ["हनद"]),  # one word, though its vowel signs are marks
    ("½ ①", ["1", "2", "1"]),
    ("", []),
    (" \x00\ud800\u3164 ", []),
    ("x" * 100 + " y", ["x" * 64, "y"]),
]
# Plain text seldom holds what is hard: jamo, marks, fillers, halfwidth kana, ligatures, letters that grow.
hard = st.text(
    "aIıİßǰΐйи\u0306\u0308е\u0301ｶﾞ\u3099\u1100\u1161\u11a8\u1160가ﷺﻻاأ\u0654\u0653ى\u200dءـʿ’_½²ſ\u0345ᾳ\u0e33 "
)


@pytest.mark.parametrize("spellings", SAME)
def test_spellings_of_one_word_fold_together(spellings: tuple[str, ...]) -> None:
    assert {fold(spelling) for spelling in spellings} == {spellings[0]}


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_different_words_stay_different(one: str, other: str) -> None:
    assert fold(one) != fold(other)


@pytest.mark.parametrize(("text", "found"), WORDS)
def test_words(text: str, found: list[str]) -> None:
    assert words(text) == found


def test_name_key_joins_the_words() -> None:
    assert name_key("  Naṣīr-Aḥmad  BALOCH ") == "nasir ahmad baloch"
    assert name_key("نصیر احمد") == name_key("نَصير أحمد")
    assert name_key("...") == ""


def test_every_character_folds_to_characters_that_stay() -> None:
    for code in range(sys.maxunicode + 1):
        character = chr(code)
        if unicodedata.category(character) not in ("Cn", "Co", "Cs"):  # unassigned, private, surrogate
            folded = fold(character)
            assert folded == character or fold(folded) == folded


@given(st.text() | hard)
@example("\u1100\u0301\u1161")  # a syllable that comes together only when the mark between is gone
@example("и\u0301\u0306")
def test_folding_twice_adds_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@given(st.text() | hard)
def test_folding_does_not_see_how_a_letter_is_composed(text: str) -> None:
    assert fold(unicodedata.normalize("NFD", text)) == fold(unicodedata.normalize("NFC", text)) == fold(text)


@given(st.text() | hard | st.text(st.characters(max_codepoint=127)))
def test_words_hold_letters_and_digits_only(text: str) -> None:
    for word in words(text):
        assert word.isalnum()
        assert all(map(str.isalnum, word))
        assert 1 <= len(word) <= 64


@given(st.text() | hard)
def test_a_name_key_is_its_own_key(text: str) -> None:
    assert name_key(name_key(text)) == name_key(text)
