"""Evidence: a file that bears on an allegation, known by its SHA-256; originals are never altered."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from sqlmodel import Field, SQLModel

from app.db import Moment
from app.records.incoming import Incoming
from app.records.keys import Entered, Keys, pointer
from app.vocabulary.codes import AcquisitionMethod, Derivation, Sensitivity
from app.vocabulary.sensitivity import CUSTODY, INTERNAL, PUBLIC, SYSTEM


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
    derivation: Annotated[Derivation | None, INTERNAL] = None
    sensitivity: Annotated[Sensitivity, SYSTEM] = "restricted"


class Evidence(Keys, EvidenceFields, Entered, table=True):
    sha256: Annotated[str, INTERNAL] = Field(max_length=64, index=True)
    size: Annotated[int, INTERNAL] = Field(description="bytes")
    media_type: Annotated[str, INTERNAL] = Field(max_length=100, description="as sniffed, never as claimed")
    derived_from_pk: Annotated[int | None, SYSTEM] = pointer("evidence")


class Attachment(Keys, Entered, table=True):
    """What a file bears on: exactly one of a source, an account, an incident or an act."""

    evidence_pk: Annotated[int, SYSTEM] = pointer("evidence", needed=True)
    incident_pk: Annotated[int | None, SYSTEM] = pointer("incident")
    source_pk: Annotated[int | None, SYSTEM] = pointer("source")
    account_pk: Annotated[int | None, SYSTEM] = pointer("account")
    act_pk: Annotated[int | None, SYSTEM] = pointer("act")


class EvidenceIn(Incoming, EvidenceFields):
    """What is said about a file that is handed in, beside its bytes."""

    id: UUID | None = None
    derived_from_id: UUID | None = None


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
    entered_at: datetime
