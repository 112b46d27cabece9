"""Totals by month and kind, against two scans of the same rows: by the database without an index, and in Python."""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any, cast

import psutil  # type: ignore[import-untyped]
from sqlalchemy import event, text
from sqlmodel import Session, select

from app.access.viewer import console
from app.db import reading
from app.queries import totals
from app.queries.totals import TotalsQuestion
from app.records import Incident
from tests.benchmarks.bench import Bench
from tests.benchmarks.clock import spent
from tests.benchmarks.figures import Figure, Found, number
from tests.benchmarks.goals import GOALS, SQLITE
from tests.benchmarks.serving import database_of

TIMES = 3
QUESTION = TotalsQuestion(by=("month", "kind"))
# Answered by all incidents alike, but by no tally sheet: every row is read.
ROW_BY_ROW = QUESTION.model_copy(update={"min_sources": 0})
TABLE = str(Incident.__tablename__)
NO_INDEX = ("enable_indexscan", "enable_indexonlyscan", "enable_bitmapscan")

Counts = dict[tuple[str, str], int]


def by_month_and_kind(bench: Bench) -> Iterator[Found]:
    """Processor time of the whole answer in process, with that of the database."""
    ground = bench.grounds.filled(bench.largest, in_order=False)
    database = database_of(ground.settings.database_url)
    with reading(ground.engine) as session:

        def without_index() -> Counts:
            with _no_index(session, bench.engine):
                return _ours(session, ROW_BY_ROW)

        rivals = {"GROUP BY without an index": without_index, "bare columns counted in Python": lambda: _scan(session)}
        _ours(session)
        turns = [_turn(lambda: _ours(session), rivals, database) for _ in range(TIMES)]
    for name in rivals:
        wrong = "" if all(told[name][1] == told["ours"][1] != {} for told in turns) else "other totals"
        ours, theirs = ([told[who][0] for told in turns] for who in ("ours", name))
        yield Figure(
            f"totals by month and kind of {bench.largest:,}: {name} / ours", "x",
            [scan / own for scan, own in zip(theirs, ours, strict=True)], goal=GOALS["totals"], wrong=wrong,
            at=bench.largest, notes=[f"ours {number(min(ours))}, {name} {number(min(theirs))} CPU-s"],
        )  # fmt: skip


def _turn(
    ours: Callable[[], Counts], rivals: dict[str, Callable[[], Counts]], database: psutil.Process | None
) -> dict[str, tuple[float, Counts]]:
    """CPU seconds and counts of each, one after the other."""
    told = {name: spent(work, database) for name, work in {"ours": ours, **rivals}.items()}
    return {name: (max(took.cpu, 1e-4), counts) for name, (took, counts) in told.items()}


def _ours(session: Session, question: TotalsQuestion = QUESTION) -> Counts:
    found = totals.totals(session, question, console("benchmark"))
    return {(str(group.by["month"]), str(group.by["kind"])): group.incidents for group in found.groups}


def _scan(session: Session) -> Counts:
    """Every row fetched, and counted by whoever fetched it; what lies in no single month is left out, as it is by us."""
    asked = cast("Any", select)(Incident.date_earliest, Incident.date_latest, Incident.kind)
    months = Counter((_month(first, last), kind) for first, last, kind in session.execute(asked))
    return {(month, kind): count for (month, kind), count in months.items() if month is not None}


def _month(first: date | None, last: date | None) -> str | None:
    if first is None or last is None or (first.year, first.month) != (last.year, last.month):
        return None
    return f"{first:%Y-%m}"


@contextmanager
def _no_index(session: Session, engine: str) -> Iterator[None]:
    """The same statements, while the database may use no index. Raises ValueError when there was none to change."""
    if engine != SQLITE:
        for what in NO_INDEX:
            session.execute(text(f"SET LOCAL {what} = off"))
        yield
        for what in NO_INDEX:
            session.execute(text(f"SET LOCAL {what} = on"))
        return

    changed: list[str] = []

    def forbid(_: Any, __: Any, statement: str, parameters: Any, *___: Any) -> tuple[str, Any]:
        told = statement.replace(f"FROM {TABLE} ", f"FROM {TABLE} NOT INDEXED ")
        changed.extend([told] if told != statement else [])
        return told, parameters

    where = session.get_bind()
    event.listen(where, "before_cursor_execute", forbid, retval=True)
    yield
    event.remove(where, "before_cursor_execute", forbid)
    if not changed:
        raise ValueError("no statement was changed")
