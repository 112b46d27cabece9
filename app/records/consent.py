"""A consent: who allowed what to be told about a person or by a source, how, until when, and whether it still holds."""

from datetime import date, datetime
from typing import Annotated, Self
from uuid import UUID

from pydantic import model_validator
from sqlmodel import Field, SQLModel

from app.db import Moment
from app.keyring import Enciphered
from app.records.incoming import Incoming
from app.records.keys import Entered, Keys, pointer
from app.vocabulary.codes import ConsentMethod, ConsentScope
from app.vocabulary.sensitivity import INTERNAL, SOURCE_IDENTITY, SYSTEM


class ConsentFields(SQLModel):
    """What was agreed."""

    scope: Annotated[ConsentScope, INTERNAL]
    given_by: Annotated[str, SOURCE_IDENTITY] = Field(
        min_length=1,
        max_length=300,
        sa_type=Enciphered("consent.given_by"),
        description="who agreed, and in what relation to the person",
    )
    method: Annotated[ConsentMethod, INTERNAL]
    given_on: Annotated[date, INTERNAL]
    expires_on: Annotated[date | None, INTERNAL] = Field(None, description="the last day on which it holds")
    note: Annotated[str | None, INTERNAL] = Field(None, max_length=5000)


class Consent(Keys, ConsentFields, Entered, table=True):
    """Only added to: a consent that no longer holds is withdrawn, and stays."""

    person_pk: Annotated[int | None, SYSTEM] = pointer("person")
    source_pk: Annotated[int | None, SYSTEM] = pointer("source")
    withdrawn_at: Annotated[datetime | None, INTERNAL] = Field(None, sa_type=Moment)
    withdrawn_reason: Annotated[str | None, INTERNAL] = Field(None, max_length=5000)


class ConsentIn(Incoming, ConsentFields):
    """A consent as it comes in."""

    id: UUID | None = None

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.expires_on is not None and self.expires_on < self.given_on:
            raise ValueError("the consent expires before it was given; exchange the days")
        return self


class ConsentOut(ConsentFields):
    id: UUID
    withdrawn_at: datetime | None = None
    withdrawn_reason: str | None = None
    entered_at: datetime
