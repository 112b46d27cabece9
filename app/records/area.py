"""Reference geography: administrative areas and settlements, loaded from `geodata/`."""

from datetime import date
from typing import Annotated

from sqlalchemy import JSON, Double, Index
from sqlmodel import Field, SQLModel

from app.vocabulary.sensitivity import PUBLIC, SYSTEM


class AreaOut(SQLModel):
    """An administrative area: level 0 is a country, 1 a province or the like, 2 a district, 3 below."""

    code: Annotated[str, PUBLIC] = Field(max_length=60)
    level: Annotated[int, PUBLIC]
    name: Annotated[str, PUBLIC]
    aliases: Annotated[list[str], PUBLIC] = Field(default_factory=list, sa_type=JSON)
    country: Annotated[str | None, PUBLIC] = Field(None, max_length=3)
    parent: Annotated[str | None, PUBLIC] = Field(None, max_length=60)
    layer: Annotated[str, PUBLIC] = Field(max_length=200)
    valid_from: Annotated[date | None, PUBLIC] = None
    valid_to: Annotated[date | None, PUBLIC] = None
    uncertainty_m: Annotated[float | None, PUBLIC] = Field(None, sa_type=Double, description="metres")


class Area(AreaOut, table=True):
    __table_args__ = (Index("ix_area_code", "code", "layer", unique=True),)

    pk: Annotated[int, SYSTEM] = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    name_key: Annotated[str, SYSTEM] = ""


class SettlementOut(SQLModel):
    """A town or village. A point found by name is never more exact than `precision_m` says."""

    code: Annotated[str, PUBLIC] = Field(max_length=60, unique=True)
    name: Annotated[str, PUBLIC]
    aliases: Annotated[list[str], PUBLIC] = Field(default_factory=list, sa_type=JSON)
    country: Annotated[str, PUBLIC] = Field(max_length=3, index=True)
    area1_code: Annotated[str | None, PUBLIC] = Field(None, max_length=60)
    lon: Annotated[float, PUBLIC] = Field(sa_type=Double, description="degrees")
    lat: Annotated[float, PUBLIC] = Field(sa_type=Double, description="degrees")
    population: Annotated[int | None, PUBLIC] = None
    precision_m: Annotated[float | None, PUBLIC] = Field(None, sa_type=Double, description="metres")
    source: Annotated[str, PUBLIC] = ""


class Settlement(SettlementOut, table=True):
    pk: Annotated[int, SYSTEM] = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    name_key: Annotated[str, SYSTEM] = ""
