"""A page on PostgreSQL: found and counted in one pass over the grid, and in the bytes of the server."""

import pytest
from sqlmodel import col, select

from app.access.wall import IN_ROWS, guarded
from app.db import reading
from app.queries import by_place, incidents
from app.queries.filter import IncidentPage
from app.queries.rows import SELECTED
from app.records import Incident
from tests.archives import REVIEWER, TestArchive, counting
from tests.builders import TURBAT, incident_in
from tests.queries.test_page_costs import AROUND_THEM, asked_of
from tests.shelves import only

pytestmark = only("postgresql")


def test_a_small_box_is_answered_by_the_grid_alone(archive: TestArchive) -> None:
    """Else each incident in the box would be fetched, on a page of its own. The total is found with the page."""
    archive.report_all(incident_in(f"Alleged {n}", at=TURBAT) for n in range(3))
    asked = asked_of(archive.engine, IncidentPage(bbox=AROUND_THEM, limit=2), REVIEWER)
    assert sum("incident.cell = ANY(ARRAY(" in statement for statement, _ in asked) == 1
    assert sum("count(*)" in statement for statement, _ in asked) == 1


@pytest.mark.parametrize("sort", ["-date_earliest", "date_earliest", "ref", "-updated_at"])
def test_a_box_with_too_many_answers_is_asked_as_any_other(
    archive: TestArchive, monkeypatch: pytest.MonkeyPatch, sort: str
) -> None:
    """Page and total are the same, whether one pass finds both or not."""
    archive.report_all(incident_in(f"Alleged {n}", date=f"2020-01-0{n % 3 + 1}", at=TURBAT) for n in range(6))
    around, found = IncidentPage.model_validate({"bbox": AROUND_THEM, "limit": 4, "sort": sort}), []
    for few in (6, 5):
        monkeypatch.setattr(by_place, "FEW", few)
        with reading(archive.engine) as session, counting(archive.engine) as statements:
            found.append((incidents.page(session, around, REVIEWER), incidents.count(session, around, REVIEWER)))
        assert any(one.startswith("SELECT count") for one in statements) == (few == 5 or sort == "-updated_at")
    assert found[0] == found[1]
    assert found[0][1] == 6


def test_rows_in_bytes_are_the_rows_in_words(archive: TestArchive) -> None:
    """Every value of an incident, as PostgreSQL writes it for people and as it sends it by itself."""
    archive.report_all(incident_in(f"Alleged {n}", date="2020-01", at=TURBAT) for n in range(3))
    plain = select(*SELECTED).order_by(col(Incident.pk))
    with guarded(archive.engine, REVIEWER) as session:
        in_words, in_bytes = session.execute(plain).all(), session.execute(plain.execution_options(**IN_ROWS)).all()
    assert in_words == in_bytes
    assert [[type(cell) for cell in row] for row in in_words] == [[type(cell) for cell in row] for row in in_bytes]
