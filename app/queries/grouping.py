"""By what incidents are grouped: each key as an expression; what is not told has a key that says why."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import String, and_, case, cast
from sqlmodel import col, func

from app.records import Incident
from app.vocabulary.word import vocabulary

# No code of ours begins so: a key that does is the reason why there is none.
WITHOUT = "~"
Key = Callable[[str], Any]


def plain(column: Any, reason: str = "") -> Key:
    """The code in a column. Not the bare column: by an index on it, each row would be fetched from another page."""
    return lambda _: func.coalesce(column, WITHOUT + reason)


def area(level: int) -> Key:
    """By code; an area that has none by its name and country, for two countries may have one of the same name."""
    code, name = (col(getattr(Incident, f"area{level}{end}")) for end in ("_code", ""))
    called = col(Incident.country).concat(": ").concat(name)
    return lambda _: func.coalesce(code, called, name, f"{WITHOUT}without_area{level}")


def family(_: str) -> Any:
    """The family of the kind; a kind without one is its own."""
    families = {word.code: word.family for word in vocabulary("violations").values() if word.family}
    return case(families, value=col(Incident.kind), else_=col(Incident.kind))


def month(dialect: str) -> Any:
    """As 2025-06."""
    return _period(dialect, 7, "spread_over_several_months")


def year(dialect: str) -> Any:
    """As 2025."""
    return _period(dialect, 4, "spread_over_several_years")


def _period(dialect: str, letters: int, several: str) -> Any:
    """What the first and the last possible day have in common; a longer span, or an open one, is in none."""
    first, last = col(Incident.date_earliest), col(Incident.date_latest)
    begins, ends = (_written(dialect, day, letters) for day in (first, last))
    never = and_(first.is_(None), last.is_(None))
    return case((begins == ends, begins), (never, WITHOUT + "undated"), else_=WITHOUT + several)


def _written(dialect: str, day: Any, letters: int) -> Any:
    """The beginning of a day as SQLite keeps it, and as PostgreSQL would write it."""
    if dialect == "postgresql":
        return func.to_char(day, "YYYY-MM" if letters == 7 else "YYYY")
    return func.substr(cast(day, String), 1, letters)
