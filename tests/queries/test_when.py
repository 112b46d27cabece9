"""When: what may have been in a stretch of time, and what was for certain."""

import pytest

from tests.archives import TestArchive
from tests.builders import incident_in

pytestmark = pytest.mark.one_archive


@pytest.fixture(scope="module", autouse=True)
def archive(shared: TestArchive) -> TestArchive:
    shared.report_all([
        incident_in("12 June", on="2025-06-12"),
        incident_in("June", on="2025-06"),
        incident_in("2025", on="2025"),
        incident_in("from May to June", on="2025-05-20/2025-06-05"),
        incident_in("by June", on="../2025-06-01"),
        incident_in("after June", on="2025-06-30/.."),
        incident_in("2024", on="2024"),
        incident_in("undated", on=None),
    ])  # fmt: skip
    return shared


@pytest.mark.parametrize(
    ("first", "last", "found"),
    [
        ("2025-06-12", "2025-06-12", {"12 June", "June", "2025"}),
        ("2025-06", "2025-06", {"12 June", "June", "2025", "from May to June", "by June", "after June"}),
        ("2025-07", None, {"2025", "after June"}),
        (None, "2024", {"2024", "by June"}),
        ("2025-06-05", "2025-06-05", {"June", "2025", "from May to June"}),
        ("2030", "2031", {"after June"}),
        ("1900", "1901", {"by June"}),
    ],
)
def test_overlaps_finds_what_may_have_been_then(
    archive: TestArchive, first: str | None, last: str | None, found: set[str]
) -> None:
    assert archive.titles(date_from=first, date_to=last) == found
    assert archive.titles(date_from=first, date_to=last, date_match="overlaps") == found


@pytest.mark.parametrize(
    ("first", "last", "found"),
    [
        ("2025-06-12", "2025-06-12", {"12 June"}),
        ("2025-06", "2025-06", {"12 June", "June"}),
        ("2025", "2025", {"12 June", "June", "2025", "from May to June"}),
        ("2025-06-30", None, {"after June"}),
        (None, "2025-06-01", {"2024", "by June"}),
    ],
)
def test_within_finds_what_was_then_for_certain(
    archive: TestArchive, first: str | None, last: str | None, found: set[str]
) -> None:
    assert archive.titles(date_from=first, date_to=last, date_match="within") == found


def test_the_undated_are_found_by_no_date_and_by_no_other_question_lost(archive: TestArchive) -> None:
    assert "undated" not in archive.titles(date_from="0001")
    assert "undated" not in archive.titles(date_to="9999")
    assert "undated" in archive.titles()


def test_a_month_means_its_first_and_its_last_day(archive: TestArchive) -> None:
    month = archive.titles(date_from="2025-06", date_to="2025-06")
    assert month == archive.titles(date_from="2025-06-01", date_to="2025-06-30")
