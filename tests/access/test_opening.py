"""What lies packed in a file is found: a mark in each of our formats is met once the file is looked into."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from app.exports import FORMATS, Answer, Heading
from app.queries.rows import COLUMNS
from app.vocabulary.sensitivity import PUBLIC
from tests.access.marks import Marks
from tests.access.opening import opened

AT = datetime(2026, 1, 2, tzinfo=UTC)


def a_row(title: str) -> dict[str, Any]:
    told = {"ref": "GA-1", "alleged": True, "kind": "killing", "title": title, "lon": 66.99, "lat": 30.18}
    more = {"geo_precision": "settlement", "location_generalised": False, "updated_at": "2025-01-01T00:00:00Z"}
    return dict.fromkeys(COLUMNS) | told | more | {"date_earliest": date(2025, 6, 1)}


@pytest.mark.parametrize("form", FORMATS)
def test_a_mark_is_met_in_every_format(form: str) -> None:
    marks = Marks()
    rows = [a_row(f"Number {n}") for n in range(20)] + [a_row(marks.new("here", PUBLIC))]
    content = b"".join(FORMATS[form].write(Answer(rows, Heading("a question", AT))))
    assert 0 in marks.met(opened(content))


def test_it_is_not_met_where_it_is_not() -> None:
    marks = Marks()
    marks.new("here", PUBLIC)
    for form in FORMATS.values():
        content = b"".join(form.write(Answer([a_row("Nothing of the kind")], Heading("a question", AT))))
        assert marks.met(opened(content)) == set()
