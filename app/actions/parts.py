"""Bring an imported incident up to date from a newer row of the same id, and back again."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import and_, delete, update
from sqlmodel import Session, col, select

from app.actions import composing, deciding, incidents, indexing, life_lines, people, sourcing
from app.actions.composing import Naming, Report
from app.actions.hanging import rehang
from app.actions.lowering import is_lower
from app.actions.pen import Pen
from app.actions.standing import stand
from app.records import Account, Act, Case, CaseEvent, ImportBatch, Incident, IncidentPlace, Involvement, Revision
from app.records.account import SAYABLE, AccountIn
from app.records.incident import IncidentIn, IncidentStated
from app.records.seals import without_seals

# What hangs on an incident, by its name in a row, and is replaced as a whole; accounts are superseded instead.
REPLACED: dict[str, Any] = {"involvements": Involvement, "acts": Act, "places": IncidentPlace, "cases": Case}
# What a newer row may change: what sources say, and what a file says of its own rows.
CHANGEABLE = (*SAYABLE, "confidence", "sensitivity", "licence")
NEWER, TAKEN_BACK = "a newer row of the same id", "the import of a newer row was taken back"
LENIENT = {"imported": True}


@dataclass(frozen=True)
class Line:
    """What one row said of an incident, and the import it came with."""

    seq: int
    batch: int | None
    what: dict[str, Any]

    @property
    def report(self) -> dict[str, Any]:
        return {name: value for name, value in self.what["report"].items() if value not in (None, [], "")}


def renew(pen: Pen, incident: Incident, report: Report, known: people.Known) -> None:
    """Apply what the newer row says otherwise than those before; a cell that is now empty deletes nothing."""
    report = composing.cite_apart(report)
    before = _together(_lines(pen, incident))
    row = Line(0, None, report.raw).report
    pen.note("updated", "incident", incident.id, report.raw, row=report.row_number)
    _apply(pen, incident, before, before | row, NEWER)
    imported = select(Account.pk).where(col(Account.incident_pk) == incident.pk, col(Account.batch_pk).is_not(None))
    old = pen.session.exec(imported.where(col(Account.standing) == "accepted")).all()
    for name in REPLACED.keys() & row.keys():
        _drop(pen, incident, name, _replaceable(REPLACED[name]))
    accounts = _write_accounts(pen, incident, report, old[0] if old else None)
    for told, account in zip(report.tellers, accounts, strict=True):
        _add_parts(pen, incident, told, account, known)
    _add_cases(pen, incident, report, accounts, known)
    stand(pen, col(Account.pk).in_(old), "superseded", "a newer version of the file was imported", NEWER)
    _finish(pen, incident, report)


def restore(pen: Pen, batch: int) -> None:
    """Undo every `renew` of a batch: what the other rows say together stands again."""
    changed = select(Revision).where(col(Revision.batch_pk) == batch, col(Revision.action) == "updated")
    for line in pen.session.exec(changed.order_by(col(Revision.seq).desc())).all():
        incident = pen.session.exec(select(Incident).where(col(Incident.id) == line.record_id)).first()
        if incident is None or incident.batch_pk == batch:
            continue
        rows = _lines(pen, incident)
        others = [row for row in rows if row.seq != line.seq]
        _forget(pen, incident, batch, others[-1].batch)
        _apply(pen, incident, _together(rows), _together(others), TAKEN_BACK)
        _bring_back(pen, incident, rows, others)
        _finish(pen, incident, _report_of(others[-1].what))


def told_of(session: Session, incidents: Sequence[UUID]) -> dict[UUID, dict[str, Any]]:
    """What the rows of each of these incidents say together, by its id."""
    found: dict[UUID, list[Line]] = {which: [] for which in incidents}
    for which, line in _told(session, col(Revision.record_id).in_(incidents)):
        found[which].append(line)
    return {which: _together(lines) for which, lines in found.items()}


def _lines(pen: Pen, incident: Incident) -> list[Line]:
    """The rows that speak of an incident, oldest first; those of imports taken back do not."""
    return [line for _, line in _told(pen.session, col(Revision.record_id) == incident.id)]


def _told(session: Session, which: Any) -> list[tuple[UUID, Line]]:
    lines = (
        select(Revision.record_id, Revision.seq, Revision.batch_pk, Revision.what)
        .outerjoin(ImportBatch, col(ImportBatch.pk) == col(Revision.batch_pk))
        .where(which, col(Revision.action).in_(("reported", "updated")))
        .where(col(ImportBatch.undone_at).is_(None))
    )
    found = session.execute(lines.order_by(col(Revision.seq))).all()
    return [(record, Line(seq, batch, without_seals(what))) for record, seq, batch, what in found]


def _together(lines: Iterable[Line]) -> dict[str, Any]:
    """What rows say one after the other; where a row says nothing, the one before it still speaks."""
    told: dict[str, Any] = {}
    for line in lines:
        told |= line.report
    return told


def _report_of(raw: dict[str, Any]) -> Report:
    told = IncidentIn.model_validate(raw["report"], context=LENIENT)
    accounts = tuple(AccountIn.model_validate(a, context=LENIENT) for a in raw.get("accounts", ()))
    return Report(told, raw, accounts)


def _apply(pen: Pen, incident: Incident, old: dict[str, Any], new: dict[str, Any], why: str) -> None:
    """Set the fields that are told differently now; what nobody tells any more is as if it had never been told."""
    named = {name for name in CHANGEABLE if old.get(name) != new.get(name)}
    if named:
        told = {name: new.get(name, IncidentStated.model_fields[name].default) for name in named}
        if why == NEWER and is_lower(told.get("sensitivity", incident.sensitivity), incident.sensitivity):
            del told["sensitivity"]  # a file is no second person; taking one back is no lowering
        incidents.apply(pen, incident, told, why)


def _drop(pen: Pen, incident: Incident, name: str, which: Any) -> None:
    """Delete acts, involvements or places of an incident; what pointed at such an act stays without it."""
    table = REPLACED[name]
    mine = col(table.incident_pk) == incident.pk, which
    if table is Case:
        life_lines.drop(pen.session, *mine)
        return
    if table is Act:
        pointing = col(Involvement.act_pk).in_(select(Act.pk).where(*mine))
        pen.session.execute(update(Involvement).where(pointing).values(act_pk=None))
        rehang(pen, "act_pk", select(Act.pk).where(*mine), incident.pk)
    pen.session.execute(delete(table).where(*mine))


def _replaceable(table: Any) -> Any:
    """What an import brought; of cases, those on which nobody has worked since."""
    imported = col(table.batch_pk).is_not(None)
    return and_(imported, life_lines.untouched()) if table is Case else imported


def _add_cases(pen: Pen, incident: Incident, report: Report, accounts: Sequence[int], known: people.Known) -> None:
    """Write the cases of a row, unless one is left on which somebody has worked."""
    if pen.session.exec(select(Case.pk).where(col(Case.incident_pk) == incident.pk)).first() is None:
        composing.write_cases(pen, incident.pk, report, accounts, known, Naming())
        pen.put_down()


def _add_parts(pen: Pen, incident: Incident, told: IncidentIn | AccountIn, account: int, known: people.Known) -> None:
    composing.add_parts(pen, incident.pk, told, account, known, Naming())
    pen.put_down()


def _write_accounts(pen: Pen, incident: Incident, report: Report, supersedes: int | None) -> list[int]:
    citations = [report.told.according_to, *report.accounts]
    voices = sourcing.settle(pen, citations)
    accounts = composing.write_accounts(pen, incident.pk, report, voices)
    pen.put_down()
    if supersedes is not None:
        pen.session.execute(update(Account).where(col(Account.pk) == accounts[0]).values(supersedes_pk=supersedes))
    return accounts


def _forget(pen: Pen, incident: Incident, batch: int, last: int | None) -> None:
    """Drop what a batch said of an incident and let the accounts of the last import that is left speak again."""
    for name, table in REPLACED.items():
        _drop(pen, incident, name, col(table.batch_pk) == batch)
    mine = col(Account.incident_pk) == incident.pk
    gone = select(Account.pk).where(mine, col(Account.batch_pk) == batch)
    pen.session.execute(update(Account).where(mine, col(Account.supersedes_pk).in_(gone)).values(supersedes_pk=None))
    pen.session.execute(update(CaseEvent).where(col(CaseEvent.account_pk).in_(gone)).values(account_pk=None))
    rehang(pen, "account_pk", gone, incident.pk)
    pen.gone(Account, pen.session.exec(select(Account.id).where(col(Account.pk).in_(gone))).all())
    pen.session.execute(delete(Account).where(mine, col(Account.batch_pk) == batch))
    superseded = and_(mine, col(Account.standing) == "superseded", col(Account.batch_pk) == last)
    stand(pen, superseded, "accepted", None, TAKEN_BACK)


def _bring_back(pen: Pen, incident: Incident, rows: Sequence[Line], others: Sequence[Line]) -> None:
    """Write the acts, involvements and places again that a row had replaced, each to the account that told it."""
    then, now = _last_telling(rows), _last_telling(others)
    for line in others:
        names = {name for name, teller in now.items() if teller is line and then[name] is not line}
        if names and line.batch is not None:
            pen.batch_pk = line.batch  # they belong to the import that told them, and go with it
            report = _report_of({"report": {k: v for k, v in line.report.items() if k in names or k not in REPLACED}})
            account, known = _first_account(pen, incident, line.batch), people.Known()
            _add_parts(pen, incident, report.told, account, known)
            _add_cases(pen, incident, report, [account], known)
    pen.batch_pk = None


def _last_telling(lines: Sequence[Line]) -> dict[str, Line]:
    """The last row that tells of acts, of involvements and of places."""
    return {name: line for line in lines for name in REPLACED if name in line.report}


def _first_account(pen: Pen, incident: Incident, batch: int) -> int:
    mine = col(Account.incident_pk) == incident.pk, col(Account.batch_pk) == batch
    return pen.session.exec(select(Account.pk).where(*mine).order_by(col(Account.pk)).limit(1)).one()


def _finish(pen: Pen, incident: Incident, report: Report) -> None:
    pen.session.refresh(incident)
    incidents.recount(pen, incident)
    deciding.derive(pen, incident)
    incidents.touch(pen, incident, {"origin_hash": report.origin_hash})
    pen.session.refresh(incident)
    indexing.reindex(pen.session, incident.pk)
