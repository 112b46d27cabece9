"""A job: work that somebody left with the service, how far it is, and what came of it."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from sqlalchemy import JSON
from sqlmodel import Field, SQLModel

from app.db import Moment
from app.keyring import Enciphered
from app.vocabulary.sensitivity import INTERNAL, PUBLIC, SYSTEM

WAITING, RUNNING = "waiting", "running"
ASKING = "asking"
DONE, REFUSED, CANCELLED, FAILED = "done", "refused", "cancelled", "failed"


class JobFields(SQLModel):
    """What whoever may import is told. `rows_in_all`: about; None where the file does not tell. `error`: a sentence."""

    what: Annotated[str, INTERNAL] = Field("import", max_length=10)
    file_name: Annotated[str, INTERNAL] = Field(max_length=300)
    sent_by: Annotated[str, INTERNAL] = Field(max_length=100)
    sent_at: Annotated[datetime, INTERNAL] = Field(sa_type=Moment)
    state: Annotated[str, INTERNAL] = Field(WAITING, max_length=10, index=True)
    rows_done: Annotated[int, INTERNAL] = 0
    rows_in_all: Annotated[int | None, INTERNAL] = None
    started_at: Annotated[datetime | None, INTERNAL] = Field(None, sa_type=Moment)
    seen_at: Annotated[datetime | None, INTERNAL] = Field(None, sa_type=Moment)
    ended_at: Annotated[datetime | None, INTERNAL] = Field(None, sa_type=Moment)
    outcome: Annotated[dict[str, Any] | None, INTERNAL] = Field(None, sa_type=JSON)
    error: Annotated[str | None, INTERNAL] = Field(None, max_length=1000)


class Job(JobFields, table=True):
    """Its id is also that of the batch that it brings: what is there already is not brought again.

    `turn`: 1 for the one that runs, and two cannot have it. `tries`: how often it was begun. `findings`: JSON, without
    the values that were found; for whoever sent the file alone. Until the end also the names on which it asks for
    decisions, and the decisions.
    """

    id: Annotated[UUID, PUBLIC] = Field(primary_key=True)
    sha256: Annotated[str, SYSTEM] = Field(max_length=64)
    asked: Annotated[dict[str, Any], SYSTEM] = Field(default_factory=dict, sa_type=JSON)
    turn: Annotated[int | None, SYSTEM] = Field(None, unique=True)
    tries: Annotated[int, SYSTEM] = 0
    worker: Annotated[str | None, SYSTEM] = Field(None, max_length=100)
    stop_asked_by: Annotated[str | None, SYSTEM] = Field(None, max_length=100)
    findings: Annotated[str | None, SYSTEM] = Field(None, sa_type=Enciphered("job.findings"))


class JobOut(JobFields):
    """A job as it stands. `told`: what is the matter with it, or what happened, in a sentence."""

    id: UUID
    told: Annotated[str, INTERNAL]
    seconds_left: Annotated[int | None, INTERNAL] = None
    findings: Annotated[dict[str, Any] | None, SYSTEM] = None
