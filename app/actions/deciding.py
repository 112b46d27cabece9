"""Decide which account a value follows, and work the numbers out again whenever an account changes."""

from typing import Any
from uuid import UUID

from sqlmodel import Session

from app.access.viewer import Viewer, check_may_write
from app.actions import incidents
from app.actions.pen import Pen
from app.errors import Fault, Invalid
from app.queries.weighing import Telling, Weighed, range_of, tellings, weigh, weigh_tally
from app.records import Incident
from app.records.blocks import HARMS, tally_of
from app.records.decision import ANALYST, DecisionIn

AGAIN = "worked out again from the accounts"


def decide(session: Session, which: UUID, told: DecisionIn, seen: str | None, by: Viewer) -> None:
    """Let a field follow a rule or one account, and write down why. Raises Invalid where no account speaks of it."""
    check_may_write(by)
    incident = incidents.find(session, which, by)
    incidents.check_version(incident, seen)
    pen = Pen(session, by)
    known = tellings(session, incident.pk)
    weighed = _follow(told, known)
    decision = {} if told.rule is None else {told.field: _decision(pen, told, weighed)}
    incidents.apply(pen, incident, {told.field: _plain(weighed.value)}, told.rationale, decision)


def _follow(told: DecisionIn, known: list[Telling]) -> Weighed:
    """The value that the decision leads to."""
    if told.account_id is not None:
        chosen = next((t for t in known if t.account == told.account_id and told.field in t.said), None)
        if chosen is None:
            raise Invalid("That account does not speak of it.", [Fault("account_id", "not an account that says this")])
        said = chosen.said[told.field]
        return Weighed(range_of(said) if told.field in HARMS else said.get("value"), chosen.account, ANALYST)
    weighed = _weigh(told.field, known, told.rule)
    if weighed is None:
        why = "no accepted account says anything of it"
        raise Invalid("There is nothing to weigh.", [Fault("field", why, "add an account, or PATCH the incident")])
    return weighed


def _weigh(name: str, known: list[Telling], rule: str | None) -> Weighed | None:
    return weigh_tally(name, known, rule) if name in HARMS else weigh(name, known, rule)


def _decision(pen: Pen, told: DecisionIn, weighed: Weighed) -> dict[str, Any]:
    followed = {"account": str(weighed.account)} if told.rule == ANALYST else {}
    return {"rule": told.rule, "rationale": told.rationale, **incidents.decided_by(pen), **followed}


def _plain(value: Any) -> Any:
    return value.model_dump() if hasattr(value, "model_dump") else value


def derive(pen: Pen, incident: Incident) -> bool:
    """Work out every number again, and every field that follows a rule. Whether anything changed.

    What an analyst decided stays, and so does what no account ever spoke of.
    """
    known = tellings(pen.session, incident.pk)
    told = {name for telling in known for name in telling.said}
    names = [name for name in (*HARMS, *incident.decisions) if name in told and _is_derived(incident, name)]
    raw = {name: _now(incident, name, known) for name in dict.fromkeys(names)}
    raw = {name: value for name, value in raw.items() if name not in HARMS or value != _tally(incident, name)}
    if not raw:
        return False
    kept = {name: incident.decisions[name] for name in raw if name in incident.decisions}
    incidents.apply(pen, incident, raw, AGAIN, kept)
    return True


def _is_derived(incident: Incident, name: str) -> bool:
    return bool(incident.decisions.get(name, {}).get("rule") != ANALYST)


def _now(incident: Incident, name: str, known: list[Telling]) -> Any:
    weighed = _weigh(name, known, incident.decisions.get(name, {}).get("rule"))
    return None if weighed is None else _plain(weighed.value)


def _tally(incident: Incident, name: str) -> dict[str, Any] | None:
    tally = tally_of(incident, name).model_dump()
    return None if set(tally.values()) == {None} else tally
