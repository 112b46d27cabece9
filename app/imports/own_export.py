"""Our own export as a way in: the CSV of incidents, under the very column names that it has."""

from typing import Any

from app.imports.importer import Draft, Importer, Row
from app.imports.spreadsheet import draft as draft_of_table
from app.imports.tables import flat_rows

NEEDS = frozenset({"ref", "alleged", "kind", "title", "date_edtf", "sources", "source_urls"})
# What our table calls otherwise. Not taken over: what is worked out anew here (labels, precisions, areas by name), and
# what the house that gave the file out made of it (verification, number of sources, time of change).
OURS = {"ref": "id", "date_edtf": "date", "sources": "source_title"}
UNKNOWN_KIND = "other"


def draft(row: Row) -> Draft:
    """One row as a report according to the sources that it names; they are one citation, for the file says no more."""
    told: dict[str, Any] = {OURS.get(name, name): value for name, value in row.values.items()}
    told["source_kind"] = UNKNOWN_KIND
    told["source_title"] = told["source_title"] or "a source without a title"
    urls = str(told.pop("source_urls") or "").split("; ")
    told["source_url"] = urls[0]
    if not told["date"] and (told["date_earliest"] or told["date_latest"]):
        told["date"] = f"{told['date_earliest'] or '..'}/{told['date_latest'] or '..'}"
    return draft_of_table(Row(row.line, told))


OWN_EXPORT = Importer(
    name="export",
    about="Gawah's own CSV of incidents, as `gawah export csv` writes it",
    needs=NEEDS,
    read=flat_rows,
    draft=draft,
    columns={"according_to": "sources", "external_id": "ref", "killed": "killed_best", "injured": "injured_best",
             "missing": "missing_best", "detained": "detained_best", "involvements": "alleged_responsible",
             "date": "date_edtf"},
)  # fmt: skip
