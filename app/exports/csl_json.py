"""CSL-JSON: references as Zotero, Pandoc and every citation processor read them."""

from collections.abc import Iterable, Iterator
from typing import Any

import orjson

from app.exports.citations import (
    CONTAINED,
    CitationFormat,
    date_parts,
    family_and_given,
    host,
    names,
    pieces,
    says_it_all,
)
from app.records.blocks import DateOut
from app.records.source import SourceOut
from app.vocabulary.reference_types import genre_of, type_of

APPROXIMATE = frozenset({"approximate", "uncertain_and_approximate"})


def item(source: SourceOut) -> dict[str, Any]:
    """One source as an item of CSL; what is not known is left out."""
    found = {
        "id": str(source.id),
        "type": type_of("csl", source.kind),
        "title": source.title,
        "author": [_name(name) for name in names(source.author)],
        _place(source.kind): source.publication.name if source.publication else None,
        "issued": _issued(source.published),
        "accessed": _day(source),
        "URL": source.url,
        "archive": host(source.archive_url),
        "archive_location": source.archive_url,
        "language": source.language,
        "genre": genre_of("csl", source.kind),
    }
    return {name: value for name, value in found.items() if value}


def _name(name: str) -> dict[str, str]:
    parts = family_and_given(name)
    return {"family": parts[0], "given": parts[1]} if parts else {"literal": name}


def _place(kind: str) -> str:
    """Which variable names the publication."""
    if kind == "court_record":
        return "authority"
    return "container-title" if kind in CONTAINED else "publisher"


def _issued(when: DateOut | None) -> dict[str, Any]:
    """In numbers as far as they are known, and in EDTF or in words where that is more."""
    if when is None:
        return {}
    parts = date_parts(when)
    found: dict[str, Any] = {"date-parts": parts} if parts else {}
    if when.qualifier in APPROXIMATE and parts:
        found["circa"] = True
    if when.edtf and not says_it_all(when):
        found["edtf"] = when.edtf
    if not parts and (when.verbatim or when.edtf):
        found["literal"] = when.verbatim or when.words
    return found


def _day(source: SourceOut) -> dict[str, Any]:
    day = source.received_on
    return {"date-parts": [[day.year, day.month, day.day]]} if day else {}


def _csl(sources: Iterable[SourceOut]) -> Iterator[bytes]:
    return pieces(_texts(sources))


def _texts(sources: Iterable[SourceOut]) -> Iterator[str]:
    before = "[\n"
    for source in sources:
        yield before + orjson.dumps(item(source)).decode()
        before = ",\n"
    yield "[]\n" if before == "[\n" else "\n]\n"


CSL_JSON = CitationFormat(
    "csljson", "json", "application/vnd.citationstyles.csl+json", "References for Zotero and Pandoc (CSL-JSON)", _csl
)
