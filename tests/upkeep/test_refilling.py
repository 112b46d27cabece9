"""A published store that is laid anew, as after an upgrade, holds again what was public, and nothing else."""

from functools import partial
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import update
from sqlmodel import col, select

from app.access.viewer import OUTSIDER
from app.actions import incidents, publishing
from app.db import reading, writing
from app.queries import incidents as asking
from app.queries.filter import IncidentFilter
from app.queries.publishing import public_ids
from app.queries.rows import FlatRow
from app.records import Incident, PublicVersion
from app.records.incident import IncidentChange
from app.records.public_version import PublicVersionIn
from app.upkeep import publication
from app.upkeep import published as store_of
from tests.archives import CONTRIBUTOR, TestArchive
from tests.upkeep.test_published import EDITOR, bundles


@pytest.fixture
def store(published: TestArchive) -> Any:
    """Five incidents in it."""
    bundles(published, citing=True)
    publication.publish(partial(writing, published.engine), published.published, EDITOR)  # type: ignore[arg-type]
    return published.published


def told(store: Any) -> list[FlatRow]:
    with reading(store.engine) as session:
        return list(asking.stream(session, IncidentFilter(), OUTSIDER))


def ids_inside(published: TestArchive) -> list[UUID]:
    with reading(published.engine) as session:
        return list(session.exec(select(Incident.id).join(PublicVersion).order_by(col(Incident.pk))).all())


def lay_anew(store: Any) -> None:
    """As `open_store` does where it finds a store of an older schema."""
    store_of._make(store, store_of.mark(store.working))
    assert told(store) == []


def test_all_that_was_public_is_so_again(store: Any) -> None:
    before = told(store)
    lay_anew(store)
    looked_at: list[int] = []
    assert publication.refill(store, looked_at.append) == len(before) == 5
    assert sum(looked_at) >= 5
    assert told(store) == before
    assert publication.refill(store) == 0


def test_what_may_not_be_public_any_more_does_not_come_back(published: TestArchive, store: Any) -> None:
    withdrawn, raised, recalled, amended, kept = ids_inside(published)
    (last,) = (row for row in told(store) if row["ref"] == _public_ref(published, kept))
    lay_anew(store)
    with writing(published.engine) as session:
        incidents.withdraw(session, withdrawn, "A made-up reason.", published.seen(withdrawn), EDITOR)
    with writing(published.engine) as session:
        session.execute(update(Incident).where(col(Incident.id) == raised).values(sensitivity="sealed"))
        publishing.withdraw(session, recalled, "A made-up reason.", published.seen(recalled), EDITOR)
    with writing(published.engine) as session:
        change = IncidentChange.model_validate({"title": "Another inside", "reason": "A made-up reason."})
        incidents.amend(session, amended, change, published.seen(amended), CONTRIBUTOR)
    assert publication.refill(store) == 1
    assert told(store) == [last]


def test_what_waits_for_its_publication_waits_on(published: TestArchive, store: Any) -> None:
    first, *others = ids_inside(published)
    words = PublicVersionIn.model_validate({"title": "Other words", "place": "none", "reason": "A made-up reason."})
    with writing(published.engine) as session:
        session.execute(update(Incident).where(col(Incident.id) == first).values(stage="approved"))
        publishing.approve(session, first, words, published.seen(first), EDITOR)
    lay_anew(store)
    assert publication.refill(store) == len(others)
    assert "Other words" not in {row["title"] for row in told(store)}


def _public_ref(published: TestArchive, which: UUID) -> str:
    with reading(published.engine) as session:
        return public_ids(session).ref(which)
