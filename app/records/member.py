"""People who work here, and their keys."""

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from sqlalchemy import JSON, BigInteger
from sqlmodel import Field, SQLModel

from app.db import Moment
from app.records.keys import Keys, pointer
from app.vocabulary.codes import MemberRole
from app.vocabulary.sensitivity import SYSTEM


class MemberFields(SQLModel):
    name: Annotated[str, SYSTEM] = Field(min_length=1, max_length=100, unique=True)
    role: Annotated[MemberRole, SYSTEM]


class Member(Keys, MemberFields, table=True):
    """One who works here. Without a password nobody signs in as them; a setup link lets them choose one."""

    added_at: Annotated[datetime, SYSTEM] = Field(sa_type=Moment)
    disabled_at: Annotated[datetime | None, SYSTEM] = Field(None, sa_type=Moment)
    password_hash: Annotated[str | None, SYSTEM] = Field(None, max_length=200)
    totp_secret: Annotated[str | None, SYSTEM] = Field(None, max_length=64)
    # Becomes the secret once a code of it has been shown.
    totp_pending: Annotated[str | None, SYSTEM] = Field(None, max_length=64)
    # The last step whose code was taken: a code works once.
    totp_step: Annotated[int | None, SYSTEM] = Field(None, sa_type=BigInteger)
    oidc_issuer: Annotated[str | None, SYSTEM] = Field(None, max_length=300)
    oidc_subject: Annotated[str | None, SYSTEM] = Field(None, max_length=300)


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


class MemberSession(Keys, table=True):
    """A sign-in of a member in one browser. Only the SHA-256 of its secret is kept."""

    __tablename__ = "member_session"

    member_pk: Annotated[int, SYSTEM] = pointer("member", needed=True)
    secret_hash: Annotated[str, SYSTEM] = Field(unique=True, max_length=64)
    started_at: Annotated[datetime, SYSTEM] = Field(sa_type=Moment)
    seen_at: Annotated[datetime, SYSTEM] = Field(sa_type=Moment)
    expires_at: Annotated[datetime, SYSTEM] = Field(sa_type=Moment)
    ended_at: Annotated[datetime | None, SYSTEM] = Field(None, sa_type=Moment)


class OneTimeLink(SQLModel, table=True):
    """A link that lets a member in once: to set a password up, to set it anew, or to sign in at the console."""

    __tablename__ = "one_time_link"

    pk: Annotated[int, SYSTEM] = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    member_pk: Annotated[int, SYSTEM] = pointer("member", needed=True)
    purpose: Annotated[str, SYSTEM] = Field(max_length=10)
    secret_hash: Annotated[str, SYSTEM] = Field(unique=True, max_length=64)
    made_at: Annotated[datetime, SYSTEM] = Field(sa_type=Moment)
    expires_at: Annotated[datetime, SYSTEM] = Field(sa_type=Moment)
    used_at: Annotated[datetime | None, SYSTEM] = Field(None, sa_type=Moment)


class ExportLink(Keys, table=True):
    """An address for Excel, Sheets and QGIS: one question, read-only, until a day. `reach`: public or partner."""

    __tablename__ = "export_link"

    secret_hash: Annotated[str, SYSTEM] = Field(unique=True, max_length=64)
    member_pk: Annotated[int, SYSTEM] = pointer("member", needed=True)
    label: Annotated[str, SYSTEM] = Field(max_length=200)
    reach: Annotated[str, SYSTEM] = Field(max_length=10)
    format: Annotated[str, SYSTEM] = Field(max_length=20)
    question: Annotated[dict[str, Any], SYSTEM] = Field(default_factory=dict, sa_type=JSON)
    made_at: Annotated[datetime, SYSTEM] = Field(sa_type=Moment)
    expires_at: Annotated[datetime, SYSTEM] = Field(sa_type=Moment)
    revoked_at: Annotated[datetime | None, SYSTEM] = Field(None, sa_type=Moment)
    last_used_on: Annotated[date | None, SYSTEM] = None
