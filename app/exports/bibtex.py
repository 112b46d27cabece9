"""BibTeX: references as LaTeX, Zotero and JabRef read them."""

import re
import unicodedata
from collections.abc import Iterable, Iterator

from app.exports.citations import (
    CONTAINED,
    CitationFormat,
    date_parts,
    family_and_given,
    names,
    one_line,
    pieces,
)
from app.records.blocks import DateOut
from app.records.source import SourceOut
from app.vocabulary.reference_types import genre_of, type_of

# BibTeX counts braces even behind a backslash: each comes with an unseen one that closes it again.
TEX = str.maketrans({
    "\\": r"{\textbackslash}", "~": r"{\textasciitilde}", "^": r"{\textasciicircum}",
    "{": r"\{\vphantom{\}}", "}": r"\vphantom{\{}\}",
    **{special: f"\\{special}" for special in "%&#$_"},
})  # fmt: skip
# In an address nothing is escaped, so what would break the entry is written as addresses write it.
ADDRESS = str.maketrans({"{": "%7B", "}": "%7D", "\\": "%5C"})
# LaTeX would make one character of two such: a dash, a quotation mark, an inverted exclamation mark.
LIGATURE = re.compile(r"(?<=[-`'])(?=[-`'])|(?<=[!?])(?=`)")
LONGEST_WORD = 20


def entry(source: SourceOut) -> str:
    """One source with a key that no other has."""
    fields: list[tuple[str, str | None]] = [
        ("author", " and ".join(_name(name) for name in names(source.author))),
        ("title", tex(one_line(source.title))),
        (_place(source.kind), tex(one_line(source.publication.name)) if source.publication else None),
        *_dates(source.published),
        ("url", source.url and source.url.translate(ADDRESS)),
        ("urldate", str(source.received_on) if source.received_on else None),
        ("archiveurl", source.archive_url and source.archive_url.translate(ADDRESS)),
        ("language", tex(one_line(source.language))),
        ("type", genre_of("bib", source.kind)),
    ]
    lines = "".join(f",\n  {name} = {{{value}}}" for name, value in fields if value)
    return f"@{type_of('bib', source.kind)}{{{key(source)}{lines}\n}}\n\n"


def key(source: SourceOut) -> str:
    """A word of the publication or title, the year, and the id, in ASCII; never who wrote it."""
    named = source.publication.name if source.publication else source.title
    plain = unicodedata.normalize("NFKD", named or "").encode("ascii", "ignore").decode().lower()
    word = next(iter(re.findall(r"[a-z]{3,}", plain)), "source")[:LONGEST_WORD]
    parts = date_parts(source.published)
    return f"{word}{parts[0][0] if parts else ''}-{source.id}"


def tex(line: str) -> str:
    """The line as LaTeX prints it unchanged; scripts beyond ASCII stay as they are, in UTF-8."""
    return "{}".join(part.translate(TEX) for part in LIGATURE.split(line))


def _name(name: str) -> str:
    """In braces, so that nobody takes it apart, unless it is written `Family, Given`."""
    line = one_line(name)
    plain = family_and_given(line) and " and " not in line.lower()
    return tex(line) if plain else f"{{{tex(line)}}}"


def _place(kind: str) -> str:
    """Which field names the publication."""
    if kind in CONTAINED:
        return "journal" if kind == "press" else "organization"
    return "institution" if type_of("bib", kind) == "techreport" else "publisher"


def _dates(when: DateOut | None) -> Iterator[tuple[str, str | None]]:
    """`date` for biblatex, `year` and `month` for BibTeX; a set of days, which neither knows, as a note."""
    parts = date_parts(when)
    if parts and parts[0][0] == parts[-1][0]:
        yield "year", f"{parts[0][0]:04d}"
    if len(parts) == 1 and len(parts[0]) > 1:
        yield "month", str(parts[0][1])
    if when and when.edtf and when.edtf[0] != "[":
        yield "date", when.edtf
    elif when and (when.edtf or when.verbatim):
        yield "note", f"published: {when.edtf or tex(one_line(when.verbatim))}"


def _bibtex(sources: Iterable[SourceOut]) -> Iterator[bytes]:
    return pieces(entry(source) for source in sources)


BIBTEX = CitationFormat(
    "bib", "bib", "application/x-bibtex", "References for LaTeX, Zotero and JabRef (BibTeX)", _bibtex
)
