"""What is erased for good: the keys under which identities are kept, and the ledger of what was erased."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field
from sqlmodel import Field as Column
from sqlmodel import SQLModel

from app.db import Moment
from app.records.keys import Keys
from app.vocabulary.sensitivity import INTERNAL, SYSTEM


class IdentityKey(SQLModel, table=True):
    """The key of one subject, wrapped by the key of the archive. Destroying it erases what was written under it."""

    __tablename__ = "identity_key"

    subject: Annotated[UUID, SYSTEM] = Column(primary_key=True)
    wrapped: Annotated[str, SYSTEM] = Column(max_length=200)
    made_at: Annotated[datetime, SYSTEM] = Column(sa_type=Moment)


class Erasure(Keys, table=True):
    """One person erased, or to be erased: asked by one and done by another. The ledger holds ids and no name."""

    person_id: Annotated[UUID, SYSTEM] = Column(index=True)
    legal_basis: Annotated[str, INTERNAL] = Column(max_length=500)
    asked_by: Annotated[str, INTERNAL] = Column(max_length=100)
    asked_at: Annotated[datetime, INTERNAL] = Column(sa_type=Moment)
    done_by: Annotated[str | None, INTERNAL] = Column(None, max_length=100)
    done_at: Annotated[datetime | None, INTERNAL] = Column(None, sa_type=Moment)


class ErasureIn(BaseModel):
    """Why a person is to be erased. Never the name: what is written here stays."""

    model_config = ConfigDict(extra="forbid")

    legal_basis: str = Field(min_length=3, max_length=500)


class ErasureOut(BaseModel):
    """One entry of the ledger."""

    id: UUID
    person_id: UUID
    legal_basis: str
    asked_by: str
    asked_at: datetime
    done_by: str | None = None
    done_at: datetime | None = None


class ErasedFields(BaseModel):
    """A record in which a name stood: which one, and in which of its fields. Never what stood there."""

    noun: str
    id: UUID
    fields: list[str]


class ErasureDone(ErasureOut):
    """What was done, and what is left for people to do."""

    records: list[ErasedFields] = Field(default_factory=list)
    lines: int = Field(0, description="how many lines of history were written anew")
    files: list[UUID] = Field(
        default_factory=list, description="evidence on the person's incidents: open each and look, no search reads it"
    )
    unpublished: list[UUID] = Field(default_factory=list, description="incidents taken out of the published store")
    recalled: list[str] = Field(default_factory=list, description="releases out of which something was taken")
    warnings: list[str] = Field(default_factory=list)
