"""The blocks that several records share: when, where, and how many."""

from datetime import date
from functools import lru_cache
from typing import Annotated, Any, Self

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    PlainSerializer,
    ValidatorFunctionWrapHandler,
    WithJsonSchema,
    WrapValidator,
    model_validator,
)
from pydantic import ValidationInfo as Info
from sqlalchemy import Double
from sqlmodel import Field as Column
from sqlmodel import SQLModel

from app.vocabulary import certainty
from app.vocabulary.certainty import When
from app.vocabulary.codes import DateQualifier, DateSpan, GeocodeMethod, GeoPrecision, PlaceKind
from app.vocabulary.sensitivity import INTERNAL, LOCATION_EXACT, PUBLIC, SYSTEM

CELL_DEGREES = 0.1
HARMS = ("killed", "injured", "missing", "detained")


class WhenColumns(SQLModel):
    """Between which days it happened. Precision and EDTF are derived from these, never stored."""

    date_earliest: Annotated[date | None, PUBLIC] = None
    date_latest: Annotated[date | None, PUBLIC] = None
    date_span: Annotated[DateSpan, PUBLIC] = "sometime_within"
    date_qualifier: Annotated[DateQualifier | None, PUBLIC] = None
    date_verbatim: Annotated[str | None, INTERNAL] = None
    local_time: Annotated[str | None, INTERNAL] = None


class StatedDate(BaseModel):
    """A date as somebody states it; only the words, only the days, or both."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    earliest: date | None = None
    latest: date | None = None
    span: DateSpan = "sometime_within"
    qualifier: DateQualifier | None = None
    verbatim: str | None = Field(None, max_length=500)
    time: str | None = Field(None, pattern=r"^([01]\d|2[0-3]):[0-5]\d$", description="Local time, HH:MM")

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.earliest and self.latest and self.earliest > self.latest:
            raise ValueError("the earliest day lies after the latest; exchange them")
        return self

    def columns(self) -> dict[str, Any]:
        return {
            "date_earliest": self.earliest,
            "date_latest": self.latest,
            "date_span": self.span,
            "date_qualifier": self.qualifier,
            "date_verbatim": self.verbatim,
            "local_time": self.time,
        }


def _read_date(value: object, as_parts: ValidatorFunctionWrapHandler) -> StatedDate:
    stated: StatedDate = _dated(value) if isinstance(value, str) else as_parts(value)
    return stated


@lru_cache(maxsize=16384)  # in a data set the same days come again and again; so many are 45 years
def _dated(text: str) -> StatedDate:
    """As parts; `parse` lets no date run backwards."""
    when = certainty.parse(text)
    return StatedDate.model_construct(
        earliest=when.earliest,
        latest=when.latest,
        span=when.span,
        qualifier=when.qualifier,
        verbatim=None if when.exact else text.strip(),
    )


def _write_date(stated: StatedDate) -> str | dict[str, Any]:
    """As EDTF where that says it all, otherwise in full."""
    if stated.verbatim is None and stated.time is None:
        when = When(stated.earliest, stated.latest, stated.span, stated.qualifier)
        if when.edtf is not None:
            return when.edtf
    return stated.model_dump(mode="json", exclude_none=True)


DateIn = Annotated[
    StatedDate,
    WrapValidator(_read_date),
    PlainSerializer(_write_date, when_used="json"),
    WithJsonSchema(
        {
            "anyOf": [
                {
                    "type": "string",
                    "description": "EDTF level 0 or 1, or a set",
                    "examples": ["2025-06", "2025-06-12"],
                },
                StatedDate.model_json_schema(),
            ]
        }
    ),
]


class DateOut(BaseModel):
    """A date in every form a reader may want."""

    edtf: str | None
    earliest: date | None
    latest: date | None
    precision: str
    span: str
    qualifier: str | None = None
    verbatim: str | None = None
    time: str | None = None
    words: str

    @classmethod
    def of(cls, row: Any) -> "DateOut":
        """From any record with the columns of WhenColumns."""
        when = When(row.date_earliest, row.date_latest, row.date_span, row.date_qualifier)
        return cls(
            edtf=when.edtf,
            earliest=when.earliest,
            latest=when.latest,
            precision=when.precision,
            span=when.span,
            qualifier=when.qualifier,
            verbatim=row.date_verbatim,
            time=row.local_time,
            words=when.words(),
        )


class WhereFields(SQLModel):
    """Where it happened, in the source's words and, if known, on the map with how exact that is."""

    place_name: Annotated[str | None, LOCATION_EXACT] = Column(None, max_length=500)
    lon: Annotated[float | None, LOCATION_EXACT] = Column(None, ge=-180, le=180, sa_type=Double, description="degrees")
    lat: Annotated[float | None, LOCATION_EXACT] = Column(None, ge=-90, le=90, sa_type=Double, description="degrees")
    geo_precision: Annotated[GeoPrecision, PUBLIC] = "unknown"
    uncertainty_m: Annotated[float | None, PUBLIC] = Column(
        None, ge=0, le=20_037_508, sa_type=Double, description="metres"
    )
    geocode_method: Annotated[GeocodeMethod | None, INTERNAL] = None
    country: Annotated[str | None, PUBLIC] = Column(
        None, schema_extra={"pattern": r"^[A-Z]{3}$"}, description="ISO 3166-1 alpha-3"
    )
    area1: Annotated[str | None, PUBLIC] = Column(None, max_length=200)
    area1_code: Annotated[str | None, PUBLIC] = Column(None, max_length=60)
    area2: Annotated[str | None, PUBLIC] = Column(None, max_length=200)
    area2_code: Annotated[str | None, PUBLIC] = Column(None, max_length=60)
    area3: Annotated[str | None, LOCATION_EXACT] = Column(None, max_length=200)
    area3_code: Annotated[str | None, LOCATION_EXACT] = Column(None, max_length=60)
    place_kind: Annotated[PlaceKind | None, INTERNAL] = None


class WhereColumns(WhereFields):
    """A place as it is kept: with the version of the map that named its areas."""

    area_layer: Annotated[str | None, SYSTEM] = Column(None, max_length=200)


def check_place(place: WhereFields) -> None:
    """A point needs both numbers and a precision; no point may be pretended."""
    if (place.lon is None) != (place.lat is None):
        raise ValueError("a point needs both lon and lat; give both or neither")
    if place.lon is not None and place.geo_precision == "unknown":
        raise ValueError("a point needs its geo_precision (how exact is it?); give it, or leave lon and lat out")


def cell(lon: float | None, lat: float | None) -> int | None:
    """The number of the 0.1-degree cell of a point: row from the south pole x 3600 + column from 180 west."""
    if lon is None or lat is None:
        return None
    return cell_row(lat) * 3600 + cell_column(lon)


def cell_row(lat: float) -> int:
    return min(int((lat + 90) / CELL_DEGREES), 1799)


def cell_column(lon: float) -> int:
    return min(int((lon + 180) / CELL_DEGREES), 3599)


def _count() -> Any:
    return Column(None, ge=0, le=100_000_000)


class TallyOut(BaseModel):
    """How many, as a range. `null` is not known; `max: null` with a `min` means "at least"."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    min: int | None = Field(None, ge=0, le=100_000_000)
    best: int | None = Field(None, ge=0, le=100_000_000)
    max: int | None = Field(None, ge=0, le=100_000_000)

    def in_order(self) -> bool:
        known = [n for n in (self.min, self.best, self.max) if n is not None]
        return known == sorted(known)

    def columns(self, harm: str) -> dict[str, int | None]:
        return {f"{harm}_min": self.min, f"{harm}_best": self.best, f"{harm}_max": self.max}


class Tally(TallyOut):
    """The same as it comes in: the numbers must rise, min <= best <= max."""

    @model_validator(mode="after")
    def _ordered(self, info: Info) -> Self:
        """Real data sets break this rule; on import it is a warning (context `imported`)."""
        if not (info.context or {}).get("imported") and not self.in_order():
            raise ValueError("the numbers must rise: min <= best <= max")
        return self


class TallyColumns(SQLModel):
    """How many people were harmed, by kind of harm; a 0 stands only where a source says none."""

    killed_min: Annotated[int | None, PUBLIC] = _count()
    killed_best: Annotated[int | None, PUBLIC] = _count()
    killed_max: Annotated[int | None, PUBLIC] = _count()
    injured_min: Annotated[int | None, PUBLIC] = _count()
    injured_best: Annotated[int | None, PUBLIC] = _count()
    injured_max: Annotated[int | None, PUBLIC] = _count()
    missing_min: Annotated[int | None, PUBLIC] = _count()
    missing_best: Annotated[int | None, PUBLIC] = _count()
    missing_max: Annotated[int | None, PUBLIC] = _count()
    detained_min: Annotated[int | None, PUBLIC] = _count()
    detained_best: Annotated[int | None, PUBLIC] = _count()
    detained_max: Annotated[int | None, PUBLIC] = _count()


def tally_of(row: Any, harm: str) -> TallyOut:
    """From any record with the columns of TallyColumns, or `count_...` of an act."""
    return TallyOut.model_construct(
        min=getattr(row, f"{harm}_min"), best=getattr(row, f"{harm}_best"), max=getattr(row, f"{harm}_max")
    )
