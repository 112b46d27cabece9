"""An alleged incident: what, when, where, how many, and how far it has been assessed."""

import datetime as dt
from datetime import datetime
from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, create_model, model_validator
from sqlalchemy import JSON, Index
from sqlmodel import Field, SQLModel

from app.db import Moment
from app.records.account import AccountOut, Citation
from app.records.act import ActIn, ActOut
from app.records.blocks import (
    DateIn,
    DateOut,
    Tally,
    TallyColumns,
    TallyOut,
    WhenColumns,
    WhereColumns,
    WhereFields,
    check_place,
)
from app.records.case import CaseBrief, CaseIn
from app.records.evidence import EvidenceOut
from app.records.incoming import Incoming
from app.records.involvement import InvolvementIn, InvolvementOut
from app.records.keys import Entered, Keys
from app.records.link import LinkOut
from app.records.person import Candidate
from app.records.place import PlaceIn, PlaceOut
from app.vocabulary.codes import Confidence, Nature, Sensitivity, Stage, Verification, Violation
from app.vocabulary.sensitivity import INTERNAL, LOCATION_EXACT, PUBLIC, SYSTEM

# What the grid knows of an incident. The latter parts are what a map tile counts by: it then fetches no row.
GRID = (
    "cell", "date_earliest", "pk", "lon", "lat", "date_latest", "stage", "sensitivity", "geo_precision", "killed_best",
)  # fmt: skip


class IncidentFields(SQLModel):
    """What anyone may state about an incident. One line here is one fact everywhere."""

    title: Annotated[str, PUBLIC] = Field(min_length=1, max_length=500)
    summary: Annotated[str | None, INTERNAL] = Field(None, max_length=100_000)
    kind: Annotated[Violation, PUBLIC]
    nature: Annotated[Nature, PUBLIC] = "event"
    confidence: Annotated[Confidence | None, PUBLIC] = None
    sensitivity: Annotated[Sensitivity, SYSTEM] = "restricted"
    external_id: Annotated[str | None, INTERNAL] = Field(None, max_length=300, index=True)
    licence: Annotated[str | None, PUBLIC] = Field(None, max_length=500)


class Incident(Keys, IncidentFields, WhenColumns, WhereColumns, TallyColumns, Entered, table=True):
    __table_args__ = (
        Index("ix_incident_cell", *GRID),
        Index(
            "ix_incident_precision", "geo_precision", "country", "area1_code", "area2_code", "area3_code",
            "stage", "sensitivity", "killed_best",
        ),
        # With what every answer depends on, so that those with a word are put in order without fetching them.
        Index("ix_incident_date", "date_earliest", "pk", "stage", "sensitivity"),
        Index("ix_incident_number", "pk", "date_earliest", "stage", "sensitivity"),
        Index("ix_incident_updated", "updated_at", "pk"),
        Index("ix_incident_country", "country"),
        Index("ix_incident_area1", "area1_code"),
        Index("ix_incident_area2", "area2_code"),
        Index("ix_incident_kind", "kind"),
        Index("ix_incident_batch_pk", "batch_pk"),
        Index("ix_incident_sensitivity", "sensitivity"),
    )  # fmt: skip

    ref: Annotated[str, PUBLIC] = Field(unique=True, max_length=20)
    stage: Annotated[Stage, INTERNAL] = Field("draft", index=True)
    verification: Annotated[Verification, PUBLIC] = "unreviewed"
    verification_note: Annotated[str | None, INTERNAL] = None
    verified_on: Annotated[dt.date | None, INTERNAL] = None
    independent_sources: Annotated[int, PUBLIC] = 0
    decisions: Annotated[dict[str, Any], INTERNAL] = Field(default_factory=dict, sa_type=JSON)
    redirect_to: Annotated[UUID | None, PUBLIC] = None
    assigned_to: Annotated[str | None, INTERNAL] = Field(None, max_length=100, index=True)
    version: Annotated[int, SYSTEM] = 1
    cell: Annotated[int | None, LOCATION_EXACT] = None
    # Only in the published store: the place was snapped to an area or a grid when it was approved.
    location_generalised: Annotated[bool, PUBLIC] = False
    origin_hash: Annotated[str | None, SYSTEM] = Field(None, max_length=64, index=True)
    updated_at: Annotated[datetime, PUBLIC] = Field(sa_type=Moment)


class IncidentStated(Incoming, IncidentFields, WhereFields):
    """Everything about the incident itself that a report or an amendment may state."""

    date: DateIn | None = None
    killed: Tally | None = None
    injured: Tally | None = None
    missing: Tally | None = None
    detained: Tally | None = None

    @model_validator(mode="after")
    def _a_real_place(self) -> Self:
        check_place(self)
        return self


class IncidentIn(IncidentStated):
    """One report: the fields, who says so, and optionally the acts, involvements and further places."""

    id: UUID | None = None
    according_to: Citation
    acts: list[ActIn] = Field(default_factory=list, max_length=1000)
    involvements: list[InvolvementIn] = Field(default_factory=list, max_length=1000)
    places: list[PlaceIn] = Field(default_factory=list, max_length=100)
    cases: list[CaseIn] = Field(default_factory=list, max_length=200)


class ChangeReason(BaseModel):
    """Every change of a record says why, and may cite the source that made it necessary."""

    model_config = ConfigDict(extra="forbid")

    reason: Annotated[str, Field(min_length=3, max_length=5000)]
    according_to: Citation | None = None


IncidentChange: type[ChangeReason] = create_model(
    "IncidentChange",
    __base__=ChangeReason,
    __doc__="What to change, and why. Only the fields that are named change; null empties a field.",
    **{name: (field.annotation | None, None) for name, field in IncidentStated.model_fields.items()},  # type: ignore[call-overload]
)


class Why(BaseModel):
    """A reason, for withdrawing."""

    model_config = ConfigDict(extra="forbid")

    reason: Annotated[str, Field(min_length=3, max_length=5000)]


class Redirection(Why):
    """The record this one is to lead to, and why."""

    to: UUID


class IncidentOut(IncidentFields, WhereColumns):
    """One incident with all that hangs on it. Everything in it is alleged."""

    id: UUID
    ref: str
    alleged: bool = True
    date: DateOut
    killed: TallyOut
    injured: TallyOut
    missing: TallyOut
    detained: TallyOut
    stage: str
    verification: str
    verification_note: str | None = None
    verified_on: dt.date | None = None
    assigned_to: str | None = None
    independent_sources: int
    redirect_to: UUID | None = None
    version: int
    entered_at: datetime
    updated_at: datetime
    accounts: list[AccountOut]
    acts: list[ActOut]
    involvements: list[InvolvementOut]
    places: list[PlaceOut]
    cases: list[CaseBrief] = Field(default_factory=list)
    evidence: list[EvidenceOut] = Field(default_factory=list)
    links: list[LinkOut] = Field(default_factory=list)
    candidates: list[Candidate] = Field(default_factory=list)
    warnings: list[str] = Field(default_factory=list)
