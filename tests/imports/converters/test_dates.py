"""Dates as people write them: what is read, and what is not guessed."""
# ruff: noqa: RUF001 - letters of other scripts are what this file is about

from typing import Any

import pytest

from app.imports.converters import CONVERTERS, Unread

READ = {
    "2020-05-30": ("2020-05-30", "2020-05-30"),
    "2020-05-30T12:00:00.000+05:00": ("2020-05-30", "2020-05-30"),
    "25- 26/12/1977": ("1977-12-25", "1977-12-26"),
    "2013-02-00": ("2013-02-01", "2013-02-28"),
    "2013-00-00": ("2013-01-01", "2013-12-31"),
    "(Believed to be) 2020-05-30": ("2020-05-30", "2020-05-30"),
    "25/12/2020": ("2020-12-25", "2020-12-25"),
    "10/10/2020": ("2020-10-10", "2020-10-10"),
    "06/2020": ("2020-06-01", "2020-06-30"),
    "January 05, 2020": ("2020-01-05", "2020-01-05"),
    "Sunday, 5th of June, 2020": ("2020-06-05", "2020-06-05"),
    "5 de junio de 2020": ("2020-06-05", "2020-06-05"),
    "1er août 2020": ("2020-08-01", "2020-08-01"),
    "٥ يونيو ٢٠٢٠": ("2020-06-05", "2020-06-05"),
    "20 كانون الثاني 2012": ("2012-01-20", "2012-01-20"),
    "۵ جون ۲۰۲۰": ("2020-06-05", "2020-06-05"),
    "5 июня 2020 г.": ("2020-06-05", "2020-06-05"),
    "June 2020": ("2020-06-01", "2020-06-30"),
    "mid June 2020": ("2020-06-01", "2020-06-30"),
    "5-6 June 2020": ("2020-06-05", "2020-06-06"),
    "June 5-6, 2020": ("2020-06-05", "2020-06-06"),
    "28 May to 3 June 2020": ("2020-05-28", "2020-06-03"),
    "between 5 June 2020 and 7 June 2020": ("2020-06-05", "2020-06-07"),
    "2020-05-01 to 2020-05-03": ("2020-05-01", "2020-05-03"),
    "before 2020-05-01": (None, "2020-05-01"),
    "since 2020": ("2020-01-01", None),
}
UNKNOWN = ["", " ", "NA", "Unknown Date", "-", "غير معروف", "نامعلوم", None]
UNREAD = [
    "05/06/2020",
    "5.6.2020 14:00",
    "1/2/20",
    "5 June 77",
    "43985",
    "summer of that year",
    "2020-02-30",
    "31/02/2020",
    "2020-13-45",
]


def read(cell: Any, **options: Any) -> dict[str, Any] | None:
    found: dict[str, Any] | None = CONVERTERS["date"].read(cell, options).value
    return found


@pytest.mark.parametrize(("written", "days"), READ.items())
def test_what_is_written_is_read_as_exactly_as_it_says(written: str, days: tuple[str | None, str | None]) -> None:
    found = read(written) or {}
    assert (found.get("earliest"), found.get("latest")) == days


@pytest.mark.parametrize("written", UNKNOWN)
def test_not_known_is_no_date(written: str | None) -> None:
    assert read(written) is None


@pytest.mark.parametrize("written", UNREAD)
def test_nothing_is_guessed(written: str) -> None:
    with pytest.raises(Unread) as no:
        read(written)
    assert no.value.mend
    assert written not in no.value.why + no.value.mend


def test_the_mapping_settles_the_order_for_the_whole_column() -> None:
    assert read("05/06/2020", order="dmy") == {"earliest": "2020-06-05", "latest": "2020-06-05"}
    assert read("05/06/2020", order="mdy") == {"earliest": "2020-05-06", "latest": "2020-05-06"}
    for written, order in (("25/12/2020", "mdy"), ("12/25/2020", "dmy"), ("25/12/2020", "ymd")):
        with pytest.raises(Unread):
            read(written, order=order)


def test_two_digits_of_a_year_need_a_pivot() -> None:
    assert (read("1/2/77", order="dmy", pivot=2030) or {})["earliest"] == "1977-02-01"
    assert (read("1/2/30", order="dmy", pivot=2030) or {})["earliest"] == "2030-02-01"


def test_days_counted_by_a_spreadsheet_are_read_only_where_the_mapping_says_so() -> None:
    assert (read("43985", excel=True) or {})["earliest"] == "2020-06-03"
    assert (read("43985.5", excel=True) or {})["earliest"] == "2020-06-03"


def test_doubt_is_kept_with_the_words() -> None:
    assert read("(Believed to be) 2020-05-30") == {
        "earliest": "2020-05-30", "latest": "2020-05-30", "qualifier": "uncertain", "verbatim": "(Believed to be) 2020-05-30",
    }  # fmt: skip
    assert (read("about 5 June 2020") or {})["qualifier"] == "approximate"
    assert (read("probably about 5 June 2020") or {})["qualifier"] in {"uncertain_and_approximate", "uncertain"}
    assert "verbatim" not in (read("5 June 2020") or {})


def test_from_one_column_to_another() -> None:
    span = CONVERTERS["span"]
    assert span.read(["1973-09-11", "1973-09-12"], {}).value == {"earliest": "1973-09-11", "latest": "1973-09-12"}
    assert span.read(["1973-09-11", "NA"], {}).value == {"earliest": "1973-09-11", "latest": "1973-09-11"}
    assert span.read(["NA", "1973-09-12"], {}).value == {"latest": "1973-09-12"}
    backwards = span.read(["1973-12-14", "1973-09-16"], {})
    assert backwards.value == {"earliest": "1973-09-16", "latest": "1973-12-14"}
    assert backwards.odd


def test_a_day_that_stands_for_its_month() -> None:
    assert read("1973-09-01", whole="month") == {"earliest": "1973-09-01", "latest": "1973-09-30"}


def test_a_code_of_how_exact_the_day_is() -> None:
    about, options = CONVERTERS["about"], {"days": {"2": 3}, "months": ["3"]}
    days = [about.read(["2024-06-12", code], options).value for code in ("1", "2", "3", None)]
    assert [(d["earliest"], d["latest"]) for d in days] == [
        ("2024-06-12", "2024-06-12"), ("2024-06-09", "2024-06-15"), ("2024-06-01", "2024-06-30"), ("2024-06-12", "2024-06-12"),
    ]  # fmt: skip
    assert about.read([], options).value is None
