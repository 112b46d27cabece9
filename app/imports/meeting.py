"""How the rows of a file meet what is here already: new, changed, as it was, or likely the same under another id."""

from collections.abc import Sequence

from sqlmodel import Session

from app.access.viewer import Viewer
from app.actions import batches
from app.actions.composing import Report
from app.imports import returning
from app.imports.checking import Checked
from app.imports.importer import Importer, Row
from app.imports.own_export import OWN_EXPORT
from app.records import Incident


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
    if importer.name == OWN_EXPORT.name:
        reports, edited, stale = returning.part(session, chunk, reports)
        found.errors += stale
    new, changed = batches.compare(session, reports)
    found.warnings += found.twice.look(session, new, by)
    return new, [*changed, *edited]
