"""On PostgreSQL the newest with a word are looked for among the first of all; whichever way follows, they are the same."""

import pytest

from app.access.viewer import Viewer
from app.queries import by_words
from tests.archives import READER, REVIEWER, TestArchive
from tests.queries import test_common_words as common
from tests.shelves import only

pytestmark = [pytest.mark.one_archive, only("postgresql")]
archive = common.archive


@pytest.mark.parametrize(("look", "enough"), [(1, 1), (4, 2), (4, 10), (600, 10)])
@pytest.mark.parametrize("viewer", [REVIEWER, READER], ids=lambda viewer: viewer.role)
@pytest.mark.parametrize("sort", ["-date_earliest", "date_earliest", "relevance"])
def test_every_way_finds_the_same(
    archive: TestArchive, monkeypatch: pytest.MonkeyPatch, sort: str, viewer: Viewer, look: int, enough: int
) -> None:
    """Page by page, and for whoever sees less: no page is shorter for what stands behind the wall."""
    words = ("checkpoint", "ferry", "nowhere")
    with monkeypatch.context() as plainly:
        plainly.setattr(by_words, "alone", lambda _: False)
        expected = {word: common.walk(archive, viewer, 200, q=word, sort=sort) for word in words}
    assert [len(titles) for titles in expected.values()] == ([12, 2, 0] if viewer is REVIEWER else [10, 2, 0])
    monkeypatch.setattr(by_words, "LOOK", look)
    monkeypatch.setattr(by_words, "ENOUGH", enough)
    for word, titles in expected.items():
        for limit in (1, 3, 200):
            assert common.walk(archive, viewer, limit, q=word, sort=sort) == titles, (word, limit)
