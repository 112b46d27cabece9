"""Countries: the ISO code behind a name in any spelling we know."""

import re
import unicodedata
from functools import lru_cache

from app.geography.files import once, rows

APOSTROPHES = {0x27: None, 0x60: None, 0x2019: None, 0x2BC: None}


@lru_cache(maxsize=1024)  # a table names the same country in row after row
def country_named(text: str) -> str | None:
    """Return the ISO alpha-3 code of a country's name in any spelling we know, or of its code."""
    names = _country_names()
    spelled = _plain(text)
    if spelled in names:
        return names[spelled]
    # "Somaland (Somalia)": the name before or the one within the brackets, if they do not disagree.
    parts = {names[p] for p in map(_plain, re.split(r"[()]", text)) if p in names}
    return parts.pop() if len(parts) == 1 else None


def country_name(alpha3: str) -> str | None:
    """Return the English name of a country."""
    return country_names().get(alpha3)


@once
def country_names() -> dict[str, str]:
    """The English names of all countries by their ISO alpha-3 codes."""
    return {row["alpha3"]: row["name"] for row in rows("countries.csv")}


@once
def _country_names() -> dict[str, str]:
    """Every spelling and the country it names; one that two countries share names neither."""
    loose: dict[str, set[str]] = {}
    firm: dict[str, str] = {}
    for row in rows("countries.csv"):
        for alias in filter(None, row["aliases"].split("|")):
            loose.setdefault(_plain(alias), set()).add(row["alpha3"])
        firm |= dict.fromkeys(map(_plain, (row["name"], row["alpha2"], row["alpha3"])), row["alpha3"])
    by_hand = {_plain(row["alias"]): row["alpha3"] for row in rows("country_aliases.csv")}
    alone = {name: next(iter(codes)) for name, codes in loose.items() if len(codes) == 1}
    return alone | firm | by_hand


def _plain(text: str) -> str:
    """Return lower-case words without marks, punctuation and a leading article."""
    folded = unicodedata.normalize("NFKD", text.casefold().replace("&", " and "))
    letters = "".join(c for c in folded if not unicodedata.combining(c)).translate(APOSTROPHES)
    return re.sub(r"[\W_]+", " ", letters).strip().removeprefix("the ")
