"""Filters made up by chance, written in both ways, and judged row by row in Python: what the database must find."""

import re
from collections.abc import Callable
from datetime import date
from typing import Any

import shapely
from hypothesis import strategies as st
from shapely.geometry import shape

from app.queries.queryables import QUERYABLES
from tests.ogc.grounds import KINDS, TITLES

Row = dict[str, Any]
Tree = Any
TEXTS, NUMBERS, DAYS = (
    sorted(name for name, kind in QUERYABLES.items() if kind == wanted) for wanted in ("text", "number", "day")
)
WORDS = st.sampled_from(
    [*KINDS, "PAK", "SYR", "Balochistan", "settlement", TITLES[1] + " 1", "", "it's", "a\\b", "السوق"]
)
FIGURES = st.integers(-2, 9) | st.sampled_from([0.5, 26.0, 63.0544, 66.9905, 2000, 1e6])
DATES = st.sampled_from(
    ["2025-06-12", "2024-01-01", "2024-12-31", "2025-06-01", "2022-02-02", "2023-02-01", "1999-01-01"]
)
PATTERNS = st.sampled_from(
    ["%", "%market%", "Shots%", "shots%", "%100\\%%", "%[sic]%", "A\\_b%", "A_b \\*%", "%\\\\%", "_hots%", "%السوق%"]
)
RINGS = ([[60, 24], [70, 24], [70, 31], [60, 24]], [[63.0544, 26.0023], [68, 26.0023], [68, 31], [63.0544, 26.0023]])
SHAPES = st.sampled_from([
    {"bbox": [60, 20, 70, 30]}, {"bbox": [170, -90, 65, 90]}, {"type": "Point", "coordinates": [63.0544, 26.0023]},
    *({"type": "Polygon", "coordinates": [ring]} for ring in RINGS),
    {"type": "MultiPolygon", "coordinates": [[RINGS[0]], [[[30, 30], [40, 30], [40, 40], [30, 30]]]]},
    {"type": "LineString", "coordinates": [[63.0544, 20], [63.0544, 40]]},
    {"type": "MultiPoint", "coordinates": [[63.0544, 26.0023], [0, 0]]},
])  # fmt: skip
COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "=": lambda a, b: a == b, "<>": lambda a, b: a != b, "<": lambda a, b: a < b, ">": lambda a, b: a > b,
    "<=": lambda a, b: a <= b, ">=": lambda a, b: a >= b,
}  # fmt: skip
HELD: dict[str, Callable[[Any, Any, Any, Any], bool]] = {
    "t_after": lambda a, b, c, d: a > d,
    "t_before": lambda a, b, c, d: b < c,
    "t_contains": lambda a, b, c, d: a < c and b > d,
    "t_disjoint": lambda a, b, c, d: a > d or b < c,
    "t_during": lambda a, b, c, d: c < a and b < d,
    "t_equals": lambda a, b, c, d: (a, b) == (c, d),
    "t_finishedBy": lambda a, b, c, d: a < c and b == d,
    "t_finishes": lambda a, b, c, d: a > c and b == d,
    "t_intersects": lambda a, b, c, d: not (a > d or b < c),
    "t_meets": lambda a, b, c, d: b == c,
    "t_metBy": lambda a, b, c, d: a == d,
    "t_overlappedBy": lambda a, b, c, d: c < a < d < b,
    "t_overlaps": lambda a, b, c, d: a < c < b < d,
    "t_startedBy": lambda a, b, c, d: a == c and b > d,
    "t_starts": lambda a, b, c, d: a == c and b < d,
}
RELATIONS = ("s_contains", "s_crosses", "s_disjoint", "s_equals", "s_intersects", "s_overlaps", "s_touches", "s_within")
WHEN = {"interval": [{"property": "date_earliest"}, {"property": "date_latest"}]}
PLACE = {"property": "geometry"}


def _call(op: Any, *args: Any) -> Any:
    return st.fixed_dictionaries(
        {"op": op if not isinstance(op, str) else st.just(op), "args": st.tuples(*args).map(list)}
    )


def _property(names: list[str]) -> Any:
    return st.sampled_from(names).map(lambda name: {"property": name})


def _pair(first: Any, second: Any) -> Any:
    return _call(st.sampled_from(sorted(COMPARE)), first, second)


DAY = DATES.map(lambda day: {"date": day})
STRETCH = DAY | st.tuples(DATES | st.just(".."), DATES | st.just("..")).map(lambda ends: {"interval": _ordered(*ends)})
SIMPLE = st.one_of(
    _pair(_property(TEXTS), WORDS), _pair(_property(NUMBERS), FIGURES), _pair(_property(DAYS), DAY),
    _pair(FIGURES, _property(NUMBERS)), _pair(_property(NUMBERS), _property(NUMBERS)), _pair(_property(DAYS), _property(DAYS)),
    _call("between", _property(NUMBERS), FIGURES, FIGURES), _call("between", _property(TEXTS), WORDS, WORDS),
    _call("in", _property(TEXTS), st.lists(WORDS, min_size=1, max_size=3)), _call("like", _property(["title"]), PATTERNS),
    _call("isNull", _property([*TEXTS, *NUMBERS, *DAYS, "geometry"])), _call("=", _property(["location_generalised"]), st.booleans()),
    _call(st.sampled_from(RELATIONS), st.just(PLACE), SHAPES), _call(st.sampled_from(RELATIONS), SHAPES, st.just(PLACE)),
    _call(st.sampled_from(sorted(HELD)), st.just(WHEN) | _property(DAYS), STRETCH),
    _call(st.sampled_from(sorted(HELD)), STRETCH, st.just(WHEN)), st.booleans(),
)  # fmt: skip


def joined(inner: Any) -> Any:
    """Filters with AND, OR or NOT over others."""
    several = st.lists(inner, min_size=2, max_size=3)
    return _call("not", inner) | st.fixed_dictionaries({"op": st.sampled_from(["and", "or"]), "args": several})


FILTERS = st.recursive(SIMPLE, joined, max_leaves=5)


def _ordered(first: str, last: str) -> list[str]:
    return [last, first] if ".." not in (first, last) and first > last else [first, last]


def written(tree: Tree) -> str:
    """The filter as text."""
    if isinstance(tree, bool):
        return str(tree).upper()
    op, args = tree["op"], tree["args"]
    if op in {"and", "or"}:
        return f" {op.upper()} ".join(f"({written(one)})" for one in args)
    if op == "not":
        return f"NOT ({written(args[0])})"
    told = [_listed(one) if isinstance(one, list) else _value(one) for one in args]
    if op in COMPARE:
        return f"{told[0]} {op} {told[1]}"
    form = {"between": "{0} BETWEEN {1} AND {2}", "like": "{0} LIKE {1}", "isNull": "{0} IS NULL", "in": "{0} IN {1}"}
    return form[op].format(*told) if op in form else op.upper() + _listed(args)


def _listed(trees: list[Tree]) -> str:
    return f"({', '.join(map(_value, trees))})"


def _value(tree: Tree) -> str:
    if isinstance(tree, dict):
        ((name, told), *others) = tree.items()
        if others:
            return shapely.to_wkt(shape(tree), rounding_precision=-1)
        return {
            "property": lambda: told,
            "date": lambda: f"DATE('{told}')",
            "interval": lambda: "INTERVAL" + _listed(told),
            "bbox": lambda: f"BBOX({', '.join(map(str, told))})",
        }[name]()
    if isinstance(tree, str):
        return "'" + tree.replace("'", "''") + "'"
    return str(tree).upper() if isinstance(tree, bool) else repr(tree)


def judge(tree: Tree, row: Row) -> bool | None:
    """Whether a row is meant; None when that is not known."""
    if isinstance(tree, bool):
        return tree
    op, args = tree["op"], tree["args"]
    if op in {"and", "or", "not"}:
        return _joined(op, [judge(one, row) for one in args])
    if op == "isNull":
        return (row["lon"] if args[0] == PLACE else row[args[0]["property"]]) is None
    if op in RELATIONS:
        return _lies(op, args, row)
    if op in HELD:
        return _held(op, args, row)
    values = [one if op == "in" and n else _read(one, row) for n, one in enumerate(args)]
    return None if None in values else _compare(op, *values)


def _joined(op: str, found: list[bool | None]) -> bool | None:
    if op == "not":
        return None if found[0] is None else not found[0]
    wins = op == "or"
    return wins if wins in found else None if None in found else not wins


def _compare(op: str, value: Any, *others: Any) -> bool:
    if op == "between":
        return bool(others[0] <= value <= others[1])
    if op == "in":
        return value in others[0]
    if op == "like":
        wild = {"%": ".*", "_": "."}
        pieces = [p[1:] if len(p) == 2 else p for p in re.findall(r"\\.|.", others[0], re.DOTALL)]
        stands = [len(p) == 1 and p in wild for p in re.findall(r"\\.|.", others[0], re.DOTALL)]
        pattern = "".join(wild[p] if w else re.escape(p) for p, w in zip(pieces, stands, strict=True))
        return re.fullmatch(pattern, value, re.DOTALL) is not None
    return COMPARE[op](value, others[0])


def _read(tree: Tree, row: Row) -> Any:
    if isinstance(tree, dict):
        return row[tree["property"]] if "property" in tree else date.fromisoformat(tree["date"])
    return tree


def _lies(op: str, args: list[Tree], row: Row) -> bool | None:
    if row["lon"] is None:
        return None
    here = shapely.Point(row["lon"], row["lat"])
    first, second = (here if one == PLACE else _shape(one) for one in args)
    return bool(getattr(shapely, op.removeprefix("s_"))(first, second))


def _shape(tree: Tree) -> Any:
    if "bbox" not in tree:
        return shape(tree)
    west, south, east, north = tree["bbox"]
    if west <= east:
        return shapely.box(west, south, east, north)
    return shapely.union_all([shapely.box(west, south, 180, north), shapely.box(-180, south, east, north)])


def _held(op: str, args: list[Tree], row: Row) -> bool | None:
    ends = [_ends(one, row) for one in args]
    return None if None in (*ends[0], *ends[1]) else HELD[op](*ends[0], *ends[1])


def _ends(tree: Tree, row: Row) -> tuple[Any, Any]:
    if tree == WHEN:
        first, last = row["date_earliest"], row["date_latest"]
        return (None, None) if first is last is None else (first or date.min, last or date.max)
    if "interval" in tree:
        first, last = tree["interval"]
        return (date.min if first == ".." else date.fromisoformat(first)), (
            date.max if last == ".." else date.fromisoformat(last)
        )
    return (_read(tree, row),) * 2
