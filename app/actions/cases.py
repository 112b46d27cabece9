"""Every way to change a disappearance case: open one, add to its life line, reject an event, amend, close."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import update
from sqlmodel import Session, col, select

from app.access.viewer import Viewer, check_may_write
from app.actions import composing, incidents, indexing, life_lines, people, sourcing
from app.actions.identities import OF_A_CASE, held_by
from app.actions.life_lines import Tellers
from app.actions.pen import Pen
from app.errors import Conflict, Fault, Invalid, MatchRequired, NotFound, Stale, Untimely
from app.queries.cases import find
from app.queries.fates import accepted, fate, step_of
from app.records import Account, Case, CaseEvent, Incident, Revision
from app.records.account import AccountIn
from app.records.case import CaseClosing, CaseEventIn, CaseIn
from app.records.person import Candidate, Reasoned
from app.records.seals import without_seals

WHO = Fault("account_id", "no source is named", "give the `account_id` of an account, or a new `according_to`")


def open_case(session: Session, which: UUID, told: CaseIn, by: Viewer) -> tuple[UUID, list[Candidate]]:
    """Open a case of an incident already here; its id, and who may already be here. The same `id` again is safe.

    Raises NotFound for the incident, Conflict when the id is taken, Invalid where an event names no source.
    """
    check_may_write(by)
    incident = incidents.find(session, which, by)
    raw = told.model_dump(mode="json", exclude_unset=True)
    if told.id is not None and _already(session, Case, told.id, {"case": raw}):
        return told.id, []
    pen, known = Pen(session, by), people.Known()
    (case,), accounts = life_lines.cite_apart([told])
    tellers = _tellers(pen, incident, case.events, accounts)
    person = people.person_pk(pen, case.person, known)
    row = life_lines.write_case(pen, incident.pk, case, tellers, person, raw)
    pen.note("added", "incident", incident.id, {"case": str(row["id"])})
    pen.put_down()
    _settle(pen, incident, cited=bool(accounts))
    made: UUID = row["id"]
    return made, known.candidates


def add_event(session: Session, which: UUID, told: CaseEventIn, by: Viewer) -> UUID:
    """Add to a life line. With `supersedes_id` it stands for an earlier event, which stays to be seen.

    Raises NotFound for the case, Invalid where no source is named or the earlier event is not of this case.
    """
    check_may_write(by)
    case, incident = find(session, which, by)
    raw = told.model_dump(mode="json", exclude_unset=True)
    if told.id is not None and _already(session, CaseEvent, told.id, {"event": raw, "id": str(told.id)}):
        return told.id
    pen = Pen(session, by)
    earlier = None if told.supersedes_id is None else _earlier(session, case, told.supersedes_id)
    event, accounts = life_lines.cite_event_apart(told)
    tellers = _tellers(pen, incident, [event], accounts)
    row = life_lines.event_row(pen, case.pk, event, tellers.number(event), earlier)
    pen.note("added", "case", case.id, {"event": raw, "id": str(row["id"])})
    pen.put_down()
    _follow(pen, case, incident)
    if accounts:
        _settle(pen, incident, cited=True)
    made: UUID = row["id"]
    return made


def reject_event(session: Session, which: UUID, event: UUID, why: str, by: Viewer) -> None:
    """Set an event aside for a reason. It stays in the life line and no longer counts."""
    check_may_write(by)
    case, incident = find(session, which, by)
    mine = col(CaseEvent.id) == event, col(CaseEvent.case_pk) == case.pk
    found = session.exec(select(CaseEvent).where(*mine)).first()
    if found is None:
        raise NotFound("No event of this case has this id.")
    if found.rejected_at is not None:
        raise Untimely("This event has been rejected already: see `rejected_reason` in the life line.")
    pen = Pen(session, by)
    pen.note("rejected", "case", case.id, {"event": str(event), "kind": found.kind}, why)
    pen.put_down()
    values = {"rejected_at": pen.at, "rejected_reason": why}
    session.execute(update(CaseEvent).where(col(CaseEvent.pk) == found.pk).values(**values))
    _follow(pen, case, incident)


def amend(session: Session, which: UUID, change: Reasoned, seen: str | None, by: Viewer) -> None:
    """Change the fields that `change` names, for a reason; the old values stay in history.

    `seen`: the If-Match header. Raises MatchRequired without one and Stale when somebody was faster.
    """
    check_may_write(by)
    case, incident = find(session, which, by)
    _check_version(case, seen)
    named = sorted(change.model_fields_set - {"reason"})
    if not named:
        raise Invalid("Nothing to change.", [Fault("body", "no field is named", "name the fields that change")])
    values = {name: getattr(change, name) for name in named}
    pen = Pen(session, by)
    _write(pen, case, "amended", values, change.reason)
    _follow(pen, case, incident)


def close(session: Session, which: UUID, closing: CaseClosing, by: Viewer) -> None:
    """Close a case that is a duplicate or no disappearance; null opens it again. Its life line stays as it is."""
    check_may_write(by)
    case, incident = find(session, which, by)
    if closing.closed_as is None and case.closed_as is None:
        raise Untimely("This case is open already. Write `closed_as` to close it.")
    pen = Pen(session, by)
    shut = closing.closed_as is not None
    values = {
        "closed_as": closing.closed_as,
        "closed_reason": closing.reason if shut else None,
        "closed_at": pen.at if shut else None,
    }
    _write(pen, case, "closed" if shut else "reopened", values, closing.reason)
    _follow(pen, case, incident)


def _already(session: Session, table: Any, record: UUID, what: dict[str, Any]) -> bool:
    """Whether the very same was sent before. Raises Conflict where its id belongs to something else."""
    if session.exec(select(table.pk).where(table.id == record)).first() is None:
        return False
    lines = select(Revision.what).where(col(Revision.noun) == "case", col(Revision.action).in_(("reported", "added")))
    owner = record
    if table is CaseEvent:
        of = select(Case.id).join(CaseEvent, col(CaseEvent.case_pk) == Case.pk).where(col(CaseEvent.id) == record)
        owner = session.exec(of).one()
    told = session.exec(lines.where(col(Revision.record_id) == owner)).all()
    if what in [without_seals(dict(line)) for line in told]:
        return True
    raise Conflict("Another record has this id. Use a new id, or leave it out.")


def _tellers(pen: Pen, incident: Incident, events: Sequence[CaseEventIn], accounts: Sequence[AccountIn]) -> Tellers:
    """The accounts of the incident, the newly cited ones among them. Raises Invalid where an event has none."""
    if any(event.account_id is None for event in events):
        raise Invalid("Every event needs somebody who says so.", [WHO])
    mine = pen.session.execute(select(Account.id, Account.pk).where(col(Account.incident_pk) == incident.pk)).all()
    known = {account: pk for account, pk in mine}  # noqa: C416 - a row is no pair to the type checker
    for account, voice in zip(accounts, sourcing.settle(pen, accounts), strict=True):
        row = composing.account_row(pen, incident.pk, account, voice, {}, account.id)
        known[row["id"]] = row["pk"]
    return Tellers(known)


def _earlier(session: Session, case: Case, event: UUID) -> int:
    """The number of the event to be replaced."""
    mine = col(CaseEvent.id) == event, col(CaseEvent.case_pk) == case.pk
    found = session.exec(select(CaseEvent.pk).where(*mine)).first()
    if found is None:
        fault = Fault("supersedes_id", "no event of this case has this id", "look in GET /cases/{id}")
        raise Invalid("The event is not here.", [fault])
    return found


def _check_version(case: Case, seen: str | None) -> None:
    if seen is None:
        raise MatchRequired("Send If-Match with the ETag of the version you saw, so that no change is lost.")
    if seen.strip() != incidents.etag(case.id, case.version):
        raise Stale("The case has changed since you read it. Read it again, then repeat your change.")


def _write(pen: Pen, case: Case, action: str, values: dict[str, Any], why: str) -> None:
    """Write columns of a case with what was there before."""
    before = {name: getattr(case, name) for name in values}
    changed = {name: value for name, value in values.items() if before[name] != value or action != "amended"}
    what = {"before": {name: before[name] for name in changed}, "after": changed}
    pen.note(action, "case", case.id, incidents.jsonable(what), why)
    bound = held_by(pen, case.person_pk, values, OF_A_CASE)
    pen.put_down()
    pen.session.execute(update(Case).where(col(Case.pk) == case.pk).values(**bound))
    pen.session.expire_all()


def _follow(pen: Pen, case: Case, incident: Incident) -> None:
    """Derive the status anew from what now stands, and make it a new version; the incident too, which shows it."""
    before = case.current_status
    events = pen.session.exec(select(CaseEvent).where(col(CaseEvent.case_pk) == case.pk)).all()
    status = case.closed_as or fate([step_of(event) for event in accepted(events)]).status
    values = {"current_status": status, "version": case.version + 1, "updated_at": pen.at}
    pen.session.execute(update(Case).where(col(Case.pk) == case.pk).values(**values))
    pen.session.expire_all()
    if status != before:
        incidents.touch(pen, incident, {})


def _settle(pen: Pen, incident: Incident, *, cited: bool) -> None:
    """Bring the incident up to date: a new account may be a further voice, a new person a further name."""
    if cited:
        incidents.recount(pen, incident)
    incidents.touch(pen, incident, {})
    indexing.reindex(pen.session, incident.pk)
