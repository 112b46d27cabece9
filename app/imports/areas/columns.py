"""The columns of a file of areas, by the headings that p-code lists, COD-AB, geoBoundaries and OpenStreetMap use."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from app.errors import Unreadable
from app.imports.tables.outlines import OUTLINE

# Of a list with a row for each area and a column that says its level.
PLAIN = {
    "code": ("pcode", "areacode", "code", "shapeid"),
    "name": ("name", "areaname", "shapename"),
    "level": ("adminlevel", "level", "shapetype"),
    "parent": ("parentpcode", "parentcode", "parent"),
    "country": ("location", "country", "iso3", "countrycode", "shapegroup"),
    "iso": ("shapeiso", "iso", "iso31662"),
    "valid_from": ("validfromdate", "validfrom", "validasof", "validon", "date"),
    "valid_to": ("validtodate", "validto"),
    "population": ("population",),
}
# Of a table with columns for each level: `adm2_pcode`, `ADM2_EN`, `admin1Name_en`.
LEVELLED = re.compile(r"adm(?:in)?([0-4])(pcode|code|iso|en|name|nameen|ref|alt\w*|[a-z]{2}|name[a-z]{2}|name1)")
POPULATION = re.compile(r"pop(?:ulation)?(\d{4})?")
CODES, NAMES = ("pcode", "code"), ("en", "nameen", "name")


@dataclass(frozen=True)
class Columns:
    """Where what stands: plain columns by what they hold, and of each level its columns by what they are called."""

    plain: dict[str, str]
    levels: dict[int, dict[str, str]]
    population: str | None
    has_outlines: bool

    @property
    def deepest(self) -> int:
        return max(self.levels, default=0)


def columns_of(names: Iterable[str]) -> Columns:
    """Raises Unreadable where no column can be the code or the name of an area."""
    told = list(names)
    bare = {re.sub(r"[\W_]+", "", name.casefold()): name for name in reversed(told)}
    plain = {
        what: bare[found] for what, called in PLAIN.items() if (found := next((c for c in called if c in bare), None))
    }
    levels: dict[int, dict[str, str]] = {}
    for short, name in bare.items():
        if told_of := LEVELLED.fullmatch(short):
            levels.setdefault(int(told_of[1]), {})[told_of[2]] = name
    population = next((name for short, name in bare.items() if POPULATION.fullmatch(short)), None)
    columns = Columns(plain, _named(levels), population, OUTLINE in told)
    if not columns.levels and not {"code", "name"} <= plain.keys():
        raise Unreadable(
            "No columns of areas are found here: a code and a name are needed, such as P-Code and Name, or adm2_pcode"
            " and adm2_name."
        )
    return columns


def _named(levels: dict[int, dict[str, str]]) -> dict[int, dict[str, str]]:
    """The levels that tell a code or a name; the deepest of them is what the rows are."""
    return {level: found for level, found in levels.items() if any(word in found for word in (*CODES, *NAMES))}


def cell(row: dict[str, Any], name: str | None) -> str:
    """A cell as plain words."""
    value = row.get(name) if name is not None else None
    return " ".join(value.split()) if isinstance(value, str) else "" if value is None else str(value)


def first(row: dict[str, Any], found: dict[str, str], words: Iterable[str]) -> str:
    """The first of these columns that says something."""
    return next((text for word in words if (text := cell(row, found.get(word)))), "")
