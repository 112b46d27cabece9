"""How the rows of a file meet what is here already: new, changed, as it was, or likely the same under another id."""

from collections.abc import Sequence

from sqlmodel import Session

from app.access.viewer import Viewer
from app.actions import batches
from app.actions.composing import Report
from app.imports import returning
from app.imports.checking import Checked
from app.imports.importer import Finding, Importer, Row
from app.imports.own_export import OWN_EXPORT
from app.records import Incident

HELD = "it does not lead to one record that you may change"
ASK = "ask a reviewer to take this row in"


def meet(
    session: Session,
    importer: Importer,
    chunk: Sequence[Row],
    reports: list[Report],
    found: Checked,
    by: Viewer,
) -> tuple[list[Report], list[tuple[Incident, Report]]]:
    """The new reports of a checked chunk, and the changed ones with the incident they change; the odd go to `found`."""
    edited: list[tuple[Incident, Report]] = []
    kept: list[Report] = []
    if importer.name == OWN_EXPORT.name:
        reports, edited, stale, kept = returning.part(session, chunk, reports, by)
        found.errors += stale
    met = batches.compare(session, reports, by)
    found.errors += [_held(importer, report) for report in [*kept, *met.held]]
    found.warnings += found.twice.look(session, met.new, by)
    return met.new, [*met.changed, *edited]


def _held(importer: Importer, report: Report) -> Finding:
    """The same words for an id that several records have, and for one of a record that is kept from the importer."""
    key = report.told.external_id
    column = importer.columns.get("external_id", "id") if key else "(the row)"
    return Finding(report.row_number or 0, column, (key or "")[:100], HELD, ASK)
