"""Plain text, lists in one cell, and addresses of the web."""

import html
import re
from typing import Any

from app.imports.converters.reading import Converter, Options, Read, Unread, clean, known

ADDRESS = re.compile(r"https?://[^\s,;<>\"]+")
LONGEST_ADDRESS = 2000


def text(cell: Any, options: Options) -> Read:
    """Text without marks that nobody sees. `longest`: cut there, with a note; `entities`: &#039; is an apostrophe.

    `without`: what is left out where the text begins with it.
    """
    found = known(cell).removeprefix(options.get("without", ""))
    if options.get("entities"):
        found = clean(html.unescape(found))
    longest = options.get("longest", 100_000)
    if len(found) > longest:
        return Read(found[: longest - 1] + "…", found, "cut at the length that the field has")
    return Read(found or None)


def split(cell: Any, options: Options) -> Read:
    """A list, from a list or from a text with `by` between the parts. Each item has its text under `value`."""
    by = options.get("by", ";")
    pieces = cell if isinstance(cell, list) else [cell]
    parts = [part for piece in pieces for part in clean(piece).split(by)]
    return Read([{"value": part} for part in dict.fromkeys(filter(None, map(known, parts)))] or None)


def links(cell: Any, _options: Options) -> Read:
    """Every address of the web in a cell or a list, each with the `text` beside it; without one, only the text."""
    pieces = cell if isinstance(cell, list) else [cell]
    found: dict[str, dict[str, str]] = {}
    bare = 0
    for piece in pieces:
        said, beside = (piece.get("url"), piece.get("text")) if isinstance(piece, dict) else (piece, None)
        words = clean(said)
        addresses = [a for a in ADDRESS.findall(words) if len(a) <= LONGEST_ADDRESS]
        note = clean(beside) or (clean(ADDRESS.sub(" ", words)).strip(" ,;") if len(addresses) == 1 else "")
        for address in addresses:
            found.setdefault(address, {"url": address} | ({"text": note} if note else {}))
        if not addresses and known(words):
            found.setdefault(words, {"text": f"{note} {words}".strip()})
            bare += 1
    odd = "not an address of the web: kept as the title of a source" if bare else None
    return Read(list(found.values()) or None, None, odd)


def address(cell: Any, _options: Options) -> Read:
    """The first address of the web in a cell."""
    words = known(cell)
    if not words:
        return Read()
    found = [a for a in ADDRESS.findall(words) if len(a) <= LONGEST_ADDRESS]
    if not found:
        raise Unread("not an address of the web", "write it with http:// or https:// before it")
    return Read(found[0], words if len(found) > 1 else None)


TEXT = Converter("text", text, {"longest": int, "entities": bool, "without": str})
SPLIT = Converter("a list in one cell", split, {"by": str})
LINKS = Converter("addresses of the web, in one cell or many", links, {})
ADDRESS_OF = Converter("the first address of the web in a cell", address, {})
