"""What is done for many rows at once comes to the same as one by one: writing, indexing, checking, likely doubles."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest
from sqlalchemy import text
from sqlmodel import Session, delete, select

from app import imports
from app.actions import batches, indexing
from app.actions.composing import Report
from app.actions.indexing import Wording
from app.bulk import COPIED, TOGETHER, insert_rows
from app.db import reading, writing
from app.imports import checking
from app.imports.checking import Checked, check
from app.imports.doubles import Twice, alike
from app.imports.doubles.alike import DAYS, Met, met
from app.imports.doubles.before import Before
from app.imports.importer import Draft, Repeated, Row
from app.imports.spreadsheet import SPREADSHEET
from app.records import METADATA, Act, Counter, Incident, Involvement
from app.records.blocks import cell
from app.records.incident import IncidentIn
from app.records.keys import new_id
from app.records.search import SEARCH
from tests.archives import REVIEWER, TestArchive

HEAD = ("id", "title", "kind", "source_kind", "source_title", "victim_group", "alleged_responsible", "degree")
ROW = dict(
    zip(HEAD, ("", "Alleged killing", "killing", "press", "A report", "villagers", "armed men", "unknown"), strict=True)
)


@pytest.fixture
def session(archive: TestArchive) -> Iterator[Session]:
    """A session of which nothing stays."""
    with pytest.raises(LookupError), writing(archive.engine) as opened:
        yield opened
        raise LookupError


def a_table(path: Path, *rows: dict[str, str]) -> Path:
    lines = [",".join(HEAD), *(",".join((ROW | row)[name] for name in HEAD) for row in rows)]
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


@pytest.mark.parametrize("more", [0, 1, 5])
def test_every_row_is_written_however_many_go_together(session: Session, more: int) -> None:
    rows: list[dict[str, Any]] = [{"name": f"a counter {n:04d}", "last": n} for n in range(2 * TOGETHER + more)]
    insert_rows(session.connection(), METADATA.tables["counter"], rows)
    asked = select(Counter.name, Counter.last).where(Counter.name.startswith("a counter")).order_by(Counter.name)  # type: ignore[attr-defined]
    assert [dict(row._mapping) for row in session.execute(asked)] == rows


def test_many_rows_are_written_as_each_by_itself(session: Session) -> None:
    at = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    batch = {"format": "made up", "file_name": "a.csv", "file_sha256": "0" * 64, "started_by": "Somebody Made-Up"}
    rows = [
        batch | {"pk": 90_000 + n, "id": new_id(), "started_at": at + timedelta(microseconds=n * 7)}
        for n in range(2 * COPIED)
    ]
    table = METADATA.tables["import_batch"]
    asked = select(*table.c).where(table.c.pk >= 90_000).order_by(table.c.pk)  # type: ignore[call-overload]
    insert_rows(session.connection(), table, rows)
    together = session.execute(asked).all()
    session.execute(delete(table).where(table.c.pk >= 90_000))
    for row in rows:
        insert_rows(session.connection(), table, [row])
    assert [(one.id, one.started_at) for one in together] == [(row["id"], row["started_at"]) for row in rows]
    assert session.execute(asked).all() == together


def test_an_act_that_repeats_is_one_of_its_own_in_every_incident(archive: TestArchive, tmp_path: Path) -> None:
    file = a_table(tmp_path / "a.csv", *({"id": f"again:{n}", "title": f"Alleged killing {n}"} for n in range(3)))
    imports.run(archive.engine, imports.plan(file, None), REVIEWER)
    with reading(archive.engine) as here:
        mine = select(Act.id, Act.incident_pk, Act.account_pk, Act.group).join(Incident, Incident.pk == Act.incident_pk)  # type: ignore[arg-type]
        acts = here.execute(mine.where(Incident.external_id.startswith("again:"))).all()  # type: ignore[union-attr]
        named = select(Involvement.id, Involvement.incident_pk, Involvement.actor_pk, Involvement.degree)
        parts = here.execute(named.where(Involvement.incident_pk.in_([act.incident_pk for act in acts]))).all()  # type: ignore[attr-defined]
    assert {act.group for act in acts} == {"villagers"}
    assert [len({act[column] for act in acts}) for column in range(3)] == [3, 3, 3]
    assert [len({part[column] for part in parts}) for column in range(4)] == [3, 3, 1, 1]


def test_many_are_indexed_as_one_by_one(session: Session) -> None:
    told = [
        (f"Alleged killing of {n} men, near Kēch's “market” in कोटा", "تربت", None, "x" * 70, "2025 2025") for n in range(40)
    ]  # fmt: skip
    wordings = [Wording(1000 + n, texts, ("Somebody Made-Up", "نام")[: n % 3]) for n, texts in enumerate(told)]
    indexing.index(session, wordings)
    asked = select(*SEARCH.c).order_by(SEARCH.c.rowid)
    together = session.execute(asked).all()
    indexing.unindex(session, [wording.pk for wording in wordings])
    for wording in wordings:
        indexing.index(session, [wording])
    assert len(together) == 40
    assert session.execute(asked).all() == together


def test_what_repeats_is_checked_once_and_read_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    cells = [
        {}, {"alleged_responsible": "armed men; a made-up force", "degree": "carried_out"}, {"victim_group": "x" * 501},
        {}, {"degree": "nonsense"}, {"victim_group": ""}, {"degree": "nonsense"}, {"alleged_responsible": " ; "},
    ]  # fmt: skip
    rows = [Row(line, ROW | {"id": str(line)} | told) for line, told in enumerate(cells, 2)]

    def plain(row: Row) -> Draft:
        made = SPREADSHEET.draft(row)
        return replace(made, report={k: list(v) if isinstance(v, list) else v for k, v in made.report.items()})

    once, each = Checked(), Checked()
    mine = check(SPREADSHEET, rows, len(HEAD), once)
    other = check(replace(SPREADSHEET, draft=plain), rows, len(HEAD), each)
    assert [(r.told, r.raw, r.origin_hash) for r in mine] == [(r.told, r.raw, r.origin_hash) for r in other]
    assert once.errors == each.errors
    assert [error.line for error in once.errors] == [4, 6, 8]
    assert mine[0].told.acts[0] is mine[2].told.acts[0]
    assert other[0].told.acts[0] is not other[2].told.acts[0]
    monkeypatch.setattr(checking, "MOST_REPEATED", 2)
    few = Checked()
    assert [r.told for r in check(SPREADSHEET, rows, len(HEAD), few)] == [r.told for r in other]
    assert len(few.repeated_lists) <= 2


def test_a_list_is_never_taken_for_another_of_the_same_number() -> None:
    found = Checked()
    for n in range(50):  # each is gone before the next is made, and may lie where it lay
        parts = Repeated([{"kind": "killing", "group": f"group {n}"}])
        report = {
            "title": "A",
            "kind": "killing",
            "acts": parts,
            "according_to": {"source": {"kind": "press", "title": "A"}},
        }
        assert found.read(report).acts[0].group == f"group {n}"
        del parts, report


def a_report(random: Random, number: int) -> Report:
    """Somewhere within a degree and a month, so that many are near to one another."""
    day = date(2025, 1, 1) + timedelta(days=random.randrange(30))
    report = {
        "title": f"Alleged killing {number}", "kind": "killing", "external_id": f"made-up:{number}",
        "date": day.isoformat(), "lon": round(66 + random.random(), 4), "lat": round(30 + random.random(), 4),
        "geo_precision": "settlement", "country": random.choice(["PAK", "PAK", "AFG"]),
        "killed": {"best": random.randrange(3)} if random.random() < 0.8 else None,
        "according_to": {"source": {"kind": "press", "title": "A made-up report"}},
    }  # fmt: skip
    report = {name: value for name, value in report.items() if value is not None}
    return Report(IncidentIn.model_validate(report), {"report": report}, (), number)


def best_of_all(report: Report, here: list[Met]) -> str | None:
    """The likeliest of everything that is here, looked at one by one."""
    mine = met(report.told)
    steps = {row * 3600 + column for row in range(-2, 3) for column in range(-2, 3)}
    near = [one for one in here if (cell(one.lon, one.lat) or 0) - (cell(mine.lon, mine.lat) or 0) in steps]
    found = min(filter(None, (alike.near(mine, one) for one in near)), default=None)
    return f"likely the same as {found[1]}: {found[2]}" if found else None


def test_what_is_near_is_found_as_by_looking_at_everything(session: Session) -> None:
    random = Random(11)
    pen, _ = batches.open_batch(session, REVIEWER, {"format": "x", "file_name": "x", "file_sha256": "0" * 64})
    first = [a_report(random, n) for n in range(150)]
    batches.record(pen, first, [], batches.people.Known())
    refs = session.execute(select(Incident.external_id, Incident.ref)).all()
    called = {external: ref for external, ref in refs}  # noqa: C416 - a row is no pair to the type checker
    here = [replace(met(r.told), called=called[r.told.external_id]) for r in first]
    later = [a_report(random, n) for n in range(1000, 1200)]
    wanted = {r.row_number: why for r in later if (why := best_of_all(r, here))}
    twice = Twice()
    found = [one for some in (later[:70], later[70:]) for one in twice.look(session, some, REVIEWER)]
    assert {one.line: one.why for one in found} == wanted
    assert 20 < len(wanted) < 200
    assert sum(len(days) for days, _ in twice.before.nearby.lying.values()) == 150  # each was read once
    assert twice.before.nearby.of(cell(66.5, 30.5) or 0, date(2020, 1, 1), DAYS) == []


def test_an_empty_archive_is_asked_once(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    looked, report = Before(), a_report(Random(3), 1)
    assert looked.likes(session, [report], REVIEWER) == []
    monkeypatch.setattr(session, "execute", None)
    assert looked.likes(session, [report], REVIEWER) == []


def test_a_wrong_row_is_told_for_every_row_that_has_it(archive: TestArchive, tmp_path: Path) -> None:
    path = a_table(
        tmp_path / "t.csv", *({"id": str(n), "degree": "nonsense" if n % 3 else "unknown"} for n in range(9))
    )
    outcome = imports.run(archive.engine, imports.plan(path, None, keep_good=True), REVIEWER)
    assert [error.line for error in outcome.errors] == [3, 4, 6, 7, 9, 10]
    assert outcome.new == len(archive.rows()) == 3
    with Session(archive.engine) as session:
        assert session.execute(text("SELECT count(*) FROM involvement")).scalar() == 3
