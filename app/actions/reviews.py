"""Review a record: move it between stages, weigh the allegation, comment on it, and ask somebody to look after it."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlmodel import Session, col, select

from app.access.viewer import Viewer, check_may_write, may_write
from app.access.visibility import visible
from app.actions import steps
from app.actions.incidents import check_version, find, rewrite
from app.actions.pen import Pen
from app.errors import Fault, Invalid, Untimely
from app.records import Incident, Member
from app.records.review import AssignmentIn, MoveIn, Noted, VerificationIn


def move(session: Session, which: UUID, told: MoveIn, seen: str | None, by: Viewer) -> None:
    """Take a record to another stage.

    Raises MatchRequired and Stale, Untimely for a move that the table does not have, Forbidden for one that is not
    this role's to make or needs a second person.
    """
    check_may_write(by)
    incident = find(session, which, by)
    check_version(incident, seen)
    steps.check_move("stages", incident.stage, told.stage, by)
    if told.stage == "approved":
        steps.check_second_person(session, incident, by)
    pen = Pen(session, by)
    rewrite(pen, incident, steps.move(pen, incident, told.stage, told.note))


def verify(session: Session, which: UUID, told: VerificationIn, seen: str | None, by: Viewer) -> None:
    """Say how far the allegation is borne out.

    Raises MatchRequired and Stale, Untimely where the table or the accounts do not allow it, Forbidden by role, and
    Invalid for a day to come.
    """
    check_may_write(by)
    incident = find(session, which, by)
    check_version(incident, seen)
    steps.check_move("verifications", incident.verification, told.verification, by)
    missing = steps.lack(session, incident, told.verification)
    if missing is not None:
        raise Untimely(f"Not yet: {missing}")
    pen = Pen(session, by)
    on = told.verified_on or pen.at.date()
    if on > pen.at.date() + timedelta(days=1):  # it is tomorrow already in the east
        raise Invalid("That day is yet to come.", [Fault("verified_on", "in the future", "give today or earlier")])
    steps.set_verification(pen, incident, told.verification, told.note, "verified", verified_on=on)
    rewrite(pen, incident, {})


def comment(session: Session, which: UUID, told: Noted, by: Viewer) -> UUID:
    """Leave a remark; nothing of the record changes by it. The id of the remark."""
    check_may_write(by)
    incident = find(session, which, by)
    pen = Pen(session, by)
    row = steps.take(pen, incident, "comment", (None, None), told.note)
    made: UUID = row["id"]
    pen.note("commented", "incident", incident.id, {"id": str(made)}, told.note)
    pen.put_down()
    return made


def assign(session: Session, which: UUID, told: AssignmentIn, by: Viewer) -> None:
    """Ask a member to look after a record, or free it of one.

    Raises Invalid for somebody who is not here, may not write, or may not see this record; Untimely when it is so
    already.
    """
    check_may_write(by)
    incident = find(session, which, by)
    if told.member is not None:
        _check_member(session, incident, told.member)
    if told.member == incident.assigned_to:
        raise Untimely("Nothing to change: the record is looked after just so already.")
    pen = Pen(session, by)
    steps.take(pen, incident, "assignment", (incident.assigned_to, told.member), told.note)
    what: dict[str, Any] = {"before": {"assigned_to": incident.assigned_to}, "after": {"assigned_to": told.member}}
    pen.note("assigned", "incident", incident.id, what, told.note)
    pen.put_down()
    rewrite(pen, incident, what["after"])


def _check_member(session: Session, incident: Incident, name: str) -> None:
    """Somebody who could do the work: here, not shut out, with a role that writes and sees this record."""
    member = session.exec(select(Member).where(col(Member.name) == name, col(Member.disabled_at).is_(None))).first()
    viewer = Viewer(name, member.role, "write") if member else None
    if viewer is None or not may_write(viewer):
        why = "no member of this name may work on records", "see `gawah member list`, or give null for nobody"
        raise Invalid("This record cannot be assigned so.", [Fault("member", *why)])
    own = col(Incident.pk) == incident.pk
    if session.exec(select(Incident.pk).where(own, *visible(viewer))).first() is None:
        why = "this member may not see the record", "name a reviewer, or ask an admin for the role"
        raise Invalid("This record cannot be assigned so.", [Fault("member", *why)])
