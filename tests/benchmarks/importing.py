"""How fast a real file is checked and taken in, against reading it and writing as many rows with nothing else."""

import csv
import gzip
import io
import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from itertools import chain, islice, repeat
from pathlib import Path
from typing import Any

from sqlmodel import Session, func, select

from app import imports
from app.access.viewer import console
from app.db import reading
from app.imports import Outcome
from app.queries import history
from app.records import Account, Act, Actor, Incident, Involvement, Publication, Revision, Source
from app.records.search import SEARCH
from tests.benchmarks import synthetic_table
from tests.benchmarks.bench import Bench
from tests.benchmarks.clock import Spent, in_turn, spent
from tests.benchmarks.figures import Figure, Found, cannot
from tests.benchmarks.goals import GOALS, Goal
from tests.benchmarks.grounds import Ground
from tests.benchmarks.looking import looked
from tests.benchmarks.serving import database_of

TIMES = 3
COLUMNS = 12
CHECKED_ROWS, TEMPLATE_ROWS = 100_000, 20_000
TABLES = (Incident, Source, Account, Act, Actor, Involvement, Publication, Revision)


def check_alone(bench: Bench) -> Iterator[Found]:
    """A dry run: read, checked, located, compared with an archive that is empty or full, and not written."""
    path, rows = bench.folder / "checked.csv", min(CHECKED_ROWS, bench.largest)
    synthetic_table.write(path, rows)
    ground, name = bench.grounds.fresh(), f"check {rows:,} rows of the template, dry run"
    yield from _checked(ground, path, name, GOALS["check"])
    full = bench.grounds.filled(bench.largest)
    yield from _checked(full, path, f"{name}, among {bench.largest:,} incidents")
    if bench.syria is not None:
        yield from _checked(ground, bench.syria, "check the Syria file, dry run")
    bench.grounds.drop([ground])


def _checked(ground: Ground, path: Path, name: str, goal: Goal | None = None) -> Iterator[Figure]:
    """Each turn is the first import after a start, and reads the reference geography as well."""
    rows = _rows(path)
    checked, limits = in_turn(lambda: looked(ground, path), lambda: spent(lambda: _read(path))[0], TIMES)
    wrong = "" if all(found == rows for _, found in checked) else "not every row is new"
    note = f"{_times(checked, limits)} as long as csv.DictReader takes to read it"
    yield Figure(name, "rows/s", [rows / s.wall for s, _ in checked], goal=goal, wrong=wrong, notes=[note])
    yield Figure(f"{name}, processor", "rows/CPU-s", [rows / s.cpu for s, _ in checked], wrong=wrong)


def take_in(bench: Bench) -> Iterator[Found]:
    """The UCDP GED file of Syria."""
    if bench.syria is None:
        yield from cannot("import", bench.engine, "the file is not there (--syria, GAWAH_SHARED_DATA)")
    else:
        yield from _whole(bench, bench.syria, "import the Syria file", wall=GOALS["syria"])


def of_the_template(bench: Bench) -> Iterator[Found]:
    """Our own template with made-up rows, each with a source, a quote, an act and who is said to be responsible."""
    path, rows = bench.folder / "template.csv", min(TEMPLATE_ROWS, bench.largest)
    synthetic_table.write(path, rows)
    yield from _whole(bench, path, f"import {rows:,} rows of the template", cpu=GOALS[f"template/{bench.engine}"])


def _whole(
    bench: Bench, path: Path, name: str, *, wall: Goal | None = None, cpu: Goal | None = None
) -> Iterator[Figure]:
    """A whole import: checked, located, indexed, with accounts and history, in one transaction."""
    rows = _rows(path)
    wrong: list[str] = []
    written: list[int] = []

    def ours() -> tuple[Spent, Outcome]:
        ground = bench.grounds.fresh()
        before = _written(ground)
        database = database_of(ground.settings.database_url)
        done = spent(lambda: imports.run(ground.engine, imports.plan(path, None), console("benchmark")), database)
        written.append(_written(ground) - before)
        wrong.append(_wrong(ground, done[1], rows))
        bench.grounds.drop([ground])
        return done

    taken, limits = in_turn(ours, lambda: _raw(path, bench.folder / "raw.db", written[-1]), TIMES)
    faults = "; ".join(sorted(set(filter(None, wrong))))
    seconds = f"{written[-1]:,} table rows; {_times(taken, limits)} as long as csv.DictReader + executemany of as many"
    yield Figure(name, "rows/s", [rows / s.wall for s, _ in taken], goal=wall, wrong=faults, notes=[seconds])
    yield Figure(f"{name}, processor", "rows/CPU-s", [rows / s.cpu for s, _ in taken], goal=cpu, wrong=faults)
    yield Figure(
        f"{name}, time", "s", [s.wall for s, _ in taken], [s.wall for s in limits], "DictReader + plain sqlite3",
        wrong=faults,
    )  # fmt: skip


def _times(ours: list[tuple[Spent, Any]], limits: list[Spent]) -> str:
    ratios = [s.wall / limit.wall for (s, _), limit in zip(ours, limits, strict=True)]
    return f"{min(ratios):.1f} to {max(ratios):.1f} times"


def _wrong(ground: Ground, outcome: Outcome, rows: int) -> str:
    """How the archive differs from what the file holds; "" when it does not."""
    with reading(ground.engine) as session:
        incidents = session.exec(select(func.count()).select_from(Incident)).one()
        held, broken = history.check_chain(session)
        lines = session.exec(select(func.count()).select_from(Revision)).one()
    if outcome.refused:
        first = outcome.errors[0]
        return f"{outcome.refused} rows refused, the first in line {first.line}: {first.column} {first.value!r}"
    if not rows == outcome.rows == outcome.new == incidents:
        return f"{rows} rows in the file, {incidents} incidents in the archive"
    return "history does not hold" if broken is not None or held != lines or lines <= rows else ""


def _written(ground: Ground) -> int:
    """How many rows of tables the archive holds, the index included."""
    with Session(ground.engine) as session:
        counts = [session.exec(select(func.count()).select_from(table)).one() for table in TABLES]
        return sum(counts) + int(session.execute(select(func.count()).select_from(SEARCH)).scalar_one())


@contextmanager
def _table(path: Path) -> Iterator["csv.DictReader[str]"]:
    with path.open("rb") as raw, ExitStack() as stack:
        plain = stack.enter_context(gzip.open(raw)) if path.suffix == ".gz" else raw
        yield csv.DictReader(io.TextIOWrapper(plain, encoding="utf-8-sig", newline=""))


def _read(path: Path) -> int:
    with _table(path) as table:
        return sum(1 for _ in table)


def _rows(path: Path) -> int:
    """The rows of the file, a row of HXL tags apart."""
    with _table(path) as table:
        return sum(not next(iter(row.values())).startswith("#") for row in table)


def _raw(path: Path, to: Path, rows: int) -> Spent:
    """Read the file, and write so many rows of its first columns to a plain, unencrypted SQLite, in one transaction."""
    to.unlink(missing_ok=True)

    def work() -> None:
        with _table(path) as table:
            read = [tuple(islice(row.values(), COLUMNS)) for row in table]
        database = sqlite3.connect(to)
        database.execute(f"CREATE TABLE raw ({', '.join(f'c{n}' for n in range(COLUMNS))})")
        marks = ", ".join("?" * COLUMNS)
        database.executemany(f"INSERT INTO raw VALUES ({marks})", islice(chain.from_iterable(repeat(read)), rows))
        database.commit()
        database.close()

    return spent(work)[0]
