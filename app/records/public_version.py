"""The public version of an incident: what of it everybody may read, chosen once and approved by a second person."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import JSON, LargeBinary
from sqlmodel import Field as Column
from sqlmodel import SQLModel

from app.db import Moment
from app.records.blocks import WhereColumns
from app.records.incoming import Incoming
from app.records.keys import BigKey, Keys, pointer
from app.vocabulary.codes import PublicPlace
from app.vocabulary.sensitivity import INTERNAL, PUBLIC, SYSTEM


class PublicVersionFields(SQLModel):
    """What everybody may read. Empty texts stay empty: nothing of the record's own text is taken over unseen."""

    title: Annotated[str, PUBLIC] = Column(min_length=1, max_length=500)
    summary: Annotated[str | None, PUBLIC] = Column(None, max_length=20_000)
    place: Annotated[PublicPlace, PUBLIC] = Column("area2", description="how exactly the place is told")


class PublicVersion(Keys, PublicVersionFields, WhereColumns, table=True):
    """The place is stored as it goes out: snapped to an area or a grid when it was approved, never at reading time."""

    __tablename__ = "public_version"

    incident_pk: Annotated[int, SYSTEM] = pointer("incident", needed=True)
    # What of it the approval was given for; a later version of the record has to be approved again.
    incident_version: Annotated[int, SYSTEM]
    cites: Annotated[list[Any], INTERNAL] = Column(default_factory=list, sa_type=JSON)
    names: Annotated[list[Any], INTERNAL] = Column(default_factory=list, sa_type=JSON)
    approved_by: Annotated[str, INTERNAL] = Column(max_length=100)
    approved_at: Annotated[datetime, INTERNAL] = Column(sa_type=Moment)
    published_at: Annotated[datetime | None, INTERNAL] = Column(None, sa_type=Moment)
    withdrawn_at: Annotated[datetime | None, INTERNAL] = Column(None, sa_type=Moment)
    withdrawn_by: Annotated[str | None, INTERNAL] = Column(None, max_length=100)
    withdrawn_reason: Annotated[str | None, INTERNAL] = Column(None, max_length=5000)


class PublicVersionIn(Incoming, PublicVersionFields):
    """What is to be told, which of the record's sources are cited, and which of its people are named."""

    cites: list[UUID] = Field(default_factory=list, max_length=200)
    names: list[UUID] = Field(default_factory=list, max_length=200)
    reason: str = Field(min_length=3, max_length=5000)


class PublicVersionOut(PublicVersionFields, WhereColumns):
    id: UUID
    incident_id: UUID
    cites: list[UUID]
    names: list[UUID]
    approved_by: str
    approved_at: datetime
    published_at: datetime | None = None
    withdrawn_at: datetime | None = None
    withdrawn_by: str | None = None
    withdrawn_reason: str | None = None
    warnings: list[str] = Field(default_factory=list)


class Tombstone(SQLModel, table=True):
    """What is left in the published store of an incident that is public no more: its public id and when it went."""

    id: Annotated[UUID, PUBLIC] = Column(primary_key=True)
    ref: Annotated[str, PUBLIC] = Column(unique=True, max_length=20)
    gone_at: Annotated[datetime, PUBLIC] = Column(sa_type=Moment)


class PublicRow(SQLModel, table=True):
    """A published incident ready to go out: kept in the published store alone.

    `feature`: as a feature of GeoJSON; its properties are the flat row. `line`: as a line of CSV.
    """

    __tablename__ = "public_row"

    incident_pk: Annotated[int, PUBLIC] = Column(
        primary_key=True, sa_type=BigKey, sa_column_kwargs={"autoincrement": False}
    )
    feature: Annotated[bytes, PUBLIC] = Column(sa_type=LargeBinary)
    line: Annotated[bytes, PUBLIC] = Column(sa_type=LargeBinary)


class PublicationChange(BaseModel):
    """What a publication run does, or would do, to one incident."""

    model_config = ConfigDict(frozen=True)

    ref: str = Field(description="the reference inside the archive")
    public_ref: str
    change: str = Field(description="new, changed, unchanged, withdrawn")
    fields: list[str] = Field(default_factory=list, description="the public fields that differ")
    reason: str | None = None
