"""The fields of a mapping turned into functions that fill a report from one row."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from app.imports.converters import CONVERTERS, Read, Unread, clean, known
from app.imports.converters.dates import words_only
from app.imports.importer import Finding, Row, RowRefused
from app.imports.mappings.cells import Find, finder, follow, path
from app.imports.mappings.mapping import Mapping
from app.imports.mappings.spec import HOLE, MAYBE, REFUSE, Leaf, Listed, Template
from app.vocabulary import certainty

# Without these there is no report, so a cell that cannot be read refuses the row.
NEEDED = frozenset({"report.title", "report.kind", "report.external_id"})
LISTS = frozenset({"split", "links", "items"})
# Read from several columns at once; of other kinds the first column that tells something is taken.
PAIRS = frozenset({"point", "span", "about"})
DATES = frozenset({"date", "span", "about"})
SHOWN = 100
NOT_MAPPED = "a word that the mapping does not have"


@dataclass
class Telling:
    """One row on its way into a report: what was odd, and the words that the report's values say less than.

    `strange`: words for which the mapping has no other, so that `otherwise` stood for them.
    """

    row: Row
    item: dict[str, Any] | None = None
    odd: list[Finding] = field(default_factory=list)
    words: list[str] = field(default_factory=list)
    strange: list[Finding] = field(default_factory=list)

    def within(self, item: dict[str, Any]) -> "Telling":
        return Telling(self.row, item, self.odd, self.words, self.strange)


Fill = Callable[[Telling], Any]


@dataclass(frozen=True)
class Filler:
    """A mapping and the heading of the file it is to read."""

    mapping: Mapping
    heading: list[str]

    def cell(self, name: str) -> Fill:
        """The cell that a name stands for: of the item at hand, or else of the row."""
        if name in self.mapping.values:
            return self._hole(name)
        find, steps = finder(self.mapping, self.heading, name), path(name)
        return lambda told: self._found(told, find, steps)

    def _found(self, told: Telling, find: Find | None, steps: tuple[str | int, ...]) -> Any:
        if told.item is not None and steps and steps[0] in told.item:
            cell = follow(told.item, steps)
        else:
            cell = find(told.row.values) if find else None
        return "" if isinstance(cell, str) and clean(cell).casefold() in self.mapping.unknown else cell

    def column(self, leaf: Leaf) -> str:
        """The name that a finding gives: as it stands in the file."""
        name = leaf.columns[0]
        if value := self.mapping.values.get(name):
            return self.column(value)
        return next(iter(self.mapping.called(name, self.heading)), name)

    def leaf(self, leaf: Leaf, where: str) -> Fill:
        """Read the columns of a leaf; what cannot be read refuses the row, or is kept in its words."""
        cells = [self.cell(name) for name in leaf.columns]
        strict = leaf.on_error == REFUSE or (leaf.on_error is None and where in NEEDED)

        def fill(told: Telling) -> Any:
            held = _together(leaf.kind, [cell(told) for cell in cells])
            try:
                found = CONVERTERS[leaf.kind].read(held, leaf.options)
            except Unread as no:
                finding = Finding(told.row.line, self.column(leaf), _shown(held), no.why, no.mend)
                if strict:
                    raise RowRefused(finding) from None
                return self._kept(told, leaf, held, finding)
            return self._noted(told, leaf, held, found)

        return fill

    def _kept(self, told: Telling, leaf: Leaf, held: Any, finding: Finding) -> Any:
        told.odd.append(finding)
        if leaf.kind in DATES:
            return words_only(_written(held))
        told.words.append(f"{finding.column}: {_written(held)}")
        return None

    def _noted(self, told: Telling, leaf: Leaf, held: Any, found: Read) -> Any:
        if found.words:
            told.words.append(f"{self.column(leaf)}: {found.words}")
        if found.strange:
            told.strange.append(
                Finding(told.row.line, self.column(leaf), _shown(held), NOT_MAPPED, str(found.value or ""))
            )
        if found.odd:
            mend = "kept in its own words" if found.words else "look whether it is so"
            told.odd.append(Finding(told.row.line, self.column(leaf), _shown(held), found.odd, mend))
        return found.value

    def template(self, template: Template) -> Fill:
        """Text with columns in it; None when one that is not in brackets is not known."""
        holes = {name: self._hole(name) for name in template.names()}
        if not holes:
            return lambda _told: template.text

        def fill(told: Telling) -> str | None:
            known_ones = {name: hole(told) for name, hole in holes.items()}
            text = MAYBE.sub(lambda m: m[1] if all(known_ones[n] for n in HOLE.findall(m[1])) else "", template.text)
            if not all(known_ones[name] for name in HOLE.findall(text)):
                return None
            return HOLE.sub(lambda m: known_ones[m[1]], text)

        return fill

    def _hole(self, name: str) -> Callable[[Telling], str]:
        if leaf := self.mapping.values.get(name):
            read = self.leaf(leaf, f"values.{name}")
            return lambda told: said(read(Telling(told.row, told.item)))  # a field says what is odd about the cell
        cell = self.cell(name)
        return lambda told: "" if isinstance(held := cell(told), dict | list) else known(held)

    def branch(self, told: Any, where: str) -> Fill:
        if isinstance(told, Leaf):
            return self.leaf(told, where)
        if isinstance(told, Template):
            return self.template(told)
        if isinstance(told, dict):
            return self.table(told, where)
        if isinstance(told, list):
            return self.items(told, where)
        return lambda _telling: told

    def table(self, told: dict[str, Any], where: str) -> Fill:
        """Fields as a dict; None when none of what depends on the row is known."""
        fills = [(key, self.branch(value, f"{where}.{key}"), depends(value)) for key, value in told.items()]
        dependent = any(flag for *_, flag in fills)

        def fill(telling: Telling) -> dict[str, Any] | None:
            found: dict[str, Any] = {}
            live = not dependent
            for key, one, flag in fills:
                value = one(telling)
                if value not in (None, "", [], {}):
                    live = live or flag
                    found[key] = value
            return _placed(found, told) if live else None

        return fill

    def items(self, told: list[Listed], where: str) -> Fill:
        fills = [(item, self.table(item.fields, where), self._when(item), self._each(item, where)) for item in told]

        def fill(telling: Telling) -> list[Any]:
            found = []
            for _, one, applies, each in fills:
                if applies(telling):
                    found += [one(part) for part in each(telling)]
            return [item for item in found if item]

        return fill

    def _each(self, item: Listed, where: str) -> Callable[[Telling], list[Telling]]:
        if item.each is None:
            return lambda told: [told]
        if item.each.kind == "items":
            cell = self.cell(item.each.columns[0])
            return lambda told: [told.within(part) for part in _objects(cell(told))]
        read = self.leaf(item.each, f"{where}.each")
        return lambda told: [told.within(part) for part in read(told) or []]

    def _when(self, item: Listed) -> Callable[[Telling], bool]:
        tests = [(self.cell(name), words) for name, words in (item.when or {}).items()]
        return lambda told: all(
            clean(cell(told)) in words if words else bool(known(cell(told))) for cell, words in tests
        )


def depends(told: Any) -> bool:
    """Whether a branch has anything that comes from the row."""
    if isinstance(told, Template):
        return bool(told.names())
    if isinstance(told, dict):
        return any(map(depends, told.values()))
    if isinstance(told, list):
        return any(item.each is not None or depends(item.fields) for item in told)
    return isinstance(told, Leaf)


def said(value: Any) -> str:
    """A value as a word of a template: a date as EDTF, a point to about a kilometre, a count as its numbers."""
    if not isinstance(value, dict):
        return "" if value is None else str(value)
    if "lat" in value:
        return f"{value['lat']:.2f},{value['lon']:.2f}"
    if {"earliest", "latest"} & value.keys():
        given = "/".join(value.get(end, "..") for end in ("earliest", "latest"))
        return (
            value["earliest"] if value.get("earliest") == value.get("latest") else certainty.parse(given).edtf or given
        )
    return "-".join(str(value[part]) for part in ("min", "best", "max") if part in value)


def _together(kind: str, cells: list[Any]) -> Any:
    """Several columns of one field: a point from two, one list from many, otherwise the first that tells something."""
    if kind in LISTS:
        return [part for cell in cells for part in (cell if isinstance(cell, list) else [cell])]
    if len(cells) == 1:
        return cells[0]
    return cells if kind in PAIRS else next((cell for cell in cells if known(cell)), None)


def _objects(held: Any) -> list[dict[str, Any]]:
    return [part for part in held if isinstance(part, dict)] if isinstance(held, list) else []


def _placed(found: dict[str, Any], told: dict[str, Any]) -> dict[str, Any]:
    """A point spread over its fields; without one there is no precision to tell."""
    if "point" in told:
        found = {key: value for key, value in found.items() if key != "point"} | found.get("point", {})
        if "lat" not in found:
            found = {key: value for key, value in found.items() if key not in {"geo_precision", "geocode_method"}}
    return found


def _written(held: Any) -> str:
    return clean(", ".join(map(str, held)) if isinstance(held, list) else held)


def _shown(held: Any) -> str:
    return _written(held)[:SHOWN]
