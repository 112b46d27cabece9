"""Incidents as OGC API - Features asks for them: by box, time, filter and every question of ours, page by page."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, ConfigDict, Field
from sqlalchemy import ColumnElement
from sqlmodel import Session, col, func, select

from app.access.policy import READERS
from app.access.viewer import Viewer, check_may_read
from app.errors import Fault, Gone, Invalid
from app.queries import by_place, one
from app.queries.conditions import clauses
from app.queries.cql import Tree, read_json
from app.queries.cql_text import read_text
from app.queries.cql_when import OPEN, ordered, read_instant
from app.queries.cql_where import where
from app.queries.filter import IncidentFilter
from app.queries.kept_rows import texts_of
from app.queries.rows import NUMBERS, STORED_ROWS, FlatRow, attach, by_numbers, flat
from app.queries.written import feature, flat_row, row_of
from app.records import Incident

Condition = ColumnElement[bool]
Crs84 = Literal["http://www.opengis.net/def/crs/OGC/1.3/CRS84"]
# What hangs on incidents is asked for by the thousand.
FEW, MOST = 100, 1000
LONGEST_TIME = 100


def _flat_box(value: object) -> object:
    """Four numbers, or six with heights, which are left out: an incident has none."""
    parts: Any = value if isinstance(value, list | tuple) else [value]
    numbers = [n for part in parts for n in (part.split(",") if isinstance(part, str) else [part])]
    if len(numbers) != 6:
        return numbers
    low, high = float(numbers[2]), float(numbers[5])
    if not low <= high:
        raise ValueError("a box of six numbers is minlon,minlat,minheight,maxlon,maxlat,maxheight")
    return [*numbers[:2], *numbers[3:5]]


class ItemsQuestion(IncidentFilter):
    """Which incidents, and which page of them; an unknown parameter is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    bbox: Annotated[tuple[float, float, float, float], BeforeValidator(_flat_box)] | None = Field(
        None, description="minlon,minlat,maxlon,maxlat in degrees, or with heights; crosses 180 when min > max"
    )
    bbox_crs: Crs84 | None = Field(None, alias="bbox-crs", description="Longitude and latitude on WGS 84, nothing else")
    time: str | None = Field(
        None,
        alias="datetime",
        max_length=LONGEST_TIME,
        description="A day, a moment, or two of them with / between; .. leaves an end open. What may have been then",
    )
    limit: int = Field(FEW, ge=1, description=f"How many a page; more than {MOST} are {MOST}")
    cursor: str | None = Field(None, max_length=200, description="Where a page begins: follow the links `next`")
    filter: str | None = Field(None, description="CQL2: see queryables for what can be compared")
    filter_lang: Literal["cql2-text", "cql2-json"] = Field("cql2-text", alias="filter-lang")
    filter_crs: Crs84 | None = Field(None, alias="filter-crs", description="Longitude and latitude on WGS 84")
    f: Literal["json", "html"] | None = Field(None, description="json or html; the header Accept says it too")


@dataclass(frozen=True)
class FoundPage:
    """One page. `texts`: its features in GeoJSON; `next`: the ref where the next begins.

    `matched`: how many answer in all, on the first page alone.
    """

    texts: list[bytes]
    next: str | None
    matched: int | None

    @property
    def rows(self) -> list[FlatRow]:
        """The flat rows that the features were made of."""
        return [flat_row(text) for text in self.texts]


def page(session: Session, question: ItemsQuestion, viewer: Viewer) -> FoundPage:
    """One page in the order of entry. Counting all takes as long on every page, so only the first does."""
    check_may_read(viewer)
    conditions = conditions_of(session, question, viewer)
    limit = min(question.limit, MOST)
    kept = viewer.role in READERS
    first = by_place.at_once(session, question, conditions, "ref", limit + 1) if question.cursor is None else None
    few = first is not None or by_place.is_small(session, question, viewer)
    if first is not None:
        found: Any = [(pk,) for pk in first[0]]
    else:
        asked = by_place.numbers(conditions) if few else (NUMBERS if kept else STORED_ROWS).where(*conditions)
        if question.cursor is not None:
            asked = asked.where(col(Incident.pk) > _resume(session, question.cursor))
        found = session.execute(asked.order_by(col(Incident.pk)).limit(limit + 1)).all()
    shown, is_last = found[:limit], len(found) <= limit
    if kept:
        texts = texts_of(session, [pk for pk, *_ in shown], viewer)
    else:
        stored = by_numbers(session, [pk for pk, *_ in shown]) if few else shown
        texts = [feature(row).text for row in flat(stored, attach(session, stored, viewer))]
    matched = None if question.cursor is not None else len(texts)
    if matched is not None and not is_last:
        counting = select(func.count()).select_from(Incident).where(*conditions)
        matched = session.exec(counting).one() if first is None else first[1]
    return FoundPage(texts, row_of(texts[-1])["ref"] if texts and not is_last else None, matched)


def conditions_of(session: Session, question: ItemsQuestion, viewer: Viewer) -> list[Condition]:
    """Everything the question narrows by. Raises Invalid for what cannot be asked."""
    dialect = session.get_bind().dialect.name
    found = clauses(question, viewer, dialect)
    if question.time is not None:
        found.append(where(_spoken(question.time), viewer, dialect))
    if question.filter is not None:
        read = read_json if question.filter_lang == "cql2-json" else read_text
        found.append(where(read(question.filter), viewer, dialect))
    return found


def item(session: Session, ref: str, viewer: Viewer) -> FlatRow | str:
    """One incident by its ref, or the id of the one that it leads to.

    Raises NotFound, and Gone for one that was taken back.
    """
    found = one.find(session, ref, viewer)
    if found.redirect_to is not None:
        return str(found.redirect_to)
    if found.stage == "withdrawn":
        raise Gone("This incident was withdrawn.")
    rows = session.execute(STORED_ROWS.where(col(Incident.pk) == found.pk)).all()
    (row,) = flat(rows, attach(session, rows, viewer))
    return row


def _resume(session: Session, ref: str) -> int:
    pk = session.exec(select(Incident.pk).where(col(Incident.ref) == ref)).first()
    if pk is None:
        raise Invalid("The cursor is damaged.", [Fault("cursor", "not one of ours", "start again without cursor")])
    return pk


def _spoken(time: str) -> Tree:
    """The parameter `datetime` as the filter that it is."""
    try:
        parts = [part if part != "" else OPEN for part in time.split("/")]
        ends: list[date | datetime | None] = [None if part == OPEN else read_instant(part) for part in parts]
    except Invalid:
        raise _no_time() from None
    if len(parts) > 2 or ends == [None]:
        raise _no_time()
    if not ordered(ends[0], ends[-1]):
        raise _no_time()
    happened: dict[str, Any] = {"interval": [{"property": "date_earliest"}, {"property": "date_latest"}]}
    return {"op": "t_intersects", "args": [happened, {"interval": [parts[0], parts[-1]]}]}


def _no_time() -> Invalid:
    mend = "write 2025-06-12, 2025-06-12T08:00:00Z, or two with / between, .. for an open end"
    return Invalid("The time cannot be read.", [Fault("datetime", "this is no time", mend)])
