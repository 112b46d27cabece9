"""Read RIS: tagged lines between TY and ER, as Zotero, EndNote and databases write them."""

import re
from collections.abc import Iterator

from app.errors import Unreadable
from app.imports.references import Entry, Library, doi_address, slashed

TAGGED = re.compile(r"([A-Z][A-Z0-9])  ?- ?(.*)")
BEGINS = re.compile(r"\s*TY  ?- ")
AUTHORS = ("AU", "A1")
LONGEST = 1_000_000
LineTags = dict[str, list[str]]


def _read(text: str) -> Iterator[Entry]:
    for number, (line, tags) in enumerate(_entries(text), start=1):
        yield _entry(number, line, tags)


def _entries(text: str) -> Iterator[tuple[int, LineTags]]:
    """The tags of each entry, with the line on which it begins. Raises Unreadable."""
    begun, tags, last = 0, LineTags(), ""
    for number, line in enumerate(text.splitlines(), start=1):
        _check_length(line, number)
        found = TAGGED.fullmatch(line.rstrip())
        if found and found[1] == "TY":
            _check_closed(begun)
            begun, tags, last = number, {"TY": [found[2]]}, "TY"
        elif begun and found and found[1] == "ER":
            yield begun, tags
            begun = 0
        elif begun and found:
            last = found[1]
            tags.setdefault(last, []).append(found[2].strip())
        elif begun and line.strip():
            tags[last].append(line.strip())
    _check_closed(begun)


def _check_length(line: str, number: int) -> None:
    if len(line) > LONGEST:
        raise Unreadable(f"Line {number} has more than {LONGEST:,} characters: that is no reference.")


def _check_closed(begun: int) -> None:
    if begun:
        raise Unreadable(f"The entry that begins in line {begun} has no ER line: is the file cut off?")


def _entry(number: int, line: int, tags: LineTags) -> Entry:
    def one(*names: str) -> str | None:
        return next((" ".join(tags[name]) for name in names if any(tags.get(name, ()))), None)

    urls = tags.get("UR") or tags.get("L1") or []
    date = one("DA") or ""
    date = date if date[:4].isdecimal() else one("PY", "Y1") or date
    archive = one("AN") or ""
    return Entry(
        number, line, "ris", tags["TY"][0].strip(), one("ID") or "",
        genre=one("M3"),
        title=one("TI", "T1"),
        authors=[name for tag in AUTHORS for name in tags.get(tag, ())],
        publication=one("T2", "JO", "JF", "PB"),
        published=slashed(date) if date else None,
        accessed=slashed(one("Y2") or ""),
        url=next((url for url in urls if url), None) or doi_address(one("DO")),
        archive_url=archive if archive.startswith(("http://", "https://")) else None,
        language=one("LA"),
        notes=tags.get("N1", []),
    )  # fmt: skip


RIS = Library(
    "ris", "References from Zotero, EndNote and databases (RIS)", (".ris",),
    lambda head: bool(BEGINS.match(head)), _read,
)  # fmt: skip
