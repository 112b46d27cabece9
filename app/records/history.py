"""The history: one line a change, each sealed with the one before it."""

import hashlib
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import orjson
from pydantic import BaseModel, ConfigDict
from sqlalchemy import JSON, ColumnElement, or_
from sqlmodel import Field, SQLModel, col

from app.db import Moment
from app.records.keys import BigKey, pointer
from app.vocabulary.sensitivity import INTERNAL, SYSTEM

FIRST_SEAL = "0" * 64


class RevisionFields(SQLModel):
    """Who did what to which record, when, by which door, and why."""

    seq: Annotated[int, INTERNAL] = Field(primary_key=True, sa_type=BigKey, sa_column_kwargs={"autoincrement": False})
    at: Annotated[datetime, INTERNAL] = Field(sa_type=Moment)
    who: Annotated[str, INTERNAL] = Field(max_length=100)
    via: Annotated[str, INTERNAL] = Field(max_length=20)
    action: Annotated[str, INTERNAL] = Field(max_length=30)
    noun: Annotated[str, INTERNAL] = Field(max_length=30)
    record_id: Annotated[UUID, INTERNAL] = Field(index=True)
    why: Annotated[str | None, INTERNAL] = None
    what: Annotated[dict[str, Any], INTERNAL] = Field(default_factory=dict, sa_type=JSON)
    row_number: Annotated[int | None, INTERNAL] = None


class Revision(RevisionFields, table=True):
    batch_pk: Annotated[int | None, SYSTEM] = pointer("import_batch")
    salt: Annotated[str, SYSTEM] = Field(max_length=32)
    commitment: Annotated[str, SYSTEM] = Field(max_length=64)
    seal: Annotated[str, SYSTEM] = Field(max_length=64)


# What somebody did with a record without changing it. Of files the same words stand in their custody.
READING = ("read", "searched", "exported")


def of_changes() -> ColumnElement[bool]:
    """The condition on lines that something was done to the record: reads are told to auditors alone."""
    taken_out = (col(Revision.action) == "exported") & (col(Revision.noun) == "evidence")
    return or_(col(Revision.action).not_in(READING), taken_out)


def of_reads() -> ColumnElement[bool]:
    return ~of_changes()


class RevisionOut(RevisionFields):
    seal: str
    batch_id: UUID | None = None
    file_name: str | None = None
    file_sha256: str | None = None


class RestoreIn(BaseModel):
    """The version to bring back, by the number of its line, and why."""

    model_config = ConfigDict(extra="forbid")

    seq: Annotated[int, Field(ge=1, lt=2**63)]
    reason: Annotated[str, Field(min_length=3, max_length=5000)]


def canonical(value: object) -> bytes:
    """JSON with sorted keys and no spaces, always the same bytes for the same value."""
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)


def told_in(what: dict[str, Any], why: str | None) -> bytes:
    """What a line tells in words of its own, which a commitment stands for: names may stand in it."""
    return canonical([why, what])


def commit_to(salt: str, what: bytes) -> str:
    """A salted commitment to canonical bytes: the chain still verifies after they are erased, and tells nothing."""
    return hashlib.sha256(salt.encode() + what).hexdigest()


def seal(previous: str, line: dict[str, Any]) -> str:
    """The seal of a line: SHA-256 over the seal before it and all that the line says but `what` and `why`."""
    said = [
        previous, line["seq"], line["at"].isoformat(), line["who"], line["via"], line["action"], line["noun"],
        line["record_id"], line["row_number"], line["commitment"],
    ]  # fmt: skip
    return hashlib.sha256(canonical(said)).hexdigest()
