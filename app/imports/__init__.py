"""Ways in: the formats we read, and the one way they run: read, check, preview, record, undo."""

from dataclasses import replace
from functools import partial
from pathlib import Path

from app.errors import Fault, Invalid, Unreadable
from app.imports import field_form, mappings, own_export, sample, spreadsheet, tables, ucdp_ged
from app.imports.importer import Finding as Finding
from app.imports.importer import Importer as Importer
from app.imports.mappings import Mapping as Mapping
from app.imports.outcome import Outcome as Outcome
from app.imports.refused import refused_rows as refused_rows
from app.imports.resolving import Decisions as Decisions
from app.imports.resolving import read_decisions as read_decisions
from app.imports.running import Plan as Plan
from app.imports.running import run as run
from app.imports.tables import NONE
from app.imports.tables import Hints as Hints

IMPORTERS: dict[str, Importer] = {
    i.name: i for i in (ucdp_ged.UCDP_GED, field_form.FIELD_FORM, spreadsheet.SPREADSHEET, own_export.OWN_EXPORT)
}
SAMPLE = Plan(sample.FOLDER, sample.SAMPLE, 0)


def plan(
    path: Path,
    format_name: str | None,
    *,
    dry_run: bool = False,
    keep_good: bool = False,
    name: str | None = None,
    hints: Hints = NONE,
    mapping: Mapping | None = None,
) -> Plan:
    """How a file is to be read: by a mapping, by a format, or as its heading tells.

    `hints` correct what would be found wrongly. Raises Invalid and Unreadable.
    """
    if format_name is not None and format_name not in IMPORTERS:
        known = ", ".join(IMPORTERS)
        raise Invalid("There is no such format.", [Fault("format", "not a format we read", f"write one of: {known}")])
    found = tables.look(path, hints)
    if mapping is not None:
        importer = mappings.made(mapping, found.names)
    else:
        importer = IMPORTERS[format_name] if format_name else _recognise(path, found, hints)
    missing = sorted(importer.needs - set(found.names))
    if missing:
        raise Unreadable(f"This is not a {importer.name} file: these columns are missing: {', '.join(missing)}.")
    if hints != NONE:
        importer = replace(importer, read=partial(importer.read, hints=hints))
    return Plan(
        path, importer, len(found.names), dry_run, keep_good, name, found.read_as, hints, numbering=found.numbering
    )


def _recognise(path: Path, found: tables.Found, hints: Hints) -> Importer:
    """By its columns a format or a mapping; else by its HXL tags."""
    known = next((i for i in IMPORTERS.values() if i.needs <= set(found.names)), None)
    if known is not None:
        return known
    mapping = next(mappings.fitting(found.names), None) or mappings.by_tags(path, found, hints)
    if mapping is None:
        told = f"The columns fit none of the formats we read ({', '.join(IMPORTERS)}) and no mapping"
        raise Unreadable(
            f"{told}: name one, or let `gawah import suggest FILE` write a mapping. "
            "Areas go in by `gawah areas import`."
        )
    return mappings.made(mapping, found.names)
