"""A word with its meaning, and a vocabulary: the list of words a field may hold."""

import tomllib
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from pydantic_core import core_schema

LISTS = Path(__file__).with_name("lists")


@dataclass(frozen=True)
class Word:
    """One code with its labels by language, its definition and what other recorders call it."""

    code: str
    label: dict[str, str]
    definition: str
    family: str | None = None
    law: tuple[str, ...] = ()
    crosswalk: dict[str, list[Any]] = field(default_factory=dict)
    retired: bool = False
    traits: dict[str, Any] = field(default_factory=dict)

    def named(self, language: str = "en") -> str:
        return self.label.get(language) or self.label["en"]


class Vocabulary(dict[str, Word]):
    """The words of one list by code, in the order of the list."""

    def __init__(self, name: str, words: dict[str, Word]) -> None:
        super().__init__(words)
        self.name = name

    def family(self, code: str) -> tuple[str, ...]:
        """The code itself and, where it names a family, every member of it."""
        return (code, *(word.code for word in self.values() if word.family == code))

    def crosswalk(self, scheme: str, theirs: object) -> str | None:
        """Our code for another recorder's code."""
        wanted = str(theirs)
        return next((w.code for w in self.values() if wanted in map(str, w.crosswalk.get(scheme, ()))), None)

    def in_use(self) -> list[str]:
        return [word.code for word in self.values() if not word.retired]


_OWN = {"label", "definition", "family", "law", "crosswalk", "retired"}


def _word(code: str, row: dict[str, Any]) -> Word:
    known = {key: value for key, value in row.items() if key in _OWN}
    known["law"] = tuple(known.get("law", ()))
    return Word(code=code, traits={k: v for k, v in row.items() if k not in _OWN}, **known)


@cache
def vocabulary(name: str) -> Vocabulary:
    """The vocabulary of that name, read once from the table `lists/<name>.toml`."""
    table = tomllib.loads((LISTS / f"{name}.toml").read_text(encoding="utf-8"))
    return Vocabulary(name, {code: _word(code, row) for code, row in table.items()})


def names() -> list[str]:
    """The names of all vocabularies, in alphabetical order."""
    return sorted(path.stem for path in LISTS.glob("*.toml"))


@dataclass(frozen=True)
class OneOf:
    """A check for fields: the value must be a word of the named vocabulary that is still in use."""

    name: str

    def __get_pydantic_core_schema__(self, _source: Any, _handler: Any) -> core_schema.CoreSchema:
        words = vocabulary(self.name).in_use()
        why = f"not a word of the vocabulary {self.name!r}; write one of: {', '.join(words)}"
        return core_schema.custom_error_schema(core_schema.literal_schema(words), "word", custom_error_message=why)
