"""What every column means, of which type it is, and which vocabulary its words come from."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any, get_args

import pyarrow as pa

from app.exports.arrow import SCHEMA
from app.queries.rows import COLUMNS
from app.queries.tables import OF, TABLES
from app.records.blocks import HARMS
from app.vocabulary.word import OneOf

TYPES: dict[pa.DataType, str] = {
    pa.string(): "string", pa.bool_(): "boolean", pa.float64(): "number", pa.int64(): "integer", pa.date32(): "date",
    SCHEMA.field("updated_at").type: "datetime",
}  # fmt: skip
VOCABULARIES = {
    "kind": "violations", "geo_precision": "geo_precisions", "verification": "verifications",
    "confidence": "confidences",
}  # fmt: skip
PARTS = {"min": "at least", "best": "the number the organisation holds most likely", "max": "at most"}
INCIDENTS: dict[str, str] = {
    "ref": "The reference of the incident; quote it",
    "alleged": "Always true: nothing here is established by a court of ours",
    "kind": "What is alleged to have been violated, as a code",
    "kind_label": "The same in English",
    "title": "What is alleged, in one line",
    "date_edtf": "When, in EDTF: 2025-06-12; 2025-06 (some day in June); 2025-06-01/2025-06-20; ~ about; ? uncertain",
    "date_earliest": "The first day on which it may have been",
    "date_latest": "The last day on which it may have been",
    "date_precision": "How long it is from the one to the other: day, days, week, month, year, longer, open, unknown",
    "country": "ISO 3166-1 alpha-3",
    "area1": "The first-level area, such as a province",
    "area1_code": "Its code",
    "area2": "The second-level area, such as a district",
    "area2_code": "Its code",
    "place_name": "The place in the words of the source",
    "lon": "Degrees east (WGS 84); read geo_precision and uncertainty_m with it",
    "lat": "Degrees north (WGS 84)",
    "geo_precision": "How exactly the place is known, as a code: a point of a whole district stands for all of it",
    "uncertainty_m": "How far off the point may be, in metres",
    "location_generalised": "Whether the place was made coarser before it was published, to protect people",
    **{f"{harm}_{part}": f"How many people were {harm}, allegedly: {how}. Empty: not known; 0: a source says none"
       for harm in HARMS for part, how in PARTS.items()},
    "alleged_responsible": "Who is alleged to be responsible, with ; between them",
    "verification": "How far the organisation has checked it, as a code",
    "confidence": "How sure the organisation is",
    "independent_sources": "How many sources support it that do not repeat each other",
    "sources": "The sources it is according to, with ; between them",
    "source_urls": "Their addresses, with ; between them",
    "licence": "Under which terms it may be passed on",
    "updated_at": "When the record changed last, in UTC",
}  # fmt: skip
OTHERS: dict[str, str] = {
    "act_id": "The id of the act", "person_id": "The id of the person; empty for a group, and where it may not be told",
    "account_id": "The id of the account: what one source says", "source_id": "The id of the source",
    "place_id": "The id of the place", "incident": "The ref of the incident it belongs to",
    "name": "By which name the person may be called outside; empty when that may not be told",
    "citation": "A short citation", "publication": "The newspaper, organisation or site",
    "published_edtf": "When it was published, in EDTF", "author": "Who wrote it", "title": "Its title or headline",
    "language": "BCP 47 tag", "url": "Its address", "archive_url": "The address of an archived copy",
    "received_on": "The day on which it was received", "closeness": "How close the source was to what it tells of",
    "reliability": "How reliable the source is held to be", "kind": "What it is, as a code",
    "group": "Who was harmed, described as a group", "civilian_status": "Whether they were civilians, as a code",
    "sex": "As a code", "age_group": "As a code", "age_at_event": "In years", "method": "How it was done, allegedly",
    "weapon": "With what, allegedly", "outcome": "What became of them, allegedly, as a code",
    "official_position": "Whether they held an office, as a code",
    "count_min": "How many people: at least", "count_best": "How many people: the most likely number",
    "count_max": "How many people: at most", "speaker": "Who is quoted in the source",
    "speaker_role": "What the speaker is, as a code", "stance": "What the source does: reports, alleges, denies ...",
    "quote": "The sentence that says it", "quote_translation": "The same in English",
    "locator_type": "What the place in the source is counted by", "locator": "Which page, paragraph ...",
    "credibility": "How credible this account is held to be", "claimed_as_of": "On which day the source said so",
    "standing": "Whether the organisation counts the account", "role": "What the place is in the incident, as a code",
    "identity_protection": "How the identity is protected; a name is told as far as this allows",
    "birth_year": "Told of those alone whose name is told", "nationality": "Likewise", "occupation": "Likewise",
}  # fmt: skip


@dataclass(frozen=True)
class Column:
    """`type` in the words of Frictionless: string, boolean, number, integer, date, datetime."""

    name: str
    about: str
    type: str
    vocabulary: str = ""


@cache
def columns(table: str) -> tuple[Column, ...]:
    """The columns of a table of a package: `incidents`, or one that hangs on them."""
    return tuple(_of_incidents() if table == "incidents" else _of(table))


def _of_incidents() -> Iterator[Column]:
    for name in COLUMNS:
        yield Column(name, INCIDENTS[name], TYPES[SCHEMA.field(name).type], VOCABULARIES.get(name, ""))


def _of(table: str) -> Iterator[Column]:
    fields = OF[table].model_fields
    for name in TABLES[table]:
        about = OTHERS[name] if name in OTHERS else INCIDENTS[name]
        held = fields.get(name)
        yield Column(name, about, _type(held), _vocabulary(held)) if held else Column(name, about, "string")


def _type(held: Any) -> str:
    """Of a field of a record; what may also be empty is of the other type."""
    kinds = [kind for kind in (get_args(held.annotation) or (held.annotation,)) if kind is not type(None)]
    written = str(kinds[0])
    found = {"int": "integer", "float": "number", "bool": "boolean", "date": "date", "datetime": "datetime"}
    return next(
        (told for python, told in found.items() if f"'{python}'" in written or f".{python}'" in written), "string"
    )


def _vocabulary(held: Any) -> str:
    ways = [held, *(part for part in get_args(held.annotation) if hasattr(part, "__metadata__"))]
    marks: list[Any] = [mark for way in ways for mark in getattr(way, "metadata", None) or way.__metadata__]
    return next((mark.name for mark in marks if isinstance(mark, OneOf)), "")
