"""Numbers of people: what is read, and that no number comes out that was not written."""

from typing import Any

import pytest

from app.imports.converters import CONVERTERS, Unread

READ: dict[Any, dict[str, int] | None] = {
    "4": {"best": 4}, "4.0": {"best": 4}, 4.0: {"best": 4}, 0: {"best": 0}, "1,022": {"best": 1022}, "1 022": {"best": 1022},
    "٤": {"best": 4}, "۱۲": {"best": 12}, "4 people": {"best": 4}, "about 20": {"best": 20}, "~20": {"best": 20},
    "4-6": {"min": 4, "max": 6}, "4 to 6": {"min": 4, "max": 6}, "between 4 and 6": {"min": 4, "max": 6},
    "de 4 a 6": {"min": 4, "max": 6}, "at least 4": {"min": 4}, "al menos 4": {"min": 4}, "au moins 4": {"min": 4},
    "не менее 4": {"min": 4}, "على الأقل 4": {"min": 4}, "کم از کم 4": {"min": 4}, "10+": {"min": 10}, ">10": {"min": 10},
    "more than 10": {"min": 10}, "10 or more": {"min": 10}, "up to 5": {"max": 5}, "<5": {"max": 5},
    "dozens": None, "several": None, "varios": None, "at least dozens": None, "NA": None, "-": None, "Unknown": None, "": None,
}  # fmt: skip
UNREAD = ["-1", "6-4", "1.5", "1e5", "5 of 7", "99999999999", "3 killed, 4 injured"]


def read(cell: Any, **options: Any) -> Any:
    return CONVERTERS["count"].read(cell, options)


@pytest.mark.parametrize(("written", "numbers"), READ.items())
def test_what_is_written_is_read(written: Any, numbers: dict[str, int] | None) -> None:
    assert read(written).value == numbers


@pytest.mark.parametrize("written", UNREAD)
def test_what_is_no_number_of_people_is_not_made_one(written: str) -> None:
    with pytest.raises(Unread):
        read(written)


def test_words_stay_words_and_the_range_stays_open() -> None:
    dozens = read("dozens")
    assert (dozens.value, dozens.words) == (None, "dozens")
    assert dozens.odd
    assert read("4-6").words == "4-6"
    assert read("4").words is None


def test_the_mapping_says_what_a_number_means() -> None:
    assert read("3", part="min").value == {"min": 3}
    assert read("0", zero="unknown").value is None
    assert read("0").value == {"best": 0}
