"""A mapping: a small file that says how the columns of somebody else's table become a report."""

import fnmatch
import re
import tomllib
from dataclasses import dataclass, field
from typing import Any

from app.errors import Invalid
from app.imports.mappings.shape import ACCOUNT, REPORT, items, tree
from app.imports.mappings.spec import Faults, Leaf, leaf, named
from app.matching.folding import name_key

KEYS = ("name", "about", "licence", "needs", "columns", "values", "report", "accounts", "unknown", "repeats", "refuse")
NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,59}")
LONGEST = 200_000
Names = dict[str, tuple[str, ...]]


@dataclass(frozen=True)
class Mapping:
    """`columns`: our short name and what the column may be called. `needs`: names without which a file is another's.

    `values`: what is read from a column for templates alone. `unknown`: words that mean "not known" in this file.
    `repeats`: whether rows of one external id are different incidents, which are then numbered. `refuse`: columns, and
    the words in them with which a row is not to come in.
    """

    name: str
    about: str
    needs: tuple[str, ...]
    report: dict[str, Any]
    licence: str | None = None
    columns: Names = field(default_factory=dict)
    values: dict[str, Leaf] = field(default_factory=dict)
    accounts: list[Any] = field(default_factory=list)
    unknown: frozenset[str] = frozenset()
    repeats: bool = False
    refuse: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def called(self, name: str, heading: list[str]) -> list[str]:
        """The columns of a file that a name of the mapping stands for; several for a pattern such as `Link *`."""
        for pattern in self.columns.get(name, (name,)):
            if pattern in heading:
                return [pattern]
            found = [column for column in heading if "*" in pattern and fnmatch.fnmatchcase(column, pattern)]
            if found:
                return found
        return []

    def missing(self, heading: list[str]) -> list[str]:
        """The needed columns that a file does not have, by the first of their names."""
        lacking = (name for name in self.needs if not self.called(name, heading))
        return [self.columns.get(name, (name,))[0] for name in lacking]


def read(text: str, fallback: str = "mapping") -> Mapping:
    """The mapping in a TOML text. Raises Invalid with one fault for each key that is wrong."""
    if len(text) > LONGEST:
        raise Invalid("The mapping is too long: at most 200,000 characters.")
    try:
        told = tomllib.loads(text)
    except tomllib.TOMLDecodeError as problem:
        where = str(problem).rpartition("(at ")[2].rstrip(")") or "the file"
        raise Invalid(f"The mapping is not TOML: look at {where}.") from None
    except RecursionError:
        raise Invalid("The mapping is not TOML: its lists go too deep.") from None
    faults = Faults()
    mapping = _mapping(told, fallback, faults)
    if faults.found:
        raise Invalid("The mapping cannot be used.", faults.found[:50])
    return mapping


def _mapping(told: dict[str, Any], fallback: str, faults: Faults) -> Mapping:
    for key in told:
        if key not in KEYS:
            faults.add(named(key), "not a key of a mapping", f"allowed: {', '.join(KEYS)}")
    for key in ("title", "kind", "according_to"):
        if key not in _table(told, "report", faults):
            faults.add(f"report.{key}", "a report needs this", "give it a text or a column")
    return Mapping(
        name=_name(told, fallback, faults),
        about=_text(told, "about", "", faults),
        needs=tuple(_texts(told, "needs", faults)),
        report=tree(_table(told, "report", faults), REPORT, "report", faults),
        licence=_text(told, "licence", "", faults) or None,
        columns=_columns(told, faults),
        values={k: leaf(v, f"values.{named(k)}", faults) for k, v in _table(told, "values", faults).items()},
        accounts=items(told.get("accounts", []), ACCOUNT, "accounts", faults),
        unknown=frozenset(word.casefold() for word in _texts(told, "unknown", faults)),
        repeats=_repeats(told, faults),
        refuse=_refuse(told, faults),
    )


def _table(told: dict[str, Any], key: str, faults: Faults) -> dict[str, Any]:
    found = told.get(key, {})
    if not isinstance(found, dict) or (key == "values" and not all(isinstance(v, dict) for v in found.values())):
        faults.add(key, "a table is needed", f"write [{key}] and the fields below it")
        return {}
    return found


def _text(told: dict[str, Any], key: str, fallback: str, faults: Faults) -> str:
    found = told.get(key, fallback)
    if not isinstance(found, str):
        faults.add(key, "a text is needed", f'write {key} = "..."')
        return fallback
    return found


def _name(told: dict[str, Any], fallback: str, faults: Faults) -> str:
    found = _text(told, "name", fallback, faults)
    if not NAME.fullmatch(found):
        faults.add("name", "not a name for a mapping", "small letters, digits and hyphens: clinic-register")
    return found


def _texts(told: dict[str, Any], key: str, faults: Faults) -> list[str]:
    found = told.get(key, [])
    if not (isinstance(found, list) and all(isinstance(one, str) for one in found)):
        faults.add(key, "a list of texts is needed", f'write {key} = ["one", "two"]')
        return []
    return found


def _columns(told: dict[str, Any], faults: Faults) -> Names:
    found: Names = {}
    for short, names in _table(told, "columns", faults).items():
        spelled = [names] if isinstance(names, str) else names
        if not (isinstance(spelled, list) and spelled and all(isinstance(one, str) for one in spelled)):
            faults.add(f"columns.{named(short)}", "the names of a column are needed", 'write short = ["One", "Other"]')
            continue
        found[short] = tuple(spelled)
    return found


def _repeats(told: dict[str, Any], faults: Faults) -> bool:
    found = told.get("repeats")
    if found not in (None, "number"):
        faults.add("repeats", "not a way to take rows of one id", 'write repeats = "number", or leave it out')
    return found == "number"


def _refuse(told: dict[str, Any], faults: Faults) -> dict[str, tuple[str, ...]]:
    """The words without case, by column."""
    found = _table(told, "refuse", faults)
    if not all(isinstance(words, list) and all(isinstance(word, str) for word in words) for words in found.values()):
        faults.add("refuse", "columns with lists of words are needed", 'write refuse = { Status = ["Rejected"] }')
        return {}
    return {column: tuple(word.casefold() for word in words) for column, words in found.items()}


def name_of(file: str) -> str:
    """A name for a mapping, from what a file is called."""
    name = re.sub(r"[^a-z0-9]+", "-", name_key(file.partition(".")[0])).strip("-")[:60].strip("-")
    return name if NAME.fullmatch(name) else "my-table"
