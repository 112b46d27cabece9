"""Evidence: a file that bears on an allegation, known by its SHA-256; originals are never altered."""

from datetime import UTC, datetime
from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, model_validator
from sqlalchemy import BigInteger, Index
from sqlmodel import Field, SQLModel

from app.db import Moment
from app.records.incoming import Incoming
from app.records.keys import Entered, Keys, pointer
from app.vocabulary.codes import AcquisitionMethod, Derivation, Sensitivity
from app.vocabulary.sensitivity import CUSTODY, INTERNAL, PUBLIC, SYSTEM

# What a file can bear on.
BEARS_ON = ("incident", "source", "account", "act")
WORKING_COPY = "working_copy"
SHA256 = {"pattern": "^[0-9a-fA-F]{64}$"}


class EvidenceFields(SQLModel):
    """What anyone may state about a file when handing it in."""

    title: Annotated[str | None, INTERNAL] = Field(None, max_length=500)
    original_name: Annotated[str | None, CUSTODY] = Field(None, max_length=500)
    acquired_at: Annotated[datetime | None, INTERNAL] = Field(None, sa_type=Moment)
    acquired_by: Annotated[str | None, CUSTODY] = Field(None, max_length=300)
    acquired_how: Annotated[AcquisitionMethod, INTERNAL] = "upload"
    original_url: Annotated[str | None, INTERNAL] = Field(
        None, max_length=2000, schema_extra={"pattern": r"^https?://\S+$"}
    )
    sensitivity: Annotated[Sensitivity, SYSTEM] = "restricted"


class Evidence(Keys, EvidenceFields, Entered, table=True):
    __table_args__ = (Index("ix_evidence_sensitivity", "sensitivity"),)

    sha256: Annotated[str, INTERNAL] = Field(max_length=64, index=True)
    size: Annotated[int, INTERNAL] = Field(sa_type=BigInteger, description="bytes")
    media_type: Annotated[str, INTERNAL] = Field(max_length=100, description="as sniffed, never as claimed")
    derived_from_pk: Annotated[int | None, SYSTEM] = pointer("evidence")
    derivation: Annotated[Derivation | None, INTERNAL] = None


class Attachment(Keys, Entered, table=True):
    """What a file bears on: exactly one of a source, an account, an incident or an act."""

    evidence_pk: Annotated[int, SYSTEM] = pointer("evidence", needed=True)
    incident_pk: Annotated[int | None, SYSTEM] = pointer("incident")
    source_pk: Annotated[int | None, SYSTEM] = pointer("source")
    account_pk: Annotated[int | None, SYSTEM] = pointer("account")
    act_pk: Annotated[int | None, SYSTEM] = pointer("act")


class EvidenceIn(Incoming, EvidenceFields):
    """What is said about a file that is handed in, beside its bytes. `sha256`: what it must be, if known."""

    id: UUID | None = None
    sha256: Annotated[str | None, INTERNAL] = Field(None, schema_extra=SHA256)

    @model_validator(mode="after")
    def _in_utc(self) -> Self:
        if self.acquired_at is not None and self.acquired_at.tzinfo is None:
            raise ValueError("`acquired_at` needs its zone: write 2025-06-12T14:00:00Z or ...+05:00")
        self.acquired_at = self.acquired_at and self.acquired_at.astimezone(UTC)
        return self


class DerivedIn(EvidenceIn):
    """The same for a file that was made from one already here."""

    acquired_how: Annotated[AcquisitionMethod, INTERNAL] = "made_here"
    derivation: Annotated[Derivation, INTERNAL]

    @model_validator(mode="after")
    def _not_a_working_copy(self) -> Self:
        if self.derivation == WORKING_COPY:
            raise ValueError("the archive makes working copies itself: GET /evidence/{id}/working-copy")
        return self


class Bearing(BaseModel):
    """What a file bears on: one of the four."""

    model_config = ConfigDict(extra="forbid")

    incident_id: UUID | None = None
    source_id: UUID | None = None
    account_id: UUID | None = None
    act_id: UUID | None = None

    @model_validator(mode="after")
    def _exactly_one(self) -> Self:
        if len(self.named()) != 1:
            raise ValueError("name one record: incident_id, source_id, account_id or act_id")
        return self

    def named(self) -> dict[str, UUID]:
        """The nouns that are named, with the ids: exactly one."""
        given: dict[str, Any] = {noun: getattr(self, f"{noun}_id") for noun in BEARS_ON}
        return {noun: record for noun, record in given.items() if record is not None}


class CustodyEvent(SQLModel):
    """One touch of a file, as its line in history tells it."""

    seq: int
    at: datetime
    who: Annotated[str, PUBLIC]
    via: str
    action: str
    sha256: str | None = None
    purpose: str | None = None


class EvidenceOut(EvidenceFields):
    id: UUID
    sha256: str
    size: int
    media_type: str
    derived_from_id: UUID | None = None
    derivation: str | None = None
    entered_at: datetime
    attached_to: list[Bearing] = Field(default_factory=list)
