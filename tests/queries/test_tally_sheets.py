"""The tally sheets say what one gets by counting every incident, whatever was done to the archive before."""

from collections.abc import Callable
from itertools import product
from pathlib import Path
from random import Random
from typing import Any
from unittest.mock import patch

import pytest
from sqlalchemy import delete, update
from sqlmodel import Session, col, select

from app.access.viewer import OUTSIDER, Viewer
from app.access.wall import guarded
from app.actions import incidents
from app.db import reading, writing
from app.geography.outlines import Tile
from app.queries import tallies
from app.queries.filter import IncidentFilter
from app.queries.tiles import on_tile
from app.queries.totals import TotalsQuestion, totals
from app.records import Archive, Incident, MonthTally, PlaceTally, tallying
from app.records.incident import IncidentChange
from app.upkeep import published as store_of
from app.upkeep.verifying import verify
from tests.actions.erasing import erase, report
from tests.actions.test_taking_back import FIRST, SECOND, take, undo
from tests.archives import CONTRIBUTOR, READER, REVIEWER, TestArchive
from tests.builders import HOMS, incident_in
from tests.queries.a_crowd import fill
from tests.upkeep.test_published import AT, bundles

BYS = (("month", "kind"), ("year", "area1"), ("country", "family", "verification"))
FILTERS: tuple[dict[str, Any], ...] = ({}, {"country": "PAK"}, {"stage": "draft"}, {"stage": "withdrawn"},
    {"verification": ("unreviewed", "corroborated")})  # fmt: skip
TILES = (Tile(0, 0, 0), Tile(9, 345, 217))
STAFF = (REVIEWER, CONTRIBUTOR, READER)


def answers(session: Session, viewer: Viewer) -> list[Any]:
    """Totals and tiles, as one who counts would get them."""
    filters = [given for given in FILTERS if viewer is not OUTSIDER or "stage" not in given]
    counted = [totals(session, TotalsQuestion(by=by, **given), viewer) for by, given in product(BYS, filters)]
    return [*counted, *(on_tile(session, IncidentFilter(), tile, viewer) for tile in TILES)]


def check(archive: TestArchive, viewers: tuple[Viewer, ...] = STAFF) -> None:
    """Alike from the sheets and row by row; and the sheets hold nothing else."""
    for viewer in viewers:
        with guarded(archive.engine, viewer) as session:
            told = answers(session, viewer)
            with patch.object(tallies, "knows", lambda *_: False):
                assert told == answers(session, viewer)
    with reading(archive.engine) as session:
        assert tallying.differences(session.connection()) == {}


def count_on(archive: TestArchive) -> None:
    with writing(archive.engine) as session:
        tallying.fold(session.connection())


def change(archive: TestArchive, pk: int, **to: Any) -> None:
    """Amend an incident as a reviewer does."""
    with writing(archive.engine) as session:
        one = session.exec(select(Incident).where(col(Incident.pk) == pk)).one()
        told = IncidentChange.model_validate({"reason": "It says so.", **to})
        incidents.amend(session, one.id, told, incidents.etag(one.id, one.version), REVIEWER)


def withdraw(archive: TestArchive, pk: int) -> None:
    with writing(archive.engine) as session:
        one = session.exec(select(Incident).where(col(Incident.pk) == pk)).one()
        incidents.withdraw(session, one.id, "It is a duplicate.", incidents.etag(one.id, one.version), REVIEWER)


def redirect(archive: TestArchive, pk: int) -> None:
    with writing(archive.engine) as session:
        one, other = session.exec(select(Incident).where(col(Incident.pk).in_([pk, pk + 1]))).all()
        tag = incidents.etag(one.id, one.version)
        incidents.redirect(session, one.id, other.id, "It is a duplicate.", tag, REVIEWER)


def seal(archive: TestArchive, pk: int) -> None:
    change(archive, pk, sensitivity="sealed")


def move(archive: TestArchive, pk: int) -> None:
    change(archive, pk, date="2024-05", kind="armed_clash", killed={"min": 1}, injured=None)
    change(archive, pk, lon=HOMS[0], lat=HOMS[1], geo_precision="site")


DEEDS: tuple[Callable[[TestArchive, int], None], ...] = (move, seal, withdraw, redirect)


def test_whatever_is_done_they_are_as_if_counted(archive: TestArchive, tmp_path: Path) -> None:
    """Reports, changes, withdrawals, imports, their undoing, and an erasure, in turn and at random."""
    random = Random(17)
    fill(archive, 24, seed=3)
    check(archive, (READER,))
    count_on(archive)
    check(archive)
    for pk, deed in zip(random.sample(range(1, 20, 2), 8), DEEDS * 2, strict=True):
        deed(archive, pk)
        check(archive, (READER,))
    first = take(archive, tmp_path, FIRST)
    second = take(archive, tmp_path, SECOND)
    check(archive, (CONTRIBUTOR,))
    for outcome in (second, first):
        undo(archive, outcome.batch, also_edited=True)
        check(archive, (REVIEWER,))
    herself = report(archive)
    count_on(archive)
    erase(archive, herself, tmp_path)
    fill(archive, 3, seed=4)
    check(archive)


def test_what_fails_half_way_leaves_them_as_they_were(archive: TestArchive) -> None:
    fill(archive, 6, seed=3)
    count_on(archive)
    with pytest.raises(RuntimeError), writing(archive.engine) as session:
        session.execute(update(Incident).values(kind="torture"))
        session.execute(delete(PlaceTally))
        raise RuntimeError
    check(archive)


def test_a_row_that_counts_nothing_goes(archive: TestArchive) -> None:
    archive.report(incident_in(at=HOMS))
    count_on(archive)
    with writing(archive.engine) as session:
        session.execute(update(Incident).values(country="SYR", area1="Elsewhere", area1_code=None))
    with reading(archive.engine) as session:
        assert [row.area1 for row in session.exec(select(MonthTally)).all()] == ["Elsewhere"]


def test_an_import_and_many_reports_are_counted_beforehand(
    archive: TestArchive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    take(archive, tmp_path, FIRST)
    with reading(archive.engine) as session:
        assert session.exec(select(Archive.tallied)).one() == 1
    monkeypatch.setattr(tallying, "MANY", 3)
    monkeypatch.setattr(tallying, "SELDOM", 1)
    fill(archive, 4, seed=3)
    with reading(archive.engine) as session:
        assert session.exec(select(Archive.tallied)).one() == 4
    check(archive)


def test_what_they_count_is_not_read_row_by_row(archive: TestArchive) -> None:
    """Proof of use: with the sheets emptied, the totals are empty; and verifying finds it."""
    fill(archive, 6, seed=3)
    count_on(archive)
    assert archive.vault is not None
    with writing(archive.engine) as session:
        session.execute(delete(MonthTally))
    with guarded(archive.engine, REVIEWER) as session:
        assert totals(session, TotalsQuestion(by=("kind",)), REVIEWER).total == 0
    with reading(archive.engine) as session:
        assert [one.noun for one in verify(session, archive.vault).differences] == ["month_tally"]


def test_the_published_store_has_its_own(published: TestArchive) -> None:
    store: Any = published.published
    found = bundles(published)

    def alike(many: int) -> None:
        with reading(store.engine) as session:
            told = answers(session, OUTSIDER)
            assert told[0].total == many
            with patch.object(tallies, "knows", lambda *_: False):
                assert told == answers(session, OUTSIDER)
            assert tallying.differences(session.connection()) == {}

    store_of.change(store, found[1:], [], AT)
    alike(len(found) - 1)
    store_of.change(store, found[:1], [], AT)
    alike(len(found))
    store_of.change(store, found[:2], [found[-1].incident["id"]], AT)
    alike(len(found) - 1)
