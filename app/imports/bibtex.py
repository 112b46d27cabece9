"""Read BibTeX: entries as Zotero, JabRef and LaTeX write them."""

import re
from collections.abc import Iterator

from app.errors import Unreadable
from app.imports.references import Entry, Library, doi_address
from app.imports.tex import plain

BEGINS = re.compile(r"^[ \t]*@([A-Za-z]+)\s*([{(])", re.MULTILINE)
MARKS = re.compile(r'\\.|[{}",)#]', re.DOTALL)
LOOKS_SO = re.compile(r"(?:\s|%[^\n]*\n)*@[A-Za-z]+\s*[{(]")
AND = re.compile(r"\\.|[{}]| and ", re.IGNORECASE | re.DOTALL)
WORD = re.compile(r"[^\s{}\"=]*")
CLOSES = {"{": "}", "(": ")", '"': '"'}
ADDRESS = re.compile(r"https?://[^\s{}]+")
ESCAPED = re.compile(r"\\([%&#_$~])")
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
PLACES = ("journal", "journaltitle", "institution", "organization", "publisher", "booktitle", "school")
NO_ENTRIES = frozenset({"comment", "preamble"})
# What a scholarly article has and one in a newspaper has not.
SCHOLARLY = ("volume", "doi", "issn")
# A word that stands for a text stands for a short one: doubled again and again it would fill the memory.
LONGEST, LONGEST_WORD = 1_000_000, 2000
Fields = dict[str, str]


def _read(text: str) -> Iterator[Entry]:
    strings: Fields = {}
    number = 0
    for line, kind, parts in _blocks(text):
        if kind == "string":
            strings |= {name: value[:LONGEST_WORD] for name, value in (_field(p, strings, line) for p in parts)}
        elif kind not in NO_ENTRIES:
            number += 1
            yield _entry(number, line, kind, parts, strings)


def _blocks(text: str) -> Iterator[tuple[int, str, list[str]]]:
    """Every block: the line on which it begins, its kind, and its parts, which commas part. Raises Unreadable."""
    place, line = 0, 1
    while found := BEGINS.search(text, place):
        line += text.count("\n", place, found.end())
        parts, end = _parts(text, found.end(), ",", CLOSES[found[2]])
        if end < 0:
            raise Unreadable(f"The entry that begins in line {line} is not closed: is a brace missing, or the end?")
        yield line, found[1].lower(), parts
        line += text.count("\n", found.end(), end)
        place = end


def _parts(text: str, start: int, joint: str, closing: str = "") -> tuple[list[str], int]:
    """The parts of a text between joints that stand in no braces and no quotation marks; and where it is closed.

    Without `closing` it goes to the end of the text; where the closing is not found that is -1.
    """
    depth, quoted = 0, False
    parts: list[str] = []
    for mark in MARKS.finditer(text, start):
        sign = mark[0]
        ends = depth == 0 and not quoted
        if ends and sign == closing:
            return [*parts, text[start : mark.start()]], mark.end()
        if ends and sign == joint:
            parts.append(text[start : mark.start()])
            start = mark.end()
        depth += {"{": 1, "}": -1}.get(sign, 0)
        quoted ^= depth == 0 and sign == '"'
    return [*parts, text[start:]], -1 if closing else len(text)


def _entry(number: int, line: int, kind: str, parts: list[str], strings: Fields) -> Entry:
    key, fields = parts[0].strip(), Fields()
    if not WORD.fullmatch(key):
        raise Unreadable(f"The entry that begins in line {line} has no key: write one after its first brace.")
    for part in parts[1:]:
        if part.strip():
            name, value = _field(part, strings, line)
            fields.setdefault(name, value)

    def text(*names: str) -> str | None:
        return next((value for name in names if (value := plain(fields.get(name, "")).strip())), None)

    return Entry(
        number, line, "bib", _type(kind, fields), key,
        genre=text("type"),
        title=_whole(text("title"), text("subtitle")),
        authors=list(_names(fields.get("author") or fields.get("editor") or "")),
        publication=text(*PLACES),
        published=_date(fields),
        accessed=fields.get("urldate"),
        url=_address(fields) or doi_address(fields.get("doi")),
        archive_url=_bare(fields.get("archiveurl", "")) or None,
        language=text("language", "langid"),
        notes=[note] if (note := text("note")) else [],
    )  # fmt: skip


def _field(part: str, strings: Fields, line: int) -> tuple[str, str]:
    """The name and the value of `name = value`. Raises Unreadable."""
    name, sign, value = part.partition("=")
    parts = [one.strip() for one in _parts(value, 0, "#")[0]]
    if not sign or not all(map(_is_one, parts)):
        raise Unreadable(f"The entry that begins in line {line} is not whole: is a comma, a key or a = missing?")
    told = [_meant(one, strings) for one in parts]
    if sum(map(len, told)) > LONGEST:
        raise Unreadable(f"In the entry of line {line} a value has more than {LONGEST:,} characters.")
    return name.strip().lower(), "".join(told)


def _is_one(part: str) -> bool:
    """Whether a part is one bare word, or one text from its opening to its end."""
    if part[:1] not in {"{", '"'}:
        return WORD.fullmatch(part) is not None
    _, end = _parts(part, 1, "", CLOSES[part[0]])
    return end == len(part)


def _meant(part: str, strings: Fields) -> str:
    """What a part of a value means: the text that is enclosed, or that a word stands for."""
    return part[1:-1] if part[:1] in {"{", '"'} else strings.get(part.lower(), part)


def _names(raw: str) -> Iterator[str]:
    """The people and bodies of a list that `and` joins; in braces it joins nothing."""
    raw = " ".join(raw.split())
    depth, start = 0, 0
    for mark in AND.finditer(raw):
        if mark[0] in "{}":
            depth += 1 if mark[0] == "{" else -1
        elif depth == 0 and mark[0][0] != "\\":
            yield _name(raw[start : mark.start()])
            start = mark.end()
    yield _name(raw[start:])


def _name(raw: str) -> str:
    return "et al." if raw.strip().lower() == "others" else plain(raw).strip()


def _whole(title: str | None, subtitle: str | None) -> str | None:
    title = " ".join(title.split()) if title else None
    return f"{title}: {subtitle}" if title and subtitle else title


def _type(name: str, fields: Fields) -> str:
    scholarly = name.lower() == "article" and any(field in fields for field in SCHOLARLY)
    return "journal" if scholarly else name.lower()


def _date(fields: Fields) -> str | None:
    """`date`, or year with month and day as far as they are told."""
    if "date" in fields or "year" not in fields:
        return plain(fields.get("date", "")) or None
    year, month, day = (plain(fields.get(name, "")).strip() for name in ("year", "month", "day"))
    number = month if month.isdecimal() else str(MONTHS.index(month[:3].lower()) + 1) if _is_month(month) else ""
    parts = [year, number.zfill(2), day.zfill(2)] if number and day.isdecimal() else [year, number.zfill(2)]
    return "-".join(parts if number else [year])


def _is_month(told: str) -> bool:
    return told[:3].lower() in MONTHS


def _address(fields: Fields) -> str | None:
    """Of `url`; or the first in a field where people put one."""
    if url := _bare(fields.get("url", "")):
        return url
    found = (ADDRESS.search(_bare(fields.get(name, ""))) for name in ("howpublished", "note"))
    return next((address[0] for address in found if address), None)


def _bare(url: str) -> str:
    """An address is not written in LaTeX; only what some programs do to it all the same is undone."""
    url = url.strip()
    if url.startswith("\\url{"):
        url = url[5:].strip("{}")
    return ESCAPED.sub(r"\1", url)


BIBTEX = Library(
    "bib", "References from Zotero, JabRef and LaTeX (BibTeX)", (".bib", ".bibtex"),
    lambda head: bool(LOOKS_SO.match(head)), _read,
)  # fmt: skip
