"""Files of any size stand in little memory, and hold the same rows in every format."""

# Those formats that are text: of the others test_every_format.py sees that they come in pieces while rows without end
# go in, or that they refuse more than they may hold.

import csv
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import orjson
import pytest

from app.db import now, reading
from app.exports import FORMATS, Answer, Heading
from app.queries import incidents
from app.queries.filter import IncidentFilter
from tests.archives import REVIEWER, TestArchive
from tests.benchmarks import synthetic

pytestmark = pytest.mark.one_archive

INCIDENTS = 10_000
# A batch of 1,000 rows with all that hangs on them takes 5 MiB; all of them at once take 25.
MOST_MIB = 10


def csv_refs(file: Path) -> list[str]:
    with file.open(encoding="utf-8-sig", newline="") as text:
        return [row["ref"] for row in csv.DictReader(text)]


def geojson_refs(file: Path) -> list[str]:
    return [feature["id"] for feature in orjson.loads(file.read_bytes())["features"]]


def geojsonl_refs(file: Path) -> list[str]:
    return [orjson.loads(line)["id"] for line in file.read_bytes().splitlines()]


REFS: dict[str, Callable[[Path], list[str]]] = {"csv": csv_refs, "geojson": geojson_refs, "geojsonl": geojsonl_refs}


@pytest.fixture(scope="module")
def filled(shared: TestArchive) -> TestArchive:
    """The archive of the module with its synthetic incidents."""
    synthetic.fill(shared.engine, INCIDENTS)
    return shared


@pytest.fixture(scope="module")
def expected(filled: TestArchive) -> list[str]:
    """The refs of all incidents as `stream` yields them."""
    with reading(filled.engine) as session:
        return [row["ref"] for row in incidents.stream(session, IncidentFilter(), REVIEWER)]


def written(archive: TestArchive, name: str, file: Path) -> float:
    """Write everything in a format; MiB of Python memory at the highest, above where it stood before."""
    with reading(archive.engine) as session, file.open("wb") as sink:
        rows = incidents.stream(session, IncidentFilter(), REVIEWER)
        tracemalloc.start()
        for piece in FORMATS[name].write(Answer(rows, Heading("all", now()))):
            sink.write(piece)
        highest = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    return highest / 2**20


@pytest.mark.parametrize("name", REFS)
def test_a_file_of_any_size_takes_little_memory(
    filled: TestArchive, expected: list[str], name: str, tmp_path: Path
) -> None:
    file = tmp_path / name
    growth = written(filled, name, file)
    assert REFS[name](file) == expected
    assert growth <= MOST_MIB


def test_counts_are_what_streams_yield(filled: TestArchive, expected: list[str]) -> None:
    with reading(filled.engine) as session:
        assert incidents.count(session, IncidentFilter(), REVIEWER) == len(expected) == len(set(expected)) == INCIDENTS


@pytest.mark.parametrize(
    ("word", "every"),
    [(synthetic.RARE, synthetic.RARE_EVERY), (synthetic.COMMON, synthetic.COMMON_EVERY)],
)
def test_a_search_finds_all_that_was_planted(filled: TestArchive, word: str, every: int) -> None:
    question = IncidentFilter(q=word)
    with reading(filled.engine) as session:
        found = sum(1 for _ in incidents.stream(session, question, REVIEWER))
        assert incidents.count(session, question, REVIEWER) == found == synthetic.holding(INCIDENTS, every)
