"""An act: one violation against one person, or one described group, inside one incident."""

from typing import Annotated, Self
from uuid import UUID

from pydantic import model_validator
from sqlmodel import Field, SQLModel

from app.records.blocks import DateIn, DateOut, Tally, TallyOut, WhenColumns, WhereColumns, WhereFields, check_place
from app.records.incoming import Incoming
from app.records.keys import Entered, Keys, pointer
from app.records.person import PersonIn, PersonOut
from app.vocabulary.codes import AgeGroup, CivilianStatus, OfficialPosition, Outcome, Sex, Violation
from app.vocabulary.sensitivity import IDENTITY, INTERNAL, PUBLIC, SYSTEM


class ActFields(SQLModel):
    """What anyone may state about an act."""

    kind: Annotated[Violation, PUBLIC]
    kind_verbatim: Annotated[str | None, INTERNAL] = Field(None, max_length=500)
    group: Annotated[str | None, PUBLIC] = Field(
        None, max_length=500, sa_column_kwargs={"name": "victim_group", "key": "group"}
    )
    civilian_status: Annotated[CivilianStatus | None, PUBLIC] = None
    sex: Annotated[Sex | None, PUBLIC] = None
    age_group: Annotated[AgeGroup | None, PUBLIC] = None
    age_at_event: Annotated[int | None, IDENTITY] = Field(None, ge=0, le=130)
    characteristics: Annotated[str | None, INTERNAL] = Field(None, max_length=1000)
    method: Annotated[str | None, INTERNAL] = Field(None, max_length=500)
    weapon: Annotated[str | None, INTERNAL] = Field(None, max_length=500)
    stated_reason: Annotated[str | None, INTERNAL] = Field(None, max_length=2000)
    outcome: Annotated[Outcome | None, PUBLIC] = None
    official_position: Annotated[OfficialPosition | None, PUBLIC] = None


class Act(Keys, ActFields, WhenColumns, WhereColumns, Entered, table=True):
    incident_pk: Annotated[int, SYSTEM] = pointer("incident", needed=True)
    account_pk: Annotated[int | None, SYSTEM] = pointer("account")
    person_pk: Annotated[int | None, IDENTITY] = pointer("person")
    count_min: Annotated[int | None, PUBLIC] = None
    count_best: Annotated[int | None, PUBLIC] = None
    count_max: Annotated[int | None, PUBLIC] = None


class ActIn(Incoming, ActFields, WhereFields):
    """An act as it comes in: against a `person`, or against a described `group` with its `count`."""

    id: UUID | None = None
    account_id: UUID | None = None
    person: PersonIn | None = None
    count: Tally | None = None
    date: DateIn | None = None

    @model_validator(mode="after")
    def _one_victim(self) -> Self:
        check_place(self)
        if self.person is not None and (self.group is not None or self.count is not None):
            raise ValueError("an act is against one person, or against a group with a count; split it into two acts")
        return self


class ActOut(ActFields, WhereColumns):
    id: UUID
    account_id: UUID | None = None
    person: PersonOut | None = None
    count: TallyOut
    date: DateOut
