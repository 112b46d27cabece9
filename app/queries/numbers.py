"""Numbers that explain themselves: every tally with its rule, who says what, and the groups within it."""

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from pydantic import BaseModel
from sqlmodel import Session

from app.access.viewer import Viewer
from app.queries import one
from app.queries.harms import named, speaks_of, warn
from app.queries.provenance import FieldProvenance, Statement, provenance
from app.records import Incident
from app.records.act import ActOut
from app.records.blocks import HARMS, TallyOut

GROUPED = ("civilian_status", "sex", "age_group")
ENDS = ("min", "best", "max")
Groups = dict[str, dict[str, TallyOut]]


class Told(BaseModel):
    """What one account says of one harm: its number, and the groups of its own acts with their total."""

    account_id: UUID
    speaker: str | None
    citation: str
    stance: str
    standing: str
    independent: bool
    said: Statement | None
    groups: Groups
    total: TallyOut


class HarmNumbers(BaseModel):
    """One harm: the tally and its rule, the groups of the account that is followed, everybody's own, and warnings."""

    tally: TallyOut
    rule: str
    rule_says: str
    chosen: UUID | None
    agree: bool
    named: int
    groups: Groups
    accounts: list[Told]
    warnings: list[str]


def numbers(session: Session, incident: Incident, viewer: Viewer) -> dict[str, HarmNumbers]:
    """Every harm that anybody speaks of. Groups are never added up across accounts: they overlap."""
    shown = one.whole(session, incident, viewer)
    fields = provenance(session, incident, viewer).fields
    acts = {harm: [act for act in shown.acts if speaks_of(act, harm)] for harm in HARMS}
    return {
        harm: _harm(getattr(shown, harm), fields.get(harm), acts[harm], shown.accounts, harm)
        for harm in HARMS
        if harm in fields or acts[harm]
    }


def _harm(
    tally: TallyOut, field: FieldProvenance | None, acts: list[ActOut], accounts: Sequence[Any], harm: str
) -> HarmNumbers:
    said = {statement.account_id: statement for statement in field.accounts} if field else {}
    mine = {account.id: [act for act in acts if act.account_id == account.id] for account in accounts}
    told = [_told(a, said.get(a.id), mine[a.id]) for a in accounts if a.id in said or mine[a.id]]
    followed = next((t for t in told if field and t.account_id == field.chosen and t.groups), None)
    followed = followed or next((t for t in told if t.groups and t.standing == "accepted"), None)
    return HarmNumbers(
        tally=tally,
        rule=field.rule if field else "default",
        rule_says=field.rule_says if field else "",
        chosen=field.chosen if field else None,
        agree=field.agree if field else True,
        named=named(acts),
        groups=followed.groups if followed else {},
        accounts=told,
        warnings=[*warn(tally, acts, harm), *_beyond(tally, followed)],
    )


def _told(account: Any, said: Statement | None, acts: list[ActOut]) -> Told:
    return Told(
        account_id=account.id,
        speaker=account.speaker,
        citation=account.source.citation,
        stance=account.stance,
        standing=account.standing,
        independent=said.independent if said else True,
        said=said,
        groups={by: found for by in GROUPED if (found := _grouped(acts, by))},
        total=_added(_count(act) for act in acts),
    )


def _grouped(acts: Iterable[ActOut], by: str) -> dict[str, TallyOut]:
    """The numbers of one account's acts by one attribute; acts that do not say it stand under "unknown"."""
    parts: dict[str, list[TallyOut]] = {}
    for act in acts:
        parts.setdefault(getattr(act, by) or "unknown", []).append(_count(act))
    return {} if set(parts) <= {"unknown"} else {code: _added(counts) for code, counts in parts.items()}


def _count(act: ActOut) -> TallyOut:
    """A person is one; a group without a number is at least nobody knows how many."""
    return TallyOut(min=1, best=1, max=1) if act.person is not None else act.count


def _added(counts: Iterable[TallyOut]) -> TallyOut:
    """End by end; an end that one part leaves open is open, and a part that gives only its best counts with that."""
    known = list(counts)
    ends = {end: [_end(count, end) for count in known] for end in ENDS}
    return TallyOut.model_construct(
        None, **{end: sum(n for n in found if n is not None) if found and None not in found else None
                 for end, found in ends.items()}
    )  # fmt: skip


def _end(count: TallyOut, end: str) -> int | None:
    given: int | None = getattr(count, end)
    alone = count.min is None and count.max is None
    return count.best if given is None and alone else given


def _beyond(tally: TallyOut, followed: Told | None) -> list[str]:
    total = followed.total.min if followed else None
    if total is None or tally.max is None or total <= tally.max:
        return []
    return [f"the groups of one account add up to {total}, more than the highest number, {tally.max}"]
