"""Words: the newest incidents that hold them, and how many there are."""

from collections.abc import Iterator
from dataclasses import replace

from sqlmodel import Session

from app.access.viewer import console
from app.db import reading
from app.queries import incidents
from app.queries.filter import IncidentPage
from app.records.search import numbers_of
from tests.benchmarks import synthetic
from tests.benchmarks.bench import Bench
from tests.benchmarks.clock import in_turn, spent
from tests.benchmarks.figures import Figure, Found
from tests.benchmarks.goals import GOALS

TIMES = 15
WORDS = ((synthetic.RARE, synthetic.RARE_EVERY), (synthetic.COMMON, synthetic.COMMON_EVERY))


def newest_first(bench: Bench) -> Iterator[Found]:
    """A page and the count for a rare and for a common word, against the bare index."""
    with reading(bench.grounds.filled(bench.largest, in_order=False).engine) as session:
        for word, every in WORDS:
            expected = synthetic.holding(bench.largest, every)
            name = f"in {expected:,} of {bench.largest:,}"
            yield replace(_page(session, word, name, min(50, expected)), at=bench.largest)
            yield _count(session, word, name, expected)
            yield replace(_ranked(session, word, name, min(50, expected)), at=bench.largest)


def _page(session: Session, word: str, name: str, expected: int) -> Figure:
    question = IncidentPage(q=word, limit=50)

    def ours() -> tuple[float, list[str]]:
        took, (items, _) = spent(lambda: incidents.page(session, question, console("benchmark")))
        return took.wall * 1000, [str(row["date_earliest"]) for row in items]

    told, bare = in_turn(ours, lambda: _bare(session, word)[0], TIMES)
    days = told[0][1]
    wrong = "" if len(days) == expected and days == sorted(days, reverse=True) else "not the newest first"
    taken = [took for took, _ in told]
    return Figure(f"50 newest with a word {name}", "ms", taken, bare, "bare index, all of them", GOALS["words"], wrong)


def _ranked(session: Session, word: str, name: str, expected: int) -> Figure:
    """The best first, against the newest first."""

    def ask(sort: str) -> tuple[float, int]:
        question = IncidentPage.model_validate({"q": word, "limit": 50, "sort": sort})
        took, (items, _) = spent(lambda: incidents.page(session, question, console("benchmark")))
        return took.wall * 1000, len(items)

    told, newest = in_turn(lambda: ask("relevance"), lambda: ask("-date_earliest"), TIMES)
    wrong = "" if {many for _, many in [*told, *newest]} == {expected} else "not as many"
    taken, limits = [took for took, _ in told], [took for took, _ in newest]
    return Figure(f"50 best with a word {name}", "ms", taken, limits, "newest first", GOALS["ranked"], wrong)


def _count(session: Session, word: str, name: str, expected: int) -> Figure:
    question = IncidentPage(q=word)

    def ours() -> tuple[float, int]:
        took, number = spent(lambda: incidents.count(session, question, console("benchmark")))
        return took.wall * 1000, number

    told, bare = in_turn(ours, lambda: _bare(session, word), TIMES)
    numbers = {number for _, number in [*told, *bare]}
    wrong = "" if numbers == {expected} else f"counted {sorted(numbers)}, planted {expected}"
    taken, limits = [took for took, _ in told], [took for took, _ in bare]
    return Figure(f"count of a word {name}", "ms", taken, limits, "bare index, all of them", wrong=wrong)


def _bare(session: Session, word: str) -> tuple[float, int]:
    """Milliseconds to read every number the index has for a word, and how many there are."""
    asked = numbers_of(session.get_bind().dialect.name, [word], with_names=False)
    took, found = spent(lambda: session.execute(asked).all())
    return took.wall * 1000, len(found)
