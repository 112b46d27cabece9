"""Bring an imported incident up to date from a newer row of the same id, and back again."""

from typing import Any

from sqlalchemy import delete, update
from sqlmodel import col, select

from app.actions import composing, incidents, indexing, people, sourcing
from app.actions.composing import Naming, Report
from app.actions.pen import Pen
from app.records import Account, Act, Incident, IncidentPlace, Involvement, Revision
from app.records.account import SAYABLE, AccountIn
from app.records.incident import IncidentIn

# Rows that hang on an incident and are replaced as a whole; accounts never are, they are superseded.
REPLACED = (Involvement, Act, IncidentPlace)
LENIENT = {"imported": True}


def renew(pen: Pen, incident: Incident, report: Report, known: people.Known) -> None:
    """Apply what the newer row says otherwise than the last one; a cell that is now empty deletes nothing."""
    last = _last_raw(pen, incident, before=None)
    pen.note("updated", "incident", incident.id, report.raw, row=report.row_number)
    _apply(pen, incident, last, report)
    superseded = select(Account.pk).where(col(Account.incident_pk) == incident.pk, col(Account.batch_pk).is_not(None))
    old = pen.session.exec(superseded.where(col(Account.standing) == "accepted")).all()
    _write_parts(pen, incident, report, known, old[0] if old else None)
    reason = {"standing": "superseded", "standing_reason": "a newer version of the file was imported"}
    pen.session.execute(update(Account).where(col(Account.pk).in_(old)).values(**reason))
    _finish(pen, incident, report)


def restore(pen: Pen, batch: int) -> None:
    """Undo every `renew` of a batch: the row before speaks again."""
    changed = select(Revision).where(col(Revision.batch_pk) == batch, col(Revision.action) == "updated")
    for line in pen.session.exec(changed.order_by(col(Revision.seq).desc())).all():
        incident = pen.session.exec(select(Incident).where(col(Incident.id) == line.record_id)).first()
        if incident is None or incident.batch_pk == batch:
            continue
        before = _last_raw(pen, incident, before=line.seq)
        _forget(pen, incident, batch)
        report = _report_of(before)
        _apply(pen, incident, line.what, report)
        account = _first_account(pen, incident)
        _write_parts(pen, incident, report, people.Known(), None, account=account)
        _finish(pen, incident, report)


def _last_raw(pen: Pen, incident: Incident, before: int | None) -> dict[str, Any]:
    """What the last row said, up to a line of history."""
    lines = select(Revision.what).where(
        col(Revision.record_id) == incident.id, col(Revision.action).in_(("reported", "updated"))
    )
    if before is not None:
        lines = lines.where(col(Revision.seq) < before)
    return dict(pen.session.exec(lines.order_by(col(Revision.seq).desc()).limit(1)).one())


def _report_of(raw: dict[str, Any]) -> Report:
    told = IncidentIn.model_validate(raw["report"], context=LENIENT)
    accounts = tuple(AccountIn.model_validate(a, context=LENIENT) for a in raw.get("accounts", ()))
    return Report(told, raw, accounts)


def _apply(pen: Pen, incident: Incident, last: dict[str, Any], report: Report) -> None:
    """Set the fields of the incident that the two rows give differently."""
    old, new = last["report"], report.raw["report"]
    named = {name for name in SAYABLE if name in new and new[name] != old.get(name)}
    if named:
        incidents.apply(pen, incident, {name: new[name] for name in named}, named, "a newer row of the same id")


def _write_parts(
    pen: Pen,
    incident: Incident,
    report: Report,
    known: people.Known,
    supersedes: int | None,
    account: int | None = None,
) -> None:
    """Replace the imported acts, involvements and places; write the accounts too unless one is given."""
    for table in REPLACED:
        imported = col(table.incident_pk) == incident.pk, col(table.batch_pk).is_not(None)
        pen.session.execute(delete(table).where(*imported))
    if account is None:
        account = _write_accounts(pen, incident, report, supersedes)
    composing.add_parts(pen, incident.pk, report.told, account, known, Naming())
    pen.put_down()


def _write_accounts(pen: Pen, incident: Incident, report: Report, supersedes: int | None) -> int:
    citations = [report.told.according_to, *report.accounts]
    voices = sourcing.settle(pen, citations)
    account = composing.write_accounts(pen, incident.pk, report, voices)
    pen.put_down()
    if supersedes is not None:
        pen.session.execute(update(Account).where(col(Account.pk) == account).values(supersedes_pk=supersedes))
    return account


def _forget(pen: Pen, incident: Incident, batch: int) -> None:
    """Drop the accounts of a batch and let those speak again that it had superseded."""
    mine = col(Account.incident_pk) == incident.pk
    for table in REPLACED:
        pen.session.execute(delete(table).where(col(table.incident_pk) == incident.pk, col(table.batch_pk) == batch))
    pen.session.execute(delete(Account).where(mine, col(Account.batch_pk) == batch))
    again = {"standing": "accepted", "standing_reason": None}
    superseded = mine, col(Account.standing) == "superseded", col(Account.batch_pk).is_not(None)
    pen.session.execute(update(Account).where(*superseded).values(**again))


def _first_account(pen: Pen, incident: Incident) -> int:
    mine = col(Account.incident_pk) == incident.pk, col(Account.batch_pk).is_not(None)
    return pen.session.exec(select(Account.pk).where(*mine).order_by(col(Account.pk)).limit(1)).one()


def _finish(pen: Pen, incident: Incident, report: Report) -> None:
    pen.session.refresh(incident)
    incidents.recount(pen, incident)
    incidents.touch(pen, incident, {"origin_hash": report.origin_hash})
    pen.session.refresh(incident)
    indexing.reindex(pen.session, incident.pk)
