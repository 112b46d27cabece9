"""Reference geography: administrative areas and settlements, loaded from `geodata/`."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from sqlalchemy import JSON, Double, Index
from sqlmodel import Field, SQLModel

from app.db import Moment
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
    codes: Annotated[list[str], PUBLIC] = Field(
        default_factory=list,
        sa_type=JSON,
        sa_column_kwargs={"server_default": "[]"},
        description="Its codes in other lists, such as p-codes; each finds it",
    )
    population: Annotated[int | None, PUBLIC] = None


class Area(AreaOut, table=True):
    __table_args__ = (Index("ix_area_code", "code", "layer", unique=True),)

    pk: Annotated[int, SYSTEM] = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    name_key: Annotated[str, SYSTEM] = ""


class AreaLayerFields(SQLModel):
    """A set of areas as somebody brings it: what it is called, who made it, under which licence, and of what day it is.

    `source`: who says so, in the words in which they want to be named.
    """

    name: Annotated[str, PUBLIC] = Field(min_length=1, max_length=200)
    source: Annotated[str, PUBLIC] = Field(min_length=1, max_length=500)
    licence: Annotated[str, PUBLIC] = Field(min_length=1, max_length=200)
    as_of: Annotated[date | None, PUBLIC] = None


class AreaLayerOut(AreaLayerFields):
    """A set of areas that lies over those we ship: how many areas it tells of, and how many of them it draws."""

    areas: Annotated[int, PUBLIC] = 0
    outlines: Annotated[int, PUBLIC] = 0
    laid_at: Annotated[datetime, PUBLIC] = Field(sa_type=Moment)


class AreaLayer(AreaLayerOut, table=True):
    """`batch_pk`: of the import that brought it. No pointer: the published store holds layers and no imports."""

    __tablename__ = "area_layer"

    pk: Annotated[int, SYSTEM] = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    id: Annotated[UUID, SYSTEM]
    batch_pk: Annotated[int, SYSTEM] = Field(unique=True)


class AreaVersion(SQLModel, table=True):
    """What one layer says of one area; empty where it says nothing. `own_code`: the area's code in the file."""

    __tablename__ = "area_version"

    pk: Annotated[int, SYSTEM] = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    layer_pk: Annotated[int, SYSTEM] = Field(index=True)
    code: Annotated[str, SYSTEM] = Field(max_length=60)
    own_code: Annotated[str, SYSTEM] = Field(max_length=60)
    level: Annotated[int, SYSTEM]
    name: Annotated[str, SYSTEM]
    aliases: Annotated[list[str], SYSTEM] = Field(default_factory=list, sa_type=JSON)
    country: Annotated[str, SYSTEM] = Field(max_length=3)
    parent: Annotated[str, SYSTEM] = Field(max_length=60)
    valid_from: Annotated[date | None, SYSTEM] = None
    valid_to: Annotated[date | None, SYSTEM] = None
    population: Annotated[int | None, SYSTEM] = None
    uncertainty_m: Annotated[float | None, SYSTEM] = Field(None, sa_type=Double)
    outline: Annotated[bytes | None, SYSTEM] = None


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
