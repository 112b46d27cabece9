"""Add up people: what is not known is never a nought, and a sum says of how many incidents it is one."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

from sqlalchemy import ColumnElement, and_, case, not_
from sqlmodel import col, func, select

from app.access.viewer import Viewer
from app.access.visibility import may_read
from app.records import Act, Actor, Involvement
from app.records.actor import A_PERSON
from app.records.tally import ENDS, whole
from app.vocabulary.sensitivity import IDENTITY


@dataclass(frozen=True)
class People:
    """Three sums, each of those that state it, None of nothing.

    `stated`: how many incidents give a number at all; `with_best`: of how many `best` is the sum; `open`: how many
    state no upper end ("at least"), so that `max` is none either where it is not 0.
    """

    min: int | None
    best: int | None
    max: int | None
    stated: int
    with_best: int
    open: int

    @classmethod
    def of(cls, sums: Sequence[int | None]) -> "People":
        """From the cells of `people_in`, in their order."""
        low, best, high, *counts = sums
        return cls(low, best, high, *(number or 0 for number in counts))


def people_in(table: Any, harm: str) -> list[ColumnElement[Any]]:
    """The sums of one tally over a group."""
    return _sums(*whole(*(col(getattr(table, f"{harm}_{end}")) for end in ENDS)))


def people_on_sheets(counted: Any, harm: str) -> list[ColumnElement[Any]]:
    """The same where incidents were counted beforehand: `counted` has the sums of the tally sheets."""
    sums = {name: func.sum(counted[f"{harm}_{name}"]) for name in (*ENDS, *(f"with_{end}" for end in ENDS), "stated")}
    ends = (case((sums[f"with_{end}"] > 0, sums[end])) for end in ENDS)
    return [*ends, sums["stated"], sums["with_best"], sums["stated"] - sums["with_max"]]


def _sums(low: Any, best: Any, high: Any) -> list[ColumnElement[Any]]:
    stated = func.coalesce(low, best, high)
    unending = case((and_(stated.is_not(None), high.is_(None)), 1))
    return [*(func.sum(end) for end in (low, best, high)), func.count(stated), func.count(best), func.count(unending)]


def kinds_of_actors(viewer: Viewer) -> Any:
    """Which kinds of actors are said to be involved in an incident, each once: `incident_pk`, `kind`."""
    asked: Any = select(Involvement.incident_pk, Actor.kind).join(Actor, col(Actor.pk) == Involvement.actor_pk)
    if not may_read(viewer, IDENTITY):
        asked = asked.where(col(Actor.kind) != A_PERSON)
    return asked.distinct().subquery()


def acts_of(viewer: Viewer) -> Any:
    """How many acts with which outcome an incident holds, and against how many people.

    The acts of one account are added up. Accounts are not: they tell of the same people. The least and the most that
    one of them says stand; a best number only where all say the same.
    """
    told = _by_account(viewer)
    every = func.count()
    agreed = and_(func.count(told.c.best) == every, func.min(told.c.best) == func.max(told.c.best))
    asked: Any = cast("Any", select)(
        told.c.incident_pk,
        told.c.outcome,
        func.sum(told.c.acts).label("acts"),
        func.min(told.c.low).label("low"),
        case((agreed, func.min(told.c.best))).label("best"),
        case((func.count(told.c.high) == every, func.max(told.c.high))).label("high"),
    )
    return asked.group_by(told.c.incident_pk, told.c.outcome).subquery()


def _by_account(viewer: Viewer) -> Any:
    """The same of each account; acts of which nobody knows who tells of them may be the same, and are not added."""
    every = func.count()
    loose = and_(col(Act.account_pk).is_(None), every > 1)
    ends = _people_of_act(viewer)
    added = [case((and_(func.count(end) == every, not_(loose)), func.sum(end))) for end in ends]
    asked: Any = cast("Any", select)(
        Act.incident_pk,
        Act.outcome,
        every.label("acts"),
        *(end.label(name) for end, name in zip(added, ("low", "best", "high"), strict=True)),
    )
    asked = asked.where(col(Act.outcome).is_not(None))
    return asked.group_by(Act.incident_pk, Act.account_pk, Act.outcome).subquery()


def _people_of_act(viewer: Viewer) -> tuple[Any, ...]:
    """An act against a person is against one, for those who may know that it is a person."""
    ends = whole(col(Act.count_min), col(Act.count_best), col(Act.count_max))
    if not may_read(viewer, IDENTITY):
        return ends
    somebody = col(Act.person_pk).is_not(None)
    return tuple(case((somebody, 1), else_=end) for end in ends)


def told_of(acts: Any) -> list[ColumnElement[Any]]:
    """The acts of a group and the sums of their people."""
    return [func.sum(acts.c.acts), *_sums(acts.c.low, acts.c.best, acts.c.high)]
