"""How a suggestion says a field: with a remark, its column, and how its cells are read."""

import json
import re
from typing import Any

from app.imports.converters import clean
from app.imports.converters.codes import our_violation
from app.imports.mappings.suggesting import Column

MOST_CODES = 40
UNKNOWN = "unknown"
Fields = dict[str, Column]


def quoted(text: str) -> str:
    """A text as TOML writes it, with every control character spelled out."""
    return re.sub("\x7f", "\\\\u007f", json.dumps(text, ensure_ascii=False))


def hole(column: Column) -> str:
    return f"{{{column.name}}}" if not re.search(r"[{}\[\]]", column.name) else ""


def remark(column: Column) -> list[str]:
    for_example = " and ".join(f"“{one}”" for one in column.examples()) or "only empty cells"
    notes = "".join(f"; {note}" for note in column.notes)
    return [f"# “{clean(column.name)}”: {column.how_sure}{notes}. For example {for_example}."]


def field(column: Column | None, key: str, kind: str, extra: str = "") -> list[str]:
    if column is None:
        return []
    told = f'column = {quoted(column.name)}, as = "{kind}"{options(column.options)}{extra}'
    return [*remark(column), f"{key} = {{ {told} }}"]


def options(options: dict[str, Any]) -> str:
    return "".join(f", {name} = {json.dumps(value)}" for name, value in options.items())


def codes(column: Column) -> dict[str, str]:
    words = list(dict.fromkeys(text for cell in column.samples if (text := clean(cell))))[:MOST_CODES]
    return {word: our_violation(word) or UNKNOWN for word in words}


def kind_told(column: Column | None) -> str:
    if column is None:
        return f'"{UNKNOWN}"'
    table = ", ".join(f"{quoted(word)} = {quoted(code)}" for word, code in codes(column).items())
    return f'{{ column = {quoted(column.name)}, as = "code", codes = {{ {table} }}, otherwise = "{UNKNOWN}" }}'
