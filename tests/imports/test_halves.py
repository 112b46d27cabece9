"""A large table that two processes look at: what comes of it is what comes of one, whatever the file holds."""

import io
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from rich.console import Console
from sqlmodel import col, select

from app import imports
from app.access.viewer import Viewer
from app.cli import say
from app.db import reading
from app.errors import Refusal, Unreadable
from app.imports import Outcome, Plan, halves, likely, mappings, names, outcome, running, tables
from app.imports.doubles import twice
from app.imports.tables.shape import LOOKED_AT
from app.records import Revision
from tests.archives import CONTRIBUTOR, REVIEWER, TestArchive
from tests.imports.befallen import HERE, a_row, a_table, written
from tests.imports.nasty import Nasty, files
from tests.imports.test_one_run import MAPPING

REALLY_MAY_COPY = halves.may_copy
pytestmark = [
    pytest.mark.one_archive,
    pytest.mark.skipif(sys.platform != "linux", reason="only Linux copies a process"),
]
CHUNK = 3
MAPPED = mappings.read(MAPPING)


@pytest.fixture(scope="module")
def before(shared: TestArchive, tmp_path_factory: pytest.TempPathFactory) -> TestArchive:
    """An archive in which some of the rows are already, and some like them."""
    random = Random(1)
    path = written(tmp_path_factory.mktemp("before") / "t.csv", [a_row(random, number) for number in range(HERE)])
    assert imports.run(shared.engine, imports.plan(path, None), REVIEWER).new == HERE
    return shared


@pytest.fixture(autouse=True)
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Small chunks, and copies of the small files of this test, of a process that has the threads of pytest."""
    monkeypatch.setattr(running, "CHUNK", CHUNK)
    monkeypatch.setattr(halves, "LARGE", 0)
    monkeypatch.setattr(halves, "may_copy", lambda: True)


@pytest.fixture
def few_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (outcome, running):
        monkeypatch.setattr(module, "MOST_CHANGED", 4)
    monkeypatch.setattr(outcome, "MOST_RANGES", 5)
    monkeypatch.setattr(twice, "SHOWN", 4)
    monkeypatch.setattr(likely, "MOST_NAMES", {"actor": 5, "person": 2, "place": 2})
    monkeypatch.setattr("app.imports.checking.PILE_ROWS", 4)


def parted(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """Whether the halves of each file, as it comes, could be joined."""
    joined: list[bool] = []
    join = running._Taking._join

    def noted(*told: Any) -> bool:
        joined.append(join(*told))
        return joined[-1]

    monkeypatch.setattr(running._Taking, "_join", noted)
    return joined


def looked(archive: TestArchive, plan: Plan, by: Viewer = REVIEWER) -> tuple[Outcome | str, int]:
    """What comes of a dry run, and how many rows it told of on the way."""
    told: list[int] = []
    try:
        return imports.run(archive.engine, replace(plan, dry_run=True), by, told.append), sum(told)
    except Refusal as refusal:
        return refusal.detail, 0


def compare(archive: TestArchive, plan: Plan, by: Viewer = REVIEWER) -> Outcome | str:
    """By two processes and by one: the same, with everything that is told and kept of it."""
    two, told = looked(archive, plan, by)
    with pytest.MonkeyPatch.context() as alone:
        alone.setattr(halves, "may_copy", lambda: False)
        one, all_told = looked(archive, plan, by)
    assert two == one
    assert told == all_told
    if isinstance(two, Outcome) and isinstance(one, Outcome):
        assert list(two.names.found) == list(one.names.found)
        assert two.as_json() == one.as_json()
    return two


@pytest.mark.usefixtures("few_are_told")
def test_two_find_what_one_finds(before: TestArchive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    joined = parted(monkeypatch)
    found = []
    for seed in range(40):
        monkeypatch.setattr(names, "MOST", 8 if seed % 4 == 0 else 5000)
        by = CONTRIBUTOR if seed % 5 == 0 else REVIEWER
        found.append(compare(before, imports.plan(a_table(tmp_path / "t.csv", seed), None), by))
    told = [one for one in found if isinstance(one, Outcome)]
    assert min(joined.count(True), joined.count(False)) > 5
    assert all(any(getattr(one, name) for one in told) for name in ("new", "changed", "refused", "not_told"))
    assert all(any(one.line == 0 and one.column == column for o in told for one in o.notes) for column in ("id", "lat"))
    assert any(one.names.left for one in told)
    assert any(lines.left for one in told for lines in one.lines.values())


def test_two_find_what_one_finds_in_nasty_tables(
    before: TestArchive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, joined = tmp_path / "table", parted(monkeypatch)
    monkeypatch.setattr(running, "CHUNK", 1)

    @settings(max_examples=30, deadline=None, database=None, derandomize=True, phases=[Phase.generate],
              suppress_health_check=list(HealthCheck))  # fmt: skip
    @given(files())
    def tried(file: Nasty) -> None:
        if not file.shape.endswith("as text"):
            return
        path.write_bytes(file.raw)
        try:
            plan = imports.plan(path, None)
        except Refusal:
            return
        compare(before, plan)

    tried()
    assert len(joined) > 5


def test_names_of_people_and_words_come_from_both(before: TestArchive, tmp_path: Path) -> None:
    rows = [
        {"No": str(n), "What": f"a raid {n}", "Kind": ("Murder", "Razzia")[n % 2], "Province": f"Balochstan {n % 4}",
         "Name": f"Gul Example {n % 9}"} for n in range(30)
    ]  # fmt: skip
    found = compare(before, imports.plan(written(tmp_path / "t.csv", rows), None, mapping=MAPPED))
    assert isinstance(found, Outcome)
    assert {kind for kind, _ in found.names.found} == {"person", "place", "word"}
    assert next(iter(found.names.found.values())).rows > 2


def test_that_people_were_looked_for_is_written_down_once(before: TestArchive, tmp_path: Path) -> None:
    rows = [
        {"No": str(n), "What": "a raid", "Kind": "Murder", "Province": "", "Name": "Gul" * (n > 15)} for n in range(20)
    ]
    plan = imports.plan(written(tmp_path / "t.csv", rows), None, mapping=MAPPED, dry_run=True)

    def searches() -> int:
        with reading(before.engine) as session:
            return len(session.exec(select(Revision.seq).where(col(Revision.action) == "searched")).all())

    earlier = searches()
    assert imports.run(before.engine, plan, REVIEWER).names.searched
    assert searches() == earlier + 1


def a_plain_file(folder: Path, rows: int = 30) -> Path:
    random = Random(5)
    return written(folder / "t.csv", [a_row(random, HERE + number) for number in range(rows)])


def test_a_row_that_cannot_be_read_late_in_the_file_ends_it(before: TestArchive, tmp_path: Path) -> None:
    path = a_plain_file(tmp_path, LOOKED_AT + 100)
    path.write_text(path.read_text() + 'x,"an open\n')
    told = compare(before, imports.plan(path, None))
    assert isinstance(told, str)
    with pytest.raises(Unreadable, match="cannot be read as CSV"):
        imports.run(before.engine, imports.plan(path, None, dry_run=True), REVIEWER)


@pytest.mark.parametrize("fate", [lambda: os._exit(3), lambda: os.kill(os.getpid(), signal.SIGKILL), lambda: 1 / 0])
def test_when_the_other_dies_the_first_does_it_all(
    before: TestArchive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fate: Callable[[], Any]
) -> None:
    plan, first = imports.plan(a_plain_file(tmp_path), None), os.getpid()
    draft = plan.importer.draft

    def fatal(row: Any) -> Any:
        if os.getpid() != first and row.line > 28:
            fate()
        return draft(row)

    joined = parted(monkeypatch)
    compare(before, replace(plan, importer=replace(plan.importer, draft=fatal)))
    assert len(joined) < 5
    assert all(joined)


def test_nobody_waits_for_ever_and_nothing_stays(
    before: TestArchive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan, first, others = imports.plan(a_plain_file(tmp_path), None), os.getpid(), tmp_path / "others"
    draft = plan.importer.draft

    def slow(row: Any) -> Any:
        if os.getpid() != first:
            others.write_text(str(os.getpid()))
            time.sleep(60)
        return draft(row)

    monkeypatch.setattr(halves, "PATIENCE", 0.5)
    compare(before, replace(plan, importer=replace(plan.importer, draft=slow)))
    with pytest.raises(ProcessLookupError):
        os.kill(int(others.read_text()), 0)


def test_an_interrupt_ends_both(before: TestArchive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    begun: list[halves.Other] = []
    begin = halves._begun

    def noted(*told: Any) -> halves.Other | None:
        other = begin(*told)
        assert other is not None
        begun.append(other)
        numbers.append(other.process.pid or 0)
        return other

    def interrupted(_: int) -> None:
        raise KeyboardInterrupt

    numbers: list[int] = []
    monkeypatch.setattr(halves, "_begun", noted)
    with pytest.raises(KeyboardInterrupt):
        plan = imports.plan(a_plain_file(tmp_path), None, dry_run=True)
        imports.run(before.engine, plan, REVIEWER, interrupted)
    with pytest.raises(ProcessLookupError):
        os.kill(numbers[0], 0)


def test_a_machine_without_room_does_it_alone(
    before: TestArchive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full() -> int:
        raise BlockingIOError

    monkeypatch.setattr(os, "fork", full)
    joined = parted(monkeypatch)
    compare(before, imports.plan(a_plain_file(tmp_path), None))
    assert joined == []


def test_only_a_large_text_is_parted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = a_plain_file(tmp_path)
    read_as = tables.look(path).read_as
    assert halves.line_between(path, read_as) == round(31 * halves.OWN)
    assert halves.line_between(path, "CSV in gz, UTF-8") is None
    monkeypatch.setattr(halves, "LARGE", 32)
    assert halves.line_between(path, read_as) is None
    monkeypatch.setattr(halves, "LARGE", 0)
    monkeypatch.setattr(halves, "may_copy", lambda: False)
    assert halves.line_between(path, read_as) is None


def test_a_process_with_threads_is_not_copied_and_a_bar_is_no_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(threading, "active_count", lambda: 2)
    assert not REALLY_MAY_COPY()
    monkeypatch.undo()
    monkeypatch.setattr(say, "error", Console(file=io.StringIO(), force_terminal=True))
    before = threading.active_count()
    with say.progress("Importing", 10) as advance:
        monkeypatch.setattr(say, "PAUSE", -1.0)
        advance(7)
        assert threading.active_count() == before
    assert "7/10" in say.error.file.getvalue()  # type: ignore[attr-defined]
