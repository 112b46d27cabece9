"""Which account says which field, by which rule the value was chosen, and where accounts contradict."""

from collections import Counter
from typing import Any
from uuid import UUID

from pydantic import BaseModel
from sqlmodel import Session

from app.access.viewer import Viewer
from app.queries import one
from app.records import Incident
from app.records.account import SAYABLE, AccountOut
from app.records.blocks import HARMS
from app.records.history import canonical
from app.records.incident import IncidentOut
from app.vocabulary import certainty

# The columns of tables and maps, and the field of an account that each comes from.
COLUMN_FIELDS: dict[str, str] = {
    **{f"{harm}_{part}": harm for harm in HARMS for part in ("min", "best", "max")},
    **dict.fromkeys(("date_edtf", "date_earliest", "date_latest", "date_precision"), "date"),
    "kind_label": "kind",
    "alleged_responsible": "involvements",
}
PARTS = ("acts", "involvements", "places")
# Follows from the point and the map of areas, unless a source names it.
FROM_THE_MAP = (
    "country",
    "area1",
    "area1_code",
    "area2",
    "area2_code",
    "area3",
    "area3_code",
    "uncertainty_m",
)


class Statement(BaseModel):
    """What one account says of one field, and the sentence that says it."""

    account_id: UUID
    source_id: UUID
    value: Any
    operator: str
    verbatim: str | None = None
    quote: str | None = None
    locator_type: str
    locator: str | None = None
    citation: str
    url: str | None = None
    speaker: str | None = None
    stance: str
    standing: str


class FieldProvenance(BaseModel):
    """One field: its value, the rule that chose it, the account it follows, and everybody who states it."""

    value: Any
    rule: str
    chosen: UUID | None = None
    rationale: str | None = None
    agree: bool
    accounts: list[Statement]


class Provenance(BaseModel):
    """All fields of an incident that have a value or that somebody speaks of."""

    id: UUID
    ref: str
    independent_sources: int
    fields: dict[str, FieldProvenance]
    columns: dict[str, str]
    contradictions: list[str]


def provenance(session: Session, incident: Incident, viewer: Viewer) -> Provenance:
    """For every field of an incident: who says so."""
    shown = one.whole(session, incident, viewer)
    values = _values(shown)
    fields = {}
    for name in (*SAYABLE, *PARTS):
        statements = _by_part(shown, name) if name in PARTS else _statements(shown.accounts, name)
        if statements or values.get(name) not in (None, [], {}):
            fields[name] = _field(name, values.get(name), statements, incident.decisions.get(name))
    return Provenance(
        id=shown.id,
        ref=shown.ref,
        independent_sources=shown.independent_sources,
        fields=fields,
        columns={column: field for column, field in COLUMN_FIELDS.items() if field in fields},
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


def _statements(accounts: list[AccountOut], name: str) -> list[Statement]:
    return [_statement(account, account.said[name]) for account in accounts if name in account.said]


def _by_part(shown: IncidentOut, name: str) -> list[Statement]:
    """Acts, involvements and places hang on the account that tells of them."""
    told: dict[UUID | None, list[str]] = {}
    for part in getattr(shown, name):
        told.setdefault(part.account_id, []).append(str(part.id))
    return [_statement(a, {"value": told[a.id]}) for a in shown.accounts if a.id in told]


def _statement(account: AccountOut, said: dict[str, Any]) -> Statement:
    return Statement(
        account_id=account.id,
        source_id=account.source_id,
        value=said.get("value"),
        operator=said.get("operator", "equals"),
        verbatim=said.get("verbatim"),
        quote=said.get("quote") or account.quote,
        locator_type=account.locator_type,
        locator=said.get("locator") or account.locator,
        citation=account.source.citation,
        url=account.source.url,
        speaker=account.speaker,
        stance=account.stance,
        standing=account.standing,
    )


def _field(name: str, value: Any, statements: list[Statement], decision: dict[str, Any] | None) -> FieldProvenance:
    accepted = [s for s in statements if s.standing == "accepted"]
    meant = Counter(canonical(_comparable(name, s.value)) for s in accepted)
    chosen = _chosen(name, value, accepted)
    rule = decision["rule"] if decision else _rule(name, chosen, meant)
    return FieldProvenance(
        value=value,
        rule=rule,
        chosen=UUID(decision["account"]) if decision and decision.get("account") else (chosen and chosen.account_id),
        rationale=decision.get("rationale") if decision else None,
        agree=len(meant) <= 1,
        accounts=statements,
    )


def _rule(name: str, chosen: Statement | None, meant: Counter[bytes]) -> str:
    if chosen is None:
        return "from_the_map" if name in FROM_THE_MAP else "default"
    if meant.total() == 1:
        return "single_source"
    mine = meant[canonical(_comparable(name, chosen.value))]
    return "majority_independent" if mine * 2 > meant.total() else "first_account"


def _chosen(name: str, value: Any, accepted: list[Statement]) -> Statement | None:
    """The account that the value follows: the first that says just this, else the first that speaks of it."""
    wanted = _comparable(name, value)
    alike = (s for s in accepted if _comparable(name, s.value) == wanted)
    return next(alike, accepted[0] if accepted else None)


def _comparable(name: str, value: Any) -> Any:
    """The same thing said in two ways becomes the same value."""
    if name in HARMS:
        return {k: v for k, v in value.items() if v is not None} if isinstance(value, dict) else {"best": value}
    if name == "date":
        return _days(value)
    return None if name in PARTS else value


def _days(value: Any) -> Any:
    if isinstance(value, dict):
        return [value.get("earliest"), value.get("latest")]
    try:
        when = certainty.parse(str(value))
    except ValueError:
        return value
    return [when.earliest and when.earliest.isoformat(), when.latest and when.latest.isoformat()]
