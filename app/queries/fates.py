"""What a life line says of a person: the status that follows from its accepted events, and the event that decides."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from app.records.case import CaseEvent
from app.vocabulary.word import vocabulary

MISSING, ACKNOWLEDGED, UNACKNOWLEDGED = "missing_fate_unknown", "detained_acknowledged", "detained_unacknowledged"
FREE, DEAD, IDENTIFIED, DISPUTED = "alive_free", "dead_unconfirmed", "dead_identified", "fate_disputed"
HELD = frozenset({ACKNOWLEDGED, UNACKNOWLEDGED})
TRAITS = {code: word.traits for code, word in vocabulary("case_event_kinds").items()}
# Kinds that begin a disappearance, and those that ask somebody to look for the person.
OPENING = frozenset(kind for kind, traits in TRAITS.items() if traits.get("opens"))
STEPS = frozenset(kind for kind, traits in TRAITS.items() if traits.get("step"))


@dataclass(frozen=True)
class Step:
    """One accepted event: its kind, the days it may have been, and the account that tells of it."""

    kind: str
    earliest: date | None = None
    latest: date | None = None
    account: int | None = None
    event: UUID | None = None


@dataclass(frozen=True)
class Fate:
    """The status, and the step that decides it; nobody's step where nothing is known."""

    status: str = MISSING
    decided_by: Step | None = None


def accepted(events: Sequence[CaseEvent], by: datetime | None = None) -> list[CaseEvent]:
    """The events that stood at a moment (None: that stand now): entered, not rejected, not superseded.

    A rejected event supersedes nothing: what it was to replace stands again.
    """
    known = [e for e in events if by is None or e.entered_at <= by]
    standing = [e for e in known if e.rejected_at is None or (by is not None and e.rejected_at > by)]
    replaced = {e.supersedes_pk for e in standing}
    return [e for e in standing if e.pk not in replaced]


def step_of(event: CaseEvent) -> Step:
    return Step(event.kind, event.date_earliest, event.date_latest, event.account_pk, event.id)


def fate(steps: Iterable[Step]) -> Fate:
    """Follow a life line from its first day to its last.

    The latest event decides, and of two on one day the more certain one. A report alone never makes anybody
    confirmed dead; that takes an identification. Accounts of life and death that may be of the same days dispute
    each other.
    """
    known = [step for step in steps if "status" in TRAITS[step.kind]]
    now, since = Fate(), list[Step]()
    for step in _in_order(known):
        if TRAITS[step.kind].get("reopens"):
            since.clear()
        status = _next(now.status, step, since)
        if status in {TRAITS[step.kind]["status"], TRAITS[step.kind].get("status_if_sighted"), DISPUTED}:
            now = Fate(status, step)
        since.append(step)
    return Fate(DISPUTED, now.decided_by) if _contradicted(now, since) else now


def _next(status: str, step: Step, since: Sequence[Step]) -> str:
    """The status after one more step; `since`: the steps since the person was last known to be missing anew."""
    traits: dict[str, Any] = TRAITS[step.kind]
    to: str = traits["status"]
    if traits.get("reopens"):
        return to
    if "status_if_sighted" in traits:
        return _denied(status, traits, since)
    if status == IDENTIFIED:
        # Who has been identified among the dead is not seen alive later, unless somebody is wrong.
        return DISPUTED if to in HELD | {FREE} else status
    # The holder has admitted it, and a sighting takes nothing back.
    return status if (status, to) == (ACKNOWLEDGED, UNACKNOWLEDGED) else to


def _denied(status: str, traits: dict[str, Any], since: Sequence[Step]) -> str:
    """Who denies holding a person says nothing about somebody who is free or dead."""
    if status not in HELD | {MISSING}:
        return status
    sighted = any(TRAITS[step.kind]["status"] in HELD for step in since)
    return str(traits["status_if_sighted"] if sighted else traits["status"])


def _in_order(steps: Sequence[Step]) -> list[Step]:
    """By day, then by certainty. An imprecise beginning counts from its first possible day, the rest to its last."""
    days = [day for step in steps for day in (step.earliest, step.latest) if day is not None]
    first = min(days, default=date.min)

    def place(step: Step) -> tuple[date, int]:
        traits = TRAITS[step.kind]
        if traits.get("opens") and not traits.get("reopens"):
            day = step.earliest or date.min
        else:
            # Nothing follows a death: one without a day comes last. Any other event comes with the first known day.
            day = step.latest or step.earliest or (date.max if traits.get("claims") == "dead" else first)
        return day, int(traits["certainty"])

    return sorted(steps, key=place)


def _contradicted(now: Fate, since: Sequence[Step]) -> bool:
    """Whether another account says the opposite of the deciding step, of days that may be the same."""
    if now.decided_by is None or (claim := TRAITS[now.decided_by.kind].get("claims")) is None:
        return False
    return any(
        TRAITS[step.kind].get("claims") not in {None, claim}
        and (step.account is None or step.account != now.decided_by.account)
        and _overlap(step, now.decided_by)
        for step in since
    )


def _overlap(one: Step, other: Step) -> bool:
    """Whether both may have been on one day; without a bound there is none."""
    starts = [step.earliest or date.min for step in (one, other)]
    ends = [step.latest or date.max for step in (one, other)]
    return max(starts) <= min(ends)
