"""An actor: an organisation, unit, armed group, or a loose description like "armed men"."""

from collections.abc import Iterable
from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import BaseModel, create_model, field_validator, model_validator
from sqlalchemy import JSON
from sqlmodel import Field, SQLModel

from app.matching.folding import name_key
from app.records.blocks import DateIn, DateOut, WhenColumns
from app.records.incoming import Incoming
from app.records.keys import Entered, Keys, pointer
from app.records.person import Candidate, Reasoned
from app.vocabulary.codes import ActorKind
from app.vocabulary.sensitivity import INTERNAL, PUBLIC, SYSTEM

# An actor of this kind is a person, and is named only where a person would be.
A_PERSON = "private_individual"
# What such an actor is called is a description, not a name.
UNIDENTIFIED = "unidentified"


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
    """`name_key`: name and aliases, folded, each between bars: `| frontier example force | fef |`."""

    name_key: Annotated[str, SYSTEM]


def names_key(names: Iterable[str]) -> str:
    """All names of an actor as one text to search in: for a word, or for a whole name between its bars."""
    keys = dict.fromkeys(key for name in names if (key := name_key(name)))
    return f"| {' | '.join(keys)} |" if keys else ""


class ActorParent(Keys, WhenColumns, Entered, table=True):
    """Whom an actor belonged to, and when."""

    __tablename__ = "actor_parent"

    actor_pk: Annotated[int, SYSTEM] = pointer("actor", needed=True)
    parent_pk: Annotated[int, SYSTEM] = pointer("actor", needed=True)
    note: Annotated[str | None, INTERNAL] = Field(None, max_length=2000)


def check_few(aliases: list[Any]) -> list[Any]:
    if len(aliases) > 100:
        raise ValueError("at most 100 aliases")
    return aliases


class ActorIn(Incoming, ActorFields):
    """An actor by its name, or the id of one already here."""

    id: UUID | None = None
    name: str = Field("", max_length=300)

    @field_validator("aliases")
    @classmethod
    def _few_aliases(cls, aliases: list[Any]) -> list[Any]:
        return check_few(aliases)


class NewActor(Incoming, ActorFields):
    """An actor to be entered apart from any report, or as it is to be after a change."""

    @model_validator(mode="after")
    def _called_something(self) -> Self:
        check_few(self.aliases)
        if not self.name.strip() or not all(alias.strip() and len(alias) <= 300 for alias in self.aliases):
            raise ValueError("an actor has a name, and each alias 1 to 300 letters")
        return self


ActorChange: type[Reasoned] = create_model(
    "ActorChange",
    __base__=Reasoned,
    __doc__="What to change about an actor, and why. Only the fields that are named change; null empties a field.",
    **{name: (field.annotation | None, None) for name, field in ActorFields.model_fields.items()},  # type: ignore[call-overload, operator]
)


class ActorParentIn(Incoming):
    """Whom an actor belonged to, and when; without a date, at all times."""

    parent_id: UUID
    date: DateIn | None = None
    note: str | None = Field(None, max_length=2000)


class ActorOut(ActorFields):
    id: UUID


class ActorBond(BaseModel):
    """A parent or child of an actor, and when it was that."""

    actor: ActorOut
    date: DateOut
    note: str | None = None


class ActorWhole(ActorOut):
    """An actor with those above and below it, and in how many incidents it is said to be involved, by degree."""

    parents: list[ActorBond] = Field(default_factory=list)
    children: list[ActorBond] = Field(default_factory=list)
    involvements: dict[str, int] = Field(default_factory=dict)
    candidates: list[Candidate] = Field(default_factory=list)
