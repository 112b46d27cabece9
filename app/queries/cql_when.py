"""Dates and moments of a CQL2 filter, and how two stretches of time can lie to each other."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, or_

from app.errors import Invalid
from app.queries.cql import Tree, wrong
from app.queries.queryables import QUERYABLES, Element, Kind, bound, column_of, ends, one_of

Condition = ColumnElement[bool]
Stretch = tuple[Element, Element]  # its first and its last day or second
Property = Callable[[Tree], str | None]

DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
MOMENT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?([Zz]|[+-][0-9]{2}:[0-9]{2})")
OPEN = ".."
# What an end that is open stands for: before and after everything.
BOUNDS: dict[str, tuple[Any, Any]] = {
    "day": (date.min, date.max),
    "moment": (datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)),
}
HELD: dict[str, Callable[[Stretch, Stretch], Condition]] = {
    "t_after": lambda a, b: a[0] > b[1],
    "t_before": lambda a, b: a[1] < b[0],
    "t_contains": lambda a, b: and_(a[0] < b[0], a[1] > b[1]),
    "t_disjoint": lambda a, b: or_(a[1] < b[0], a[0] > b[1]),
    "t_during": lambda a, b: and_(a[0] > b[0], a[1] < b[1]),
    "t_equals": lambda a, b: and_(a[0] == b[0], a[1] == b[1]),
    "t_finishedBy": lambda a, b: and_(a[0] < b[0], a[1] == b[1]),
    "t_finishes": lambda a, b: and_(a[0] > b[0], a[1] == b[1]),
    "t_intersects": lambda a, b: and_(a[0] <= b[1], a[1] >= b[0]),
    "t_meets": lambda a, b: a[1] == b[0],
    "t_metBy": lambda a, b: a[0] == b[1],
    "t_overlappedBy": lambda a, b: and_(a[0] > b[0], a[0] < b[1], a[1] > b[1]),
    "t_overlaps": lambda a, b: and_(a[0] < b[0], a[1] > b[0], a[1] < b[1]),
    "t_startedBy": lambda a, b: and_(a[0] == b[0], a[1] > b[1]),
    "t_starts": lambda a, b: and_(a[0] == b[0], a[1] < b[1]),
}


def _not_a_date() -> Invalid:
    return wrong("something is no date", "write 2025-06-12, 2025-06-12T08:00:00Z, or .. for an open end")


def read_instant(text: Tree) -> date | datetime:
    """A day, or a moment in UTC to the second. Raises Invalid."""
    if not isinstance(text, str):
        raise _not_a_date()
    try:
        if DAY.fullmatch(text):
            return date.fromisoformat(text)
        if MOMENT.fullmatch(text):
            return _in_seconds(datetime.fromisoformat(text.upper()))
    except (ValueError, OverflowError):
        pass
    raise _not_a_date()


def _in_seconds(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(microsecond=0)


def as_kind(value: date | datetime, kind: Kind) -> date | datetime:
    """For days the day of a moment in UTC: what happened on a day has no hour here."""
    return value.date() if kind == "day" and isinstance(value, datetime) else value


def is_when(tree: Tree) -> bool:
    return isinstance(tree, dict) and len(tree) == 1 and not {"date", "timestamp"}.isdisjoint(tree)


def instant_of(tree: Tree) -> date | datetime:
    """The value of DATE(...) or TIMESTAMP(...)."""
    ((name, text),) = tree.items()
    value = read_instant(text)
    if isinstance(value, datetime) != (name == "timestamp"):
        raise _not_a_date()
    return value


def related(op: str, args: list[Tree], known: Property, dialect: str) -> Condition:
    """How a stretch of time of the incident lies to another. `known`: the column that a property names."""
    if len(args) != 2:
        raise wrong("a function of time takes two values", "write T_INTERSECTS(this, that)")
    kinds = {QUERYABLES[name] for one in args for name in _columns(one, known)}
    if len(kinds) != 1 or not kinds <= BOUNDS.keys():
        raise wrong(
            "a function of time asks of no column with dates, or of days and moments at once",
            "ask of date_earliest, date_latest, INTERVAL(date_earliest, date_latest) or updated_at",
        )
    kind = kinds.pop()
    first, second = (_stretch(one, kind, known, dialect) for one in args)
    return HELD[op](first, second)


def _parts(tree: Tree) -> list[Tree]:
    """An interval as its two ends, anything else as itself."""
    if isinstance(tree, dict) and tree.keys() == {"interval"}:
        parts = tree["interval"]
        if not isinstance(parts, list) or len(parts) != 2:
            raise wrong("an interval has two ends", "write INTERVAL('2025-01-01', '2025-12-31')")
        return parts
    return [tree]


def _columns(tree: Tree, known: Property) -> list[str]:
    return [name for part in _parts(tree) if (name := known(part)) is not None]


def _stretch(tree: Tree, kind: Kind, known: Property, dialect: str) -> Stretch:
    """Its two ends. A column that is empty beside one that is not is an open end; both empty are not known at all."""
    parts = _parts(tree)
    names = [known(part) for part in parts]
    if len(parts) == 1 and names[0] is None:
        return _fixed(instant_of(tree) if is_when(tree) else read_instant(tree), kind, dialect)
    found = [
        _end(part, n, kind, dialect) if name is None else column_of(name, dialect)
        for n, (part, name) in enumerate(zip(parts, names, strict=True))
    ]
    first, last = found[0], found[-1]
    low, high = (bound(value, kind, dialect) for value in BOUNDS[kind])
    if len(parts) == 1 or None in names:
        return first, last
    return one_of(first, last, low), one_of(last, first, high)


def _fixed(value: date | datetime, kind: Kind, dialect: str) -> Stretch:
    first, last = ends(as_kind(value, kind), kind)
    return bound(first, kind, dialect), bound(last, kind, dialect)


def _end(part: Tree, n: int, kind: Kind, dialect: str) -> Element:
    """The first or the last of an interval, when it is written out."""
    if part == OPEN:
        return bound(BOUNDS[kind][n], kind, dialect)
    return _fixed(instant_of(part) if is_when(part) else read_instant(part), kind, dialect)[n]


def ordered(first: date | datetime | None, last: date | datetime | None) -> bool:
    """Whether a stretch of time ends no earlier than it begins."""
    return first is None or last is None or ends(first, "moment")[0] <= ends(last, "moment")[1]
