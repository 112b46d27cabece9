"""What those who follow the archive are told: which incident changed, and the public log of the published store."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, Field
from sqlalchemy import JSON
from sqlmodel import Field as Column
from sqlmodel import SQLModel

from app.db import Moment
from app.records.keys import BigKey
from app.vocabulary.sensitivity import PUBLIC, SYSTEM


class Withholding(SQLModel, table=True):
    """An incident that from one line of history on is told to fewer, or to nobody.

    Whoever was told of it before has to hear that, and may not see the line itself any more. `became`: None when the
    incident is gone.
    """

    seq: Annotated[int, SYSTEM] = Column(primary_key=True, sa_type=BigKey, sa_column_kwargs={"autoincrement": False})
    incident_id: Annotated[UUID, SYSTEM] = Column(primary_key=True)
    at: Annotated[datetime, SYSTEM] = Column(sa_type=Moment)
    was: Annotated[str, SYSTEM] = Column(max_length=20)
    became: Annotated[str | None, SYSTEM] = Column(None, max_length=20)


class PublicChange(SQLModel, table=True):
    """One line of the public log: kept in the published store alone, and written with the change itself."""

    __tablename__ = "public_change"

    number: Annotated[int, PUBLIC] = Column(primary_key=True, sa_type=BigKey, sa_column_kwargs={"autoincrement": False})
    incident_id: Annotated[UUID, PUBLIC] = Column(index=True)
    ref: Annotated[str, PUBLIC] = Column(max_length=20)
    change: Annotated[str, PUBLIC] = Column(max_length=10)
    at: Annotated[datetime, PUBLIC] = Column(sa_type=Moment)
    fields: Annotated[list[Any], PUBLIC] = Column(default_factory=list, sa_type=JSON)


class ChangeOut(BaseModel):
    """What became of one incident."""

    change: str = Field(description="new, changed, withdrawn, redirected, erased")
    ref: str | None = Field(None, description="None where the id alone is told")
    id: UUID
    at: datetime = Field(description="when it was last touched, on this page")
    fields: list[str] = Field(default_factory=list, description="what of it changed, as far as that is told")
    redirect_to: UUID | None = None


class Changes(BaseModel):
    """One page, oldest first. `next`: where to go on, now or another day; `more`: whether there is more right now."""

    items: list[ChangeOut]
    next: str
    more: bool
