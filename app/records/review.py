"""A review: one step of our own work on an incident - a move, a change of verification, an assignment, a comment."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict
from sqlmodel import Field, SQLModel

from app.db import Moment
from app.records.keys import Keys, pointer
from app.vocabulary.codes import ReviewKind, Stage, Verification
from app.vocabulary.sensitivity import INTERNAL, SYSTEM


class ReviewFields(SQLModel):
    """What was done and why. `before` and `after` are codes of the vocabulary that the kind speaks of, or names."""

    kind: Annotated[ReviewKind, INTERNAL]
    before: Annotated[str | None, INTERNAL] = Field(None, max_length=100)
    after: Annotated[str | None, INTERNAL] = Field(None, max_length=100)
    note: Annotated[str | None, INTERNAL] = Field(None, max_length=10_000)
    by: Annotated[str, INTERNAL] = Field(max_length=100)
    at: Annotated[datetime, INTERNAL] = Field(sa_type=Moment)


class Review(Keys, ReviewFields, table=True):
    incident_pk: Annotated[int, SYSTEM] = pointer("incident", needed=True)
    batch_pk: Annotated[int | None, SYSTEM] = pointer("import_batch", index=False)


class ReviewOut(ReviewFields):
    id: UUID
    incident_id: UUID
    incident_ref: str


class Noted(BaseModel):
    """Whatever is decided about a record says why."""

    model_config = ConfigDict(extra="forbid")

    note: Annotated[str, Field(min_length=3, max_length=10_000)]


class MoveIn(Noted):
    """The stage a record is to go to."""

    stage: Stage


class VerificationIn(Noted):
    """How far the allegation has been borne out, and since when if not today."""

    verification: Verification
    verified_on: date | None = None


class AssignmentIn(BaseModel):
    """Who is to look after a record; null for nobody."""

    model_config = ConfigDict(extra="forbid")

    member: str | None = Field(max_length=100)
    note: str | None = Field(None, max_length=10_000)
