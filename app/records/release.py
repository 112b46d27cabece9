"""A release: one answer of the published store, frozen under a name, that gives the same files for ever."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import JSON, BigInteger, LargeBinary
from sqlmodel import Field as Column
from sqlmodel import SQLModel

from app.db import Moment
from app.records.keys import Keys
from app.vocabulary.sensitivity import INTERNAL, PUBLIC, SYSTEM

NAME = r"[a-z][a-z0-9-]{0,39}@[0-9][0-9a-z.-]{0,19}"


class Release(Keys, table=True):
    """`frame`: all that its files are made of beside the rows; `files`: what they came to.

    `edition` counts the times that something was taken out; else nothing of it ever changes.
    """

    name: Annotated[str, PUBLIC] = Column(unique=True, max_length=60)
    dataset: Annotated[str, PUBLIC] = Column(index=True, max_length=40)
    edition: Annotated[int, PUBLIC] = 1
    frame: Annotated[dict[str, Any], PUBLIC] = Column(default_factory=dict, sa_type=JSON)
    files: Annotated[list[Any], PUBLIC] = Column(default_factory=list, sa_type=JSON)
    made_at: Annotated[datetime, PUBLIC] = Column(sa_type=Moment)
    made_by: Annotated[str, INTERNAL] = Column(max_length=100)
    reason: Annotated[str, INTERNAL] = Column(max_length=5000)


class ReleaseRow(SQLModel, table=True):
    """One frozen public row, kept in the archive, so that the files can be made again."""

    __tablename__ = "release_row"

    release_pk: Annotated[int, SYSTEM] = Column(
        foreign_key="release.pk", sa_type=BigInteger, primary_key=True, index=True
    )
    position: Annotated[int, SYSTEM] = Column(primary_key=True, sa_column_kwargs={"autoincrement": False})
    incident_id: Annotated[UUID, PUBLIC] = Column(index=True)
    told: Annotated[dict[str, Any], PUBLIC] = Column(default_factory=dict, sa_type=JSON)


class ReleasePiece(SQLModel, table=True):
    """A piece of a file of a release, kept in the published store, where everybody may fetch it."""

    __tablename__ = "release_piece"

    release_pk: Annotated[int, SYSTEM] = Column(
        foreign_key="release.pk", sa_type=BigInteger, primary_key=True, index=True
    )
    file: Annotated[str, PUBLIC] = Column(primary_key=True, max_length=40)
    position: Annotated[int, SYSTEM] = Column(primary_key=True, sa_column_kwargs={"autoincrement": False})
    held: Annotated[bytes, PUBLIC] = Column(sa_type=LargeBinary)


class ReleaseIn(BaseModel):
    """Which answer to freeze, under which name, and why."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field(pattern=f"^{NAME}$", description="The dataset and which release of it: dataset@2026-11")
    question: dict[str, Any] = Field(default_factory=dict, description="The filters of GET /incidents")
    reason: str = Field(min_length=3, max_length=5000)


class RecallIn(BaseModel):
    """Which incidents to take out of a release, by their public refs, and why. The reason is told to nobody outside."""

    model_config = ConfigDict(extra="forbid")

    refs: list[str] = Field(min_length=1, max_length=10_000)
    reason: str = Field(min_length=3, max_length=5000)


class ReleaseFile(BaseModel):
    """One file of a release. `rows`: None where it is no table."""

    name: str
    rows: int | None = None
    size: int
    sha256: str


class Recalled(BaseModel):
    """What was taken out of a release: which incidents, why in general words, and what its files were before."""

    edition: int
    at: str
    refs: list[str]
    why: str
    before: list[ReleaseFile]


class ReleaseOut(BaseModel):
    """A release as everybody may read of it."""

    name: str
    dataset: str
    edition: int
    question: str
    query: str
    as_of: str
    previous: str | None
    made_at: datetime
    files: list[ReleaseFile]
    recalled: list[Recalled]
