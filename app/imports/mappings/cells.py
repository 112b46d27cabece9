"""The cells of one row by the names of a mapping: short names, other spellings, patterns, and paths into JSON."""

import re
from collections.abc import Callable, Iterable
from typing import Any

from app.imports.mappings.mapping import Mapping

STEP = re.compile(r"([^.\[\]]+)|\[(\d{1,4})\]")
Find = Callable[[dict[str, Any]], Any]


def finder(mapping: Mapping, heading: list[str], name: str) -> Find | None:
    """How to find what a name stands for in the rows of a file; None where the file has no such column."""
    columns = mapping.called(name, heading)
    if len(columns) > 1:
        return lambda row: [cell for column in columns if (cell := row.get(column)) not in (None, "")]
    if columns:
        return lambda row: row.get(columns[0])
    for spelled in mapping.columns.get(name, (name,)):
        steps = path(spelled)
        if len(steps) > 1 and steps[0] in heading:
            return lambda row, steps=steps: follow(row, steps)  # type: ignore[misc]
    return None


def path(name: str) -> tuple[str | int, ...]:
    """`victims[0].name` as its steps."""
    return tuple(int(number) if number else key for key, number in STEP.findall(name))


def follow(held: Any, steps: Iterable[str | int]) -> Any:
    """What lies at the end of a path; None where it breaks off."""
    for step in steps:
        if isinstance(step, int):
            held = held[step] if isinstance(held, list) and step < len(held) else None
        else:
            held = held.get(step) if isinstance(held, dict) else None
    return held
