"""What the archive knows of itself: its kind, its counters, and the receipts for safe retries."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from sqlalchemy import BigInteger
from sqlmodel import Field, SQLModel

from app.db import Moment
from app.vocabulary.sensitivity import SYSTEM


class Archive(SQLModel, table=True):
    """One row. `kind`: sample (made up, for practice) or own."""

    id: Annotated[UUID, SYSTEM] = Field(primary_key=True)
    kind: Annotated[str, SYSTEM] = Field(max_length=10)
    made_at: Annotated[datetime, SYSTEM] = Field(sa_type=Moment)
    geodata: Annotated[str, SYSTEM] = Field("", max_length=64)
    # Public ids are made from internal ones under this secret: nobody without it can tell which is which.
    public_secret: Annotated[str, SYSTEM] = Field("", max_length=64)
    published_at: Annotated[datetime | None, SYSTEM] = Field(None, sa_type=Moment)
    # The tally sheets count the incidents up to this number.
    tallied: Annotated[int, SYSTEM] = Field(0, sa_type=BigInteger)


class Counter(SQLModel, table=True):
    """The last number given out under a name; never given twice."""

    name: Annotated[str, SYSTEM] = Field(primary_key=True, max_length=40)
    last: Annotated[int, SYSTEM] = 0


class Receipt(SQLModel, table=True):
    """What an Idempotency-Key led to, so that a retry gets the same answer."""

    key: Annotated[str, SYSTEM] = Field(primary_key=True, max_length=200)
    who: Annotated[str, SYSTEM] = Field(primary_key=True, max_length=100)
    body_hash: Annotated[str, SYSTEM] = Field(max_length=64)
    record_id: Annotated[UUID, SYSTEM]
    at: Annotated[datetime, SYSTEM] = Field(sa_type=Moment)
