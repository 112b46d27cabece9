"""Whatever is asked, every format holds the same incidents and the same numbers as the page counts."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from app.db import now, reading
from app.exports import FORMATS, Heading, answer
from app.queries import incidents
from app.queries.filter import IncidentFilter
from tests.archives import REVIEWER, TestArchive
from tests.builders import HOMS, QUETTA, TURBAT, carried_out_by, incident_in
from tests.exports.readers import LOCATED_ONLY, READERS

pytestmark = pytest.mark.one_archive
MANY, QUESTIONS = 60, 50
PLACES: list[dict[str, Any]] = [{"at": TURBAT}, {"at": QUETTA}, {"at": HOMS}, {}, {"at": (-70.5, -33.25)}]
ASKED: dict[str, Any] = {
    "country": st.sampled_from(["PAK", "SYR", "FRA"]), "kind": st.sampled_from([["killing"], ["attack"], ["killing", "attack"]]),
    "harm": st.sampled_from([["killed"], ["injured"]]), "located": st.booleans(), "date_from": st.sampled_from(["2024", "2025", "2025-06"]),
    "date_match": st.sampled_from(["overlaps", "within"]), "bbox": st.sampled_from(["60,20,70,32", "-80,-40,0,0"]),
    "actor": st.sampled_from(["armed men", "a force"]), "min_sources": st.integers(0, 2), "q": st.sampled_from(["market", "منڈی", "none"]),
}  # fmt: skip


@pytest.fixture(scope="module", params=["sqlite"])
def database(request: pytest.FixtureRequest) -> str:
    """One engine is enough: test_every_format.py asks both."""
    return str(request.param)


@pytest.fixture(scope="module")
def many(shared: TestArchive) -> TestArchive:
    """Sixty incidents, in every way in which the questions tell them apart."""
    shared.report_all(
        incident_in(
            ("Shots in a market", "منڈی میں فائرنگ", "=A taking", "\u200b+1")[n % 4], kind=("killing", "attack_on_civilians")[n % 2],
            on=("2025-06-12", "2024", None)[n % 3], killed={"best": n} if n % 4 else None,
            involvements=[carried_out_by(("armed men", "a force")[n % 7 == 0])], **PLACES[n % 5],
        )
        for n in range(MANY)
    )  # fmt: skip
    return shared


def made_up() -> list[dict[str, Any]]:
    """As many questions, no two alike, and the same ones every time."""
    found: dict[str, dict[str, Any]] = {}

    @settings(
        max_examples=QUESTIONS * 3, derandomize=True, deadline=None, database=None, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(st.lists(st.sampled_from(sorted(ASKED)), max_size=3, unique=True).flatmap(
        lambda names: st.fixed_dictionaries({name: ASKED[name] for name in names}))
    )  # fmt: skip
    def draw(question: dict[str, Any]) -> None:
        found[str(question)] = question

    draw()
    assert len(found) >= QUESTIONS
    return list(found.values())[:QUESTIONS]


@pytest.mark.parametrize("name", FORMATS)
def test_all_formats_hold_what_the_page_counts(many: TestArchive, name: str, tmp_path: Path) -> None:
    empty = 0
    for asked in made_up():
        question = IncidentFilter.model_validate(asked)
        with reading(many.engine) as session:
            total = incidents.count(session, question, REVIEWER)
            items = list(incidents.stream(session, question, REVIEWER))
            told = answer(session, FORMATS[name], question, REVIEWER, Heading(question.sentence(), now()))
            content = b"".join(FORMATS[name].write(told))
        assert len(items) == total
        items = [item for item in items if item["lon"] is not None or name not in LOCATED_ONLY]
        empty += not items
        check(READERS[name], tmp_path / f"file.{name}", content, items)
    assert empty < QUESTIONS / 2


def check(
    read: Callable[[Path], list[dict[str, Any]]], path: Path, content: bytes, items: list[dict[str, Any]]
) -> None:
    """The refs in their order, and the sum of those killed, in a file as a reader finds them."""
    path.write_bytes(content)
    if not items:  # what an empty layer looks like to a reader: test_every_format.py
        return
    rows = read(path)
    # A FlatGeobuf is put in the order of the map, by its index.
    refs = [row["ref"] for row in rows]
    assert (sorted(refs) if path.suffix == ".fgb" else refs) == (
        sorted(item["ref"] for item in items) if path.suffix == ".fgb" else [item["ref"] for item in items]
    )
    assert sum(float(row.get("killed_best") or 0) for row in rows) == sum(item["killed_best"] or 0 for item in items)
