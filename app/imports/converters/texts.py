"""Plain text, lists in one cell, and addresses of the web."""

import html
import re
from typing import Any

from app.imports.converters.reading import Converter, Options, Read, Unread, clean, known

ADDRESS = re.compile(r"https?://[^\s,;<>\"]+")
LONGEST_ADDRESS = 2000
MARKUP = re.compile(r"<(/?)([a-z][a-z0-9]{0,20})\b[^<>]{0,2000}>|<!--[^<>]{0,2000}-->", re.IGNORECASE)
HIDDEN = frozenset({"script", "style"})
# Between these there is a gap; bold and links go on.
BLOCKS = frozenset({"p", "br", "div", "li", "tr", "td", "th", "h1", "h2", "h3", "h4", "blockquote"})


def text(cell: Any, options: Options) -> Read:
    """Text without marks that nobody sees. `longest`: cut there, with a note; `entities`: &#039; is an apostrophe.

    `without`: what is left out where the text begins with it; `html`: tags of HTML are left out, with line breaks as
    spaces.
    """
    found = known(_told(cell) if options.get("html") else cell).removeprefix(options.get("without", ""))
    if options.get("entities"):
        found = clean(html.unescape(found))
    longest = options.get("longest", 100_000)
    if len(found) > longest:
        return Read(found[: longest - 1] + "…", found, "cut at the length that the field has")
    return Read(found or None)


def _told(cell: Any) -> str:
    """The words of a page, without what makes them bold, and without scripts. In one pass, whatever is open in it."""
    first, *rest = MARKUP.split(clean(cell))
    words, hidden = [first], ""
    for closing, tag, told in zip(rest[::3], rest[1::3], rest[2::3], strict=True):
        name = (tag or "").lower()
        if name in HIDDEN:
            hidden = "" if closing else name
        words += [" "] if name in BLOCKS else []
        words += [] if hidden else [told]
    return html.unescape("".join(words))


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


TEXT = Converter("text", text, {"longest": int, "entities": bool, "html": bool, "without": str})
SPLIT = Converter("a list in one cell", split, {"by": str})
LINKS = Converter("addresses of the web, in one cell or many", links, {})
ADDRESS_OF = Converter("the first address of the web in a cell", address, {})
