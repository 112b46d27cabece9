"""Take over what somebody changed in a file of our own export, and take it back."""

from datetime import date
from typing import Any

from sqlmodel import col, select

from app.actions import incidents, indexing
from app.actions.composing import Report
from app.actions.pen import Pen
from app.records import ImportBatch, Incident, Revision
from app.records.decision import ANALYST

TAKEN_BACK = "the import of an edited export was taken back"


def revise(pen: Pen, incident: Incident, report: Report) -> None:
    """Change the fields that were edited, as an amendment does: the file is the reason, and no source says it."""
    named = report.edits or {}
    file_name = pen.session.exec(select(ImportBatch.file_name).where(col(ImportBatch.pk) == pen.batch_pk)).one()
    why = f"edited in an export of ours, row {report.row_number} of {file_name}"
    decision = {"rule": ANALYST, "rationale": why, **incidents.decided_by(pen)}
    incidents.apply(pen, incident, named, why, dict.fromkeys(sorted(named), decision))
    pen.session.refresh(incident)


def restore(pen: Pen, batch: int) -> None:
    """Undo every `revise` of a batch; a column that was changed again since stays as it is."""
    lines = select(Revision).where(col(Revision.batch_pk) == batch, col(Revision.action) == "amended")
    for line in pen.session.exec(lines.order_by(col(Revision.seq).desc())).all():
        incident = pen.session.exec(select(Incident).where(col(Incident.id) == line.record_id)).first()
        if incident is not None and "decided_before" in line.what:
            _restore(pen, incident, line)


def _restore(pen: Pen, incident: Incident, line: Revision) -> None:
    what = line.what
    stands = incidents.jsonable({name: getattr(incident, name) for name in what["after"]})
    back = {name: _value(name, was) for name, was in what["before"].items() if stands[name] == what["after"][name]}
    mine = {name: told for name, told in incident.decisions.items() if told.get("at") == line.at.isoformat()}
    earlier = {name: what["decided_before"][name] for name in mine if what["decided_before"][name] is not None}
    decisions = {name: told for name, told in incident.decisions.items() if name not in mine} | earlier
    shown = {"before": {name: getattr(incident, name) for name in back}, "after": back}
    pen.note("amended", "incident", incident.id, incidents.jsonable(shown), TAKEN_BACK)
    pen.put_down()
    incidents.touch(pen, incident, back | {"decisions": decisions})
    indexing.reindex(pen.session, incident.pk)


def _value(name: str, told: Any) -> Any:
    """A cell as it was before: days lie in history as text."""
    of_a_day = Incident.model_fields[name].annotation in {date, date | None}
    return date.fromisoformat(told) if of_a_day and told is not None else told
