"""A link: how one incident is tied to another, read from the first to the second."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from sqlmodel import Field, SQLModel

from app.db import Moment
from app.records.incoming import Incoming
from app.records.keys import Entered, Keys, pointer
from app.vocabulary.codes import LinkKind
from app.vocabulary.sensitivity import INTERNAL, PUBLIC, SYSTEM


class LinkFields(SQLModel):
    """What anyone may state about a link."""

    kind: Annotated[LinkKind, PUBLIC]
    note: Annotated[str | None, INTERNAL] = Field(None, max_length=5000)


class Link(Keys, LinkFields, Entered, table=True):
    """Taken back, never deleted."""

    __tablename__ = "incident_link"

    from_pk: Annotated[int, SYSTEM] = pointer("incident", needed=True)
    to_pk: Annotated[int, SYSTEM] = pointer("incident", needed=True)
    revoked_at: Annotated[datetime | None, INTERNAL] = Field(None, sa_type=Moment)
    revoked_reason: Annotated[str | None, INTERNAL] = Field(None, max_length=5000)


class LinkIn(Incoming, LinkFields):
    """A link as it comes in: `to` is the other incident."""

    id: UUID | None = None
    to: UUID


class LinkOut(LinkFields):
    """A link as seen from one of its ends. `outgoing`: this incident is the first of the two."""

    id: UUID
    outgoing: bool
    reads: Annotated[str, PUBLIC]
    other_id: UUID
    other_ref: str
    other_title: Annotated[str, PUBLIC]
    entered_at: datetime
