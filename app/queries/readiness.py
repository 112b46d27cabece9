"""Whether a case could go to the UN Working Group on disappearances, and what it lacks, each gap with its mend."""

# Rules W0 to W9, U1 and U2 follow the Working Group's form and its methods of work: what it lists as the minimum of a
# submission blocks, what it will ask for is advised, and what makes a case urgent is said.

from calendar import monthrange
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from app.matching.full_names import is_full_name
from app.queries.fates import ACKNOWLEDGED, FREE, IDENTIFIED, OPENING, STEPS
from app.records.case import CaseEvent, CaseFields, Gap, Readiness
from app.vocabulary.word import vocabulary

LOCATED = frozenset({FREE, IDENTIFIED, ACKNOWLEDGED})
MONTH, YEAR = 31, 366
NEAR_METRES = 25_000
URGENT_MONTHS, BETWEEN_SESSIONS_MONTHS = 3, 12
BLOCK, ADVISE, INFORM = "block", "advise", "inform"
# Not looking into it afterwards is no part in the disappearance itself.
NO_PART = frozenset({"failed_to_investigate"})


@dataclass(frozen=True)
class Accused:
    """One alleged responsible: the kind of actor, or None where only a description or a person is given."""

    kind: str | None
    degree: str = "unknown"


@dataclass(frozen=True)
class Subject:
    """All that the rules ask about one case. `where_and_when`: the incident, for what the life line does not say.

    `connected`: the latest possible days of the disappearances this one is linked to.
    """

    case: CaseFields
    status: str
    disappearance: bool
    names: Sequence[str]
    described: bool
    events: Sequence[CaseEvent]
    where_and_when: Any
    accused: Sequence[Accused]
    accounts: int
    connected: Sequence[date] = ()


def readiness(of: Subject, today: date) -> Readiness:
    """READY, or what is missing. Pure: `today` is the day on which the case would be handed in."""
    gaps = [gap for rule in RULES for gap in rule(of)]
    gaps += _urgency(of, today)
    return Readiness(ready=all(gap.level != BLOCK for gap in gaps), gaps=gaps)


def latest_day(events: Iterable[CaseEvent], incident: Any) -> date | None:
    """The latest day on which the disappearance may have begun; None when that is open."""
    told = [event for event in beginnings(events) if event.date_earliest or event.date_latest] or [incident]
    days = [one.date_latest for one in told if one.date_latest is not None]
    return max(days, default=None)


def beginnings(events: Iterable[CaseEvent]) -> list[CaseEvent]:
    """The events that begin the disappearance; of somebody who disappeared again, those of the last time."""
    found = [event for event in events if event.kind in OPENING]
    again = [event for event in found if event.kind == "disappeared_again"]
    return again or found


def _gap(code: str, level: str, field: str | None, sentence: str) -> Gap:
    return Gap(code=code, level=level, sentence=sentence, field=field)


def _w0(of: Subject) -> Iterator[Gap]:
    if not of.disappearance:
        yield _gap("W0", BLOCK, "incident.kind", "The incident is not recorded as an enforced disappearance.")
    if of.status in LOCATED or of.status.startswith("closed_"):
        label = vocabulary("case_statuses")[of.status].named().lower()
        yield _gap("W0", BLOCK, "events", f"The person is no longer sought: the status is “{label}”.")
    if not of.names:
        yield _gap("W0", BLOCK, "person.names", "Nobody is named: only single, identified people can be submitted.")


def _w1(of: Subject) -> Iterator[Gap]:
    if of.names and not any(is_full_name(name) for name in of.names):
        said = "A full name is needed: given name and family name, no initials and no stand-in."
        yield _gap("W1", BLOCK, "person.names", said)
    if not of.described:
        said = "Add the age or year of birth, sex, nationality or occupation, so that nobody is mistaken for another."
        yield _gap("W1a", ADVISE, "person.birth_year", said)


def _w2(of: Subject) -> Iterator[Gap]:
    told = beginnings(of.events)
    field = f"events[{told[0].kind if told else 'taken'}].date"
    lengths = [days for one in told or [of.where_and_when] if (days := _days(one)) is not None]
    if not lengths:  # the life line says nothing of it
        lengths = [days for days in [_days(of.where_and_when)] if days is not None]
    shortest = min(lengths, default=None)
    # Methods of work: "March or spring of a year" will do for somebody who was last seen in detention.
    enough = YEAR if of.case.last_seen_in_detention else MONTH
    if shortest is None:
        yield _gap("W2", BLOCK, field, "The date of the disappearance is not known: at least its month is needed.")
    elif shortest > enough:
        said = "The date of the disappearance is too vague: at least its month is needed"
        yield _gap("W2", BLOCK, field, f"{said}, or its year if the person was last seen in detention.")
    elif shortest > 1:
        yield _gap("W2a", ADVISE, field, "The day itself is not known: expect to be asked for it.")


def _days(one: Any) -> int | None:
    if one.date_earliest is None or one.date_latest is None:
        return None
    return int((one.date_latest - one.date_earliest).days) + 1


def _w3(of: Subject) -> Iterator[Gap]:
    told = [*beginnings(of.events), of.where_and_when]
    if any(_near(one) for one in told):
        return
    first = beginnings(of.events)
    where = f"events[{first[0].kind if first else 'taken'}]"
    placed = [one for one in told if one.place_name or one.lon is not None]
    if not placed:
        said = "Say where the person was taken or last seen: the town or village at least."
        yield _gap("W3", BLOCK, f"{where}.place_name", said)
    elif all(one.country is None for one in placed):
        yield _gap("W3", BLOCK, f"{where}.country", "Say in which country the person was taken or last seen.")
    else:
        said = "The place is too vague: the town or village is needed, known to within 25 km."
        yield _gap("W3", BLOCK, f"{where}.geo_precision", said)


def _near(one: Any) -> bool:
    named = one.place_name or one.lon is not None
    return bool(one.country and named and one.uncertainty_m is not None and one.uncertainty_m <= NEAR_METRES)


def _w4(of: Subject) -> Iterator[Gap]:
    taking_part = [one for one in of.accused if one.degree not in NO_PART]
    if not taking_part:
        yield _gap("W4", BLOCK, "involvements", "Say who is believed responsible, if only as described by witnesses.")
    elif any(_is_of_the_state(one) for one in taking_part) or of.case.state_link:
        return
    elif any(_is_nameless(one) for one in taking_part):
        said = "The alleged responsible are unidentified: say why the State is believed to stand behind them."
        yield _gap("W4", BLOCK, "state_link", said)
    else:
        said = "Only non-State actors are named; such cases are documented apart. Say what links them to the State."
        yield _gap("W4", BLOCK, "state_link", said)


def _is_of_the_state(one: Accused) -> bool:
    traits = vocabulary("actor_kinds")[one.kind].traits if one.kind else {}
    return bool(traits.get("state") or traits.get("state_linked") or one.degree == "acquiesced")


def _is_nameless(one: Accused) -> bool:
    return one.kind is None or bool(vocabulary("actor_kinds")[one.kind].traits.get("nameless"))


def _w5(of: Subject) -> Iterator[Gap]:
    steps = [event for event in of.events if event.kind in STEPS]
    answered = any(event.kind == "authority_replied" for event in of.events)
    lacking = [missing for step in steps if (missing := _lacks(step, answered=answered)) is not None]
    if of.case.no_steps_reason or len(lacking) < len(steps):
        return
    if not steps:
        said = "Record a complaint or search with its date, body and outcome, or say why none was possible."
        yield _gap("W5", BLOCK, "no_steps_reason", said)
    else:
        field, word = lacking[0]
        yield _gap("W5", BLOCK, f"events[{steps[0].kind}].{field}", f"The complaint or search lacks its {word}.")


def _lacks(step: CaseEvent, *, answered: bool) -> tuple[str, str] | None:
    """What a complaint or search lacks: the field and the word for it."""
    if step.date_earliest is None and step.date_latest is None:
        return "date", "date"
    if not step.authority:
        return "authority", "body: with whom was it filed?"
    return None if step.result or answered else ("result", "outcome: what came of it, if only silence?")


def _w6(of: Subject) -> Iterator[Gap]:
    needed = {
        "submitter_name": "Say who hands the case in: the name of a person or organisation.",
        "submitter_contact": "A working contact of the submitter is needed; it stays sealed.",
        "submitter_relationship": "Say how the submitter is related to the person.",
    }
    for field, said in needed.items():
        if not getattr(of.case, field):
            yield _gap("W6", BLOCK, field, said)


def _w7(of: Subject) -> Iterator[Gap]:
    relationship = of.case.submitter_relationship
    if relationship and vocabulary("submitter_relationships")[relationship].traits.get("kin"):
        return
    consent = ("family_consent_by", "family_consent_how", "family_consent_on")
    missing = [field for field in consent if getattr(of.case, field) is None]
    if missing:
        said = "The submitter is not known to be family: document who of the family agreed, how and when."
        yield _gap("W7", BLOCK, missing[0], said)


def _w8(of: Subject) -> Iterator[Gap]:
    for who in ("submitter", "witnesses"):
        if getattr(of.case, f"{who}_confidential") is None:
            said = f"Ask and record whether the {who} should stay confidential."
            yield _gap("W8", BLOCK, f"{who}_confidential", said)


def _w9(of: Subject) -> Iterator[Gap]:
    if not of.accounts:
        yield _gap("W9", ADVISE, "events[taken].according_to", "Attach a testimony or another source that says so.")


RULES = (_w0, _w1, _w2, _w3, _w4, _w5, _w6, _w7, _w8, _w9)


def _urgency(of: Subject, today: date) -> Iterator[Gap]:
    latest = latest_day(of.events, of.where_and_when)
    if latest is None or latest > today:
        return
    recent = months_before(today, URGENT_MONTHS)
    if latest >= recent:
        said = f"URGENT: the disappearance began on {latest} at the latest, within the last three months."
        yield _gap("U1", INFORM, None, said)
    elif latest >= months_before(today, BETWEEN_SESSIONS_MONTHS) and any(day >= recent for day in of.connected):
        said = "Within the last year, and linked to a case of the last three months: it may go between sessions."
        yield _gap("U2", INFORM, None, said)


def months_before(day: date, months: int) -> date:
    """The same day so many calendar months earlier, or the last of that month."""
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
