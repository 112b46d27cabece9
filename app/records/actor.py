"""An actor: an organisation, unit, armed group, or a loose description like "armed men"."""

from typing import Annotated, Any
from uuid import UUID

from pydantic import field_validator
from sqlalchemy import JSON
from sqlmodel import Field, SQLModel

from app.records.blocks import WhenColumns
from app.records.incoming import Incoming
from app.records.keys import Entered, Keys, pointer
from app.vocabulary.codes import ActorKind
from app.vocabulary.sensitivity import INTERNAL, PUBLIC, SYSTEM


class ActorFields(SQLModel):
    """What anyone may state about an actor."""

    name: Annotated[str, PUBLIC] = Field(min_length=1, max_length=300)
    aliases: Annotated[list[str], PUBLIC] = Field(default_factory=list, sa_type=JSON)
    kind: Annotated[ActorKind, PUBLIC] = "unknown"
    country: Annotated[str | None, PUBLIC] = Field(
        None, schema_extra={"pattern": r"^[A-Z]{3}$"}, description="ISO 3166-1 alpha-3"
    )
    is_specific: Annotated[bool, PUBLIC] = True
    external_id: Annotated[str | None, INTERNAL] = Field(None, max_length=300)


class Actor(Keys, ActorFields, Entered, table=True):
    name_key: Annotated[str, SYSTEM] = Field(index=True)


class ActorParent(Keys, WhenColumns, Entered, table=True):
    """Whom an actor belonged to, and when."""

    __tablename__ = "actor_parent"

    actor_pk: Annotated[int, SYSTEM] = pointer("actor", needed=True)
    parent_pk: Annotated[int, SYSTEM] = pointer("actor", needed=True)
    note: Annotated[str | None, INTERNAL] = Field(None, max_length=2000)


class ActorIn(Incoming, ActorFields):
    """An actor by its name, or the id of one already here."""

    id: UUID | None = None
    name: str = Field("", max_length=300)

    @field_validator("aliases")
    @classmethod
    def _few_aliases(cls, aliases: list[Any]) -> list[Any]:
        if len(aliases) > 100:
            raise ValueError("at most 100 aliases")
        return aliases


class ActorOut(ActorFields):
    id: UUID
