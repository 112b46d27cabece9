"""An account: one source's version of one incident, kept as what it is."""

from datetime import date
from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator
from sqlalchemy import JSON
from sqlmodel import Field as Column
from sqlmodel import SQLModel

from app.records.act import ActIn
from app.records.blocks import HARMS, TallyOut
from app.records.incoming import Incoming
from app.records.involvement import InvolvementIn
from app.records.keys import Entered, Keys, pointer
from app.records.place import PlaceIn
from app.records.source import SourceIn, SourceOut
from app.vocabulary.codes import Credibility, LocatorType, Operator, SpeakerRole, Stance, Standing
from app.vocabulary.sensitivity import INTERNAL, PUBLIC, SOURCE_IDENTITY, SYSTEM

# The fields of an incident that a source can say something about.
SAYABLE = (
    "title", "summary", "kind", "nature", "date", "place_name", "lon", "lat", "geo_precision", "uncertainty_m",
    "geocode_method", "country", "area1", "area1_code", "area2", "area2_code", "area3", "area3_code", "place_kind",
    "killed", "injured", "missing", "detained",
)  # fmt: skip


class Said(BaseModel):
    """What one source says of one field: the value, how firmly, and in which words."""

    model_config = ConfigDict(extra="forbid")

    value: Any = Field(description="a number, a text, or {min, best, max}")
    operator: Operator = "equals"
    verbatim: str | None = Field(None, max_length=2000)
    quote: str | None = Field(None, max_length=10_000)
    locator: str | None = Field(None, max_length=200)


class AccountFields(SQLModel):
    """Who says it, how, and where it stands in the source."""

    speaker: Annotated[str | None, SOURCE_IDENTITY] = Column(None, max_length=500)
    speaker_role: Annotated[SpeakerRole | None, PUBLIC] = None
    stance: Annotated[Stance, PUBLIC] = "reports"
    quote: Annotated[str | None, INTERNAL] = Column(None, max_length=20_000)
    quote_prefix: Annotated[str | None, INTERNAL] = Column(None, max_length=500)
    quote_suffix: Annotated[str | None, INTERNAL] = Column(None, max_length=500)
    quote_translation: Annotated[str | None, INTERNAL] = Column(None, max_length=20_000)
    locator_type: Annotated[LocatorType, PUBLIC] = "whole"
    locator: Annotated[str | None, PUBLIC] = Column(None, max_length=200)
    credibility: Annotated[Credibility | None, INTERNAL] = None
    claimed_as_of: Annotated[date | None, PUBLIC] = None


class Account(Keys, AccountFields, Entered, table=True):
    incident_pk: Annotated[int, SYSTEM] = pointer("incident", needed=True)
    source_pk: Annotated[int, SYSTEM] = pointer("source", needed=True)
    said: Annotated[dict[str, Any], INTERNAL] = Column(default_factory=dict, sa_type=JSON)
    standing: Annotated[Standing, INTERNAL] = "accepted"
    standing_reason: Annotated[str | None, INTERNAL] = None
    supersedes_pk: Annotated[int | None, SYSTEM] = pointer("account")


class Citation(Incoming, AccountFields):
    """Who says so: a source (its description, or the id of one already here) and the place in it."""

    source: SourceIn | None = None
    source_id: UUID | None = None

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        if (self.source is None) == (self.source_id is None):
            raise ValueError("name one source: either `source` with its description or `source_id`")
        return self


def _check_number(harm: str, value: Any) -> None:
    """A number of people is a whole number, words such as "several", or a range."""
    if isinstance(value, bool) or not isinstance(value, dict | int | str):
        raise ValueError(f"`{harm}` is a whole number, a text, or {{min, best, max}}")  # noqa: TRY004 - as pydantic wants
    if not isinstance(value, str):
        TallyOut.model_validate(value if isinstance(value, dict) else {"best": value})


class AccountIn(Citation):
    """A further account of an incident: the citation and what this source says, field by field and act by act.

    `supersedes_id`: the earlier account of this incident that it corrects.
    """

    id: UUID | None = None
    said: dict[str, Said] = Field(default_factory=dict)
    acts: list[ActIn] = Field(default_factory=list, max_length=1000)
    involvements: list[InvolvementIn] = Field(default_factory=list, max_length=1000)
    places: list[PlaceIn] = Field(default_factory=list, max_length=100)
    supersedes_id: UUID | None = None

    @field_validator("said")
    @classmethod
    def _known_fields(cls, said: dict[str, Said]) -> dict[str, Said]:
        if not set(said) <= set(SAYABLE):
            raise ValueError(f"`said` may name these fields: {', '.join(SAYABLE)}")
        for harm in set(HARMS) & set(said):
            _check_number(harm, said[harm].value)
        return said


class StandingIn(BaseModel):
    """What the organisation makes of an account, and why."""

    model_config = ConfigDict(extra="forbid")

    standing: Standing
    reason: Annotated[str, Field(min_length=3, max_length=5000)]


class AccountOut(AccountFields):
    id: UUID
    supersedes_id: UUID | None = None
    source_id: UUID
    source: SourceOut
    said: dict[str, Any]
    standing: str
    standing_reason: str | None = None
