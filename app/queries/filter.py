"""The question: one object that every list, map, file and report understands."""

from datetime import UTC, date, datetime
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlencode

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from app.matching.folding import words
from app.queries import sentences
from app.vocabulary import certainty
from app.vocabulary.codes import Stage, Verification, Violation

Harm = Literal["killed", "injured", "missing", "detained"]


def _numbers(value: object) -> object:
    """Numbers given as `1,2,3`, as a list, or as a list of one such text (as a query string does)."""
    parts = value if isinstance(value, list | tuple) else [value]
    return [n for part in parts for n in (part.split(",") if isinstance(part, str) else [part])]


def several(value: object) -> object:
    return [value] if isinstance(value, str) else value


def first_day(value: object) -> object:
    return certainty.parse(value).earliest if isinstance(value, str) else value


def last_day(value: object) -> object:
    return certainty.parse(value).latest if isinstance(value, str) else value


def in_utc(value: datetime) -> datetime:
    try:
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
    except OverflowError:
        raise ValueError("no calendar has this day; give a later or an earlier one") from None


def _some_words(value: str) -> str:
    if not words(value):
        raise ValueError("give at least one letter or digit to search for")
    return value


Box = Annotated[tuple[float, float, float, float], BeforeValidator(_numbers)]
Circle = Annotated[tuple[float, float, float], BeforeValidator(_numbers)]
NO_BOX = (0.0, 90.0, 0.0, -90.0)  # its south lies north of its north, so nothing is in it


class IncidentFilter(BaseModel):
    """Which incidents. Every part narrows the answer; without any it is all of them, withdrawn ones apart."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    bbox: Box | None = Field(None, description="minlon,minlat,maxlon,maxlat in degrees; crosses 180 when min > max")
    near: Circle | None = Field(None, description="lon,lat,km")
    area: str | None = Field(None, max_length=60, description="Code of an area; a province finds its villages")
    country: str | None = Field(None, pattern=r"^[A-Z]{3}$", description="ISO 3166-1 alpha-3")
    date_from: Annotated[date | None, BeforeValidator(first_day)] = Field(None, description="2025, 2025-06 or a day")
    date_to: Annotated[date | None, BeforeValidator(last_day)] = Field(None, description="2025, 2025-06 or a day")
    date_match: Literal["overlaps", "within"] = Field(
        "overlaps", description="overlaps: it may have been then; within: it was then for certain"
    )
    kind: Annotated[tuple[Violation, ...], BeforeValidator(several)] = Field(
        (), description="Kinds of violation; a family finds its kinds"
    )
    harm: Annotated[tuple[Harm, ...], BeforeValidator(several)] = Field((), description="Somebody was, allegedly")
    actor: str | None = Field(None, max_length=300, description="Name (all words of it) or id of an actor")
    person: str | None = Field(None, max_length=300, description="Name (all words of it) or id of a person")
    source: str | None = Field(None, max_length=2000, description="Id, address or words of title and publication")
    stage: Stage | None = None
    assigned_to: str | None = Field(None, max_length=100, description="Name of the member who looks after it")
    verification: Annotated[tuple[Verification, ...], BeforeValidator(several)] = ()
    min_sources: int | None = Field(None, ge=0, le=1000, description="Independent sources, at least")
    located: bool | None = Field(None, description="With a point, or without")
    updated_since: Annotated[datetime, AfterValidator(in_utc)] | None = None
    q: Annotated[str, AfterValidator(_some_words)] | None = Field(
        None, max_length=500, description="Words in title, summary, place, actors and names"
    )

    @model_validator(mode="after")
    def _possible(self) -> Self:
        if self.date_from and self.date_to and self.date_from > self.date_to:
            raise ValueError("date_from lies after date_to; exchange them")
        if self.bbox:
            west, south, east, north = self.bbox
            if not (-180 <= west <= 180 and -180 <= east <= 180 and -90 <= south <= north <= 90):
                raise ValueError("bbox is minlon,minlat,maxlon,maxlat in degrees, with minlat <= maxlat")
        if self.near:
            lon, lat, km = self.near
            if not (-180 <= lon <= 180 and -90 <= lat <= 90 and 0 < km <= 20_038):
                raise ValueError("near is lon,lat,km: degrees, and a distance above 0 in kilometres")
        return self

    def asked(self) -> dict[str, Any]:
        """Just what was asked, in JSON types, in the order of the fields."""
        names = IncidentFilter.model_fields.keys()
        return self.model_dump(mode="json", include=set(names), exclude_defaults=True)

    def query_string(self) -> str:
        """The same question as a link."""
        asked = self.asked()
        for name in ("bbox", "near"):
            if name in asked:
                asked[name] = ",".join(repr(n) for n in asked[name])
        for name, value in asked.items():
            if isinstance(value, bool):
                asked[name] = str(value).lower()
        return urlencode(asked, doseq=True)

    def sentence(self) -> str:
        """The question in words, for page titles, file headers and reports."""
        return sentences.say(self)

    def within(self, box: tuple[float, float, float, float]) -> Self:
        """The same question on a smaller map; a tile asks this way. Boxes that cross 180 degrees are not cut."""
        if self.bbox is None:
            return self.model_copy(update={"bbox": box})
        old = self.bbox
        meet = (max(old[0], box[0]), max(old[1], box[1]), min(old[2], box[2]), min(old[3], box[3]))
        # Side by side, not across 180 degrees: west of the one would come to lie east of the other.
        apart = meet[0] > meet[2] and old[0] <= old[2] and box[0] <= box[2]
        return self.model_copy(update={"bbox": NO_BOX if apart else meet})


class IncidentPage(IncidentFilter):
    """One page of the answer."""

    limit: int = Field(50, ge=1, le=200)
    cursor: str | None = Field(None, max_length=200, description="`next` of the page before")
    sort: Literal["-date_earliest", "date_earliest", "-updated_at", "ref", "relevance"] = Field(
        "-date_earliest", description="relevance: those that answer `q` best come first"
    )

    @model_validator(mode="after")
    def _words_to_answer(self) -> Self:
        if self.sort == "relevance" and self.q is None:
            raise ValueError("sort=relevance needs words to answer; give them as q, or sort by something else")
        return self


class CsvFilter(IncidentFilter):
    """The question for a CSV, with its tags or without."""

    hxl: bool = Field(False, description="With a row of HXL tags under the heading")
