"""Rows of our own export that come back to the archive which gave them out: as they were, or edited in the file."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from sqlmodel import Session, col, select

from app.access.viewer import Viewer
from app.access.visibility import clearance
from app.actions.composing import Report
from app.imports.importer import Finding, Row
from app.records import Incident, Revision
from app.records.blocks import HARMS, tally_of
from app.records.incident import IncidentIn
from app.vocabulary.certainty import edtf

# What somebody may have put right in the file. A point moves as a whole; the codes of areas follow it.
PLAIN = ("title", "kind", "place_name", "country", "area1_code", "area2_code", "geo_precision", "confidence", "licence")
NUMBERS = ("lon", "lat", "uncertainty_m")
NEAR = 1e-6
Changed = list[tuple[Incident, Report]]
STALE = "the record was changed here since the file was written"


def part(
    session: Session, chunk: Sequence[Row], reports: Sequence[Report], by: Viewer
) -> tuple[list[Report], Changed, list[Finding], list[Report]]:
    """What is not from here, what is and was edited, what cannot be told apart from later work here, what is held.

    A row is from here when its ref is, and the moment of its last change is one at which that record changed: refs
    alone are alike in every archive. Blank cells delete nothing. Held is what belongs to a record that is kept from
    the importer now, whatever the row says.
    """
    told = {row.line: row.values for row in chunk}
    moments = {report.row_number: _moment(told.get(report.row_number or 0, {})) for report in reports}
    here = _here(session, [report.told.external_id for report in reports if moments[report.row_number]])
    known = _moments(session, list(here.values()))
    others, edited, stale, held = [], [], [], []
    for report in reports:
        incident, moment = here.get(report.told.external_id), moments[report.row_number]
        if incident is None or moment not in known[incident.id]:
            others.append(report)
        elif incident.sensitivity not in clearance(by).sensitivities:
            held.append(report)
        elif edits := _edits(incident, report.told):
            if moment == _second(incident.updated_at):
                edited.append((incident, replace(report, edits=edits)))
            else:
                stale.append(_stale(report, edits))
    return others, edited, stale, held


def _stale(report: Report, edits: dict[str, Any]) -> Finding:
    mend = "export it again, and make your change there"
    return Finding(report.row_number or 0, next(iter(edits)), str(report.told.external_id), STALE, mend)


def _here(session: Session, refs: Sequence[str | None]) -> dict[str | None, Incident]:
    found = session.exec(select(Incident).where(col(Incident.ref).in_(refs))).all() if refs else ()
    return {incident.ref: incident for incident in found}


def _moments(session: Session, incidents: Sequence[Incident]) -> dict[Any, set[datetime]]:
    """The seconds at which each of these records was changed, as far as history tells."""
    found = {incident.id: {_second(incident.updated_at), _second(incident.entered_at)} for incident in incidents}
    lines = select(Revision.record_id, Revision.at).where(col(Revision.record_id).in_(list(found)))
    for record, at in session.execute(lines).all() if found else ():
        found[record].add(_second(at))
    return found


def _second(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(microsecond=0)


def _moment(values: dict[str, Any]) -> datetime | None:
    try:
        return datetime.fromisoformat(str(values.get("updated_at") or "")[:19]).replace(tzinfo=UTC)
    except ValueError:
        return None


def _edits(incident: Incident, told: IncidentIn) -> dict[str, Any]:
    """The fields that the row says otherwise than the record, as an amendment names them."""
    stated = told.model_fields_set
    found: dict[str, Any] = {
        name: value for name in PLAIN if (value := _said(told, name, stated)) not in (None, getattr(incident, name))
    }
    for name in NUMBERS:
        if _differs(getattr(incident, name), said := _said(told, name, stated)):
            found[name] = said
    return found | _date(incident, told) | _tallies(incident, told)


def _said(told: IncidentIn, name: str, stated: set[str]) -> Any:
    return getattr(told, name) if name in stated else None


def _differs(here: float | None, said: float | None) -> bool:
    return said is not None and (here is None or abs(here - said) > NEAR)


def _date(incident: Incident, told: IncidentIn) -> dict[str, Any]:
    if told.date is None:
        return {}
    said = edtf(told.date.earliest, told.date.latest, told.date.span, told.date.qualifier)
    here = edtf(incident.date_earliest, incident.date_latest, incident.date_span, incident.date_qualifier)
    return {} if not said or said == here else {"date": said}


def _tallies(incident: Incident, told: IncidentIn) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for harm in HARMS:
        here = tally_of(incident, harm).model_dump(include={"min", "best", "max"})
        said = getattr(told, harm).model_dump(include={"min", "best", "max"}) if getattr(told, harm) else {}
        whole = here | {part: number for part, number in said.items() if number is not None}
        if whole != here:
            found[harm] = whole
    return found
