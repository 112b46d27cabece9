"""Whatever a table holds, it comes in whole or not at all, is accounted for row by row, and can be taken back."""

# By hand: GAWAH_NASTY_TABLES=1000 python3 -m app test tests/imports/test_nasty_tables.py

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from sqlmodel import Session, col, select

from app import imports
from app.actions import batches
from app.db import writing
from app.errors import Refusal
from app.imports import Outcome, Plan, tables
from app.records import ImportBatch, Incident, Revision, tallying
from tests.archives import REVIEWER, TestArchive
from tests.builders import QUETTA, incident_in
from tests.dumps import digests
from tests.imports.nasty import Nasty, files

pytestmark = pytest.mark.one_archive
EXAMPLES = int(os.environ.get("GAWAH_NASTY_TABLES", "30"))


@pytest.fixture(scope="module")
def before(shared: TestArchive) -> TestArchive:
    """An archive in which something is already, from no file."""
    shared.report(incident_in("Alleged killing", at=QUETTA))
    with writing(shared.engine) as session:
        tallying.fold(session.connection())  # as an import would
    return shared


def test_a_nasty_table_comes_in_whole_or_not_at_all_and_goes_again(
    before: TestArchive, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("nasty") / "table"

    @settings(
        max_examples=EXAMPLES, deadline=None, database=None, derandomize=EXAMPLES < 100,
        phases=[Phase.generate, *([Phase.shrink] if EXAMPLES >= 100 else [])], suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(files())
    def tried(file: Nasty) -> None:
        path.write_bytes(file.raw)
        _try(before, path)

    tried()
    assert before.broken() is None


def _try(archive: TestArchive, path: Path) -> None:
    """All that is promised of an import, for one file."""
    untouched, remembered = digests(archive.engine), digests(archive.engine, memory=True)
    try:
        looked = _run(archive, path, dry_run=True)
    except Refusal as refusal:
        assert refusal.detail
        assert digests(archive.engine, memory=True) == remembered
        return
    _check_counts(looked, path)
    whole = _run(archive, path)
    assert (_counts(whole), whole.errors) == (_counts(looked), looked.errors)
    assert whole.recorded == bool(looked.new and not looked.refused)
    if not whole.recorded:
        kept = digests(archive.engine, memory=True)
        if whole.names.searched:  # history tells that people were looked for, and nothing else
            assert kept.pop("revision") != remembered.pop("revision")
        assert kept == remembered
        whole = _run(archive, path, keep_good=True)
        assert (_counts(whole), whole.errors) == (_counts(looked), looked.errors)
    if whole.recorded:
        _check_kept(archive, whole)
        _again(archive, path, whole)
        _take_back(archive, whole)
    assert digests(archive.engine) == untouched


def _run(archive: TestArchive, path: Path, *, dry_run: bool = False, keep_good: bool = False) -> Outcome:
    plan: Plan = imports.plan(path, None, dry_run=dry_run, keep_good=keep_good)
    return imports.run(archive.engine, plan, REVIEWER)


def _counts(outcome: Outcome) -> tuple[int, ...]:
    return outcome.rows, outcome.new, outcome.changed, outcome.unchanged, outcome.refused


def _check_counts(outcome: Outcome, path: Path) -> None:
    """Each row is new, changed, unchanged or refused; whatever is refused has its row and a reason."""
    lines = [row.line for row in tables.rows(path)]
    assert outcome.rows == len(lines) == sum(_counts(outcome)[1:])
    assert min(_counts(outcome)) >= 0
    refused = [error.line for error in outcome.errors]
    assert len(refused) == len(set(refused)) == outcome.refused
    assert set(refused) <= set(lines)
    assert all(error.why and error.column for error in outcome.errors)


def _check_kept(archive: TestArchive, outcome: Outcome) -> None:
    """Just the good rows are on record, each once, and no refused one."""
    with Session(archive.engine) as session:
        batch = session.exec(select(ImportBatch.pk).where(col(ImportBatch.id) == outcome.batch)).one()
        kept = session.exec(select(Incident.id).where(col(Incident.batch_pk) == batch)).all()
        told = session.exec(
            select(Revision.record_id, Revision.row_number).where(
                col(Revision.batch_pk) == batch, col(Revision.action) == "reported"
            )
        ).all()
    assert len(kept) == outcome.new
    assert sorted(record for record, _ in told) == sorted(kept)
    numbers = [number for _, number in told]
    assert len(set(numbers)) == len(numbers)
    assert not {error.line for error in outcome.errors}.intersection(numbers)


def _again(archive: TestArchive, path: Path, first: Outcome) -> None:
    remembered = digests(archive.engine, memory=True)
    again = _run(archive, path, keep_good=True)
    assert (again.new, again.changed, again.refused, again.recorded) == (0, 0, first.refused, False)
    assert digests(archive.engine, memory=True) == remembered


def _take_back(archive: TestArchive, outcome: Outcome) -> None:
    assert outcome.batch is not None
    with writing(archive.engine) as session:
        assert batches.undo(session, outcome.batch, REVIEWER) == outcome.new
