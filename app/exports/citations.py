"""Sources as references: what a citation format is, and the parts that all of them write."""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

from app.records.blocks import DateOut
from app.records.source import SourceOut
from app.vocabulary.word import vocabulary

PIECE = 64 * 1024
# Where the publication is the whole of which the source is a part; elsewhere it is the publisher.
CONTAINED = frozenset({"press", "social_post"})
LONGEST_NAME_PART = 3  # words
MARKS, ENDS = re.compile(r"[\[\]?~%]"), re.compile(r"\.\.|/")

Write = Callable[[Iterable[SourceOut]], Iterator[bytes]]


@dataclass(frozen=True)
class CitationFormat:
    """`write` yields the file piece by piece, in constant memory. `ending`: of the name of the file."""

    name: str
    ending: str
    media_type: str
    about: str
    write: Write


def pieces(texts: Iterable[str]) -> Iterator[bytes]:
    """The texts as UTF-8, gathered into pieces of a decent size."""
    piece = bytearray()
    for text in texts:
        piece += text.encode()
        if len(piece) > PIECE:
            yield bytes(piece)
            piece.clear()
    yield bytes(piece)


def one_line(text: str | None) -> str:
    """The same without line breaks, tabs and other control characters."""
    folded = " ".join((text or "").split())
    return folded if folded.isprintable() else "".join(c for c in folded if c >= " " and c != "\x7f")


def names(author: str | None) -> list[str]:
    """The people or bodies of an author; several stand with a semicolon and a space between them."""
    found = (author or "").split("; ")
    return found if all(name and name == name.strip() for name in found) else [author] if author else []


def family_and_given(name: str) -> tuple[str, str] | None:
    """The two parts of a name that is written `Family, Given`; None for every other name."""
    parts = name.split(", ")
    short = all(part.strip() == part and 0 < len(part.split()) <= LONGEST_NAME_PART for part in parts)
    return (parts[0], parts[1]) if len(parts) == 2 and short and name.count(",") == 1 else None


def date_parts(when: DateOut | None) -> list[list[int]]:
    """One or two dates of one to three numbers: year, month, day, and never a number that nobody said."""
    if when is None or when.earliest is None or when.latest is None:
        return []
    written = MARKS.sub("", when.edtf or "")
    if "X" in written:
        return [[when.earliest.year], [when.latest.year]]
    ends = [[int(number) for number in end.split("-")] for end in ENDS.split(written)]
    return ends[:1] if ends[0] == ends[-1] else ends


def says_it_all(when: DateOut) -> bool:
    """Whether one plain date (a day, a month or a year) is all that is known of it."""
    return when.qualifier is None and len(date_parts(when)) == 1 and when.span == "sometime_within"


def date_words(when: DateOut | None) -> str:
    """As it stands in a reference: 12 June 2025; June 2025; 2025; otherwise in a few words; "" when not known."""
    if when is None or (when.earliest is None and when.latest is None):
        return one_line(when.verbatim) if when else ""
    words = when.words.removeprefix("on an unknown day in ")
    return words.removeprefix("on ") if when.earliest == when.latest else words


def host(url: str | None) -> str | None:
    """The name of the machine in an address; None where it has none."""
    try:
        return urlsplit(url or "").hostname
    except ValueError:  # brackets of a number of the sixth version that are none
        return None


def reference(source: SourceOut) -> str:
    """The whole reference in one line: author, title, publication, date, address, archived copy, day received."""
    title = one_line(source.title)
    kind = vocabulary("source_kinds")[source.kind].named()
    parts = [
        one_line(source.author),
        f"“{title}”" if title else f"[{kind}]",
        one_line(source.publication.name) if source.publication else "",
        date_words(source.published) or "undated",
        source.url or "",
        f"archived at {source.archive_url}" if source.archive_url else "",
        f"accessed {source.received_on.day} {source.received_on:%B %Y}" if source.received_on else "",
    ]
    return ", ".join(part for part in parts if part) + "."
