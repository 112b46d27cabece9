"""CQL2 text, read once from left to right without ever going back, into the form that CQL2 has in JSON."""

import re
from typing import NamedTuple

from app.errors import Invalid
from app.queries.cql import DEEPEST, Tree, check_length, checked, too_deep, wrong

# What has no `+` behind its star would try again from every place where it could have ended.
TOKEN = re.compile(
    r"""(?P<space>[ \t\r\n]++)
    |(?P<text>'(?:''|\\'|[^'])*+')
    |(?P<quoted>"[^"]++")
    |(?P<number>[+-]?(?:[0-9]++(?:\.[0-9]*+)?|\.[0-9]++)(?:[eE][+-]?[0-9]++)?)
    |(?P<word>[^\W\d][\w.:]*+)
    |(?P<sign><=|>=|<>|[=<>(),])""",
    re.VERBOSE,
)
COMPARED = frozenset({"=", "<>", "<", ">", "<=", ">="})
# How deep the brackets of a geometry go, and what it is called in GeoJSON.
WELL_KNOWN: dict[str, tuple[str, int]] = {
    "POINT": ("Point", 1), "LINESTRING": ("LineString", 1), "MULTIPOINT": ("MultiPoint", 2), "POLYGON": ("Polygon", 2),
    "MULTILINESTRING": ("MultiLineString", 2), "MULTIPOLYGON": ("MultiPolygon", 3),
}  # fmt: skip
COLLECTION = "GEOMETRYCOLLECTION"
# In JSON some names have a capital within.
IN_JSON = {name.lower(): name for name in ("t_finishedBy", "t_metBy", "t_overlappedBy", "t_startedBy")}
RESERVED = frozenset({"AND", "OR", "NOT", "LIKE", "BETWEEN", "IN", "IS", "NULL"})


class Token(NamedTuple):
    """One word or sign. `kind`: text, quoted, number, word, sign, or end; `at`: its place, counted from 1."""

    kind: str
    value: str
    at: int


def read_text(text: str) -> Tree:
    """The filter of a CQL2 text. Raises Invalid, with the place where reading ended."""
    check_length(text)
    reader = Reader(_tokens(text))
    tree = reader.either(0)
    if reader.token.kind != "end":
        raise reader.unexpected()
    return checked(tree)


def _tokens(text: str) -> list[Token]:
    found, at = [], 0
    while at < len(text):
        met = TOKEN.match(text, at)
        if met is None:
            raise _unread(at + 1)
        if met.lastgroup != "space":
            found.append(Token(str(met.lastgroup), met[0], at + 1))
        at = met.end()
    return [*found, Token("end", "", at + 1)]


def _unread(at: int) -> Invalid:
    return wrong(f"it cannot be read on from character {at}", "see docs/how-to/open-in-qgis.md for what can be asked")


class Reader:
    """Reads one filter; `token` is the one that comes next."""

    def __init__(self, tokens: list[Token]) -> None:
        self.tokens = iter(tokens)
        self.token = next(self.tokens)

    def unexpected(self) -> Invalid:
        return _unread(self.token.at)

    def take(self) -> Token:
        taken = self.token
        self.token = next(self.tokens, taken)
        return taken

    def is_next(self, *words: str) -> bool:
        """Whether one of these signs or words (in any case) comes next."""
        return self.token.kind in {"sign", "word"} and self.token.value.upper() in words

    def took(self, *words: str) -> bool:
        """Take one of these, if it comes next."""
        there = self.is_next(*words)
        if there:
            self.take()
        return there

    def expect(self, word: str) -> None:
        if not self.took(word):
            raise self.unexpected()

    def either(self, depth: int) -> Tree:
        found = [self.both(depth)]
        while self.took("OR"):
            found.append(self.both(depth))
        return found[0] if len(found) == 1 else {"op": "or", "args": found}

    def both(self, depth: int) -> Tree:
        found = [self.maybe_not(depth)]
        while self.took("AND"):
            found.append(self.maybe_not(depth))
        return found[0] if len(found) == 1 else {"op": "and", "args": found}

    def maybe_not(self, depth: int) -> Tree:
        if self.took("NOT"):
            return {"op": "not", "args": [self.primary(depth)]}
        return self.primary(depth)

    def primary(self, depth: int) -> Tree:
        if depth > DEEPEST:
            raise too_deep()
        if self.took("("):
            found = self.either(depth + 1)
            self.expect(")")
            return found
        left = self.value(depth)
        if isinstance(left, dict) and "op" in left:
            return left
        return self.compared(left)

    def compared(self, left: Tree) -> Tree:
        """What is said of a value; TRUE and FALSE may stand alone."""
        if self.is_next(*COMPARED):
            return {"op": self.take().value, "args": [left, self.value(0)]}
        if self.took("IS"):
            without = self.took("NOT")
            self.expect("NULL")
            return _unless({"op": "isNull", "args": [left]}, without)
        without = self.took("NOT")
        if self.took("LIKE"):
            return _unless({"op": "like", "args": [left, self.value(0)]}, without)
        if self.took("IN"):
            return _unless({"op": "in", "args": [left, self.listed(0)]}, without)
        if self.took("BETWEEN"):
            low = self.value(0)
            self.expect("AND")
            return _unless({"op": "between", "args": [left, low, self.value(0)]}, without)
        if without or not isinstance(left, bool):
            raise self.unexpected()
        return left

    def listed(self, depth: int) -> list[Tree]:
        self.expect("(")
        found = [self.value(depth)]
        while self.took(","):
            found.append(self.value(depth))
        self.expect(")")
        return found

    def value(self, depth: int) -> Tree:
        """A literal, a property, or what a function is asked of."""
        token = self.token
        if token.kind == "text":
            return self.text()
        if token.kind == "number":
            return self.number()
        if token.kind == "quoted":
            return {"property": self.take().value[1:-1]}
        if token.kind != "word" or token.value.upper() in RESERVED:
            raise self.unexpected()
        name = self.take().value
        return self.named(name, depth)

    def named(self, name: str, depth: int) -> Tree:
        """What begins with a word: TRUE, FALSE, a geometry, a date, a function, or else a property."""
        upper = name.upper()
        if upper in {"TRUE", "FALSE"}:
            return upper == "TRUE"
        if upper in WELL_KNOWN or upper == COLLECTION:
            return self.geometry(upper, depth)
        if not self.is_next("("):
            return {"property": name}
        if depth > DEEPEST:
            raise too_deep()
        told = self.listed(depth + 1)
        if upper in {"DATE", "TIMESTAMP"}:
            if len(told) != 1:
                raise self.unexpected()
            return {upper.lower(): told[0]}
        return {upper.lower(): told} if upper in {"BBOX", "INTERVAL"} else _asked(name, told)

    def text(self) -> str:
        return re.sub(r"''|\\'", "'", self.take().value[1:-1])

    def number(self) -> int | float:
        if self.token.kind != "number":
            raise self.unexpected()
        written = self.take().value
        if written.lstrip("+-").isdigit() and len(written) < 20:
            return int(written)
        return float(written)

    def geometry(self, name: str, depth: int) -> Tree:
        """Well-known text as GeoJSON."""
        self.took("Z", "M", "ZM")
        if name == COLLECTION:
            return {"type": "GeometryCollection", "geometries": self.collected(depth)}
        called, brackets = WELL_KNOWN[name]
        found = self.bracketed(brackets)
        if name == "POINT":
            return {"type": called, "coordinates": self.alone(found)}
        if name == "MULTIPOINT":
            found = [self.alone(one) for one in found]
        return {"type": called, "coordinates": found}

    def collected(self, depth: int) -> list[Tree]:
        if depth > DEEPEST:
            raise too_deep()
        found = self.listed(depth + 1)
        if not all(isinstance(one, dict) and "type" in one for one in found):
            raise self.unexpected()
        return found

    def alone(self, found: list[Tree]) -> Tree:
        if len(found) != 1:
            raise self.unexpected()
        return found[0]

    def bracketed(self, brackets: int) -> list[Tree]:
        self.expect("(")
        found = []
        while True:
            found.append(self.position() if brackets == 1 else self.bracketed(brackets - 1))
            if not self.took(","):
                break
        self.expect(")")
        return found

    def position(self) -> list[int | float]:
        found = [self.number(), self.number()]
        while self.token.kind == "number":
            found.append(self.number())
        return found


def _asked(name: str, args: list[Tree]) -> Tree:
    op = name.lower()
    return {"op": IN_JSON.get(op, op), "args": args}


def _unless(tree: Tree, without: bool) -> Tree:  # noqa: FBT001 - whether NOT stood before it
    return {"op": "not", "args": [tree]} if without else tree
