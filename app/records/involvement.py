"""An involvement: who is alleged to be responsible for an act or an incident, and to what degree."""

from typing import Annotated, Self
from uuid import UUID

from pydantic import model_validator
from sqlmodel import Field, SQLModel

from app.records.actor import ActorIn, ActorOut
from app.records.incoming import Incoming
from app.records.keys import Entered, Keys, pointer
from app.records.person import PersonIn, PersonOut, Reasoned
from app.vocabulary.codes import CommandLevel, Degree, ResponsibilityPosition
from app.vocabulary.sensitivity import IDENTITY, INTERNAL, PUBLIC, SYSTEM


class InvolvementFields(SQLModel):
    """What anyone may state about an involvement. It is always alleged."""

    described_as: Annotated[str | None, INTERNAL] = Field(None, max_length=500)
    degree: Annotated[Degree, PUBLIC] = "unknown"
    level: Annotated[CommandLevel | None, PUBLIC] = None
    responsibility_position: Annotated[ResponsibilityPosition | None, PUBLIC] = None
    disclosable: Annotated[bool, SYSTEM] = False


class Involvement(Keys, InvolvementFields, Entered, table=True):
    incident_pk: Annotated[int, SYSTEM] = pointer("incident", needed=True)
    act_pk: Annotated[int | None, SYSTEM] = pointer("act")
    account_pk: Annotated[int | None, SYSTEM] = pointer("account")
    actor_pk: Annotated[int | None, PUBLIC] = pointer("actor")
    person_pk: Annotated[int | None, IDENTITY] = pointer("person")


class InvolvementIn(Incoming, InvolvementFields):
    """An involvement as it comes in: an `actor`, a `person`, or in words, `described_as`."""

    id: UUID | None = None
    account_id: UUID | None = None
    act_id: UUID | None = None
    actor: ActorIn | None = None
    person: PersonIn | None = None

    @model_validator(mode="after")
    def _one_somebody(self) -> Self:
        if sum(x is not None for x in (self.actor, self.person, self.described_as)) != 1:
            raise ValueError("name exactly one of `actor`, `person` and `described_as`")
        if self.actor is not None and not (self.actor.id or self.actor.name.strip()):
            raise ValueError("give the actor's `name`, or the `id` of one already here")
        return self


class Disclosure(Reasoned):
    """Whether a person may be called alleged responsible once the allegation is borne out, and why."""

    disclosable: bool


class InvolvementOut(InvolvementFields):
    id: UUID
    act_id: UUID | None = None
    account_id: UUID | None = None
    actor: ActorOut | None = None
    person: PersonOut | None = None
