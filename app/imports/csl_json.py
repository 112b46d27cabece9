"""Read CSL-JSON: an array of items as Zotero, Pandoc and citation processors write them."""

import re
from collections.abc import Iterator
from typing import Any

import orjson

from app.errors import Unreadable
from app.imports.references import Entry, Library, doi_address

NOT_JSON = "This is not whole JSON: is the file cut off, or was it changed by hand? Export it again."
NOT_A_LIST = "This is JSON but no library of references: CSL-JSON is a list of items in square brackets."
LOOKS_SO = re.compile(r"\s*(?:\[\s*[{\]]|\{)")
# What only such a list has: other tables come as JSON too.
CITES = re.compile(
    r'"type"\s*:\s*"(?:article|article-\w+|bill|book|broadcast|chapter|classic|collection|dataset|document|entry|'
    r"entry-\w+|event|figure|graphic|hearing|interview|legal_case|legislation|manuscript|map|motion_picture|"
    r"musical_score|pamphlet|paper-conference|patent|performance|periodical|personal_communication|post|post-weblog|"
    r'regulation|report|review|review-book|software|song|speech|standard|thesis|treaty|webpage)"'
)
PLACES = ("container-title", "publisher", "authority")
PARTICLES = ("dropping-particle", "non-dropping-particle")


def _read(text: str) -> Iterator[Entry]:
    try:
        items = orjson.loads(text)
    except orjson.JSONDecodeError:
        raise Unreadable(NOT_JSON) from None
    if not isinstance(items, list) or not all(isinstance(item, dict) and "type" in item for item in items):
        raise Unreadable(NOT_A_LIST)
    for number, item in enumerate(items, start=1):
        yield _entry(number, item)


def _entry(number: int, item: dict[str, Any]) -> Entry:
    return Entry(
        number, 0, "csl", _text(item, "type") or "", _text(item, "id") or "",
        genre=_text(item, "genre"),
        title=_text(item, "title"),
        authors=[_name(name) for name in _list(item.get("author")) if isinstance(name, dict)],
        publication=next((name for place in PLACES if (name := _text(item, place))), None),
        published=_date(item.get("issued")),
        accessed=_date(item.get("accessed")),
        url=_text(item, "URL") or doi_address(_text(item, "DOI")),
        archive_url=_archived(item),
        language=_text(item, "language"),
    )  # fmt: skip


def _text(item: dict[str, Any], name: str) -> str | None:
    """A text, or a number as one; nothing else is text."""
    value = item.get(name)
    return str(value) if isinstance(value, str | int | float) and not isinstance(value, bool) else None


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _archived(item: dict[str, Any]) -> str | None:
    """Only an address: archives of paper have shelf marks there."""
    place = _text(item, "archive_location")
    return place if place and place.startswith(("http://", "https://")) else None


def _name(name: dict[str, Any]) -> str:
    if literal := _text(name, "literal"):
        return literal
    before = [_text(name, particle) for particle in PARTICLES]
    family = " ".join(part for part in (*before, _text(name, "family"), _text(name, "suffix")) if part)
    return ", ".join(part for part in (family, _text(name, "given")) if part)


def _date(value: Any) -> str | None:
    """As EDTF where it is told in numbers; otherwise its words."""
    if isinstance(value, str):
        return value
    if not isinstance(value, dict):
        return None
    ends = [_end(parts) for parts in _list(value.get("date-parts"))[:2]]
    if edtf := _text(value, "edtf"):
        return edtf
    if not ends or not all(ends):
        return _text(value, "literal") or _text(value, "raw")
    marked = [f"{end}~" if value.get("circa") else end for end in ends]
    return marked[0] if len(marked) == 1 else f"[{'..'.join(map(str, marked))}]"


def _end(parts: Any) -> str | None:
    """Year, month and day, as many as there are; None for what is no date."""
    try:
        numbers = [int(part) for part in _list(parts) if part not in ("", None)]
    except (TypeError, ValueError, OverflowError):
        return None
    if not numbers or not 0 < numbers[0] < 10_000 or not all(0 < n < 100 for n in numbers[1:]):
        return None
    return "-".join([f"{numbers[0]:04d}", *(f"{n:02d}" for n in numbers[1:3])])


CSL_JSON = Library(
    "csljson", "References from Zotero, Pandoc and others (CSL-JSON)", (".json",),
    lambda head: bool(LOOKS_SO.match(head)), _read,
)  # fmt: skip
