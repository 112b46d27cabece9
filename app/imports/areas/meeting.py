"""Which area that is here already a row means, which lies above it, and what the row would change."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property
from math import pi
from typing import NamedTuple

from app import geography
from app.geography import AreaEntry, Said, amended, country_named
from app.imports.areas.stated import Stated
from app.imports.numbering import LINES, Numbering
from app.matching.folding import name_key

FIELDS = ("name", "aliases", "codes", "parent", "valid_from", "valid_to", "population")
LETTERS = 2


class Met(NamedTuple):
    """`before` None: a new area."""

    said: Said
    before: AreaEntry | None

    @property
    def after(self) -> AreaEntry:
        return amended(self.before, self.said)

    def changes(self, wkb: bytes | None) -> Iterator[tuple[str, str, str]]:
        """Field, what stands there, what the row has. `wkb`: the outline of the row."""
        if self.before is None:
            return
        for name in FIELDS:
            was, becomes = getattr(self.before, name), getattr(self.after, name)
            if was != becomes:
                yield name, _told(was), _told(becomes)
        if wkb is not None and wkb != drawn_now(self.said.code):
            yield "outline", _size(self.before, drawn_by(self.said.code)), _size(self.after, self.said.layer)


def drawn_now(code: str) -> bytes | None:
    """The outline that a layer gave an area."""
    outline = geography.book().laid.get(code)
    return None if outline is None else outline.wkb


def drawn_by(code: str) -> str:
    """Whose outline of an area holds: that of the latest layer which draws it, or the one we ship."""
    outline, shipped = geography.book().laid.get(code), geography.shipped().by_code.get(code)
    return outline.layer if outline else shipped.layer if shipped else ""


@dataclass
class Meeting:
    """Rows of one file, one after the other, the larger areas first. `country`: of rows that name none.

    `numbering`: what the rows are called.
    """

    layer: str
    country: str | None
    numbering: Numbering = LINES
    taken: dict[str, AreaEntry] = field(default_factory=dict)
    lines: dict[str, int] = field(default_factory=dict)
    names: dict[str, dict[tuple[int, str], list[str]]] = field(default_factory=dict)

    @cached_property
    def by_country(self) -> dict[str | None, list[AreaEntry]]:
        found: dict[str | None, list[AreaEntry]] = {}
        for entry in geography.areas():
            found.setdefault(entry.country, []).append(entry)
        return found

    def _at(self, code: str) -> str:
        return self.numbering.at(self.lines[code])

    def meet(self, told: Stated) -> Met:
        """Raises RowRefused."""
        if told.code and told.code in self.taken:
            why = f"the code stands in {self._at(self.taken[told.code].code)} already"
            raise told.refused(told.code_column, why, "give each area a code of its own")
        country = self._country_of(told)
        parent = self._parent_of(told, country)
        before = self._known(told, country, parent)
        if before is not None and before.code in self.lines:
            why = f"it is the same area as {self._at(before.code)}: {before.name}"
            raise told.refused(told.code_column, why, "leave one of the two out")
        if before is None and not told.code:
            why = "it has no code, and no area of this name that no other row means is known here"
            raise told.refused(told.code_column, why, "give it a code of your own")
        met = Met(self._said(told, country, parent, before), before)
        self.taken[met.said.own_code] = met.after
        self.lines[met.said.code] = told.line
        return met

    def _said(self, told: Stated, country: str, parent: AreaEntry, before: AreaEntry | None) -> Said:
        name, aliases = told.name, told.aliases
        if before is not None and name_key(told.name) in _keys(before):
            name, aliases = before.name, (told.name, *told.aliases)
        code = told.code if before is None else before.code
        return Said(
            code, told.code or code, told.level, name, aliases, country, parent.code, self.layer, told.valid_from,
            told.valid_to, told.population, told.outline.get("radius_m"),
        )  # fmt: skip

    def _country_of(self, told: Stated) -> str:
        """As the row says, as whoever sends it says, as the area above has it, or by the letters of its code."""
        above = next((entry for code in told.above if (entry := self._entry(code))), None)
        found = told.country or self.country or (above.country if above else None)
        found = found or country_named(told.code[:LETTERS])
        if found is None or geography.area_named(found) is None:
            raise told.refused("(country)", "its country is not said", "name it with --country PAK (API: country=PAK)")
        return found

    def _entry(self, code: str) -> AreaEntry | None:
        return self.taken.get(code) or geography.area_named(code) or geography.area_named(country_named(code) or "")

    def _parent_of(self, told: Stated, country: str) -> AreaEntry:
        top = geography.book().by_code[country]
        above = [entry for code in told.above if (entry := self._entry(code)) is not None]
        named = self._named(country, told.level - 1, told.above_name) if told.level > 1 else []
        if not above and len(named) == 1:
            above = [self.taken.get(named[0]) or geography.book().by_code[named[0]]]
        if not above and (told.above or (told.above_name and told.level > 1)):
            why = "the area above it is known neither here nor in the rows above it"
            raise told.refused(told.parent_column, why, "take the areas of the level above in first, or in one file")
        parent = above[0] if above else top
        if parent.country != country or parent.level >= told.level:
            why = f"the area above it is {parent.name}, of level {parent.level} in {parent.country}"
            raise told.refused(told.parent_column, why, "put its parent or its level right")
        return parent

    def _known(self, told: Stated, country: str, parent: AreaEntry) -> AreaEntry | None:
        """By any of its codes, or else by its name: within the same parent, if it is only one that no row has yet."""
        by_code = geography.area_named(told.code) or (geography.area_named(told.iso) if told.iso else None)
        if by_code is not None:
            if (by_code.level, by_code.country) != (told.level, country):
                why = f"the code is that of {by_code.name}, of level {by_code.level} in {by_code.country}, here"
                raise told.refused(told.code_column, why, "put its code, level or country right")
            return by_code
        found = [geography.book().by_code[code] for code in self._named(country, told.level, told.name)]
        near = [one for one in found if one.parent in {parent.code, country} and one.code not in self.lines]
        within = [one for one in near if one.parent == parent.code] or near
        return within[0] if len(within) == 1 else None

    def _named(self, country: str, level: int, name: str) -> list[str]:
        """The codes of the areas of a country that have this name, among all they have."""
        if country not in self.names:
            found = self.names[country] = {}
            for entry in self.by_country.get(country, ()):
                for key in _keys(entry):
                    found.setdefault((entry.level, key), []).append(entry.code)
        return self.names[country].get((level, name_key(name)), [])


def _keys(entry: AreaEntry) -> set[str]:
    return {name_key(name) for name in (entry.name, *entry.aliases)}


def _told(value: object) -> str:
    return "; ".join(value) if isinstance(value, tuple) else "" if value is None else str(value)


def _size(entry: AreaEntry, layer: str) -> str:
    """As in `24,510 km², geoboundaries-pak-adm3-2017-dissolved`."""
    return "" if entry.uncertainty_m is None else f"{pi * (entry.uncertainty_m / 1000) ** 2:,.0f} km², {layer}"


def with_outline(said: Said, wkb: bytes | None) -> Said:
    return replace(said, outline=wkb)
