"""An entry of a library of references, however it was written, as a source with what was odd about it."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from pydantic import ValidationError

from app.actions.sources import Offered
from app.imports.importer import Finding, RowRefused
from app.records.source import SourceIn
from app.vocabulary import certainty
from app.vocabulary.reference_types import kind_of

ADDRESS = re.compile(r"https?://\S{1,1990}")
OURS = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$")
# How our own exports tell a date that the format has no field for.
PUBLISHED = "published: "
LONGEST_AUTHOR, LONGEST_WORDS, LONGEST_LANGUAGE, LONGEST_KEY = 500, 500, 35, 300


@dataclass
class Entry:
    """One entry as it was read. `number`: its place in the file; `line`: where it begins, 0 where lines say nothing."""

    number: int
    line: int
    scheme: str
    type: str = ""
    key: str = ""
    genre: str | None = None
    title: str | None = None
    authors: list[str] = field(default_factory=list)
    publication: str | None = None
    published: str | None = None
    accessed: str | None = None
    url: str | None = None
    archive_url: str | None = None
    language: str | None = None
    notes: list[str] = field(default_factory=list)
    odd: list[Finding] = field(default_factory=list)

    def find(self, what: str, why: str, mend: str) -> Finding:
        return Finding(self.line, f"entry {self.number}, {what}", self.key[:100], why, mend)

    def note(self, what: str, why: str, mend: str) -> None:
        self.odd.append(self.find(what, why, mend))


@dataclass(frozen=True)
class Library:
    """A format of libraries. `looks_so`: whether the beginning of a text is of this format."""

    name: str
    about: str
    endings: tuple[str, ...]
    looks_so: Callable[[str], bool]
    read: Callable[[str], Iterable[Entry]]


def offer(entry: Entry) -> Offered:
    """The entry as a source; what is odd stands in `entry.odd` afterwards. Raises RowRefused."""
    ours = OURS.search(entry.key)
    body = {name: value for name, value in _body(entry, ours is not None).items() if value}
    if not {"title", "url", "author"} & body.keys():
        raise RowRefused(entry.find("(the entry)", "it has no title, no author and no address", "give it a title"))
    if any("\0" in value for value in body.values() if isinstance(value, str)):
        raise RowRefused(entry.find("(the entry)", "a text holds the character NUL", "delete it there"))
    try:
        told = SourceIn.model_validate(body)
    except ValidationError as problem:
        error = problem.errors(include_url=False, include_input=False)[0]
        where, why = str(error["loc"][0]) if error["loc"] else "(the entry)", str(error["msg"])
        raise RowRefused(entry.find(where, why.removeprefix("Value error, "), "put it right in the library")) from None
    return Offered(told, UUID(ours[0]) if ours else None, entry.number)


def _body(entry: Entry, ours: bool) -> dict[str, Any]:  # noqa: FBT001 - one of two origins
    publication = _text(entry.publication)
    return {
        "kind": kind_of(entry.scheme, entry.type, entry.genre),
        "title": _text(entry.title),
        "author": _author(entry),
        "publication": {"name": publication} if publication else None,
        "published": _published(entry),
        "received_on": _day(entry.accessed),
        "url": _address(entry, "url", entry.url),
        "archive_url": _address(entry, "archive", entry.archive_url),
        "language": _language(entry),
        "external_id": None if ours else entry.key[:LONGEST_KEY],
    }


def _text(value: str | None) -> str | None:
    return value.strip() or None if value else None


def _author(entry: Entry) -> str | None:
    """All names with semicolons between them; of a very long list as many as there is room for, and "et al."."""
    named = [name.strip() for name in entry.authors if name.strip()]
    if len("; ".join(named)) <= LONGEST_AUTHOR:
        return "; ".join(named) or None
    room: list[str] = []
    for name in named:
        if len("; ".join([*room, name, "et al."])) > LONGEST_AUTHOR:
            break
        room.append(name)
    if not room:
        raise RowRefused(entry.find("author", f"a name has more than {LONGEST_AUTHOR} characters", "shorten it"))
    entry.note("author", f"of {len(named)} authors {len(room)} are kept", "name the others in the title if they matter")
    return "; ".join([*room, "et al."])


def _published(entry: Entry) -> Any:
    """The date as it was written, if it is one; otherwise its words."""
    told = next((n.removeprefix(PUBLISHED) for n in entry.notes if n.startswith(PUBLISHED)), entry.published)
    told = _text(told)
    if told is None:
        return None
    try:
        certainty.parse(told)
    except ValueError as problem:
        entry.note("date", f"kept as words only: {problem}", "write it as 2025-06-12, 2025-06 or 2025")
        return {"verbatim": told[:LONGEST_WORDS]}
    return told


def _day(told: str | None) -> str | None:
    try:
        when = certainty.parse(told.strip()[:10]) if told else None
    except ValueError:
        return None
    return when.earliest.isoformat() if when and when.earliest and when.earliest == when.latest else None


def _address(entry: Entry, what: str, told: str | None) -> str | None:
    address = _text(told)
    if address is None or ADDRESS.fullmatch(address):
        return address
    entry.note(what, "left out: it is no address of the web", "an address begins with http:// and has no spaces")
    return None


def _language(entry: Entry) -> str | None:
    language = _text(entry.language)
    if language is None or len(language) <= LONGEST_LANGUAGE:
        return language
    entry.note("language", "left out: it is too long", "write a tag such as ur, ar or en-GB")
    return None


def doi_address(doi: str | None) -> str | None:
    """The address of a document by its DOI."""
    bare = (doi or "").strip().removeprefix("doi:").strip()
    return f"https://doi.org/{bare}" if bare.startswith("10.") else None


def slashed(told: str) -> str:
    """A date of RIS (2025/06/12/, 2025/06//, 2025///) as ours; anything else as it is."""
    year, *rest = (part.strip() for part in told.split("/"))
    numbers = [part for part in rest[:2] if part]
    if not (year.isdecimal() and all(n.isdecimal() for n in numbers) and not any(rest[2:])):
        return told.strip().rstrip("/")
    return "-".join([year.zfill(4), *(n.zfill(2) for n in numbers)])
