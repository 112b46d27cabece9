"""Words of other recorders as codes of ours: tables of codes, countries, areas, yes and no."""

import html
from functools import cache
from typing import Any

from app import geography
from app.imports.converters.reading import Converter, Options, Read, Unread, clean, known
from app.matching.folding import name_key
from app.vocabulary.word import vocabulary

# Why a cell is no area.
SEVERAL, NO_AREA = "several areas have this name", "not an area we know"
YES = frozenset(["1", "true", "yes", "y", "si", "sí", "oui", "نعم", "ہاں", "да"])
NO = frozenset(["0", "false", "no", "n", "non", "لا", "نہیں", "нет"])


def code(cell: Any, options: Options) -> Read:
    """Our word for theirs, by the table `codes`; `otherwise` stands for what it does not have, "" for nothing."""
    text = clean(cell)
    table, folded = options["codes"], name_key(text)
    found = table.get(text, next((ours for theirs, ours in table.items() if name_key(theirs) == folded), None))
    if found is not None:
        return Read(found)
    if options.get("otherwise") is not None:
        return Read(options["otherwise"] or None, strange=bool(known(text)))
    if not known(text):
        return Read()
    raise Unread("a word that the table of codes does not have", "add it to `codes`, or say `otherwise`")


def violation(cell: Any, options: Options) -> Read:
    """A word of our vocabulary of violations, by its code or its label in any language."""
    text = known(cell)
    ours, otherwise = our_violation(text), options.get("otherwise")
    if ours or otherwise or not text:
        return Read(ours or otherwise or None, strange=bool(text) and not ours)
    raise Unread("not a word of the vocabulary of violations", "write a code such as killing, or say `otherwise`")


def our_violation(word: str) -> str | None:
    return _violations().get(name_key(word.replace("_", " ")))


@cache
def _violations() -> dict[str, str]:
    words = vocabulary("violations").values()
    return {name_key(label.replace("_", " ")): w.code for w in words for label in (w.code, *w.label.values())}


def country(cell: Any, _options: Options) -> Read:
    """ISO 3166-1 alpha-3, from a name in any spelling we know or a code of two or three letters."""
    if not known(cell):
        return Read()
    found = country_of(cell)
    if found is None:
        raise Unread("not a country we know", "write its three letters, such as PAK")
    return Read(found)


def country_of(cell: Any) -> str | None:
    """The country that a cell names, if we know it."""
    text = html.unescape(known(cell))
    return geography.country_named(text) if text else None


def area(cell: Any, options: Options) -> Read:
    """The code of an area of a level, from that code or its name; a name that two areas share is neither."""
    text = known(cell)
    if not text:
        return Read()
    level, within = int(options.get("level", 1)), options.get("country")
    named = geography.area_named(text)
    if named is not None and named.level == level:
        return Read(named.code)
    found = {
        c
        for c in _by_name(level, geography.mark()).get(name_key(text), ())
        if within is None or _country_of(c) == within
    }
    if len(found) != 1:
        why = SEVERAL if found else NO_AREA
        raise Unread(why, "write its code, or say the country of the column")
    return Read(found.pop())


def _country_of(code: str) -> str | None:
    entry = geography.area_named(code)
    return entry.country if entry else None


@cache
def _by_name(level: int, _mark: str) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for entry in geography.areas():
        if entry.level == level:
            found.setdefault(name_key(entry.name), set()).add(entry.code)
    return found


def yes(cell: Any, _options: Options) -> Read:
    """True or false."""
    text = known(cell).casefold()
    if text in YES | NO:
        return Read(text in YES)
    if not text:
        return Read()
    raise Unread("neither yes nor no", "write yes, no, or leave it empty")


CODE = Converter("a code of ours by a table", code, {"codes": dict, "otherwise": str})
COUNTRY = Converter("the three letters of a country", country, {})
AREA = Converter("the code of an area by its name or code", area, {"level": (1, 2, 3), "country": str})
VIOLATION = Converter("a word of our vocabulary of violations", violation, {"otherwise": str})
YES_NO = Converter("yes or no", yes, {})
