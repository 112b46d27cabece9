"""Whoever follows from the beginning, by pages of any size, ends with exactly what is there to be seen."""

from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from threading import Thread
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlmodel import Session, select

from app.access.viewer import Viewer
from app.access.wall import guarded
from app.actions import incidents
from app.db import reading, writing
from app.errors import Refusal
from app.queries import changes, public_changes
from app.queries.cursors import ChangesPage
from app.records import Incident
from app.records.change import Changes
from app.records.incident import IncidentChange
from app.upkeep import published as stores
from tests.archives import READER, REVIEWER, TestArchive
from tests.builders import incident_in
from tests.shelves import only
from tests.upkeep.test_published import AT, bundles

EDITOR = Viewer("another reviewer", "reviewer", "write")
SENSITIVITIES = ("sealed", "restricted", "internal")
STEP = st.tuples(
    st.sampled_from(["report", "report", "amend", "sealed", "restricted", "withdraw", "redirect"]),
    st.integers(0, 9), st.integers(0, 9),
)  # fmt: skip
ASIDE = settings(max_examples=5, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)


class Follower:
    """Keeps a copy by what is told, and nothing else."""

    def __init__(self, ask: Callable[[ChangesPage], Changes]) -> None:
        self.ask, self.cursor = ask, None
        self.there: set[UUID] = set()
        self.met: list[Any] = []

    def follow(self, limit: int) -> None:
        while True:
            page = self.ask(ChangesPage(since=self.cursor, limit=limit))
            assert len(page.items) <= limit
            for one in page.items:
                self.met.append(one)
                (self.there.discard if one.change in {"withdrawn", "redirected"} else self.there.add)(one.id)
            self.cursor = page.next  # type: ignore[assignment]
            if not page.more:
                return


def as_member(archive: TestArchive, viewer: Viewer) -> Callable[[ChangesPage], Changes]:
    def ask(asked: ChangesPage) -> Changes:
        with guarded(archive.engine, viewer) as session:
            return changes.page(session, asked, viewer)

    return ask


def take(session: Session, step: tuple[str, int, int], ids: list[UUID], archive: TestArchive) -> None:
    what, one, other = step
    if what == "report" or not ids:
        told = incident_in(f"Number {len(ids)}", sensitivity=SENSITIVITIES[one % 3])
        ids.append(incidents.report(session, told, REVIEWER).id)
        return
    which = ids[one % len(ids)]
    incident = incidents.find(session, which, EDITOR)
    seen = incidents.etag(which, incident.version)
    if what == "withdraw":
        incidents.withdraw(session, which, "A made-up reason.", seen, EDITOR)
    elif what == "redirect":
        incidents.redirect(session, which, ids[other % len(ids)], "A made-up reason.", seen, EDITOR)
    else:
        field = {"title": f"Put right {other}"} if what == "amend" else {"sensitivity": what}
        change = IncidentChange.model_validate({"reason": "A made-up reason."} | field)
        incidents.amend(session, which, change, seen, EDITOR)


@only("sqlite")
@pytest.mark.parametrize("viewer", [READER, REVIEWER], ids=["a viewer", "a reviewer"])
def test_members_end_with_what_they_may_see(archive: TestArchive, viewer: Viewer) -> None:
    follower, ids = Follower(as_member(archive, viewer)), []

    @ASIDE
    @given(st.lists(STEP, min_size=1, max_size=12), st.integers(1, 7))
    def try_it(steps: list[tuple[str, int, int]], limit: int) -> None:
        for step in steps:
            with suppress(Refusal), writing(archive.engine) as session:
                take(session, step, ids, archive)
            if step[1] % 3 == 0:
                follower.follow(limit)
        follower.follow(limit)
        anew = Follower(as_member(archive, viewer))
        anew.follow(limit)
        with guarded(archive.engine, viewer) as session:
            rows = session.execute(select(Incident.id, Incident.stage)).all()
        there = {record for record, stage in rows if stage != "withdrawn"}
        assert follower.there == there == anew.there
        seen = {record for record, _ in rows}
        assert {one.id for one in anew.met if one.id not in seen} == {
            one.id for one in anew.met if one.change == "withdrawn" and one.ref is None
        }

    try_it()
    assert len(ids) > 5
    assert any(one.change == "withdrawn" and one.ref is None for one in follower.met) == (viewer is READER)


@only("sqlite")
def test_while_others_write_nothing_is_skipped_and_nothing_told_twice(archive: TestArchive) -> None:
    follower, made = Follower(as_member(archive, READER)), []

    def write() -> None:
        made.extend(archive.report(incident_in(f"Number {number}")).id for number in range(15))

    writers = [Thread(target=write) for _ in range(2)]
    for writer in writers:
        writer.start()
    while any(writer.is_alive() for writer in writers):
        follower.follow(3)
    follower.follow(3)
    assert [one.change for one in follower.met] == ["new"] * 30
    assert {one.id for one in follower.met} == set(made)
    whole = Follower(as_member(archive, READER))
    whole.follow(1000)
    assert whole.met == follower.met


@only("sqlite")
def test_the_public_ends_with_what_is_published(published: TestArchive) -> None:
    made, store = bundles(published), published.published
    assert store is not None
    every = [bundle.incident["id"] for bundle in made]

    def ask(asked: ChangesPage) -> Changes:
        with reading(store.engine) as session:
            return public_changes.page(session, asked)

    follower = Follower(ask)
    part = st.sets(st.integers(0, len(made) - 1))

    @ASIDE
    @given(st.lists(st.tuples(part, part, st.booleans()), min_size=1, max_size=4), st.integers(1, 4))
    def try_it(runs: list[tuple[set[int], set[int], bool]], limit: int) -> None:
        for number, (shown, gone, touched) in enumerate(runs):
            for place in shown:
                made[place].incident["title"] = f"For all {number} {touched}"
                made[place].incident["origin_hash"] = f"{len(follower.met)} {number} {touched}"
            stores.change(store, [made[place] for place in shown], [every[place] for place in gone - shown], AT)
            if touched:
                follower.follow(limit)
        follower.follow(limit)
        anew = Follower(ask)
        anew.follow(limit)
        with reading(store.engine) as session:
            there = set(session.exec(select(Incident.id)).all())
        assert follower.there == there == anew.there
        assert follower.met == anew.met

    try_it()
    assert {one.change for one in follower.met} == {"new", "changed", "withdrawn"}


@only("sqlite")
def test_a_fault_in_the_log_is_seen(published: TestArchive, monkeypatch: pytest.MonkeyPatch) -> None:
    """The fault: what goes leaves no line."""
    from app.upkeep import public_log

    made, store = bundles(published), published.published
    assert store is not None
    monkeypatch.setattr(public_log, "_gone", lambda *_: [])
    stores.change(store, made, [], AT)
    stores.change(store, [], [made[0].incident["id"]], datetime(2026, 1, 3, tzinfo=UTC))
    with reading(store.engine) as session:
        told = public_changes.page(session, ChangesPage())
        assert len(told.items) > len(session.exec(select(Incident.id)).all())
