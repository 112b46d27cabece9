"""The shape of a report, taken from what `POST /incidents` takes, and a mapping's tables checked against it."""

import typing
from functools import cache
from types import UnionType
from typing import Any

from pydantic import BaseModel

from app.imports.mappings.spec import Faults, Leaf, Listed, Template, leaf, named
from app.records.account import AccountIn
from app.records.blocks import StatedDate, Tally, WhereFields
from app.records.incident import IncidentIn

REPORT, ACCOUNT = IncidentIn, AccountIn
# One cell that gives several fields of a place: lat, lon, geo_precision.
POINT = "point"
# How a list of a row is read: its objects as they are, or by one of these converters.
ITEMS, LISTS = "items", ("split", "links")
LIST_KEYS = ("each", "when", "numbered")
# Fields that have an id of ours, which no file of others knows.
OURS = frozenset({"id", "account_id", "act_id", "source_id", "derived_from_source_id", "supersedes_id", "said"})
MOST_NUMBERED = 20
FITTING: dict[type[BaseModel], tuple[str, ...]] = {Tally: ("count",), StatedDate: ("date", "span", "about")}


@cache
def fields_of(model: type[BaseModel]) -> dict[str, tuple[type[BaseModel] | None, bool]]:
    """Each field a mapping may fill: the model within it, if any, and whether it is a list."""
    found = {n: _within(f.annotation) for n, f in model.model_fields.items() if n not in OURS}
    return found | ({POINT: (None, False)} if issubclass(model, WhereFields) else {})


def _within(annotation: Any) -> tuple[type[BaseModel] | None, bool]:
    origin, parts = typing.get_origin(annotation), typing.get_args(annotation)
    if origin is list:
        model, _ = _within(parts[0])
        return model, True
    if origin is typing.Annotated:
        return _within(parts[0])
    if origin in (typing.Union, UnionType):
        return next((w for p in parts if (w := _within(p))[0]), (None, False))
    return (annotation, False) if isinstance(annotation, type) and issubclass(annotation, BaseModel) else (None, False)


def tree(told: dict[str, Any], model: type[BaseModel], where: str, faults: Faults) -> dict[str, Any]:
    """A table of fields as leaves, templates, constants, and tables and lists of the same."""
    allowed, found = fields_of(model), {}
    for key, value in told.items():
        at = f"{where}.{named(key)}"
        if key not in allowed:
            faults.add(at, "not a field of the report", f"allowed here: {', '.join(allowed)}")
            continue
        within, many = allowed[key]
        found[key] = _branch(value, within, at, faults, many=many)
    return found


def _branch(value: Any, within: type[BaseModel] | None, at: str, faults: Faults, *, many: bool) -> Any:
    if many and within is not None:
        return items(value, within, at, faults)
    if isinstance(value, str):
        return Template(value)
    if not isinstance(value, dict):
        if isinstance(value, list) or value is None:
            faults.add(at, "a list does not fit here", "write a text, a number, or a table with a column")
        return value
    if within is None or {"column", "columns", "as"} & value.keys():
        read = leaf(value, at, faults)
        _check_fit(read, within, at, faults)
        return read
    return tree(value, within, at, faults)


def _check_fit(read: Leaf, within: type[BaseModel] | None, at: str, faults: Faults) -> None:
    needs = FITTING.get(within) if within else None
    if needs and read.kind not in needs:
        faults.add(f"{at}.as", "this converter does not fit the field", f"write one of: {', '.join(needs)}")
    if at.endswith(f".{POINT}") != (read.kind == POINT) and read.columns:
        faults.add(
            f"{at}.as", "a point goes into the field point, and nothing else does", f'write as = "{POINT}" there'
        )


def items(value: Any, model: type[BaseModel], at: str, faults: Faults) -> list[Listed]:
    if not (isinstance(value, list) and all(isinstance(item, dict) for item in value)):
        faults.add(at, "a list of tables is needed", f"write [[{at}]] above its fields")
        return []
    return [_item(one, model, at, faults) for item in value for one in _numbered(item, at, faults)]


def _numbered(item: dict[str, Any], at: str, faults: Faults) -> list[dict[str, Any]]:
    """`numbered = 6`: six items, with 1 to 6 for # in the names of their columns."""
    count = item.get("numbered")
    rest = {key: value for key, value in item.items() if key != "numbered"}
    if count is None:
        return [rest]
    if isinstance(count, bool) or not isinstance(count, int) or not 1 <= count <= MOST_NUMBERED:
        faults.add(f"{at}.numbered", "not a number of items", f"write a whole number from 1 to {MOST_NUMBERED}")
        return []
    return [_with_number(rest, str(number)) for number in range(1, count + 1)]


def _with_number(told: Any, number: str) -> Any:
    if isinstance(told, str):
        return told.replace("#", number)
    if isinstance(told, list):
        return [_with_number(part, number) for part in told]
    if isinstance(told, dict):
        return {_with_number(k, number): v if k == "codes" else _with_number(v, number) for k, v in told.items()}
    return told


def _item(told: dict[str, Any], model: type[BaseModel], at: str, faults: Faults) -> Listed:
    fields = {key: value for key, value in told.items() if key not in LIST_KEYS}
    each = _each(told.get("each"), f"{at}.each", faults)
    return Listed(tree(fields, model, at, faults), each, _when(told.get("when"), at, faults))


def _each(each: Any, at: str, faults: Faults) -> Leaf | None:
    """The list in the row whose every item gives an item of the report."""
    if isinstance(each, str):
        return Leaf((each,), ITEMS)
    if isinstance(each, dict) and each.get("as") in LISTS:
        return leaf(each, at, faults)
    if each is not None:
        faults.add(at, "not a list in the row", 'write each = "name of a list", or { column = "...", as = "links" }')
    return None


def _when(when: Any, at: str, faults: Faults) -> dict[str, tuple[str, ...]] | None:
    """A column that must not be empty, or columns with the words they must hold."""
    if when is None:
        return None
    if isinstance(when, str):
        return {when: ()}
    if isinstance(when, dict) and all(isinstance(v, list) for v in when.values()):
        return {column: tuple(map(str, words)) for column, words in when.items()}
    faults.add(f"{at}.when", "not a condition", 'write when = "column", or when = { column = ["word", "word"] }')
    return None
