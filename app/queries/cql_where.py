"""A CQL2 filter as conditions on the database: what is not listed is refused, and every value is a parameter."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from unicodedata import normalize

from sqlalchemy import ColumnElement, and_, false, not_, or_, true

from app.access.viewer import Viewer
from app.errors import Invalid
from app.queries.cql import Tree, wrong
from app.queries.cql_shape import RELATIONS, lies
from app.queries.cql_when import HELD, as_kind, instant_of, is_when, read_instant, related
from app.queries.queryables import GEOMETRY, QUERYABLES, Element, Kind, bound, column_of, may_ask, unknown

Condition = ColumnElement[bool]

COMPARE: dict[str, Callable[[Any, Any], Condition]] = {
    "=": lambda a, b: a == b,
    "<>": lambda a, b: a != b,
    "<": lambda a, b: a < b,
    ">": lambda a, b: a > b,
    "<=": lambda a, b: a <= b,
    ">=": lambda a, b: a >= b,
}
EITHER_WAY = frozenset({"=", "<>"})
MOST_WILD = 20


def where(tree: Tree, viewer: Viewer, dialect: str) -> Condition:
    """The filter as one condition. Raises Invalid for what cannot be asked, or not by this viewer."""
    return Asking(viewer, dialect).condition(tree)


def _odd(what: str = "a value stands where it cannot be compared") -> Invalid:
    return wrong(what, "compare a property with a value of its kind: see /ogc/collections/incidents/queryables")


@dataclass(frozen=True)
class Asking:
    """Who asks, and of which engine."""

    viewer: Viewer
    dialect: str

    def condition(self, tree: Tree) -> Condition:
        if isinstance(tree, bool):
            return true() if tree else false()
        op, args = _call(tree)
        if op in JOINED:
            return JOINED[op](self, args)
        if op in COMPARE:
            return self.compared(op, args)
        if op in RELATIONS:
            return self.placed(op, args)
        if op in HELD:
            return related(op, args, self.known, self.dialect)
        raise wrong("a function or operator that is not known here", "see /ogc/conformance for what can be asked")

    def known(self, tree: Tree) -> str | None:
        """The column that a property names; None for anything else. Raises Invalid for one that is not known."""
        if not isinstance(tree, dict) or tree.keys() != {"property"}:
            return None
        name = tree["property"]
        if not isinstance(name, str) or not may_ask(name, self.viewer):
            raise unknown()
        return name

    def column(self, tree: Tree) -> tuple[str, Kind]:
        name = self.known(tree)
        if name is None:
            raise _odd()
        return name, QUERYABLES[name]

    def all_of(self, args: list[Tree]) -> Condition:
        return and_(*map(self.condition, _many(args)))

    def any_of(self, args: list[Tree]) -> Condition:
        return or_(*map(self.condition, _many(args)))

    def none_of(self, args: list[Tree]) -> Condition:
        return not_(self.condition(*_count(args, 1)))

    def compared(self, op: str, args: list[Tree]) -> Condition:
        names = [self.known(one) for one in _count(args, 2)]
        kinds = {QUERYABLES[name] for name in names if name is not None}
        if len(kinds) != 1:
            raise _odd()
        kind = kinds.pop()
        if kind == "truth" and op not in EITHER_WAY:
            raise _odd()
        left, right = (
            self.value(one, kind) if name is None else self.sorted(column_of(name, self.dialect), kind)
            for one, name in zip(args, names, strict=True)
        )
        return COMPARE[op](left, right)

    def sorted(self, element: Element, kind: Kind) -> Element:
        """Texts are in the order of their characters on both engines, not in that of a language."""
        return element.collate("C") if kind == "text" and self.dialect != "sqlite" else element

    def value(self, tree: Tree, kind: Kind) -> Element:
        return bound(_literal(tree, kind), kind, self.dialect)

    def between(self, args: list[Tree]) -> Condition:
        name, kind = self.column(_count(args, 3)[0])
        if kind == "truth":
            raise _odd()
        low, high = (self.value(one, kind) for one in args[1:])
        return self.sorted(column_of(name, self.dialect), kind).between(low, high)

    def within(self, args: list[Tree]) -> Condition:
        name, kind = self.column(_count(args, 2)[0])
        return column_of(name, self.dialect).in_([self.value(one, kind) for one in _many(args[1])])

    def like(self, args: list[Tree]) -> Condition:
        """% is any text, _ any character, a backslash takes either for itself; capitals count."""
        name, kind = self.column(_count(args, 2)[0])
        pattern = args[1]
        if kind != "text" or not isinstance(pattern, str) or pattern.count("%") + pattern.count("_") > MOST_WILD:
            raise wrong("LIKE takes a property of words and a pattern", f"write at most {MOST_WILD} of % and _")
        if self.dialect == "sqlite":  # its LIKE takes capitals for small letters, its GLOB does not
            return column_of(name, self.dialect).bool_op("GLOB")(_glob(_pieces(pattern)))
        return column_of(name, self.dialect).like(_escaped(_pieces(pattern)), escape="\\")

    def empty(self, args: list[Tree]) -> Condition:
        (asked,) = _count(args, 1)
        if _is_geometry(asked):
            return column_of("lon", self.dialect).is_(None)
        name, _ = self.column(asked)
        return column_of(name, self.dialect).is_(None)

    def placed(self, op: str, args: list[Tree]) -> Condition:
        first, second = _count(args, 2)
        if _is_geometry(first) == _is_geometry(second):
            raise wrong(
                "one of the two places must be the property geometry", "write S_INTERSECTS(geometry, BBOX(...))"
            )
        if _is_geometry(first):
            return lies(op, second, self.dialect)
        return lies(RELATIONS[op][1], first, self.dialect)


JOINED: dict[str, Callable[[Asking, list[Tree]], Condition]] = {
    "and": Asking.all_of, "or": Asking.any_of, "not": Asking.none_of, "between": Asking.between, "in": Asking.within,
    "like": Asking.like, "isNull": Asking.empty,
}  # fmt: skip


def _call(tree: Tree) -> tuple[str, list[Tree]]:
    """An operator with what it is asked of."""
    if isinstance(tree, dict) and tree.keys() == {"op", "args"}:
        op, args = tree["op"], tree["args"]
        if isinstance(op, str) and isinstance(args, list):
            return op, args
    raise _odd("something stands where a comparison should")


def _count(args: list[Tree], wanted: int) -> list[Tree]:
    if len(args) != wanted:
        raise _odd("a comparison has too few or too many values")
    return args


def _many(args: Tree) -> list[Tree]:
    if not isinstance(args, list) or not args:
        raise _odd("a list is empty")
    return args


def _is_geometry(tree: Tree) -> bool:
    return isinstance(tree, dict) and tree == {"property": GEOMETRY}


def _literal(tree: Tree, kind: Kind) -> Any:
    """The value of a literal, when it is of this kind. Raises Invalid."""
    if kind in {"day", "moment"}:
        value = instant_of(tree) if is_when(tree) else read_instant(tree)
        if kind == "moment" and not isinstance(value, datetime):
            raise _odd("a day stands where a moment should")
        return as_kind(value, kind)
    wanted: Any = {"text": str, "truth": bool, "number": int | float}[kind]
    if not isinstance(tree, wanted) or (kind == "number" and (isinstance(tree, bool) or not abs(tree) < 1e18)):
        raise _odd()
    return normalize("NFC", tree) if kind == "text" else tree  # as every text is kept


def _pieces(pattern: str) -> list[tuple[str, bool]]:
    """The characters of a pattern, and whether each stands for others. Raises Invalid."""
    found, left = [], iter(normalize("NFC", pattern))
    for character in left:
        if character != "\\":
            found.append((character, character in "%_"))
            continue
        plain = next(left, None)
        if plain is None:
            raise wrong("a pattern ends with its escape", "write \\\\ for the sign itself")
        found.append((plain, False))
    return found


def _glob(pieces: list[tuple[str, bool]]) -> str:
    wild = {"%": "*", "_": "?"}
    return "".join(wild[c] if stands else f"[{c}]" if c in "*?[" else c for c, stands in pieces)


def _escaped(pieces: list[tuple[str, bool]]) -> str:
    return "".join(c if stands or c not in "%_\\" else "\\" + c for c, stands in pieces)
