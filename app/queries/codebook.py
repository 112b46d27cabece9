"""The codebook of a table of incidents: what each column means, and each word that may stand in it."""

from collections.abc import Iterator

from app.queries.rows import COLUMNS
from app.records.blocks import HARMS
from app.vocabulary.word import vocabulary

MEANINGS: dict[str, str] = {
    "ref": "the public reference of the incident; it stays the same from one release to the next",
    "alleged": "always true: nothing here is a finding",
    "kind": "what is alleged to have happened, as a code",
    "kind_label": "the same in words",
    "title": "one line about it, approved for the public",
    "date_edtf": "when, as exactly as it is known (EDTF)",
    "date_earliest": "the first day on which it can have been",
    "date_latest": "the last day on which it can have been",
    "date_precision": "how exactly the date is known",
    "country": "country, by its three letters (ISO 3166-1)",
    "area1": "province or state",
    "area1_code": "its code",
    "area2": "district",
    "area2_code": "its code",
    "place_name": "the name of the place, where it is public",
    "lon": "longitude in degrees (WGS 84); the middle of an area where the place is told coarsely",
    "lat": "latitude in degrees (WGS 84)",
    "geo_precision": "how exactly the place is known or told; never take a coarse point for an exact one",
    "uncertainty_m": "how far off the point may be, in metres",
    "location_generalised": "whether the place was made coarser before it was published",
    "alleged_responsible": "who is alleged to be responsible; not a finding",
    "verification": "how far the allegation is borne out",
    "confidence": "how sure the organisation is of what it says here",
    "independent_sources": "how many independent voices support it, of the sources that are public",
    "sources": "the public sources",
    "source_urls": "their addresses",
    "licence": "under which this row may be used; empty where nothing is said",
    "updated_at": "when this row was published last (UTC)",
}
PARTS = {"min": "at least", "best": "the best estimate", "max": "at most"}
CODED = {
    "kind": "violations", "geo_precision": "geo_precisions", "verification": "verifications",
    "confidence": "confidences",
}  # fmt: skip


def codebook() -> Iterator[list[str]]:
    """Column, HXL tag, code, meaning: one row a column, and one for each code that may stand in it."""
    for column, tag in COLUMNS.items():
        yield [column, tag, "", MEANINGS.get(column) or _count(column)]
        for code, word in vocabulary(CODED[column]).items() if column in CODED else ():
            yield [column, tag, code, word.named()]


def _count(column: str) -> str:
    harm, _, part = column.rpartition("_")
    if harm not in HARMS:
        raise KeyError(f"the codebook does not say what {column} means")
    return f"people alleged to be {harm}: {PARTS[part]}; empty where it is not known, which is not 0"
