"""Which account says which field, by which rule the value was chosen, and where accounts contradict."""

from typing import Any
from uuid import UUID

from pydantic import BaseModel
from sqlmodel import Session

from app.access.viewer import Viewer
from app.queries import one
from app.queries.columns import OURS, TOLD, of_columns
from app.queries.weighing import FIRST, Telling, Weighed, choose, comparable, tellings, voices_on, weigh_tally
from app.records import Incident
from app.records.account import SAYABLE, AccountOut
from app.records.blocks import HARMS
from app.records.decision import ANALYST
from app.records.history import canonical
from app.records.incident import IncidentOut

PARTS = ("acts", "involvements", "places")
# Follows from the point and the map of areas, unless a source names it.
FROM_THE_MAP = frozenset(
    {"country", "area1", "area1_code", "area2", "area2_code", "area3", "area3_code", "uncertainty_m"}
)


class Statement(BaseModel):
    """What one account says of one field, and the sentence that says it."""

    account_id: UUID
    source_id: UUID
    value: Any
    operator: str
    verbatim: str | None = None
    quote: str | None = None
    quote_prefix: str | None = None
    quote_suffix: str | None = None
    quote_translation: str | None = None
    locator_type: str
    locator: str | None = None
    citation: str
    url: str | None = None
    speaker: str | None = None
    speaker_role: str | None = None
    stance: str
    standing: str
    independent: bool = True


class FieldProvenance(BaseModel):
    """One field: its value, the rule that chose it, the account it follows, and everybody who states it.

    `agree`: whether all accepted accounts say the same. `independent` of an account is false where it repeats another
    voice that speaks here.
    """

    value: Any
    rule: str
    rule_says: str = ""
    chosen: UUID | None = None
    rationale: str | None = None
    by: str | None = None
    agree: bool = True
    accounts: list[Statement] = []


class Provenance(BaseModel):
    """All fields of an incident that have a value or that somebody speaks of, and for every column its field."""

    id: UUID
    ref: str
    independent_sources: int
    fields: dict[str, FieldProvenance]
    columns: dict[str, str]
    contradictions: list[str]


def provenance(session: Session, incident: Incident, viewer: Viewer) -> Provenance:
    """For every field of an incident: who says so."""
    shown = one.whole(session, incident, viewer)
    known = tellings(session, incident.pk)
    values = _values(shown)
    fields = {}
    for name in (*SAYABLE, *PARTS):
        said = _by_part(shown, name) if name in PARTS else _statements(shown.accounts, name, known)
        if said or name == "date" or values.get(name) not in (None, [], {}):
            fields[name] = _field(name, values.get(name), said, known, incident.decisions.get(name) or {})
    fields |= _ours(shown, known)
    return Provenance(
        id=shown.id,
        ref=shown.ref,
        independent_sources=shown.independent_sources,
        fields=fields,
        columns={column: field for column, field in of_columns() if field in fields},
        contradictions=[name for name, field in fields.items() if not field.agree],
    )


def _values(shown: IncidentOut) -> dict[str, Any]:
    values = {name: getattr(shown, name) for name in (*SAYABLE, *PARTS)}
    values["date"] = shown.date.edtf
    for harm in HARMS:
        values[harm] = {k: v for k, v in values[harm].model_dump().items() if v is not None}
    for name in PARTS:
        values[name] = [str(part.id) for part in values[name]]
    return values


def _statements(accounts: list[AccountOut], name: str, known: list[Telling]) -> list[Statement]:
    voices = {told.account for told in voices_on(name, known)}
    return [_statement(a, a.said[name], independent=a.id in voices) for a in accounts if name in a.said]


def _by_part(shown: IncidentOut, name: str) -> list[Statement]:
    """Acts, involvements and places hang on the account that tells of them."""
    told: dict[UUID | None, list[str]] = {}
    for part in getattr(shown, name):
        told.setdefault(part.account_id, []).append(str(part.id))
    return [_statement(a, {"value": told[a.id]}) for a in shown.accounts if a.id in told]


def _statement(account: AccountOut, said: dict[str, Any], *, independent: bool = True) -> Statement:
    return Statement(
        account_id=account.id,
        source_id=account.source_id,
        value=said.get("value"),
        operator=said.get("operator", "equals"),
        verbatim=said.get("verbatim"),
        quote=said.get("quote") or account.quote,
        quote_prefix=account.quote_prefix,
        quote_suffix=account.quote_suffix,
        quote_translation=account.quote_translation,
        locator_type=account.locator_type,
        locator=said.get("locator") or account.locator,
        citation=account.source.citation,
        url=account.source.url,
        speaker=account.speaker,
        speaker_role=account.speaker_role,
        stance=account.stance,
        standing=account.standing,
        independent=independent,
    )


def _field(
    name: str, value: Any, said: list[Statement], known: list[Telling], decision: dict[str, Any]
) -> FieldProvenance:
    weighed = _weigh(name, value, said, known, decision.get("rule"))
    rule = decision.get("rule") or weighed.rule
    own = weighed.account if rule != ANALYST else None
    return FieldProvenance(
        value=value,
        rule=rule,
        rule_says=TOLD.get(rule, ""),
        chosen=UUID(decision["account"]) if decision.get("account") else own,
        rationale=decision.get("rationale"),
        by=decision.get("by"),
        agree=_agree(name, said),
        accounts=said,
    )


def _weigh(name: str, value: Any, said: list[Statement], known: list[Telling], rule: str | None) -> Weighed:
    """The account that a value follows, and the rule that a reader would find it by."""
    if name in PARTS:
        return Weighed(value, said[0].account_id if said else None, "single_source" if len(said) == 1 else "told_apart")
    if name in HARMS:
        return weigh_tally(name, known, rule) or Weighed(value, None, "default")
    spoken = voices_on(name, known)
    if not spoken:
        return Weighed(value, None, "from_the_map" if name in FROM_THE_MAP else "default")
    return _follows(name, value, spoken)


def _follows(name: str, value: Any, spoken: list[Telling]) -> Weighed:
    """No account changes such a value by itself: it follows the voice that says just this."""
    mine = canonical(comparable(name, value))
    alike = [told for told in spoken if canonical(comparable(name, told.said[name].get("value"))) == mine]
    first = (alike or spoken)[0].account
    if len(spoken) == 1:
        return Weighed(value, first, "single_source")
    chosen, rule = choose(spoken, lambda told: canonical(comparable(name, told.said[name].get("value"))), None)
    return Weighed(value, first, rule if rule == "majority_independent" and chosen in alike else FIRST)


def _agree(name: str, said: list[Statement]) -> bool:
    if name in PARTS:
        return True
    return len({canonical(_meant(name, s)) for s in said if s.standing == "accepted"}) <= 1


def _meant(name: str, stated: Statement) -> Any:
    """One number said as a number and as a range of one best value is the same."""
    value = comparable(name, stated.value)
    if name not in HARMS:
        return value
    if isinstance(value, dict):
        known = {end: number for end, number in value.items() if number is not None}
        return known["best"] if set(known.values()) == {known.get("best")} else known
    return value if stated.operator == "equals" else {stated.operator: value}


def _ours(shown: IncidentOut, known: list[Telling]) -> dict[str, FieldProvenance]:
    """What is not said by any source but worked out or decided here, with the accounts that it rests on."""
    fields = {}
    worked_out = {"sources": [account.source.citation for account in shown.accounts], "location_generalised": False}
    for name, (rule, rests_on) in OURS.items():
        value = worked_out.get(name, getattr(shown, name, None))
        resting = [_statement(a, {"value": a.stance}) for a in shown.accounts] if rests_on else []
        if value not in (None, ""):
            fields[name] = FieldProvenance(value=value, rule=rule, rule_says=TOLD[rule], accounts=resting)
    fields["independent_sources"].accounts = _voices(shown, known)
    fields["verification"].rationale = shown.verification_note
    return fields


def _voices(shown: IncidentOut, known: list[Telling]) -> list[Statement]:
    """Every account with whether it is a voice of its own."""
    heard, voices = set(), {told.account: told for told in known}
    said = []
    for account in shown.accounts:
        speaker = voices[account.id].voice.speaker
        said.append(_statement(account, {"value": account.stance}, independent=speaker not in heard))
        heard.add(speaker)
    return said
