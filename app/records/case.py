"""A case: one alleged disappearance of one person, told as a life line of events that is only ever added to."""

from datetime import date, datetime
from typing import Annotated, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, create_model, model_validator
from sqlmodel import Field, SQLModel

from app.db import Moment
from app.keyring import Enciphered
from app.records.account import Citation
from app.records.blocks import DateIn, DateOut, WhenColumns, WhereColumns, WhereFields, check_place
from app.records.incoming import Incoming
from app.records.keys import Entered, Keys, pointer
from app.records.person import Candidate, PersonIn, PersonOut, Reasoned
from app.vocabulary.codes import CaseClosure, CaseEventKind, Confidence, SubmitterRelationship
from app.vocabulary.sensitivity import CUSTODY, INTERNAL, PUBLIC, SOURCE_IDENTITY, SYSTEM


class CaseFields(SQLModel):
    """What anyone may state about a case beside its events: what a body that searches for the person will ask for."""

    state_link: Annotated[str | None, INTERNAL] = Field(
        None, max_length=2000, description="why the State is held responsible although the takers are unidentified"
    )
    last_seen_in_detention: Annotated[bool | None, INTERNAL] = None
    no_steps_reason: Annotated[str | None, INTERNAL] = Field(
        None, max_length=2000, description="why no complaint or search was possible"
    )
    submitter_name: Annotated[str | None, SOURCE_IDENTITY] = Field(
        None, max_length=300, sa_type=Enciphered("disappearance_case.submitter_name")
    )
    submitter_contact: Annotated[str | None, CUSTODY] = Field(
        None, max_length=500, sa_type=Enciphered("disappearance_case.submitter_contact")
    )
    submitter_relationship: Annotated[SubmitterRelationship | None, SOURCE_IDENTITY] = None
    family_contact: Annotated[str | None, CUSTODY] = Field(
        None, max_length=500, sa_type=Enciphered("disappearance_case.family_contact")
    )
    family_consent_by: Annotated[str | None, SOURCE_IDENTITY] = Field(
        None, max_length=300, sa_type=Enciphered("disappearance_case.family_consent_by")
    )
    family_consent_how: Annotated[str | None, INTERNAL] = Field(None, max_length=500)
    family_consent_on: Annotated[date | None, INTERNAL] = None
    submitter_confidential: Annotated[bool | None, INTERNAL] = None
    witnesses_confidential: Annotated[bool | None, INTERNAL] = None
    external_id: Annotated[str | None, INTERNAL] = Field(None, max_length=300, index=True)


class Case(Keys, CaseFields, Entered, table=True):
    __tablename__ = "disappearance_case"

    incident_pk: Annotated[int, SYSTEM] = pointer("incident", needed=True)
    person_pk: Annotated[int, SYSTEM] = pointer("person", needed=True)
    closed_as: Annotated[CaseClosure | None, INTERNAL] = None
    closed_reason: Annotated[str | None, INTERNAL] = Field(None, max_length=5000)
    closed_at: Annotated[datetime | None, INTERNAL] = Field(None, sa_type=Moment)
    # Kept beside the events so that lists can be searched by it; derived anew at every change.
    current_status: Annotated[str, PUBLIC] = Field("missing_fate_unknown", max_length=40, index=True)
    version: Annotated[int, SYSTEM] = 1
    updated_at: Annotated[datetime, PUBLIC] = Field(sa_type=Moment)


class CaseEventFields(SQLModel):
    """One step of a life line. `authority` and `result` belong to complaints, searches and their answers."""

    kind: Annotated[CaseEventKind, PUBLIC]
    confidence: Annotated[Confidence | None, INTERNAL] = None
    authority: Annotated[str | None, INTERNAL] = Field(None, max_length=300)
    result: Annotated[str | None, INTERNAL] = Field(None, max_length=2000)
    note: Annotated[str | None, INTERNAL] = Field(None, max_length=5000)


class CaseEvent(Keys, CaseEventFields, WhenColumns, WhereColumns, Entered, table=True):
    """Only added to: a wrong event is rejected or superseded, and stays."""

    __tablename__ = "case_event"

    case_pk: Annotated[int, SYSTEM] = pointer("disappearance_case", needed=True)
    account_pk: Annotated[int | None, SYSTEM] = pointer("account")
    supersedes_pk: Annotated[int | None, SYSTEM] = pointer("case_event")
    rejected_at: Annotated[datetime | None, INTERNAL] = Field(None, sa_type=Moment)
    rejected_reason: Annotated[str | None, INTERNAL] = Field(None, max_length=5000)


class CaseEventIn(Incoming, CaseEventFields, WhereFields):
    """An event as it comes in: who says so is `account_id`, an account of the incident, or a new citation."""

    id: UUID | None = None
    date: DateIn | None = None
    account_id: UUID | None = None
    according_to: Citation | None = None
    supersedes_id: UUID | None = None

    @model_validator(mode="after")
    def _one_account(self) -> Self:
        check_place(self)
        if self.account_id is not None and self.according_to is not None:
            raise ValueError("say who says so once: either `account_id` or `according_to`")
        return self


class CaseIn(Incoming, CaseFields):
    """A case as it comes in, inside a report or for an incident already here."""

    id: UUID | None = None
    person: PersonIn
    events: list[CaseEventIn] = Field(default_factory=list, max_length=500)


CaseChange: type[Reasoned] = create_model(
    "CaseChange",
    __base__=Reasoned,
    __doc__="What to change about a case, and why. Only the fields that are named change; null empties a field.",
    **{name: (field.annotation | None, None) for name, field in CaseFields.model_fields.items()},  # type: ignore[call-overload, operator]
)


class CaseClosing(BaseModel):
    """Why a case is closed without a fate: it is a duplicate, or it is no disappearance. null opens it again."""

    model_config = ConfigDict(extra="forbid")

    closed_as: CaseClosure | None
    reason: Annotated[str, Field(min_length=3, max_length=5000)]


class CaseEventOut(CaseEventFields, WhereColumns):
    id: UUID
    account_id: UUID | None = None
    citation: str | None = None
    date: DateOut
    standing: str
    rejected_reason: str | None = None
    supersedes_id: UUID | None = None
    entered_at: datetime


class CaseBrief(BaseModel):
    """A case as its incident shows it."""

    id: UUID
    person_id: UUID
    current_status: str


class Gap(BaseModel):
    """One thing that a submission lacks or should know: its rule, how grave it is, and the field that mends it."""

    code: str
    level: str = Field(description="block, advise or inform")
    sentence: str
    field: str | None = None


class Readiness(BaseModel):
    """Whether a case could be handed to the UN Working Group on Enforced or Involuntary Disappearances."""

    ready: bool
    gaps: list[Gap]


class CaseOut(CaseFields):
    id: UUID
    incident_id: UUID
    incident_ref: str
    alleged: bool = True
    person: PersonOut | None = None
    current_status: str
    current_status_label: str
    current_status_as_of: DateOut | None = None
    as_known_on: date | None = None
    closed_as: str | None = None
    closed_reason: str | None = None
    events: list[CaseEventOut]
    readiness: Readiness | None = None
    version: int
    entered_at: datetime
    updated_at: datetime
    candidates: list[Candidate] = Field(default_factory=list)
