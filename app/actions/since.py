"""What has been done since to the records of an import, and would go with it if it were taken back."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import chain
from typing import Any

from sqlmodel import Session, col, or_, select

from app.actions import edits, life_lines, parts
from app.errors import Fault
from app.queries.people import LINKS
from app.records import (
    Account,
    Actor,
    ActorParent,
    Attachment,
    Case,
    Consent,
    ImportBatch,
    Incident,
    Involvement,
    Link,
    Person,
    Revision,
)
from app.records.history import of_changes

EACH = 5
TAKEN_BACK = (parts.TAKEN_BACK, edits.TAKEN_BACK)
DONE: tuple[Any, ...] = (Revision.action, Revision.who, Revision.at)
Work = tuple[str, str]


def later_work(session: Session, batch: int) -> list[Fault]:
    """By record, in the order of their refs: who did what to it, and when."""
    found: dict[str, dict[str, None]] = {}
    kinds = (_changed, _heard, _overwritten, _entered, _tied, _followed, _filed)
    for where, what in chain.from_iterable(kind(session, batch) for kind in kinds):
        found.setdefault(where, {})[what] = None
    return [Fault(where, _few(list(told))) for where, told in sorted(found.items())]


def _few(told: list[str]) -> str:
    more = [f"and {len(told) - EACH} more"] if len(told) > EACH else []
    return "; ".join(told[:EACH] + more)


def _line(action: str, who: str, at: datetime) -> str:
    return f"{action} by {who}, {at:%Y-%m-%d}"


def _told(session: Session, asked: Any) -> Iterator[Work]:
    """Lines of history that a question finds, with the record that each is about."""
    for where, *done in session.execute(asked).all():
        yield str(where), _line(*done)


def _later(asked: Any, batch: int) -> Any:
    """Only what others did, and what still stands: an import that was taken back, and taking it back, is no work."""
    return (
        asked.outerjoin(ImportBatch, col(ImportBatch.pk) == Revision.batch_pk)
        .where(or_(col(Revision.batch_pk) != batch, col(Revision.batch_pk).is_(None)), of_changes())
        .where(
            col(ImportBatch.undone_at).is_(None), or_(col(Revision.why).is_(None), col(Revision.why).not_in(TAKEN_BACK))
        )
        .order_by(col(Revision.seq))
    )


def _changed(session: Session, batch: int) -> Iterator[Work]:
    """Incidents that the import brought."""
    asked = select(Incident.ref, *DONE).join(Revision, col(Revision.record_id) == Incident.id)
    yield from _told(session, _later(asked.where(col(Incident.batch_pk) == batch), batch))


def _heard(session: Session, batch: int) -> Iterator[Work]:
    """Accounts that it brought, and somebody accepted or rejected; that a later import supersedes them is no work."""
    asked = select(Incident.ref, *DONE).join(Account, col(Account.incident_pk) == Incident.pk)
    asked = asked.join(Revision, col(Revision.record_id) == Account.id)
    asked = asked.where(col(Account.batch_pk) == batch, col(Revision.batch_pk).is_(None))
    yield from ((ref, f"an account {told}") for ref, told in _told(session, _later(asked, batch)))


def _overwritten(session: Session, batch: int) -> Iterator[Work]:
    """Fields of earlier records that it changed, and somebody after it: the value of the rows left would stand."""
    mine = select(Revision.record_id).where(col(Revision.batch_pk) == batch, col(Revision.action) == "updated")
    lines = (
        select(Incident.ref, Revision.batch_pk, Revision.what, *DONE)
        .join(Revision, col(Revision.record_id) == Incident.id)
        .where(col(Incident.id).in_(mine), col(Incident.batch_pk).is_distinct_from(batch))
        .where(
            col(Revision.action) == "amended", or_(col(Revision.batch_pk) == batch, col(Revision.batch_pk).is_(None))
        )
        .where(or_(col(Revision.why).is_(None), col(Revision.why).not_in(TAKEN_BACK)))
    )
    named: dict[str, set[str]] = {}
    for ref, of, what, *done in session.execute(lines.order_by(col(Revision.seq))).all():
        fields = set(what.get("after", ()))
        if of == batch:
            named.setdefault(ref, set()).update(fields)
        elif fields & named.get(ref, set()):
            yield ref, _line(*done)


def _entered(session: Session, batch: int) -> Iterator[Work]:
    """People and actors that it brought and whom nothing else names."""
    for noun, table, links in (("person", Person, LINKS), ("actor", Actor, [Involvement])):
        asked: Any = select(table.id, *DONE).join(Revision, col(Revision.record_id) == table.id)
        asked = asked.where(col(table.batch_pk) == batch, *_only_here(noun, table, links, batch))
        asked = asked.where(~_held_otherwise()[noun])
        yield from ((f"{noun} {which}", told) for which, told in _told(session, _later(asked, batch)))


def _only_here(noun: str, table: Any, links: Iterable[Any], batch: int) -> Iterator[Any]:
    gone = select(Incident.pk).where(col(Incident.batch_pk) == batch)
    for link in links:
        pointer = getattr(link, f"{noun}_pk")
        yield ~select(link.pk).where(pointer == col(table.pk), col(link.incident_pk).not_in(gone)).exists()


def _held_otherwise() -> dict[str, Any]:
    """Who stays although no incident names them."""
    above = or_(col(ActorParent.actor_pk) == Actor.pk, col(ActorParent.parent_pk) == Actor.pk)
    return {
        "person": select(Consent.pk).where(col(Consent.person_pk) == Person.pk).exists(),
        "actor": select(ActorParent.pk).where(above).exists(),
    }


def _tied(session: Session, batch: int) -> Iterator[Work]:
    ends = or_(col(Link.from_pk) == Incident.pk, col(Link.to_pk) == Incident.pk)
    since = or_(col(Link.batch_pk) != batch, col(Link.batch_pk).is_(None)), col(Link.revoked_at).is_(None)
    asked = select(Incident.ref).join(Link, ends).where(col(Incident.batch_pk) == batch, *since)
    yield from ((ref, "linked to another record") for ref in session.exec(asked).all())


def _followed(session: Session, batch: int) -> Iterator[Work]:
    mine = or_(col(Incident.batch_pk) == batch, col(Case.batch_pk) == batch)
    asked = select(Incident.ref).join(Case, col(Case.incident_pk) == Incident.pk)
    found = session.exec(asked.where(mine, ~life_lines.untouched())).all()
    yield from ((ref, "somebody has worked on its case") for ref in found)


def _filed(session: Session, batch: int) -> Iterator[Work]:
    asked = select(Incident.ref).join(Attachment).where(col(Incident.batch_pk) == batch)
    yield from ((ref, "a file of evidence hangs on it") for ref in session.exec(asked).all())
