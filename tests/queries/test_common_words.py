"""A common word is looked for among the first of all incidents; whichever way leads there, the answer is the same."""

import pytest

from app.access.policy import PARTNER
from app.access.viewer import Viewer
from app.access.wall import guarded
from app.errors import Invalid
from app.queries import by_words, incidents
from app.queries.filter import IncidentPage
from tests.archives import READER, REVIEWER, TestArchive
from tests.builders import an_act, incident_in, somebody
from tests.shelves import only

# PostgreSQL knows ways of its own.
pytestmark = [pytest.mark.one_archive, only("sqlite")]
NEVER, ALWAYS = 10**9, 0
# How dear it is to look one incident up, and to remember one: by that the way is chosen.
WAYS = {"one by one": (ALWAYS, ALWAYS), "all at once": (NEVER, ALWAYS), "through every day": (NEVER, NEVER)}


@pytest.fixture(scope="module", autouse=True)
def archive(shared: TestArchive) -> TestArchive:
    """Entered in no order of time: the word is in most, a name among them, and `ferry` in the oldest alone."""
    named = [an_act(person=somebody("Checkpoint Example"))]
    shared.report_all([
        incident_in("Sealed, by the checkpoint", on="2026", sensitivity="sealed"),
        incident_in("Old, a ferry and a checkpoint", on="1999"),
        incident_in("First of a day, by the checkpoint", on="2020-02-02"),
        incident_in("Older, a ferry", on="1998"),
        incident_in("Second of a day, by a checkpoint at the checkpoint", on="2020-02-02"),
        incident_in("Third of a day, of something else", on="2020-02-02"),
        incident_in("Fourth of a day, of a name", on="2020-02-02", acts=named),
        *[incident_in(f"The checkpoint in {year}", on=str(year)) for year in (2012, 2017, 2011, 2015, 2013, 2014)],
        incident_in("By the checkpoint, nobody knows when", on=None),
    ])  # fmt: skip
    return shared


def walk(archive: TestArchive, viewer: Viewer, limit: int, **question: str) -> list[str]:
    """The titles of every page in turn, through the wall."""
    titles, cursor = [], None
    while True:
        with guarded(archive.engine, viewer) as session:
            asked = IncidentPage.model_validate({"limit": limit, "cursor": cursor} | question)
            items, cursor = incidents.page(session, asked, viewer)
            assert incidents.count(session, asked, viewer) >= len(items)
        titles += [item["title"] for item in items]
        if cursor is None:
            return titles


def take_the_way(monkeypatch: pytest.MonkeyPatch, way: str) -> None:
    """As if every word were common."""
    monkeypatch.setattr(by_words, "FEW", 0)
    for name, price in zip(("BY_ITSELF", "AMONG_ALL"), WAYS[way], strict=True):
        monkeypatch.setattr(by_words, name, price)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("viewer", [REVIEWER, READER], ids=lambda viewer: viewer.role)
@pytest.mark.parametrize("sort", ["-date_earliest", "date_earliest", "relevance"])
def test_every_way_finds_the_same(
    archive: TestArchive, monkeypatch: pytest.MonkeyPatch, sort: str, viewer: Viewer, way: str
) -> None:
    """Also page by page, and for whoever sees less: no page is shorter for what stands behind the wall."""
    expected = {word: walk(archive, viewer, 200, q=word, sort=sort) for word in ("checkpoint", "ferry", "nowhere")}
    assert [len(titles) for titles in expected.values()] == ([12, 2, 0] if viewer is REVIEWER else [10, 2, 0])
    take_the_way(monkeypatch, way)
    for word, titles in expected.items():
        for limit in (1, 3, 200):
            assert walk(archive, viewer, limit, q=word, sort=sort) == titles, (word, limit)


def test_words_of_other_times_are_not_looked_for_among_the_newest_alone(
    archive: TestArchive, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only then is every day gone through; what is common is found without."""
    take_the_way(monkeypatch, "all at once")
    through_every_day: list[object] = []
    of_all = by_words.take
    monkeypatch.setattr(by_words, "take", lambda *asked: through_every_day.append(asked) or of_all(*asked))
    with guarded(archive.engine, READER) as session:
        for word, times in (("checkpoint", 0), ("ferry", 1)):
            incidents.page(session, IncidentPage(q=word, limit=1), READER)
            assert len(through_every_day) == times, word


def test_a_partner_searches_the_working_archive_for_no_words(archive: TestArchive) -> None:
    partner = Viewer("a partner", role=PARTNER)
    with guarded(archive.engine, partner) as session:
        for ask in (incidents.count, incidents.page):
            with pytest.raises(Invalid):
                ask(session, IncidentPage(q="checkpoint"), partner)
