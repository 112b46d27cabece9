"""People who work here, and their keys."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from sqlmodel import Field, SQLModel

from app.db import Moment
from app.records.keys import Keys, pointer
from app.vocabulary.codes import MemberRole
from app.vocabulary.sensitivity import SYSTEM


class MemberFields(SQLModel):
    name: Annotated[str, SYSTEM] = Field(min_length=1, max_length=100, unique=True)
    role: Annotated[MemberRole, SYSTEM]


class Member(Keys, MemberFields, table=True):
    added_at: Annotated[datetime, SYSTEM] = Field(sa_type=Moment)
    disabled_at: Annotated[datetime | None, SYSTEM] = Field(None, sa_type=Moment)


class MemberOut(MemberFields):
    id: UUID
    added_at: datetime
    disabled_at: datetime | None = None


class Token(SQLModel, table=True):
    """A key of a member. Only its SHA-256 is kept: 256 random bits need no slower hash."""

    pk: Annotated[int, SYSTEM] = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    public: Annotated[str, SYSTEM] = Field(unique=True, max_length=32)
    member_pk: Annotated[int, SYSTEM] = pointer("member", needed=True)
    scope: Annotated[str, SYSTEM] = Field(max_length=10)
    secret_hash: Annotated[str, SYSTEM] = Field(max_length=64)
    made_at: Annotated[datetime, SYSTEM] = Field(sa_type=Moment)
    expires_at: Annotated[datetime, SYSTEM] = Field(sa_type=Moment)
    revoked_at: Annotated[datetime | None, SYSTEM] = Field(None, sa_type=Moment)
