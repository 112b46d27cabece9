"""A further place of an incident, with its role: where somebody was taken from, held, found."""

from typing import Annotated, Self
from uuid import UUID

from pydantic import model_validator
from sqlmodel import SQLModel

from app.records.blocks import DateIn, DateOut, WhenColumns, WhereColumns, WhereFields, check_place
from app.records.incoming import Incoming
from app.records.keys import Entered, Keys, pointer
from app.vocabulary.codes import PlaceRole
from app.vocabulary.sensitivity import PUBLIC, SYSTEM


class PlaceFields(SQLModel):
    role: Annotated[PlaceRole, PUBLIC] = "occurred_at"


class IncidentPlace(Keys, PlaceFields, WhenColumns, WhereColumns, Entered, table=True):
    __tablename__ = "incident_place"

    incident_pk: Annotated[int, SYSTEM] = pointer("incident", needed=True)
    account_pk: Annotated[int | None, SYSTEM] = pointer("account")


class PlaceIn(Incoming, PlaceFields, WhereFields):
    """A further place as it comes in."""

    id: UUID | None = None
    account_id: UUID | None = None
    date: DateIn | None = None

    @model_validator(mode="after")
    def _a_real_place(self) -> Self:
        check_place(self)
        return self


class PlaceOut(PlaceFields, WhereColumns):
    id: UUID
    account_id: UUID | None = None
    date: DateOut
