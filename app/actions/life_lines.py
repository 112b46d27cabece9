"""Turn what a report tells of a disappearance into rows: a case and the events of its life line."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, delete, exists, update
from sqlmodel import Session, col, select

from app.actions import placing
from app.actions.identities import OF_A_CASE, held_by
from app.actions.pen import Pen, Row, columns_of
from app.actions.sourcing import NO_DATE
from app.errors import Fault, Invalid
from app.queries.fates import Step, fate
from app.records import Act, Case, CaseEvent, Revision
from app.records.account import AccountIn
from app.records.act import ActIn
from app.records.case import CaseEventFields, CaseEventIn, CaseFields, CaseIn
from app.records.history import of_changes
from app.records.keys import new_id
from app.records.person import PersonIn

CASE, EVENT = columns_of(CaseFields), columns_of(CaseEventFields)


@dataclass(frozen=True)
class Tellers:
    """Who may tell of events: accounts of one incident by their id, and the one that speaks where none is named."""

    accounts: Mapping[UUID, int] = field(default_factory=dict)
    first: int | None = None

    def number(self, told: CaseEventIn) -> int | None:
        """The number of the account that tells of an event. Raises Invalid."""
        if told.account_id is None:
            return self.first
        if told.account_id not in self.accounts:
            fault = Fault("events.account_id", "no account of this incident has this id", "give `according_to`")
            raise Invalid("The account is not here.", [fault])
        return self.accounts[told.account_id]


def cite_apart(cases: Sequence[CaseIn]) -> tuple[list[CaseIn], list[AccountIn]]:
    """The cases with every citation of an event replaced by an account of its own, and these accounts.

    A citation that stands at several events is one account.
    """
    made: dict[str, AccountIn] = {}
    told = []
    for case in cases:
        events = [_apart(event, made) for event in case.events]
        told.append(case.model_copy(update={"events": events}))
    return told, list(made.values())


def cite_event_apart(event: CaseEventIn) -> tuple[CaseEventIn, list[AccountIn]]:
    """The same for one event."""
    made: dict[str, AccountIn] = {}
    return _apart(event, made), list(made.values())


def _apart(event: CaseEventIn, made: dict[str, AccountIn]) -> CaseEventIn:
    if event.according_to is None:
        return event
    cited = event.according_to.model_dump(mode="json", exclude_unset=True)
    account = made.setdefault(repr(cited), AccountIn.model_validate({**cited, "id": str(new_id())}))
    return event.model_copy(update={"according_to": None, "account_id": account.id})


def write_case(pen: Pen, incident: int, told: CaseIn, tellers: Tellers, person: int, raw: dict[str, Any]) -> Row:
    """Lay a case ready with its events and its line in history. `raw`: the words it came in."""
    case: Row = CASE(told) | {
        "pk": pen.number("disappearance_case"), "id": told.id or new_id(), "incident_pk": incident,
        "person_pk": person, "closed_as": None, "closed_reason": None, "closed_at": None, "version": 1,
        "updated_at": pen.at,
    }  # fmt: skip
    events: dict[UUID, Row] = {}
    for event in told.events:
        row = event_row(pen, case["pk"], event, tellers.number(event), _earlier(event, events))
        events[row["id"]] = row
    case["current_status"] = fate(_steps(events.values())).status
    pen.note("reported", "case", case["id"], {"case": raw})
    return pen.write(Case, held_by(pen, person, case | pen.entered(), OF_A_CASE))


def event_row(pen: Pen, case: int, told: CaseEventIn, account: int | None, supersedes: int | None) -> Row:
    row: Row = EVENT(told) | (told.date.columns() if told.date else NO_DATE) | placing.place(told)
    row |= {
        "pk": pen.number("case_event"), "id": told.id or new_id(), "case_pk": case, "account_pk": account,
        "supersedes_pk": supersedes, "rejected_at": None, "rejected_reason": None,
    }  # fmt: skip
    return pen.write(CaseEvent, row | pen.entered())


def _earlier(told: CaseEventIn, events: Mapping[UUID, Row]) -> int | None:
    if told.supersedes_id is None:
        return None
    if told.supersedes_id not in events:
        fault = Fault("events.supersedes_id", "no earlier event of this case has this id", "put the earlier one first")
        raise Invalid("The event is not here.", [fault])
    return int(events[told.supersedes_id]["pk"])


def _steps(rows: Iterable[Row]) -> list[Step]:
    known = list(rows)
    replaced = {row["supersedes_pk"] for row in known}
    return [
        Step(row["kind"], row["date_earliest"], row["date_latest"], row["account_pk"], row["id"])
        for row in known
        if row["pk"] not in replaced
    ]


def person_in(pen: Pen, incident: int, told: PersonIn, acts: Sequence[ActIn]) -> int | None:
    """The number of the very same person told of in an act of the same report."""
    rows = [row for row in pen.rows.get(Act, []) if row["incident_pk"] == incident]
    for act, row in zip(acts, rows, strict=False):
        if act.person is not None and _same(act.person, told):
            return int(row["person_pk"])
    return None


def _same(one: PersonIn, other: PersonIn) -> bool:
    return one.model_copy(update={"age_at_event": None}) == other.model_copy(update={"age_at_event": None})


def untouched() -> ColumnElement[bool]:
    """The condition on cases that nothing but imports has written to them since they were entered."""
    by_hand = exists().where(col(Revision.record_id) == Case.id, col(Revision.batch_pk).is_(None), of_changes())
    return and_(col(Case.batch_pk).is_not(None), ~by_hand)


def drop(session: Session, *which: ColumnElement[bool]) -> None:
    """Delete cases with their events, as only an import that is taken back or brought up to date may."""
    cases = select(Case.pk).where(*which)
    session.execute(update(CaseEvent).where(col(CaseEvent.case_pk).in_(cases)).values(supersedes_pk=None))
    session.execute(delete(CaseEvent).where(col(CaseEvent.case_pk).in_(cases)))
    session.execute(delete(Case).where(*which))
