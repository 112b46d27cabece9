"""Count from the tally sheets what they count, and from the incidents themselves what came later."""

from typing import Any, cast

from sqlalchemy import ColumnElement, union_all
from sqlmodel import Session, SQLModel, col, func, select

from app.access.viewer import Viewer
from app.access.visibility import reached
from app.queries.conditions import clauses
from app.queries.filter import IncidentFilter
from app.records import Archive, Incident, MonthTally, PlaceTally
from app.records.tally import parts_of, tallied

Keys = dict[str, tuple[Any, Any]]
Conditions = list[ColumnElement[bool]]
# What a question may ask so that a sheet can answer it.
KNOWN: dict[type[SQLModel], frozenset[str]] = {
    MonthTally: frozenset({"country", "stage", "verification"}), PlaceTally: frozenset({"country", "stage"}),
}  # fmt: skip


def knows(sheet: type[SQLModel], question: IncidentFilter) -> bool:
    """Whether a sheet can answer a question."""
    return question.asked().keys() <= KNOWN[sheet]


def counted(
    session: Session,
    sheet: Any,
    question: IncidentFilter,
    viewer: Viewer,
    keys: Keys,
    more: tuple[Conditions, Conditions],
) -> Any:
    """What answers a question, counted up to `archive.tallied`; later incidents one by one. With the sums of the sheet.

    `keys`: each said of the sheet and of incidents; `more`: conditions, likewise. All is one statement: between two,
    somebody could let the sheets count on, and an incident would be counted twice. Raises Invalid as `clauses` does.
    """
    of_sheet, of_incidents = ([key[side].label(name) for name, key in keys.items()] for side in (0, 1))
    parts = parts_of(sheet, Incident)
    sums = [getattr(sheet, name).label(name) for name in parts]
    # The number only rises, so the one asked for before narrows nothing; but with it PostgreSQL knows how few are left.
    known = session.execute(select(func.max(Archive.tallied))).scalar() or 0
    later = [*clauses(question, viewer, session.get_bind().dialect.name), col(Incident.pk) > tallied(), *more[1]]
    later.append(col(Incident.pk) > known)
    before: Any = cast("Any", select)(*of_sheet, *sums).where(*_standing(sheet, question, viewer), *more[0])
    since: Any = cast("Any", select)(*of_incidents, *(part.label(name) for name, part in parts.items()))
    return union_all(before, since.where(*later)).subquery()


def _standing(sheet: Any, question: IncidentFilter, viewer: Viewer) -> Conditions:
    """The conditions of `clauses` on the rows of a sheet."""
    stage = sheet.stage == question.stage if question.stage else sheet.stage != "withdrawn"
    found = [*reached(sheet.sensitivity, viewer), stage]
    if question.country is not None:
        found.append(sheet.country == question.country)
    if question.verification:
        found.append(sheet.verification.in_(question.verification))
    return found
