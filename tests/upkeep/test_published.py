"""Readers of the published store see all of a publication or nothing of it, also when it is killed half-way."""

import os
import signal
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import update
from sqlmodel import Session, col, select

from app.access.viewer import Viewer
from app.actions import publishing
from app.db import reading, writing
from app.queries import publishing as queries
from app.queries.public_rows import Bundle, compose
from app.records import Incident, PublicVersion
from app.records.public_version import PublicVersionIn
from app.upkeep import contents
from app.upkeep import published as store_of
from tests.archives import CONTRIBUTOR, TestArchive
from tests.builders import incident_in

EDITOR = Viewer("another reviewer", "reviewer", "write")
AT = datetime(2026, 1, 2, tzinfo=UTC)
MANY = 5


def bundles(archive: TestArchive, *, citing: bool = False) -> list[Bundle]:
    """What a publication would lay in: five incidents, with the source of each or without."""
    ids = [archive.report(incident_in(f"Inside {n}"), CONTRIBUTOR).id for n in range(MANY)]
    with writing(archive.engine) as session:
        mine = col(Incident.id).in_(ids)
        session.execute(update(Incident).where(mine).values(stage="approved", sensitivity="public"))
    for which in ids:
        seen = archive.seen(which)
        told = {"title": "For all", "place": "none", "reason": "A made-up reason."}
        cited = [str(archive.see(which).accounts[0].source_id)] if citing else []
        words = PublicVersionIn.model_validate(told | {"cites": cited})
        with writing(archive.engine) as session:
            publishing.approve(session, which, words, seen, EDITOR)
    with reading(archive.engine) as session:
        found = session.exec(select(PublicVersion)).all()
        made = [compose(session, version, queries.public_ids(session)) for version in found]
    for bundle in made:
        bundle.incident |= {"updated_at": AT, "entered_at": AT}
    return made


def told(session: Session) -> set[UUID]:
    return set(session.exec(select(Incident.id)).all())


def killed_in(act: Callable[[], Any]) -> int:
    """Do it in a process of its own, which kills itself on the way: the signal that it died of."""
    child = os.fork()
    if child == 0:
        try:
            act()
        finally:
            os._exit(0)
    return os.waitpid(child, 0)[1]


def die(*_: Any, **__: Any) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


@pytest.fixture
def laid(published: TestArchive) -> tuple[Any, list[Bundle]]:
    """A store that holds the first two of five incidents."""
    if published.engine.dialect.name != "sqlite":
        pytest.skip("on PostgreSQL a publication is one transaction of the server")
    made = bundles(published)
    store_of.change(published.published, made[:2], [], AT)  # type: ignore[arg-type]
    return published.published, made


@pytest.mark.parametrize("step", ["bury", "take_out", "lay", "sweep"])
def test_killed_half_way_leaves_the_old_state(
    laid: tuple[Any, list[Bundle]], monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    store, made = laid
    gone = [made[0].incident["id"]]
    with monkeypatch.context() as patch:
        real = getattr(contents, step)
        patch.setattr(contents, step, lambda *told: (real(*told), die()))
        assert killed_in(lambda: store_of.change(store, made[1:], gone, AT)) == signal.SIGKILL
    with reading(store.engine) as session:
        assert told(session) == {bundle.incident["id"] for bundle in made[:2]}
    store_of.change(store, made[1:], gone, AT)
    with reading(store.engine) as session:
        assert told(session) == {bundle.incident["id"] for bundle in made[1:]}


def test_killed_once_it_stands_leaves_the_new_state(
    laid: tuple[Any, list[Bundle]], monkeypatch: pytest.MonkeyPatch
) -> None:
    store, made = laid
    with monkeypatch.context() as patch:
        patch.setattr(store_of, "open_plain", lambda *a, real=store_of.open_plain, **k: _dies_at_second(real(*a, **k)))
        assert killed_in(lambda: store_of.change(store, made, [], AT)) == signal.SIGKILL
    with reading(store.engine) as session:
        assert len(told(session)) == MANY


def _dies_at_second(engine: Any) -> Any:
    """The transaction stands when the store is opened once more, to fold it into the file."""
    engine.connect = die
    return engine


def test_a_reader_goes_on_with_what_it_began_with(laid: tuple[Any, list[Bundle]]) -> None:
    store, made = laid
    with reading(store.engine) as session:
        before = told(session)
        store_of.change(store, made[2:], [bundle.incident["id"] for bundle in made[:2]], AT)
        session.expire_all()
        assert told(session) == before == {bundle.incident["id"] for bundle in made[:2]}
    with reading(store.engine) as session:
        assert told(session) == {bundle.incident["id"] for bundle in made[2:]}


def test_a_store_written_bit_by_bit_would_be_seen(
    laid: tuple[Any, list[Bundle]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The fault: what is taken out stands before the new is laid in."""
    store, made = laid
    with monkeypatch.context() as patch:
        real = contents.take_out
        patch.setattr(contents, "take_out", lambda at, ids: (real(at, ids), at.commit(), die()))
        assert killed_in(lambda: store_of.change(store, made[1:], [made[0].incident["id"]], AT)) == signal.SIGKILL
    with reading(store.engine) as session:
        assert told(session) == set()
