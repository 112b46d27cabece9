"""Disappearance cases: pages of them, one with its life line, as known on a day, and how ready they are."""

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator
from sqlalchemy import Select
from sqlmodel import Session, col, select

from app.access.viewer import Viewer, check_may_read
from app.access.visibility import may_read, redacted, visible
from app.db import now
from app.errors import UNKNOWN, WHERE_TO_LOOK, Fault, Invalid, NotFound
from app.queries import case_facts
from app.queries.catalogue import columns
from app.queries.fates import Fate, accepted, fate, step_of
from app.queries.filter import first_day, last_day, several
from app.queries.people import persons_by_pk
from app.records import Case, CaseEvent, Incident, Revision
from app.records.blocks import DateOut, WhereColumns
from app.records.case import CaseEventFields, CaseEventOut, CaseFields, CaseOut, Readiness
from app.vocabulary.codes import CaseStatus
from app.vocabulary.sensitivity import IDENTITY
from app.vocabulary.word import vocabulary

OWN = ("id", "closed_as", "closed_reason", "version", "entered_at", "updated_at")
CLOSING = ("closed", "reopened")


class CaseFilter(BaseModel):
    """Which cases. Every part narrows the answer; cases of withdrawn incidents are never in it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    status: Annotated[tuple[CaseStatus, ...], BeforeValidator(several)] = Field(
        (), description="What is said of them now"
    )
    person: str | None = Field(None, max_length=300, description="Name (all words of it) or id of a person")
    incident: str | None = Field(None, max_length=60, description="Id or ref of an incident")
    area: str | None = Field(
        None, max_length=60, description="Code of a country or area; a province finds its villages"
    )
    date_from: Annotated[date | None, BeforeValidator(first_day)] = Field(
        None, description="Disappeared (perhaps) on or after: 2025, 2025-06 or a day"
    )
    date_to: Annotated[date | None, BeforeValidator(last_day)] = Field(
        None, description="Disappeared (perhaps) on or before: 2025, 2025-06 or a day"
    )
    ready: bool | None = Field(None, description="Ready for the UN Working Group, or not")

    @model_validator(mode="after")
    def _possible(self) -> Self:
        if self.date_from and self.date_to and self.date_from > self.date_to:
            raise ValueError("date_from lies after date_to; exchange them")
        return self


class CasePage(CaseFilter):
    """One page of the answer."""

    limit: int = Field(50, ge=1, le=200)
    after: UUID | None = Field(None, description="`next` of the page before")


class Cases(BaseModel):
    """One page of cases, oldest entry first, how many there are in all, and where to go on."""

    items: list[CaseOut]
    total: int
    next: UUID | None


class GapCount(BaseModel):
    """In how many cases a rule finds something."""

    code: str
    level: str
    cases: int


class ReadinessTotals(BaseModel):
    """How ready the cases are that answer a question, rule by rule. A case counts once for each rule and level."""

    total: int
    ready: int
    not_ready: int
    by_code: list[GapCount]


class OneCase(BaseModel):
    """How one case is to be read."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    as_known_on: date | None = Field(
        None, description="The life line as it was known here at the end of this day (UTC)"
    )


def find(session: Session, which: UUID, viewer: Viewer) -> tuple[Case, Incident]:
    """The case with this id and its incident. Raises NotFound, alike for "not there" and "not yours"."""
    check_may_read(viewer)
    asked = select(Case, Incident).join(Incident, col(Incident.pk) == Case.incident_pk)
    found = session.execute(asked.where(col(Case.id) == which, *visible(viewer))).first()
    if found is None:
        raise NotFound("No case has this id.")
    return found[0], found[1]


def whole(session: Session, which: UUID, viewer: Viewer, as_known_on: date | None = None) -> CaseOut:
    """One case with its life line and its readiness; with a day, as it was known then."""
    case, incident = find(session, which, viewer)
    (shown,) = _shown(session, [(case, incident)], viewer, as_known_on)
    if as_known_on is not None:
        return shown
    (ready,) = case_facts.readiness_of(session, [(case, incident)], now().date())
    return shown.model_copy(update={"readiness": ready})


def readiness(session: Session, which: UUID, viewer: Viewer) -> Readiness:
    """Whether one case could be handed to the UN Working Group today, and what is missing."""
    (ready,) = case_facts.readiness_of(session, [find(session, which, viewer)], now().date())
    return ready


def page(session: Session, asked: CasePage, viewer: Viewer) -> Cases:
    """One page of the cases that answer a question."""
    keys = _keys(session, asked, viewer)
    if asked.ready is not None:
        judged = zip(keys, _readiness_of_all(session, keys), strict=True)
        keys = [key for key, one in judged if one.ready is asked.ready]
    after = None if asked.after is None else session.exec(select(Case.pk).where(col(Case.id) == asked.after)).first()
    rest = [key for key in keys if after is None or key > after]
    found = case_facts.with_incidents(session, rest[: asked.limit])
    items = _shown(session, found, viewer, None)
    return Cases(items=items, total=len(keys), next=items[-1].id if len(rest) > asked.limit else None)


def totals(session: Session, asked: CaseFilter, viewer: Viewer) -> ReadinessTotals:
    """How many of the cases are ready, and in how many each rule finds a gap."""
    keys = _keys(session, asked, viewer)
    judged = [one for one in _readiness_of_all(session, keys) if asked.ready in {None, one.ready}]
    counted = Counter(found for one in judged for found in {(gap.code, gap.level) for gap in one.gaps})
    ready = sum(one.ready for one in judged)
    by_code = [GapCount(code=code, level=level, cases=n) for (code, level), n in sorted(counted.items())]
    return ReadinessTotals(total=len(judged), ready=ready, not_ready=len(judged) - ready, by_code=by_code)


def _readiness_of_all(session: Session, keys: Sequence[int]) -> list[Readiness]:
    return case_facts.readiness_of(session, case_facts.with_incidents(session, keys), now().date())


def _keys(session: Session, asked: CaseFilter, viewer: Viewer) -> list[int]:
    """The numbers of all cases that answer, in the order they were entered.

    Raises Invalid for a person asked for by somebody who may not read names, as for a field that does not exist.
    """
    check_may_read(viewer)
    if asked.person is not None and not may_read(viewer, IDENTITY):
        raise Invalid(WHERE_TO_LOOK, [Fault("query", *UNKNOWN)])
    conditions = [*visible(viewer), col(Incident.stage) != "withdrawn", *case_facts.conditions(asked, viewer)]
    query: Select[*tuple[Any, ...]] = select(Case.pk).join(Incident, col(Incident.pk) == Case.incident_pk)
    return list(session.scalars(query.where(*conditions).order_by(col(Case.pk))).all())


def _shown(session: Session, found: Sequence[tuple[Case, Incident]], viewer: Viewer, day: date | None) -> list[CaseOut]:
    """Cases as they go out, all in a few statements."""
    events = case_facts.events_of(session, [case.pk for case, _ in found])
    tellers = case_facts.tellers(session, [event for line in events.values() for event in line], viewer)
    persons = persons_by_pk(session, [case.person_pk for case, _ in found], viewer)
    shown = []
    for case, incident in found:
        line = events.get(case.pk, [])
        moment = None if day is None else datetime.combine(day + timedelta(days=1), time(), UTC) - timedelta.resolution
        standing = accepted(line, moment)
        known = [event for event in line if moment is None or event.entered_at <= moment]
        fields = redacted(CaseFields, columns(CaseFields, case), viewer)
        fields |= {name: getattr(case, name) for name in OWN} | _status(session, case, standing, moment)
        shown.append(
            CaseOut(
                **fields, incident_id=incident.id, incident_ref=incident.ref, as_known_on=day,
                person=persons.get(case.person_pk), events=_line(known, standing, tellers, viewer, moment),
            )
        )  # fmt: skip
    return shown


def _status(session: Session, case: Case, standing: Sequence[CaseEvent], moment: datetime | None) -> dict[str, Any]:
    """The status with its label and date, and how the case was closed at that moment."""
    now_said = fate([step_of(event) for event in standing])
    closed = {"closed_as": case.closed_as, "closed_reason": case.closed_reason}
    if moment is not None:
        closed = _closed_then(session, case, moment)
    status = closed["closed_as"] or now_said.status
    return closed | {
        "current_status": status,
        "current_status_label": vocabulary("case_statuses")[status].named(),
        "current_status_as_of": None if closed["closed_as"] else _as_of(now_said, standing),
    }


def _as_of(said: Fate, standing: Sequence[CaseEvent]) -> DateOut | None:
    decided = said.decided_by.event if said.decided_by else None
    return next((DateOut.of(event) for event in standing if event.id == decided), None)


def _closed_then(session: Session, case: Case, moment: datetime) -> dict[str, Any]:
    """How a case was closed at a moment: history knows, the case itself only says how it is closed now."""
    lines = (
        select(Revision.what)
        .where(col(Revision.record_id) == case.id, col(Revision.action).in_(CLOSING), col(Revision.at) <= moment)
        .order_by(col(Revision.seq).desc())
    )
    last = session.exec(lines.limit(1)).first()
    return {name: last["after"][name] if last else None for name in ("closed_as", "closed_reason")}


def _line(
    events: Sequence[CaseEvent], standing: Sequence[CaseEvent], tellers: dict[int, case_facts.Teller], viewer: Viewer,
    moment: datetime | None,
) -> list[CaseEventOut]:  # fmt: skip
    """The life line from its first day on; events without a day stand last."""
    ids, stands = {event.pk: event.id for event in events}, {event.pk for event in standing}
    shown = []
    for event in sorted(events, key=lambda e: (e.date_earliest or e.date_latest or date.max, e.pk)):
        teller = tellers.get(event.account_pk or 0)
        rejected = event.rejected_at is not None and (moment is None or event.rejected_at <= moment)
        shown.append(
            CaseEventOut(
                **redacted(CaseEventFields, columns(CaseEventFields, event), viewer),
                **redacted(WhereColumns, columns(WhereColumns, event), viewer),
                id=event.id, date=DateOut.of(event), entered_at=event.entered_at,
                account_id=teller.account_id if teller else None, citation=teller.citation if teller else None,
                standing="accepted" if event.pk in stands else "rejected" if rejected else "superseded",
                rejected_reason=event.rejected_reason if rejected else None,
                supersedes_id=ids.get(event.supersedes_pk or 0),
            )
        )  # fmt: skip
    return shown
