"""What a mapping says of one field: the columns it comes from, the converter, and what to do when a cell is unread."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from app.errors import Fault
from app.imports.converters import CONVERTERS

KEEP, REFUSE = "keep", "refuse"
ON_ERROR = (KEEP, REFUSE)
# What stands beside a converter's own options.
OWN = ("column", "columns", "as", "on_error")
HOLE = re.compile(r"\{([^{}]+)\}")
MAYBE = re.compile(r"\[([^\[\]]*\{[^\[\]]*)\]")
PLAIN_KEY = re.compile(r"[\w .#*-]{1,40}")


@dataclass(frozen=True)
class Leaf:
    """One field from one column, or from several read as one list."""

    columns: tuple[str, ...]
    kind: str = "text"
    options: Mapping[str, Any] = field(default_factory=dict)
    on_error: str | None = None


@dataclass(frozen=True)
class Template:
    """Text with columns in it: `Alleged death, {place}[: {cause}]`; what is in brackets goes when it is not known."""

    text: str

    def names(self) -> tuple[str, ...]:
        return tuple(HOLE.findall(self.text))


@dataclass(frozen=True)
class Listed:
    """One item of a list in the report; `each`: one for every item of a list in the row; `when`: only then."""

    fields: dict[str, Any]
    each: Leaf | None = None
    when: Mapping[str, tuple[str, ...]] | None = None


class Faults:
    """What is wrong with a mapping file, each with the key where it stands."""

    def __init__(self) -> None:
        self.found: list[Fault] = []

    def add(self, where: str, what: str, mend: str) -> None:
        self.found.append(Fault(where, what, mend))


def named(key: str) -> str:
    """A key as it may be repeated in an answer."""
    return key if PLAIN_KEY.fullmatch(key) else "(a key)"


def leaf(told: dict[str, Any], where: str, faults: Faults) -> Leaf:
    """The table of one field; what is wrong with it goes to `faults`."""
    kind = told.get("as", "text")
    converter = CONVERTERS.get(kind) if isinstance(kind, str) else None
    if converter is None:
        faults.add(f"{where}.as", "not a converter we have", f"write one of: {', '.join(CONVERTERS)}")
        return Leaf(())
    options = {key: value for key, value in told.items() if key not in OWN}
    for key, value in options.items():
        _check_option(converter.options.get(key), value, f"{where}.{named(key)}", [*OWN, *converter.options], faults)
    if kind == "code" and "codes" not in options:
        faults.add(where, "the converter code needs a table of codes", 'write codes = { "their word" = "our_code" }')
    if told.get("on_error") not in (None, *ON_ERROR):
        faults.add(f"{where}.on_error", "not a way to go on", f"write one of: {', '.join(ON_ERROR)}")
    return Leaf(_columns(told, where, faults), kind, options, told.get("on_error"))


def _columns(told: dict[str, Any], where: str, faults: Faults) -> tuple[str, ...]:
    one, many = told.get("column"), told.get("columns")
    columns = [one] if isinstance(one, str) else many if isinstance(many, list) else []
    if not columns or not all(isinstance(name, str) and name for name in columns) or (one and many):
        faults.add(where, "no column is named", 'write column = "Name of the column", or columns = ["One", "Two"]')
        return ()
    return tuple(columns)


def _check_option(allowed: Any, value: Any, where: str, known: list[str], faults: Faults) -> None:
    if allowed is None:
        faults.add(where, "not an option of this converter", f"allowed here: {', '.join(known)}")
    elif isinstance(allowed, tuple):
        if value not in allowed:
            faults.add(where, "not a value of this option", f"write one of: {', '.join(map(str, allowed))}")
    elif not isinstance(value, allowed) or (allowed is int and isinstance(value, bool)):
        kinds = {
            int: "a whole number",
            str: "a text",
            bool: "true or false",
            dict: "a table { theirs = ours }",
            list: "a list",
        }
        faults.add(where, "a value of another kind is needed", f"write {kinds[allowed]}")
