"""Tally sheets: incidents counted beforehand by what most questions count by."""

# A sheet counts the incidents up to the number `archive.tallied`. Whoever asks counts the later ones in the same
# statement, so a new incident costs the sheets nothing. A change or removal of one that a sheet counts is followed by
# triggers of the database, in the same transaction: no action can forget it.

from typing import Annotated, Any

from pydantic import create_model
from sqlalchemy import BigInteger, ColumnElement, String, and_, case, cast, func, literal
from sqlmodel import Field, SQLModel, select

from app.records.archive import Archive
from app.records.blocks import HARMS
from app.vocabulary.sensitivity import INTERNAL, LOCATION_EXACT, PUBLIC, SYSTEM

# An empty cell of a key: with NULL in it, a key would be a new one each time.
NONE, NO_CELL = "\x1f", -1
ENDS = ("min", "best", "max")
# The words that a month, or the beginning of a day, is cut to.
MONTH = 7


def _key() -> Any:
    """Without a length: a sheet must never be the reason why an incident is refused."""
    return Field(primary_key=True)


def _sums(*names: str) -> dict[str, Any]:
    return {name: (Annotated[int, PUBLIC], Field(0, sa_type=BigInteger)) for name in names}


# Of each harm the sums of its three numbers, 0 where nobody gives one, how many incidents give each, and any at all.
PEOPLE = [f"{harm}_{what}" for harm in HARMS for what in (*ENDS, *(f"with_{end}" for end in ENDS), "stated")]
Summed: Any = create_model("Summed", __base__=SQLModel, **_sums("incidents", *PEOPLE))


class MonthTally(Summed, table=True):
    """The incidents that have their months, kind, district and standing in common."""

    __tablename__ = "month_tally"
    __table_args__ = {"sqlite_with_rowid": False}  # noqa: RUF012 - as SQLAlchemy declares it

    first_month: Annotated[str, PUBLIC] = _key()
    last_month: Annotated[str, PUBLIC] = _key()
    kind: Annotated[str, PUBLIC] = _key()
    country: Annotated[str, PUBLIC] = _key()
    area1_code: Annotated[str, PUBLIC] = _key()
    area1: Annotated[str, PUBLIC] = _key()
    area2_code: Annotated[str, PUBLIC] = _key()
    area2: Annotated[str, PUBLIC] = _key()
    verification: Annotated[str, PUBLIC] = _key()
    stage: Annotated[str, INTERNAL] = _key()
    sensitivity: Annotated[str, SYSTEM] = _key()


Drawn: Any = create_model("Drawn", __base__=SQLModel, **_sums("incidents", "killed_best", "killed_with_best"))


class PlaceTally(Drawn, table=True):
    """The incidents that have their cell of the map, areas, precision and standing in common."""

    __tablename__ = "place_tally"
    __table_args__ = {"sqlite_with_rowid": False}  # noqa: RUF012

    geo_precision: Annotated[str, PUBLIC] = _key()
    cell: Annotated[int, LOCATION_EXACT] = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    country: Annotated[str, PUBLIC] = _key()
    area1_code: Annotated[str, PUBLIC] = _key()
    area2_code: Annotated[str, PUBLIC] = _key()
    area3_code: Annotated[str, LOCATION_EXACT] = _key()
    stage: Annotated[str, INTERNAL] = _key()
    sensitivity: Annotated[str, SYSTEM] = _key()


SHEETS: tuple[type[SQLModel], ...] = (MonthTally, PlaceTally)


def tallied() -> Any:
    """Up to which number the sheets count, as a part of a question."""
    return func.coalesce(select(func.max(Archive.tallied)).scalar_subquery(), 0)


def written(day: Any, letters: int, dialect: str) -> ColumnElement[Any]:
    """The beginning of a day as SQLite keeps it, and as PostgreSQL would write it."""
    if dialect == "postgresql":
        return func.to_char(day, "YYYY-MM" if letters == MONTH else "YYYY")
    return func.substr(cast(day, String), 1, letters)


def whole(low: Any, best: Any, high: Any) -> tuple[Any, Any, Any]:
    """Who gives only a best number says that it is the least and the most as well."""
    alone = and_(low.is_(None), high.is_(None))
    return case((alone, best), else_=low), best, case((alone, best), else_=high)


def key_of(sheet: type[SQLModel], of: Any, dialect: str) -> dict[str, Any]:
    """The key under which a sheet counts an incident. `of`: whatever has its columns."""
    names = {"cell": func.coalesce(of.cell, NO_CELL)} if sheet is PlaceTally else {
        "first_month": func.coalesce(written(of.date_earliest, MONTH, dialect), NONE),
        "last_month": func.coalesce(written(of.date_latest, MONTH, dialect), NONE),
    }  # fmt: skip
    keys = [column.name for column in SQLModel.metadata.tables[str(sheet.__tablename__)].primary_key]
    return {name: names[name] if name in names else func.coalesce(getattr(of, name), NONE) for name in keys}


def parts_of(sheet: type[SQLModel], of: Any) -> dict[str, Any]:
    """What one incident adds to a row of a sheet; never NULL."""
    harms = HARMS if sheet is MonthTally else ("killed",)
    found: dict[str, Any] = {"incidents": literal(1)}
    for harm in harms:
        given = whole(*(getattr(of, f"{harm}_{end}") for end in ENDS))
        for end, number in zip(ENDS, given, strict=True):
            found[f"{harm}_{end}"] = func.coalesce(number, 0)
            found[f"{harm}_with_{end}"] = case((number.is_not(None), 1), else_=0)
        found[f"{harm}_stated"] = case((func.coalesce(*given).is_not(None), 1), else_=0)
    return {name: part for name, part in found.items() if name in sheet.model_fields}
