"""In which encoding a text is: UTF-8 wherever that fits, else what its marks, its zeros or its letters tell."""

import codecs
from collections.abc import Iterator
from itertools import islice

import charset_normalizer

from app.errors import Unreadable
from app.imports.tables.source import Source

SAMPLE = 256 * 1024
MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
# What people still save tables in; the rest would only make short texts look like something rare.
OLD = (
    "cp1252", "mac_roman", "cp1256", "iso8859_6", "cp1251", "koi8_r", "cp1250", "cp1253", "cp1254", "cp1255",
    "cp874", "gb18030", "big5", "shift_jis", "euc_jp", "euc_kr",
)  # fmt: skip
CONTROLS = bytes(set(range(32)) - set(b"\t\n\r\f"))


def encoding_of(source: Source, asked: str | None) -> str:
    """The name of the encoding. Raises Unreadable for what is no text."""
    start = source.start
    if not start:
        raise Unreadable("The file is empty.")
    if asked is not None:
        return "utf-8-sig" if codecs.lookup(asked).name == "utf-8" else asked
    if found := marked(start):
        return found
    if not is_text(start):
        raise Unreadable("This is not a text file, nor a table that we read: save it as “CSV UTF-8” and import that.")
    return "utf-8-sig" if is_utf8(source) else _old(source)


def marked(start: bytes) -> str | None:
    """The encoding that the first bytes, or zeros in every other place, tell of."""
    if mark := next((name for mark, name in MARKS if start.startswith(mark)), None):
        return mark
    even, odd = (start[i:4000:2] for i in (0, 1))
    if odd.count(0) > len(odd) * 0.4 and even.count(0) < len(even) * 0.1:
        return "utf-16-le"
    return "utf-16-be" if even.count(0) > len(even) * 0.4 and odd.count(0) < len(odd) * 0.1 else None


def is_text(start: bytes) -> bool:
    """Whether the first bytes can be of a text in one of the encodings without a mark."""
    looked_at = start[:4096]
    return len(looked_at) - len(looked_at.translate(None, CONTROLS)) <= len(looked_at) * 0.02


def is_utf8(source: Source) -> bool:
    """Whether the whole of it decodes."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        for piece in source.pieces():
            decoder.decode(piece)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _old(source: Source) -> str:
    """What the lines that hold other letters than ASCII are most likely in."""
    told = b"".join(line for line in _lines(source) if not line.isascii())[:SAMPLE]
    found = charset_normalizer.from_bytes(told, cp_isolation=list(OLD), threshold=0.4)
    fits = {name for match in found for name in (match.encoding, *match.could_be_from_charset)}
    best = found.best()
    if best is None or (OLD[0] in fits and _chaos(found, OLD[0]) <= best.chaos):
        return OLD[0]
    return best.encoding


def _chaos(found: charset_normalizer.CharsetMatches, name: str) -> float:
    return min((m.chaos for m in found if name in {m.encoding, *m.could_be_from_charset}), default=1.0)


def _lines(source: Source) -> Iterator[bytes]:
    """Whole lines of its first megabytes."""
    yield from b"".join(islice(source.pieces(), 4)).splitlines(keepends=True)
