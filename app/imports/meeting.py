"""How the rows of a file meet what is here already: new, changed, as it was, or likely the same under another id."""

from collections.abc import Sequence

from sqlmodel import Session

from app.actions import batches
from app.actions.composing import Report
from app.imports import returning
from app.imports.checking import Checked
from app.imports.importer import Importer, Row
from app.imports.own_export import OWN_EXPORT
from app.records import Incident


def meet(
    session: Session, importer: Importer, chunk: Sequence[Row], reports: list[Report], found: Checked
) -> tuple[list[Report], list[tuple[Incident, Report]]]:
    """The new reports, and the changed ones with the incident they change; what cannot be told goes to `found`."""
    edited: list[tuple[Incident, Report]] = []
    if importer.name == OWN_EXPORT.name:
        reports, edited, stale = returning.part(session, chunk, reports)
        found.errors += stale
    new, changed = batches.compare(session, reports)
    return new, [*changed, *edited]
