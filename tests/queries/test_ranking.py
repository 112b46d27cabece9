"""The best first: the title before the text, every one once, and nothing by which a name could be read off."""

from typing import Any

import pytest
from pydantic import ValidationError

from app.access.viewer import Viewer
from app.db import reading
from app.queries import by_words, incidents, ranking
from app.queries.filter import IncidentPage
from tests.archives import READER, REVIEWER, TestArchive
from tests.builders import an_act, incident_in, somebody

pytestmark = pytest.mark.one_archive
LONG = "Men came to the market before dawn and nobody knows where from. " * 3


@pytest.fixture(scope="module", autouse=True)
def archive(shared: TestArchive) -> TestArchive:
    named = [an_act(person=somebody("Checkpoint Example")), an_act(person=somebody("Gul Example Son Of Example"))]
    shared.report_all([
        incident_in("Old and to the point: a checkpoint", on="2001"),
        incident_in("New, in passing", on="2025", summary=LONG + "Then there was a checkpoint. " + LONG),
        incident_in("New, again and again", on="2024", summary="A checkpoint, a second checkpoint, a checkpoint."),
        incident_in("Of a name", on="2023", acts=named),
        incident_in("Twin one", on="2022", summary="By the checkpoint.", acts=named[1:]),
        incident_in("Twin two", on="2022", summary="By the checkpoint."),
        incident_in("Nobody knows when", on=None, summary="By the checkpoint."),
        incident_in("Of something else", summary=LONG),
    ])  # fmt: skip
    return shared


def walk(archive: TestArchive, limit: int, viewer: Viewer = REVIEWER, **question: Any) -> list[str]:
    """The titles of every page in turn."""
    titles, cursor = [], None
    while True:
        with reading(archive.engine) as session:
            asked = IncidentPage.model_validate({"limit": limit, "cursor": cursor} | question)
            items, cursor = incidents.page(session, asked, viewer)
        titles += [item["title"] for item in items]
        if cursor is None:
            return titles


def ranked(archive: TestArchive, limit: int = 200, viewer: Viewer = REVIEWER, **question: Any) -> list[str]:
    return walk(archive, limit, viewer, sort="relevance", **{"q": "checkpoint"} | question)


def test_the_title_goes_before_the_text_and_often_before_once(archive: TestArchive) -> None:
    assert ranked(archive) == [
        "Old and to the point: a checkpoint",
        "New, again and again",
        "Twin two",
        "Twin one",
        "Nobody knows when",
        "Of a name",
        "New, in passing",
    ]


@pytest.mark.parametrize("limit", [1, 2, 3])
def test_small_pages_are_the_large_one_cut_up(archive: TestArchive, limit: int) -> None:
    assert ranked(archive, limit) == ranked(archive)


def test_whoever_may_not_search_for_names_sees_nothing_of_them_in_the_order(archive: TestArchive) -> None:
    """The twins differ in the names of victims alone, and stand as the later of two that are alike goes first."""
    seen = ranked(archive, viewer=READER)
    assert seen == [title for title in ranked(archive) if title != "Of a name"]


def test_other_conditions_still_hold(archive: TestArchive) -> None:
    assert ranked(archive, date_from="2024") == ["New, again and again", "New, in passing"]


def test_of_a_common_word_the_newest_are_compared(archive: TestArchive, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ranking, "MOST", 2)
    assert ranked(archive) == ["New, again and again", "New, in passing"]
    assert ranked(archive, 1) == ranked(archive)


def test_without_words_there_is_no_best(archive: TestArchive) -> None:
    with pytest.raises(ValidationError, match="give them as q"):
        IncidentPage(sort="relevance")


@pytest.mark.parametrize("few", [0, 3, 5000])
@pytest.mark.parametrize("sort", ["-date_earliest", "date_earliest", "-updated_at", "ref"])
def test_a_common_word_finds_the_same_as_a_rare_one(
    archive: TestArchive, monkeypatch: pytest.MonkeyPatch, sort: str, few: int
) -> None:
    """Whichever index is walked, by the date or by the number."""
    every = [title for title in walk(archive, 200, sort=sort) if title != "Of something else"]
    monkeypatch.setattr(by_words, "FEW", few)
    assert walk(archive, 200, q="checkpoint", sort=sort) == every
    assert walk(archive, 2, q="checkpoint", sort=sort) == every
