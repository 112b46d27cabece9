"""A CQL2 filter in the form that it has in JSON: how it is read from JSON, and how large it may be."""

import json
import re
from collections.abc import Iterable
from typing import Any

from app.errors import Fault, Invalid

Tree = Any
LONGEST = 6000  # characters of a filter
DEEPEST = 32
# So many comparisons at most: a database takes a chain of conditions apart step by step, and has an end to its steps.
MOST_CALLS = 200
MOST_VALUES = 10_000
# JSON can spell what an address cannot hold.
NOTHING_HOLDS = re.compile("[\x00\ud800-\udfff]")
GEOMETRIES = frozenset({
    "Point", "MultiPoint", "LineString", "MultiLineString", "Polygon", "MultiPolygon", "GeometryCollection",
})  # fmt: skip


def wrong(what: str, mend: str) -> Invalid:
    """A filter that cannot be asked; never a word of it."""
    return Invalid("The filter cannot be read.", [Fault("filter", what, mend)])


def check_length(text: str) -> None:
    if len(text) > LONGEST:
        raise wrong("it is too long", f"write at most {LONGEST} characters")


def too_deep() -> Invalid:
    return wrong("it is nested too deeply", f"nest at most {DEEPEST} deep")


def read_json(text: str) -> Tree:
    """The filter of a CQL2 JSON text. Raises Invalid."""
    check_length(text)
    try:
        tree = json.loads(text, object_pairs_hook=_unique, parse_constant=_no_constant)
    except RecursionError:
        raise too_deep() from None
    except ValueError:
        raise wrong("this is not JSON", "check commas, quotation marks and brackets") from None
    return checked(tree)


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise wrong("a name stands twice in one object", "keep one of the two")
    return found


def _no_constant(_: str) -> None:
    raise wrong("NaN and Infinity are not numbers", "write a number")


def checked(tree: Tree) -> Tree:
    """The same filter. Raises Invalid where it is too deep or too large to be asked."""
    left, calls, values = [(tree, 0)], 0, 0
    while left:
        node, depth = left.pop()
        values += 1
        calls += isinstance(node, dict) and "op" in node
        if depth > DEEPEST:
            raise too_deep()
        if isinstance(node, str) and NOTHING_HOLDS.search(node):
            raise wrong("a text holds NUL, or half a character", "leave it out")
        if calls > MOST_CALLS or values > MOST_VALUES:
            raise wrong("it holds too much", f"compare at most {MOST_CALLS} times")
        left.extend((inner, depth + 1) for inner in _inside(node))
    return tree


def _inside(node: Tree) -> Iterable[Tree]:
    if isinstance(node, dict):
        return node.values()
    return node if isinstance(node, list) else ()
