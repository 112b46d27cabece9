"""Receipts: what an Idempotency-Key led to, so that a retry gets the same answer and not a second record."""

import hashlib
from datetime import timedelta
from uuid import UUID

from sqlalchemy import delete
from sqlmodel import Session, col, select

from app.access.viewer import Viewer
from app.actions.incidents import Reported
from app.db import now
from app.errors import Conflict
from app.records import Incident, Receipt
from app.records.history import canonical
from app.records.incident import IncidentIn

KEPT = timedelta(days=7)


def once(session: Session, key: str | None, told: IncidentIn, by: Viewer) -> Reported | None:
    """What this key led to before. Raises Conflict when it came with another report then."""
    if key is None:
        return None
    asked = select(Receipt).where(col(Receipt.key) == key, col(Receipt.who) == by.name)
    found = session.exec(asked).first()
    if found is None:
        return None
    if found.body_hash != _digest(told):
        raise Conflict("This Idempotency-Key came with another report before. Use a new key for a new report.")
    ref = session.exec(select(Incident.ref).where(col(Incident.id) == found.record_id)).first()
    return Reported(found.record_id, ref, new=False) if ref else None


def keep(session: Session, key: str | None, told: IncidentIn, record: UUID, by: Viewer) -> None:
    """Remember a key for a week; older ones go."""
    if key is None:
        return
    at = now()
    session.execute(delete(Receipt).where(col(Receipt.at) < at - KEPT))
    session.add(Receipt(key=key, who=by.name, body_hash=_digest(told), record_id=record, at=at))
    session.flush()


def _digest(told: IncidentIn) -> str:
    return hashlib.sha256(canonical(told.model_dump(mode="json", exclude_unset=True))).hexdigest()
