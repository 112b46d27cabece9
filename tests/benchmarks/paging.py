"""One page of a map: by box and date over HTTP against an empty answer, and with the grid index against without."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Engine, event
from sqlmodel import Session

from app.access.viewer import console
from app.db import reading
from app.queries import conditions, incidents, order
from app.queries.filter import IncidentPage
from app.queries.order import cursor_at, ordered
from app.queries.rows import STORED
from tests.benchmarks import synthetic
from tests.benchmarks.bench import Bench
from tests.benchmarks.clock import exponent, in_turn, spent
from tests.benchmarks.exporting import ONE_SIZE
from tests.benchmarks.figures import Figure, Found, cannot, number
from tests.benchmarks.goals import GOALS
from tests.benchmarks.serving import Server, fetch, serving

TIMES, REQUESTS = 9, 20
EMPTY = "/"


def on_a_map(incidents_held: int) -> IncidentPage:
    """A box round one town and some years; wider in small archives, so that a page is full."""
    lon, lat = synthetic.town()
    reach, first = (0.2, "2018") if incidents_held >= 50_000 else (2, "2010")
    box = (lon - reach, lat - reach, lon + reach, lat + reach)
    return IncidentPage.model_validate({"bbox": box, "date_from": first, "date_to": "2023", "limit": 100})


def over_http(bench: Bench) -> Iterator[Found]:
    """A page of 100 through the real API, with its total and the access rules, on an open connection."""
    ground, question = bench.grounds.filled(bench.largest, in_order=False), on_a_map(bench.largest)
    path = _path(question)
    with reading(ground.engine) as session:
        expected, _ = incidents.page(session, question, console("benchmark"))
        total = incidents.count(session, question, console("benchmark"))
    with serving(ground) as server:
        _ask(server, path), _ask(server, EMPTY)
        ours, empty = in_turn(lambda: _ask(server, path), lambda: _ask(server, EMPTY), TIMES)
        told = server.ask(path)
    same = [row["ref"] for row in told["items"]] == [row["ref"] for row in expected] and told["total"] == total
    yield Figure(
        f"page of {len(told['items'])} by box and date of {bench.largest:,}, over HTTP", "ms", ours, empty,
        "empty answer", GOALS["page/empty"], "" if same and expected else "not the rows of the archive",
        [f"{total} answers in all; the empty answer takes {min(empty):.2f} to {max(empty):.2f} ms"], bench.largest,
    )  # fmt: skip


def _path(question: IncidentPage) -> str:
    return f"/api/v1/incidents?{question.query_string()}&limit={question.limit}"


def _ask(server: Server, path: str) -> float:
    """Milliseconds on the wall for one answer, on an open connection."""
    connection = server.connection()
    fetch(connection, path, server.headers)
    start = time.perf_counter()
    for _ in range(REQUESTS):
        fetch(connection, path, server.headers)
    took = time.perf_counter() - start
    connection.close()
    return took / REQUESTS * 1000


def growth_of_time(bench: Bench) -> Iterator[Found]:
    """By which power of the number of incidents the time of a full page by box and date grows."""
    sizes = sorted(set(bench.sizes))
    if len(sizes) < 2:
        yield from cannot("page-exponent", bench.engine, ONE_SIZE)
        return
    times, said, wrong = [], [], ""
    for size in sizes:
        path = _path(on_a_map(size))
        with serving(bench.grounds.filled(size, in_order=False)) as server:
            told = server.ask(path)
            times.append([_ask(server, path) for _ in range(TIMES)])
        said.append(f"{size:,}: {number(min(times[-1]))} ms for {len(told['items'])} of {told['total']:,}")
        wrong = wrong or ("" if told["items"] else f"no incident on the page of {size}")
    slopes = [exponent(sizes, [turns[n] for turns in times]) for n in range(TIMES)]
    yield Figure(
        "page by box and date: exponent of time by size", "power", slopes, goal=GOALS["exponent/page"], wrong=wrong,
        notes=[", ".join(said)], at=sizes[-1],
    )  # fmt: skip


def in_the_deep(bench: Bench) -> Iterator[Found]:
    """A page at nine tenths of the whole, against the first one, in every order."""
    with reading(bench.grounds.filled(bench.largest, in_order=False).engine) as session:
        for sort in order.SORTS:
            yield _deep(session, sort, bench.largest)


def _deep(session: Session, sort: str, size: int) -> Figure:
    first = IncidentPage.model_validate({"limit": 100, "sort": sort})
    depth = size * 9 // 10
    cursor, expected = _slowly(session, first, depth)
    deep = first.model_copy(update={"cursor": cursor})

    def ask(page: IncidentPage) -> tuple[float, list[str]]:
        took, (items, _) = spent(lambda: incidents.page(session, page, console("benchmark")))
        return took.cpu * 1000, [row["ref"] for row in items]

    ask(deep), ask(first)
    ours, limits = in_turn(lambda: ask(deep), lambda: ask(first), TIMES)
    wrong = "" if all(refs == expected for _, refs in ours) else "not the rows that follow"
    return Figure(
        f"page of 100 at depth {depth:,} by {sort}", "CPU-ms", [took for took, _ in ours],
        [took for took, _ in limits], "the first page", GOALS["depth"], wrong, at=size,
    )  # fmt: skip


def _slowly(session: Session, page: IncidentPage, depth: int) -> tuple[str, list[str]]:
    """The cursor after so many rows and the refs that follow, found by counting."""
    asked = incidents._asked(session, page, console("benchmark"))
    row, *rest = session.execute(ordered(asked, page.sort).offset(depth - 1).limit(1 + page.limit)).all()
    return cursor_at(page.sort, row, STORED), [one[STORED.index("ref")] for one in rest]


def by_grid(bench: Bench) -> Iterator[Found]:
    """The same page in process, with the condition on the grid and without."""
    ground, question = bench.grounds.filled(bench.largest, in_order=False), on_a_map(bench.largest)
    with reading(ground.engine) as session:

        def ask(rows: int) -> tuple[float, list[str]]:
            with _grid_up_to(rows):
                took, (items, _) = spent(lambda: incidents.page(session, question, console("benchmark")))
            return took.wall * 1000, [row["ref"] for row in items]

        grid = conditions.GRID_ROWS
        plans = [_plan(ground.engine, session, question, rows) for rows in (grid, 0)]
        ours, bare = in_turn(lambda: ask(grid), lambda: ask(0), TIMES)
    wrong = "" if all(refs == bare[0][1] for _, refs in [*ours, *bare]) else "the grid gives other rows"
    yield Figure(
        f"page by box and date of {bench.largest:,}, in process, grid index", "ms", [took for took, _ in ours],
        [took for took, _ in bare], "without the grid", wrong=wrong,
        notes=[f"with the grid: {plans[0]}", f"without: {plans[1]}"],
    )  # fmt: skip


@contextmanager
def _grid_up_to(rows: int) -> Iterator[None]:
    before = conditions.GRID_ROWS
    conditions.GRID_ROWS = rows
    try:
        yield
    finally:
        conditions.GRID_ROWS = before


def _plan(engine: Engine, session: Any, question: IncidentPage, rows: int) -> str:
    """How the database says it goes about the first question of a page, in one line."""
    seen: list[tuple[str, Any]] = []

    def note(_: Any, __: Any, statement: str, parameters: Any, *___: Any) -> None:
        if statement.startswith("SELECT"):
            seen.append((statement, parameters))

    event.listen(engine, "before_cursor_execute", note)
    with _grid_up_to(rows):
        incidents.page(session, question, console("benchmark"))
    event.remove(engine, "before_cursor_execute", note)
    word = "EXPLAIN QUERY PLAN" if engine.dialect.name == "sqlite" else "EXPLAIN"
    lines = session.connection().exec_driver_sql(f"{word} {seen[0][0]}", seen[0][1]).all()
    steps = dict.fromkeys(str(line[-1]).strip() for line in lines)
    return "; ".join(step for step in steps if "INDEX" in step.upper() or "SCAN" in step.upper())[:400]
