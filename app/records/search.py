"""The full-text index beside the incidents: FTS5 on SQLite, tsvector on PostgreSQL, fed with folded words."""

from collections.abc import Sequence
from functools import cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Insert,
    Select,
    Text,
    and_,
    bindparam,
    cast,
    column,
    literal,
    literal_column,
    or_,
    select,
    table,
)
from sqlalchemy.dialects.postgresql import TSQUERY, TSVECTOR

from app.keyring import Asked, Blind, Spelt

Numbers = Select[*tuple[Any, ...]]
# Made by the migrations, not by the models: no engine's way of declaring it means anything to the other.
SEARCH = table("incident_search", column("rowid"), column("words"), column("names"))


def numbers_of(dialect: str, words: Sequence[str], *, with_names: bool) -> Select[*tuple[Any, ...]]:
    """The numbers of the incidents that hold every word, for `pk IN (...)`. The words come from `folding.words`."""
    matches = _fts5(words, with_names=with_names) if dialect == "sqlite" else _tsquery(words, with_names=with_names)
    return select(SEARCH.c.rowid).where(matches)


def from_the_last(held: Numbers) -> Numbers:
    """Such numbers, those entered last first, in the order of the index: it need not be read to its end."""
    return held.order_by(SEARCH.c.rowid.desc())


def among(held: Numbers, some: Numbers, *, one_by_one: bool) -> Numbers:
    """Such numbers that are among some. For SQLite: each of these looked up by itself, or compared with all of them."""
    # It looks up what stands there as it is, and takes a sum for something to be compared.
    return held.where((SEARCH.c.rowid if one_by_one else SEARCH.c.rowid + 0).in_(some))


def _fts5(words: Sequence[str], *, with_names: bool) -> ColumnElement[bool]:
    plain = "{words} : (" + " AND ".join(f'"{word}"' for word in words) + ")"
    question = literal(" ".join(words), Asked()) if with_names else literal(plain)
    # Left without a type on purpose: typed Boolean it becomes `(...) = 1` on SQLite and reads the whole table.
    return literal_column("incident_search").op("MATCH")(question)


def _tsquery(words: Sequence[str], *, with_names: bool) -> ColumnElement[bool]:
    columns = [(SEARCH.c.words, Text()), *([(SEARCH.c.names, Blind())] if with_names else [])]
    asked = ([c.op("@@")(cast(literal(f"'{word}'", kind), TSQUERY)) for c, kind in columns] for word in words)
    return and_(*(or_(*either) for either in asked))


def last_named_so(pk: Any, dialect: str, spelt: Sequence[Sequence[str]]) -> Select[*tuple[Any, ...]]:
    """Incidents that hold, among the names, of each word one of its spellings, those entered last first.

    `pk`: the column of their class, which brings its rule. In the order of the index: it need not be read to its end.
    """
    asked = select(pk).join(SEARCH, SEARCH.c.rowid == pk)
    return asked.where(_named_so(dialect, spelt)).order_by(SEARCH.c.rowid.desc())


def _named_so(dialect: str, spelt: Sequence[Sequence[str]]) -> ColumnElement[bool]:
    if dialect == "sqlite":
        asked = literal("|".join(" ".join(word) for word in spelt), Spelt())
        return literal_column("incident_search").op("MATCH")(asked)
    any_of = ("|".join(f"'{one}'" for one in word) for word in spelt)
    every = (SEARCH.c.names.op("@@")(cast(literal(word, Blind()), TSQUERY)) for word in any_of)
    return and_(*every)


@cache  # every report asks for it
def entry(dialect: str) -> Insert:
    """The statement that indexes one incident; give `rowid`, `words` and `names` as `line` makes them."""
    statement = SEARCH.insert()
    if dialect == "sqlite":
        return statement
    vectors = {name: cast(bindparam(name, type_=Text), TSVECTOR) for name in ("words", "names")}
    return statement.values(rowid=bindparam("rowid"), **vectors)


def line(dialect: str, pk: int, words: Sequence[str], names: Sequence[str]) -> dict[str, object]:
    if dialect == "sqlite":
        return {"rowid": pk, "words": " ".join(words), "names": " ".join(names)}
    return {"rowid": pk, "words": _vector(words), "names": _vector(names)}


def _vector(words: Sequence[str]) -> str:
    """The words as PostgreSQL writes a vector. They come from `folding.words`: none has a quotation mark in it."""
    return " ".join([f"'{word}'" for word in sorted(set(words))])
