"""What became of the published incidents, out of the public log: as pages, and the newest for a feed."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlmodel import Session, col, func, select

from app.errors import Gone
from app.queries import cursors
from app.queries.cursors import ChangesPage
from app.records import Incident, PublicChange
from app.records.change import ChangeOut, Changes

PUBLIC = "public"
NEWEST = 100
LINE: tuple[Any, ...] = (
    PublicChange.number, PublicChange.incident_id, PublicChange.ref, PublicChange.change, PublicChange.at,
    PublicChange.fields,
)  # fmt: skip
TOLD: tuple[Any, ...] = (
    PublicChange.number, PublicChange.incident_id, PublicChange.ref, PublicChange.change, PublicChange.at,
    Incident.title, Incident.summary, Incident.kind,
)  # fmt: skip


@dataclass(frozen=True)
class Entry:
    """The last that became of one incident. `title`: None when it is public no more."""

    id: UUID
    ref: str
    at: datetime
    title: str | None
    summary: str | None
    kind: str | None


def page(session: Session, asked: ChangesPage) -> Changes:
    """The next lines of the public log. Raises Invalid for a damaged cursor, Gone for one of an earlier log."""
    log = name_of_log(session)
    number = _after(session, asked, log)
    lines = session.execute(
        select(*LINE).where(col(PublicChange.number) > number).order_by(col(PublicChange.number)).limit(asked.limit + 1)
    ).all()
    shown = lines[: asked.limit]
    end = shown[-1].number if shown else number
    items = [
        ChangeOut(change=one.change, ref=one.ref, id=one.incident_id, at=one.at, fields=one.fields) for one in shown
    ]
    return Changes(items=items, next=cursors.written(PUBLIC, log if end else "", end), more=len(lines) > len(shown))


def name_of_log(session: Session) -> str:
    """A store that was made anew begins a log of its own: its first line tells them apart. "" for an empty one."""
    first = select(PublicChange.incident_id, PublicChange.at).order_by(col(PublicChange.number)).limit(1)
    found = session.execute(first).first()
    return hashlib.sha256(f"{found[0]} {found[1].isoformat()}".encode()).hexdigest()[:12] if found else ""


def _after(session: Session, asked: ChangesPage, log: str) -> int:
    """The number of the last line that was told already."""
    if asked.since is None:
        return 0
    if (moment := asked.moment) is not None:
        before = select(func.max(PublicChange.number)).where(col(PublicChange.at) < moment)
        return session.exec(before).one() or 0
    role, of, number = cursors.read(asked.since, (str, str, int))
    if role != PUBLIC:
        raise cursors.damaged()
    if number and of != log:
        raise Gone("The published store was made anew since this cursor was given: start again without since.")
    return int(number)


def newest(session: Session, before: str | None) -> tuple[list[Entry], str | None]:
    """The incidents that changed last, newest first and each once, and the cursor of those before them."""
    last = select(func.max(PublicChange.number)).group_by(col(PublicChange.incident_id))
    asked = select(*TOLD).outerjoin(Incident, col(Incident.id) == PublicChange.incident_id)
    asked = asked.where(col(PublicChange.number).in_(last))
    log = name_of_log(session)
    if before is not None:
        of, number = cursors.read(before, (str, int), "before")
        if of != log:
            raise Gone("The published store was made anew since this address was given: start again.")
        asked = asked.where(col(PublicChange.number) < number)
    found = session.execute(asked.order_by(col(PublicChange.number).desc()).limit(NEWEST + 1)).all()
    shown = found[:NEWEST]
    return _entries(shown), cursors.written(log, shown[-1].number) if len(found) > NEWEST else None


def _entries(found: Sequence[Any]) -> list[Entry]:
    return [Entry(one.incident_id, one.ref, one.at, one.title, one.summary, one.kind) for one in found]
