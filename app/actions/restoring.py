"""Bring a record back to what it said before: a new change like any other, that can itself be undone."""

from typing import Any
from uuid import UUID

from sqlmodel import Session, col, select

from app.access.viewer import Viewer, check_may_write
from app.actions import actors, cases, indexing, lowering, people
from app.actions.incidents import check_version, decided_by, find, jsonable, touch
from app.actions.pen import Pen
from app.errors import Fault, Forbidden, Invalid, NotFound
from app.queries import versions, whose
from app.queries.history import may_read_what
from app.records import Incident, Revision
from app.records.actor import ActorChange
from app.records.case import CaseChange
from app.records.decision import ANALYST
from app.records.history import RestoreIn
from app.records.person import PersonChange

RECORDS: dict[str, tuple[Any, Any]] = {
    "actor": (ActorChange, actors.amend),
    "case": (CaseChange, cases.amend),
    "person": (PersonChange, people.amend),
}


def restore(session: Session, which: UUID, told: RestoreIn, seen: str | None, by: Viewer) -> None:
    """Set the own fields of an incident to what they were after line `seq` of its history.

    Accounts, acts and all else that hangs on it stay. Raises MatchRequired and Stale, and Invalid for a number that
    is no version, or where nothing would change; Forbidden for those who may not read what it said.
    """
    check_may_write(by)
    incident = find(session, which, by)
    check_version(incident, seen)
    if not may_read_what(session, incident.id, by):
        raise Forbidden("You may not read what this incident said before: ask a reviewer to bring it back.")
    then = versions.typed(versions.columns_after(session, incident, told.seq))
    before = {name: getattr(incident, name) for name, value in then.items() if getattr(incident, name) != value}
    if not before:
        raise Invalid("Nothing to restore: the incident says today what it said then.")
    after = {name: then[name] for name in before}
    if "sensitivity" in after:
        lowering.check_may_lower_incident(session, incident, after["sensitivity"], by)
    pen = Pen(session, by)
    what = jsonable({"before": before, "after": after}) | {"restored": told.seq}
    pen.note("restored", "incident", incident.id, what, told.reason)
    pen.put_down()
    touch(pen, incident, after | {"decisions": _decisions(pen, incident, set(before), told.reason)})
    indexing.reindex(session, incident.pk)


def restore_record(session: Session, noun: str, which: UUID, told: RestoreIn, by: Viewer, *, seen: str | None) -> None:
    """Set the fields of an incident, person, actor or case to what they were after line `seq` of its history.

    Raises as the amendment that it is; NotFound for a record that cannot be restored; Invalid for a number that is
    none of its lines, or where nothing changed since; Forbidden for those who may not read what it said.
    """
    if noun == "incident":
        restore(session, which, told, seen, by)
        return
    if noun not in RECORDS:
        raise NotFound(f"Only these go back to an earlier version: incident, {', '.join(RECORDS)}.")
    lines = whose.history_of(session, noun, which, by)
    if told.seq not in {line.seq for line in lines}:
        fault = Fault("seq", "no line of this record has this number", f"look in GET /history/{noun}/{{id}}")
        raise Invalid("There is no such version.", [fault])
    if not may_read_what(session, which, by):
        raise Forbidden("You may not read what this record said before: ask a reviewer to bring it back.")
    change, amend = RECORDS[noun]
    then = {name: value for name, value in _since(session, which, told.seq).items() if name in change.model_fields}
    if not then:
        raise Invalid("Nothing to restore: the record says today what it said then.")
    amend(session, which, change.model_validate({"reason": told.reason} | then), seen, by)


def _since(session: Session, record: UUID, seq: int) -> dict[str, Any]:
    """What the fields were that changed after a line: the first value that any of the later lines replaced."""
    later = select(Revision.what).where(col(Revision.record_id) == record, col(Revision.seq) > seq)
    then: dict[str, Any] = {}
    for what in session.exec(later.order_by(col(Revision.seq))).all():
        then = (what.get("before") or {}) | then
    return then


def _decisions(pen: Pen, incident: Incident, columns: set[str], why: str) -> dict[str, Any]:
    """Somebody chose these values: no rule works them out again."""
    fields = sorted({field for name in columns if (field := versions.field_of(name)) is not None})
    decision = {"rule": ANALYST, "rationale": why, **decided_by(pen)}
    return incident.decisions | dict.fromkeys(fields, decision)
