"""By what incidents are grouped: each key as an expression; what is not told has a key that says why."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import and_, case
from sqlmodel import col, func

from app.records import Incident
from app.records.tally import MONTH, NONE, written
from app.vocabulary.word import vocabulary

# No code of ours begins so: a key that does is the reason why there is none.
WITHOUT = "~"
YEAR = 4
# Of the table that counts, incidents or a tally sheet, and the name of the dialect.
Key = Callable[[Any, str], Any]


def cell_of(of: Any, name: str) -> Any:
    """A cell of an incident, or of the row of a sheet, NULL where it is empty."""
    return col(getattr(of, name)) if of is Incident else func.nullif(getattr(of, name), NONE)


def told(column: Any, reason: str = "") -> Any:
    """The code in a column. Not the bare column: by an index on it, each row would be fetched from another page."""
    return func.coalesce(column, WITHOUT + reason)


def plain(name: str, reason: str = "") -> Key:
    return lambda of, _: told(cell_of(of, name), reason)


def area(level: int) -> Key:
    """By code; an area that has none by its name and country, for two countries may have one of the same name."""

    def key(of: Any, _: str) -> Any:
        code, name, country = (cell_of(of, column) for column in (f"area{level}_code", f"area{level}", "country"))
        return func.coalesce(code, country.concat(": ").concat(name), name, f"{WITHOUT}without_area{level}")

    return key


def family(of: Any, _: str) -> Any:
    """The family of the kind; a kind without one is its own."""
    families = {word.code: word.family for word in vocabulary("violations").values() if word.family}
    return case(families, value=col(of.kind), else_=col(of.kind))


def month(of: Any, dialect: str) -> Any:
    """As 2025-06."""
    return _period(of, dialect, MONTH, "spread_over_several_months")


def year(of: Any, dialect: str) -> Any:
    """As 2025."""
    return _period(of, dialect, YEAR, "spread_over_several_years")


def _period(of: Any, dialect: str, letters: int, several: str) -> Any:
    """What the first and the last possible day have in common; a longer span, or an open one, is in none."""
    begins, ends = (_begins(of, end, letters, dialect) for end in ("first", "last"))
    never = and_(begins.is_(None), ends.is_(None))
    return case((begins == ends, begins), (never, WITHOUT + "undated"), else_=WITHOUT + several)


def _begins(of: Any, end: str, letters: int, dialect: str) -> Any:
    if of is Incident:
        return written({"first": of.date_earliest, "last": of.date_latest}[end], letters, dialect)
    return func.substr(cell_of(of, f"{end}_month"), 1, letters)
