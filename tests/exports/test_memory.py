"""No format takes more memory for more rows, but for those that can only be written whole and say how many they hold."""

import os
import resource
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import count, islice

import pytest

from app.exports import FORMATS, Answer, Heading
from app.exports.format import Write
from app.queries.rows import COLUMNS, TALLIES, FlatRow

FEW, MANY = 1_500, 9_000
# All those rows, held in whatever form, are 14 MiB and more.
MOST_MIB = 7
# A file of Parquet is written in groups of 10,000 rows, one of which is always held, and Arrow gives memory back late:
# so many rows, so many more, which are 90 MiB and more, and so much growth.
GROUPS = {"parquet": (21_000, 60_000, 70)}
WHOLE = {
    "gpkg": "GDAL finishes its tables and index in one piece, in memory",
    "fgb": "its index stands before the features, so all of them have to be known first",
    "shp.zip": "the head of each of its files tells its length and the box around it",
}
pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="the memory of a child is read as Linux tells it")


def made_up_rows() -> Iterator[FlatRow]:
    """Rows without end, no two alike."""
    for n in count():
        row: FlatRow = dict.fromkeys(COLUMNS) | dict.fromkeys(TALLIES, n % 7)
        yield row | {
            "ref": f"IR-0000-{n:06d}", "alleged": True, "kind": "killing", "title": f"Made up {n} " * 60,
            "lon": n % 90 / 1.7, "lat": n % 50 / 1.3, "geo_precision": "exact", "location_generalised": False,
            "sources": f"A made-up paper, {n} " * 40, "updated_at": "2026-01-01T00:00:00Z", "independent_sources": 1,
        }  # fmt: skip


def mib() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def growth(write: Write, few: int = FEW, many: int = MANY) -> float:
    """By how many MiB a process grows that writes many rows, above what it took for a few."""
    heard, said = os.pipe()
    child = os.fork()
    if child == 0:
        told = b"nothing"
        try:
            taken = []
            for rows in (few, few + many):
                for _ in write(Answer(islice(made_up_rows(), rows), Heading("all", datetime(2026, 1, 1, tzinfo=UTC)))):
                    pass
                taken.append(mib())
            told = str(taken[1] - taken[0]).encode()
        finally:
            os.write(said, told)
            os._exit(0)
    os.close(said)
    os.waitpid(child, 0)
    with os.fdopen(heard) as file:
        return float(file.read())


@pytest.mark.parametrize("name", [name for name in FORMATS if name not in WHOLE])
def test_many_rows_take_no_more_memory_than_a_few(name: str) -> None:
    few, many, most = GROUPS.get(name, (FEW, MANY, MOST_MIB))
    assert growth(FORMATS[name].write, few, many) <= most


def test_those_that_hold_everything_hold_so_much_and_no_more() -> None:
    assert set(WHOLE) == {name for name, form in FORMATS.items() if form.most is not None}


def test_a_format_that_collects_everything_is_found_out() -> None:
    def collecting(answer: Answer) -> Iterator[bytes]:
        yield b"".join(list(FORMATS["geojsonl"].write(answer)))

    assert growth(collecting) > MOST_MIB
