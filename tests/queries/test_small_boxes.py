"""A page of a small box and its total come out of the grid with one question, and are what every other way finds."""

from typing import Any

import pytest

from app.access.viewer import Viewer
from app.access.wall import guarded
from app.db import reading
from app.queries import by_place, features, incidents
from app.queries.features import ItemsQuestion
from app.queries.filter import IncidentPage
from tests.archives import READER, REVIEWER, TestArchive
from tests.builders import TURBAT, incident_in
from tests.queries.test_page_costs import asked_of

pytestmark = pytest.mark.one_archive

SMALL = (62.6, 25.6, 63.5, 26.4)
QUESTIONS: dict[str, dict[str, Any]] = {
    "box": {},
    "years": {"date_from": "2020", "date_to": "2021"},
    "within": {"date_from": "2020", "date_to": "2020", "date_match": "within"},
    "kind": {"kind": ["torture_ill_treatment"]},
    "near": {"near": (TURBAT[0], TURBAT[1], 20.0)},
    "word": {"q": "market"},
    "located": {"located": True},
}
SORTS = ["-date_earliest", "date_earliest", "ref", "-updated_at"]


@pytest.fixture(scope="module", autouse=True)
def archive(shared: TestArchive) -> TestArchive:
    """Entered in no order of time, some elsewhere, one without a day, one that a reader does not see."""
    lon, lat = TURBAT
    shared.report_all([
        *(incident_in(f"Alleged {n}", date=f"{2018 + n * 7 % 5}", at=(lon + n / 50, lat)) for n in range(12)),
        *(incident_in(f"At the market, alleged {n}", date="2020-05", at=TURBAT, kind="torture_ill_treatment") for n in range(3)),
        incident_in("Without a day", date=None, at=TURBAT),
        incident_in("Kept back", date="2021", at=TURBAT, sensitivity="sealed"),
        incident_in("Elsewhere", date="2020", at=(lon + 20, lat)),
        incident_in("Nowhere", date="2020"),
    ])  # fmt: skip
    return shared


def pages(archive: TestArchive, viewer: Viewer, question: IncidentPage) -> list[tuple[list[str], int]]:
    """Every page of an answer, with the total beside it."""
    found: list[tuple[list[str], int]] = []
    cursor = None
    while cursor or not found:
        asked = question.model_copy(update={"cursor": cursor})
        with guarded(archive.engine, viewer) as session:
            items, cursor = incidents.page(session, asked, viewer)
            found.append(([row["title"] for row in items], incidents.count(session, asked, viewer)))
    return found


@pytest.mark.parametrize("viewer", [REVIEWER, READER], ids=lambda one: one.role)
@pytest.mark.parametrize("sort", SORTS)
@pytest.mark.parametrize("question", QUESTIONS)
def test_every_way_finds_the_same(
    archive: TestArchive, monkeypatch: pytest.MonkeyPatch, viewer: Viewer, sort: str, question: str
) -> None:
    asked = IncidentPage.model_validate({"bbox": SMALL, "sort": sort, "limit": 4} | QUESTIONS[question])
    found = pages(archive, viewer, asked)
    monkeypatch.setattr(by_place, "at_once", lambda *_: None)
    monkeypatch.setattr(by_place, "is_small", lambda *_: False)
    assert pages(archive, viewer, asked) == found
    titles = [title for items, _ in found for title in items]
    assert {total for _, total in found} == {len(titles)}
    assert len(set(titles)) == len(titles) > 1
    assert ("Kept back" in titles) == (viewer is REVIEWER and question in {"box", "years", "near", "located"})


@pytest.mark.parametrize("limit", [1, 5, 100])
def test_a_page_of_a_map_as_well(archive: TestArchive, monkeypatch: pytest.MonkeyPatch, limit: int) -> None:
    asked = ItemsQuestion.model_validate({"bbox": ",".join(map(str, SMALL)), "limit": limit})
    with reading(archive.engine) as session:
        found = features.page(session, asked, REVIEWER)
        monkeypatch.setattr(by_place, "at_once", lambda *_: None)
        monkeypatch.setattr(by_place, "is_small", lambda *_: False)
        assert features.page(session, asked, REVIEWER) == found
    assert found.matched == 17
    assert len(found.texts) == min(limit, 17)


@pytest.mark.parametrize("question", ["box", "years", "within", "located"])
def test_one_question_finds_and_counts(archive: TestArchive, question: str) -> None:
    asked = IncidentPage.model_validate({"bbox": SMALL, "limit": 2} | QUESTIONS[question])
    told = [statement for statement, _ in asked_of(archive.engine, asked, REVIEWER)]
    assert len([one for one in told if "count(" in one]) == 1


@pytest.mark.parametrize("database", ["sqlite"], scope="module")
@pytest.mark.parametrize(("question", "is_one"), [("years", True), ("kind", False), ("near", False), ("word", False)])
def test_what_the_grid_does_not_know_is_asked_of_few(archive: TestArchive, question: str, is_one: bool) -> None:
    """SQLite looks first whether there are few in the box, where it has to fetch each of them by itself."""
    asked = IncidentPage.model_validate({"bbox": SMALL, "limit": 2} | QUESTIONS[question])
    first, *_ = (statement for statement, _ in asked_of(archive.engine, asked, REVIEWER))
    assert first.startswith("SELECT incident.pk, (SELECT count(*)") == is_one
    assert first.startswith("SELECT archive.kind") != is_one
