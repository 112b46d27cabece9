"""Where each column of tables and maps comes from: the field that sources speak of, or our own work."""

from collections.abc import Iterator

from app.queries.rows import COLUMNS
from app.records.blocks import HARMS
from app.vocabulary.word import vocabulary

# The field of an account that a column comes from, where the names differ.
FIELDS: dict[str, str] = {
    **{f"{harm}_{part}": harm for harm in HARMS for part in ("min", "best", "max")},
    **dict.fromkeys(("date_edtf", "date_earliest", "date_latest", "date_precision"), "date"),
    "kind_label": "kind",
    "alleged_responsible": "involvements",
    "source_urls": "sources",
}
# What no source says: by which rule it comes about, and whether it rests on the accounts.
OURS: dict[str, tuple[str, bool]] = {
    "ref": ("numbered_here", False),
    "alleged": ("always", True),
    "location_generalised": ("as_given", False),
    "verification": ("reviewed", True),
    "confidence": ("analyst", True),
    "independent_sources": ("counted", True),
    "sources": ("listed", True),
    "licence": ("listed", True),
    "updated_at": ("from_history", False),
}
# What a rule means, for readers.
TOLD: dict[str, str] = {
    **{code: word.definition for code, word in vocabulary("decision_rules").items()},
    "first_account": "Voices of equal weight contradict each other; the record keeps the first until somebody decides.",
    "from_the_map": "Read from the map of areas at the point, or from the precision; no source says it.",
    "default": "Nobody has said anything else.",
    "told_apart": "Each account tells its own; they stand side by side and are never added up.",
    "numbered_here": "Given by this archive when the record was made.",
    "always": "Everything here is alleged, according to the sources named.",
    "as_given": "Inside the archive a place is as exact as the sources give it.",
    "reviewed": "Decided in review; the note says why.",
    "counted": "The independent voices that say the event took place; who repeats another is not counted.",
    "listed": "Taken over from the sources of the accounts.",
    "from_history": "The time of the last line in the history of the record.",
}


def of_columns() -> Iterator[tuple[str, str]]:
    """Every column of the flat row and the field whose provenance explains it."""
    for column in COLUMNS:
        yield column, FIELDS.get(column, column)
