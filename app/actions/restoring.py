"""Bring an incident back to what it said before: a new change like any other, that can itself be undone."""

from typing import Any
from uuid import UUID

from sqlmodel import Session

from app.access.viewer import Viewer, check_may_write
from app.actions import indexing
from app.actions.incidents import check_version, decided_by, find, jsonable, touch
from app.actions.pen import Pen
from app.errors import Forbidden, Invalid
from app.queries import versions
from app.queries.history import may_read_what
from app.records import Incident
from app.records.decision import ANALYST
from app.records.history import RestoreIn


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
    pen = Pen(session, by)
    what = jsonable({"before": before, "after": after}) | {"restored": told.seq}
    pen.note("restored", "incident", incident.id, what, told.reason)
    pen.put_down()
    touch(pen, incident, after | {"decisions": _decisions(pen, incident, set(before), told.reason)})
    indexing.reindex(session, incident.pk)


def _decisions(pen: Pen, incident: Incident, columns: set[str], why: str) -> dict[str, Any]:
    """Somebody chose these values: no rule works them out again."""
    fields = sorted({field for name in columns if (field := versions.field_of(name)) is not None})
    decision = {"rule": ANALYST, "rationale": why, **decided_by(pen)}
    return incident.decisions | dict.fromkeys(fields, decision)
