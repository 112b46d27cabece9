"""An import batch: which file was read, how, and what came of it."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from sqlmodel import Field, SQLModel

from app.db import Moment
from app.records.keys import Keys
from app.vocabulary.sensitivity import INTERNAL, SYSTEM


class BatchFields(SQLModel):
    """The counts add up: rows = new + changed + unchanged + refused."""

    format: Annotated[str, INTERNAL] = Field(max_length=40)
    file_name: Annotated[str, INTERNAL] = Field(max_length=300)
    file_sha256: Annotated[str, INTERNAL] = Field(max_length=64)
    mapping: Annotated[str | None, INTERNAL] = Field(None, max_length=300)
    rows: Annotated[int, INTERNAL] = 0
    new: Annotated[int, INTERNAL] = 0
    changed: Annotated[int, INTERNAL] = 0
    unchanged: Annotated[int, INTERNAL] = 0
    refused: Annotated[int, INTERNAL] = 0
    warnings: Annotated[int, INTERNAL] = 0
    started_at: Annotated[datetime, INTERNAL] = Field(sa_type=Moment)
    started_by: Annotated[str, INTERNAL] = Field(max_length=100)
    undone_at: Annotated[datetime | None, INTERNAL] = Field(None, sa_type=Moment)


class ImportBatch(Keys, BatchFields, table=True):
    __tablename__ = "import_batch"

    undone_by: Annotated[str | None, SYSTEM] = Field(None, max_length=100)


class BatchOut(BatchFields):
    id: UUID
