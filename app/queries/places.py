"""Areas and settlements: by name, by code, by point."""

from collections.abc import Sequence
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, model_validator
from sqlalchemy import case
from sqlmodel import Session, col, func, select

from app import geography
from app.errors import NotFound
from app.matching.folding import name_key
from app.records import Area, Settlement
from app.records.area import AreaOut, SettlementOut


class AreaSearch(BaseModel):
    """Which areas: under a name, in a country, at a level, or at a point."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    q: str | None = Field(None, max_length=200, description="The beginning of a name, in any script")
    country: str | None = Field(None, pattern=r"^[A-Z]{3}$")
    level: int | None = Field(None, ge=0, le=3)
    parent: str | None = Field(None, max_length=60, description="Code of the area above")
    lon: float | None = Field(None, ge=-180, le=180)
    lat: float | None = Field(None, ge=-90, le=90)
    limit: int = Field(50, ge=1, le=500)

    @model_validator(mode="after")
    def _whole_point(self) -> "AreaSearch":
        if (self.lon is None) != (self.lat is None):
            raise ValueError("a point needs both lon and lat")
        return self


class SettlementSearch(BaseModel):
    """Which settlements: by the beginning of any of their names, best known first."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    q: str = Field(min_length=1, max_length=200, description="The beginning of a name, in any script")
    country: str | None = Field(None, pattern=r"^[A-Z]{3}$")
    limit: int = Field(20, ge=1, le=100)


def areas(session: Session, asked: AreaSearch) -> list[AreaOut]:
    """The areas that answer, the larger ones first. At a point: those that hold it."""
    conditions: list[Any] = [_named(Area.name_key, asked.q)] if asked.q else []
    for column, value in ((Area.country, asked.country), (Area.level, asked.level), (Area.parent, asked.parent)):
        if value is not None:
            conditions.append(col(column) == value)
    if asked.lon is not None and asked.lat is not None:
        conditions.append(col(Area.code).in_(_codes_at(asked.lon, asked.lat)))
    order = [*_exact_first(Area.name_key, asked.q), col(Area.level), col(Area.name), col(Area.code)]
    found = session.exec(select(Area).where(*conditions).order_by(*order).limit(asked.limit)).all()
    return [AreaOut(**{name: getattr(area, name) for name in AreaOut.model_fields}) for area in found]


def area(session: Session, code: str) -> AreaOut:
    """One area. Raises NotFound."""
    found = session.exec(select(Area).where(col(Area.code) == geography.code_of(code))).first()
    if found is None:
        raise NotFound("No area has this code.")
    return AreaOut(**{name: getattr(found, name) for name in AreaOut.model_fields})


def settlements(session: Session, asked: SettlementSearch) -> list[SettlementOut]:
    conditions = [_named(Settlement.name_key, asked.q)]
    if asked.country is not None:
        conditions.append(col(Settlement.country) == asked.country)
    people = func.coalesce(col(Settlement.population), 0).desc()
    order = [*_exact_first(Settlement.name_key, asked.q), people, col(Settlement.code)]
    found = session.exec(select(Settlement).where(*conditions).order_by(*order).limit(asked.limit)).all()
    return [SettlementOut(**{name: getattr(s, name) for name in SettlementOut.model_fields}) for s in found]


def _codes_at(lon: float, lat: float) -> Sequence[str]:
    at = geography.areas_at(lon, lat)
    return [code for code in (at.country, at.area1_code, at.area2_code, at.area3_code) if code]


def _named(column: Any, asked: str) -> Any:
    """A name that begins so; the names of a place stand between bars."""
    return col(column).contains(f"|{name_key(asked)}", autoescape=True)


def _exact_first(column: Any, asked: str | None) -> list[Any]:
    if not asked:
        return []
    return [case((col(column).contains(f"|{name_key(asked)}|", autoescape=True), 0), else_=1)]
