"""Weigh what accounts say of one field: the value that follows from them, and by which rule."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlmodel import Session, col, select

from app.queries.voices import SUPPORTS, Voice, unheard, voice
from app.records import Account, Source
from app.records.blocks import TallyOut
from app.records.history import canonical
from app.vocabulary import certainty
from app.vocabulary.word import vocabulary

# A rule that nobody chose: the value the record was entered with stands while voices of equal weight contradict it.
FIRST = "first_account"


@dataclass(frozen=True)
class Telling:
    """One account as the rules weigh it. `day`: the day it speaks of, else the day it was published."""

    account: UUID
    voice: Voice
    stance: str
    standing: str
    day: date | None
    rank: tuple[int, int]
    said: dict[str, Any]


@dataclass(frozen=True)
class Weighed:
    """What follows: the value, the account it follows if one alone, and the rule."""

    value: Any
    account: UUID | None
    rule: str


def tellings(session: Session, incident: int) -> list[Telling]:
    """Every account of an incident, by its number, in the order they were entered."""
    asked = (
        select(Account, Source)
        .outerjoin(Source, col(Source.pk) == Account.source_pk)
        .where(col(Account.incident_pk) == incident)
        .order_by(col(Account.pk))
    )
    return [_telling(session, account, source) for account, source in session.execute(asked).all()]


def _telling(session: Session, account: Account, source: Source | None) -> Telling:
    closeness, reliability, published = None, None, None
    if source is not None:
        closeness, reliability, published = source.closeness, source.reliability, source.date_latest
    return Telling(
        account=account.id,
        voice=unheard(account.source_pk) if source is None else voice(session, source),
        stance=account.stance,
        standing=account.standing,
        day=account.claimed_as_of or published,
        rank=(_place("closenesses", closeness), _place("reliabilities", reliability)),
        said=account.said,
    )


def _place(words: str, code: str | None) -> int:
    """How far down the list a word stands, the best first; what is not graded stands last, like "cannot be judged"."""
    codes = list(vocabulary(words))
    return codes.index(code) if code in codes else len(codes) - 1


def voices_on(name: str, known: Sequence[Telling]) -> list[Telling]:
    """Those who say something of a field, one a voice: the voice itself before those who repeat it, then the newest.

    Only accepted accounts count, and no denials. Where a newer row of a file has nothing to say, the row before it
    still speaks.
    """
    saying = [t for t in known if name in t.said and t.stance in SUPPORTS]
    usable = [t for t in saying if t.standing == "accepted"] or [t for t in saying if t.standing == "superseded"]
    first: dict[str, Telling] = {}
    for told in usable:
        before = first.get(told.voice.speaker)
        if before is None or (told.voice.own, told.day or date.min) > (before.voice.own, before.day or date.min):
            first[told.voice.speaker] = told
    return [told for told in usable if told in first.values()]


def weigh_tally(name: str, known: Sequence[Telling], rule: str | None = None) -> Weighed | None:
    """How many, from the lowest to the highest that a voice says. None where nobody says anything.

    One voice: just what it says. Several: the least and the most of them, and the best by `rule`, or else by the
    majority, the most recent, the first.
    """
    spoken = voices_on(name, known)
    ranges = {told.account: range_of(told.said[name]) for told in spoken}
    spoken = [told for told in spoken if _says_a_number(ranges[told.account])]
    if not spoken:
        return None
    if len(spoken) == 1:
        return Weighed(ranges[spoken[0].account], spoken[0].account, rule or "single_source")
    exact = [told for told in spoken if _best(ranges[told.account]) is not None]
    chosen, found = choose(exact or spoken, lambda told: _best(ranges[told.account]), rule)
    low, high = _ends([ranges[told.account] for told in spoken])
    return Weighed(TallyOut(min=low, best=_best(ranges[chosen.account]), max=high), chosen.account, found)


def weigh(name: str, known: Sequence[Telling], rule: str | None) -> Weighed | None:
    """The value that a rule takes from the voices that speak of a field. None where nobody does."""
    spoken = voices_on(name, known)
    if not spoken:
        return None
    chosen, found = choose(spoken, lambda told: canonical(comparable(name, told.said[name].get("value"))), rule)
    found = "single_source" if rule is None and len(spoken) == 1 else found
    return Weighed(chosen.said[name].get("value"), chosen.account, found)


def choose(spoken: Sequence[Telling], key: Callable[[Telling], Any], rule: str | None) -> tuple[Telling, str]:
    """The account that a rule prefers, and the rule that decided: a tied one leaves it to the next."""
    for name in (rule,) if rule and rule in RULES else DEFAULT:
        found = RULES[name](spoken, key)
        if found is not None:
            return found, name
    return spoken[0], FIRST


def _majority(spoken: Sequence[Telling], key: Callable[[Telling], Any]) -> Telling | None:
    """The first who says what more voices say than anything else."""
    votes = Counter(key(told) for told in spoken).most_common(2)
    if len(votes) > 1 and votes[0][1] == votes[1][1]:
        return None
    return next(told for told in spoken if key(told) == votes[0][0])


def _most_recent(spoken: Sequence[Telling], _: Callable[[Telling], Any]) -> Telling | None:
    """The newest, where all say of which day they speak: an account without a day is not thereby older."""
    days = [told.day for told in spoken if told.day is not None]
    return _only_best(spoken, lambda told: told.day != max(days)) if len(days) == len(spoken) else None


def _most_authoritative(spoken: Sequence[Telling], _: Callable[[Telling], Any]) -> Telling | None:
    return _only_best(spoken, lambda told: told.rank)


def _only_best(spoken: Sequence[Telling], place: Callable[[Telling], Any]) -> Telling | None:
    ordered = sorted(spoken, key=place)
    return ordered[0] if len(ordered) == 1 or place(ordered[0]) != place(ordered[1]) else None


RULES: dict[str, Callable[[Sequence[Telling], Callable[[Telling], Any]], Telling | None]] = {
    "majority_independent": _majority,
    "most_recent": _most_recent,
    "most_authoritative": _most_authoritative,
}
DEFAULT = ("majority_independent", "most_recent")


def range_of(said: dict[str, Any]) -> TallyOut:
    """The numbers of one statement: "at least 4" has no upper end, "several" has none at all."""
    value, operator = said.get("value"), said.get("operator", "equals")
    if isinstance(value, dict):
        return TallyOut.model_construct(None, **{end: value.get(end) for end in ("min", "best", "max")})
    if not isinstance(value, int) or isinstance(value, bool) or operator == "unknown":
        return TallyOut()
    end = {"at_least": "min", "at_most": "max"}.get(operator, "best")
    return TallyOut.model_construct(None, **{"min": None, "best": None, "max": None, end: value})


def _says_a_number(stated: TallyOut) -> bool:
    return any(number is not None for number in (stated.min, stated.best, stated.max))


def _best(stated: TallyOut) -> int | None:
    return stated.best if stated.best is not None or stated.min != stated.max else stated.min


def _ends(ranges: Iterable[TallyOut]) -> tuple[int | None, int | None]:
    """The least and the most that anybody says; no upper end where "at least" goes beyond every other number."""
    lows, highs, open_lows = [], [], []
    for stated in ranges:
        known = [number for number in (stated.min, stated.best, stated.max) if number is not None]
        exact = stated.min is None and stated.max is None
        lows += [min(known)] if exact or stated.min is not None else []
        highs += [max(known)] if exact or stated.max is not None else []
        open_lows += [] if exact or stated.max is not None else [max(known)]
    low, high = min(lows, default=None), max(highs, default=None)
    beyond = high is None or any(number > high for number in open_lows)
    return low, None if beyond else high


def comparable(name: str, value: Any) -> Any:
    """The same thing said in two ways becomes the same value."""
    if name != "date":
        return value
    if isinstance(value, dict):
        return [value.get("earliest"), value.get("latest")]
    try:
        when = certainty.parse(str(value))
    except ValueError:
        return value
    return [when.earliest and when.earliest.isoformat(), when.latest and when.latest.isoformat()]
