"""A publication run: plan it, record it, write it to the published store; and take out at once what may not stay."""

import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import Engine, exists, or_
from sqlmodel import Session, select

from app.access.viewer import OUTSIDER, Viewer, console
from app.actions import publishing as actions
from app.actions.releases import recall
from app.db import now, reading, writing
from app.errors import NotFound
from app.queries import incidents, one, releases
from app.queries import publishing as queries
from app.queries.filter import IncidentFilter
from app.queries.public_rows import NO_MOMENT, compose
from app.records import PublicVersion, Release
from app.records.incident import IncidentOut
from app.records.public_version import PublicationChange
from app.upkeep import laying, published
from app.upkeep.published import Store

UPKEEP = console("upkeep")
PROTECTED = "A consent ended, or it is held more closely now."
# Where nothing was ever published, as in most archives, a change takes nothing out.
ANYTHING_PUBLIC = select(or_(exists(select(PublicVersion.pk)), exists(select(Release.pk))))
Write = Callable[[], AbstractContextManager[Session]]


def publish(write: Write, store: Store, by: Viewer, *, dry_run: bool = False) -> list[PublicationChange]:
    """Let the store hold what is approved, and nothing else. What changes by it, incident by incident.

    The archive records the publication first. Should the store then fail, nothing is public that was not, and the
    next run makes up for it.
    """
    at = now()
    with write() as session:
        made = queries.plan(session, published.held(store), at.date())
        if dry_run:
            session.rollback()
            return made.changes
        actions.record(session, made, by)
    if made.bundles or made.gone:
        published.change(store, made.bundles, made.gone, at)
    catch_up(store.working, store, at.date())
    return made.changes


def refill(store: Store, advance: Callable[[int], None] = lambda _: None) -> int:
    """Fill a store that was laid anew, as after an upgrade, with what was public in it before. How many incidents.

    Only what still may be public: see `still_public`. A store in which something is stays as it is. `advance`: is told
    of each incident that was looked at.
    """
    if not published.is_empty(store):
        return 0
    at = now()
    with reading(store.working) as session:
        found = queries.still_public(session, at.date(), advance)
    if found:
        published.change(store, found, [], at)
    return len(found)


@contextmanager
def minded(opened: AbstractContextManager[Session], working: Engine, store: Store | None) -> Iterator[Session]:
    """A session for a change. After it, and before anybody is told of it, what may not stay public is so no more.

    Where it changed the areas, they are looked up as they are now.
    """
    with opened as session:
        yield session
        changed = session.in_transaction()  # it may have thought better of it
        public = store is not None and changed and session.execute(ANYTHING_PUBLIC).scalar_one()
    published.show_areas(working, store, after=session)
    if store is not None and public:
        catch_up(working, store, now().date())


def catch_up(working: Engine, store: Store, on: date) -> int:
    """Take out at once what was published and may not be public any more. How many incidents."""
    with reading(working) as session:
        forbidden = queries.no_longer(session, on)
    gone = published.there(store, list(forbidden)) if forbidden else []
    if gone:
        published.change(store, [], gone, now())
    _recall(store, [record for record, danger in forbidden.items() if danger is not None])
    return len(gone)


def _recall(store: Store, forbidden: Sequence[UUID]) -> None:
    """What somebody has to be protected from is taken out of the releases too; they say so, and give new checksums."""
    with reading(store.working) as session:
        held = set(releases.held_of(session, forbidden)) if forbidden else set()
    if held:
        with writing(store.working) as session:
            recall(session, held, PROTECTED, UPKEEP)
    laying.lay(store.working, store.engine, store.writing)


def preview(session: Session, incident: int) -> tuple[IncidentOut, dict[str, Any]]:
    """An incident as the public would get it, read out of a store that holds it alone. Raises NotFound."""
    version = queries.living(session, incident)
    if version is None:
        raise NotFound("This incident has no public version: approve one first.")
    bundle = compose(session, version, queries.public_ids(session))
    bundle.incident |= {"updated_at": version.approved_at, "entered_at": NO_MOMENT}
    with tempfile.TemporaryDirectory() as folder:
        alone = published.alone(Path(folder) / "preview.db", bundle)
        with reading(alone) as public:
            shown = one.whole(public, one.find(public, bundle.incident["ref"], OUTSIDER), OUTSIDER)
            (row,) = incidents.stream(public, IncidentFilter(), OUTSIDER)
        alone.dispose()
    return shown, row
