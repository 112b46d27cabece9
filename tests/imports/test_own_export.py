"""What we gave out as CSV comes in again under its own column names, and goes out the same."""

import csv
import io
from pathlib import Path
from typing import Any

from app import imports
from app.db import now
from app.exports import FORMATS, Answer, Heading
from app.queries.rows import FlatRow
from tests.archives import REVIEWER, TestArchive
from tests.builders import HOMS, QUETTA, TURBAT, a_source, carried_out_by, incident_in

# What the house makes of a record, and never takes over from a file; the last is when it changed here.
OWN_WORK = ("ref", "verification", "independent_sources", "updated_at")
TITLES = ["Plain", 'A "quoted", title', "Two\nlines", "عربی عنوان", "=1+1", "'quoted", "\u200b+1", "-5 degrees"]


def table(rows: list[FlatRow]) -> bytes:
    return b"".join(FORMATS["csv"].write(Answer(rows, Heading("all", now()))))


def read(raw: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(raw.decode("utf-8-sig"), newline="")))


def some(archive: TestArchive) -> None:
    places: list[dict[str, Any]] = [{"at": TURBAT}, {"at": QUETTA, "exactly": "area2"}, {"at": HOMS}, {}]
    archive.report_all(
        incident_in(
            title, kind=["killing", "attack_on_civilians"][n % 2], on=["2025-06-12", "2025-06", "2024/2025", None][n % 4],
            killed={"min": 1, "best": n + 1, "max": 20}, injured={"best": 0}, confidence=["low", None][n % 2],
            licence="CC0", involvements=[carried_out_by("armed men"), carried_out_by("a force")],
            source=a_source(f"A report {n}", url=f"https://example.org/{n}"), **places[n % 4],
        )
        for n, title in enumerate(TITLES)
    )  # fmt: skip


def test_out_and_in_and_out_is_the_same(archive: TestArchive, tmp_path: Path) -> None:
    some(archive)
    path = tmp_path / "incidents.csv"
    path.write_bytes(table(archive.rows()))
    before = read(path.read_bytes())
    plan = imports.plan(path, None)
    assert plan.importer.name == "export"
    outcome = imports.run(archive.engine, plan, REVIEWER)
    assert (outcome.new, outcome.refused, outcome.errors) == (len(TITLES), 0, [])
    known = {row["ref"] for row in before}
    after = [row for row in read(table(archive.rows())) if row["ref"] not in known]
    assert sorted(map(told, after)) == sorted(map(told, before))
    kept = [row["title"] for row in archive.rows()]
    assert sorted(kept) == sorted(TITLES * 2)  # no apostrophe has come to stay
    again = imports.run(archive.engine, imports.plan(path, None), REVIEWER)
    assert (again.new, again.unchanged) == (0, len(TITLES))


def told(row: dict[str, str]) -> str:
    return str({name: cell for name, cell in row.items() if name not in OWN_WORK})
