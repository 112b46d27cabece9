"""The whole history as an auditor reads it: who did what to which record and when, and never what it says."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from sqlalchemy import ColumnElement
from sqlmodel import Session, col, select

from app.queries.filter import in_utc
from app.records import Revision
from app.records.history import READING


class AuditPage(BaseModel):
    """Which lines, and which page of them."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    who: str | None = Field(None, max_length=100, description="Name of a member, letter for letter")
    action: str | None = Field(None, max_length=30, description="read, searched, exported, reported, amended ...")
    noun: str | None = Field(None, max_length=30, description="incident, person, source, case ...")
    since: Annotated[datetime, AfterValidator(in_utc)] | None = Field(None, description="From this moment on")
    record_id: UUID | None = Field(None, description="Id of the record; of the archive for lists")
    limit: int = Field(100, ge=1, le=1000)
    cursor: int | None = Field(None, ge=1, lt=2**63, description="`next` of the page before")


class AuditLine(BaseModel):
    """One line. `asked`: of a read, its address, format and filters; no words that were searched for."""

    seq: int
    at: datetime
    who: str
    via: str
    action: str
    noun: str
    record_id: UUID
    asked: dict[str, Any] | None = None


def page(session: Session, asked: AuditPage) -> tuple[list[AuditLine], int | None]:
    """One page, newest first, and the number to go on from; None on the last. Who may is asked at the door."""
    found = select(Revision).where(*_conditions(asked)).order_by(col(Revision.seq).desc()).limit(asked.limit + 1)
    lines = session.exec(found).all()
    shown = [_line(line) for line in lines[: asked.limit]]
    return shown, shown[-1].seq if len(lines) > asked.limit else None


def _conditions(asked: AuditPage) -> list[ColumnElement[bool]]:
    same = {Revision.who: asked.who, Revision.action: asked.action, Revision.noun: asked.noun}
    found = [col(column) == value for column, value in same.items() if value is not None]
    if asked.record_id is not None:
        found.append(col(Revision.record_id) == asked.record_id)
    if asked.since is not None:
        found.append(col(Revision.at) >= asked.since)
    if asked.cursor is not None:
        found.append(col(Revision.seq) < asked.cursor)
    return found


def _line(line: Revision) -> AuditLine:
    said = {name: getattr(line, name) for name in AuditLine.model_fields if name != "asked"}
    # Reads were written so that they hold no name; a taken-out file says what for, which may.
    is_read = line.action in READING and line.noun != "evidence"
    return AuditLine(**said, asked=line.what if is_read else None)
