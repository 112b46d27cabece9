"""Every way to change an incident: report, amend, withdraw, redirect."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import update
from sqlmodel import Session, col, select

from app.access.viewer import Viewer, check_may_write
from app.access.visibility import visible
from app.actions import composing, indexing, lowering, people, placing, sourcing, steps
from app.actions.composing import Report
from app.actions.pen import Pen
from app.errors import Conflict, Fault, Invalid, MatchRequired, NotFound, Stale
from app.queries.voices import independent, voice
from app.records import Account, Incident, Source, tallying
from app.records.blocks import HARMS, StatedDate, tally_of
from app.records.decision import ANALYST
from app.records.history import canonical
from app.records.incident import ChangeReason, IncidentIn, IncidentStated
from app.records.person import Candidate
from app.vocabulary.certainty import When


@dataclass(frozen=True)
class Reported:
    """What came of a report: the record, whether it was new, and who in it may already be here."""

    id: UUID
    ref: str
    new: bool = True
    candidates: tuple[Candidate, ...] = ()


def report(session: Session, told: IncidentIn, by: Viewer) -> Reported:
    """Put an allegation on record with the one source that makes it. The same `id` again is safe.

    Raises Conflict when the id is taken by another report, Invalid when something named is not here.
    """
    check_may_write(by)
    one = Report(told, {"report": told.model_dump(mode="json", exclude_unset=True)})
    if told.id is not None and (before := _already(session, told.id, one.origin_hash)):
        return before
    known = people.Known()
    made = composing.enter(Pen(session, by), [one], known)[0]
    tallying.fold_if_due(session.connection(), made.pk)
    return Reported(made.id, made.ref, candidates=tuple(known.candidates))


def _already(session: Session, incident_id: UUID, mark: str) -> Reported | None:
    found = session.exec(select(Incident).where(col(Incident.id) == incident_id)).first()
    if found is None:
        return None
    if found.origin_hash != mark:
        raise Conflict("Another report has this id. Use a new id, or PATCH the incident to change it.")
    return Reported(found.id, found.ref, new=False)


def find(session: Session, which: UUID, by: Viewer) -> Incident:
    """The incident with this id. Raises NotFound, alike for "not there" and "not yours"."""
    found = session.exec(select(Incident).where(col(Incident.id) == which, *visible(by))).first()
    if found is None:
        raise NotFound("No incident has this id.")
    return found


def etag(incident_id: UUID, version: int) -> str:
    return f'"{incident_id}.{version}"'


def check_version(incident: Incident, seen: str | None) -> None:
    """`seen`: the If-Match header. Raises MatchRequired without one and Stale when somebody was faster."""
    if seen is None:
        raise MatchRequired("Send If-Match with the ETag of the version you saw, so that no change is lost.")
    if seen.strip() != etag(incident.id, incident.version):
        raise Stale("The incident has changed since you read it. Read it again, then repeat your change.")


def amend(session: Session, which: UUID, change: ChangeReason, seen: str | None, by: Viewer) -> None:
    """Change the fields that `change` names, for a reason; the old values stay in history."""
    check_may_write(by)
    incident = find(session, which, by)
    check_version(incident, seen)
    named = change.model_fields_set - {"reason", "according_to"}
    if not named and change.according_to is None:
        raise Invalid("Nothing to change.", [Fault("body", "no field is named", "name the fields that change")])
    raw = change.model_dump(mode="json", include=named, exclude_unset=True)
    if raw.get("sensitivity"):
        lowering.check_may_lower_incident(session, incident, raw["sensitivity"], by)
    pen = Pen(session, by)
    decision = {"rule": ANALYST, "rationale": change.reason, **decided_by(pen)}
    if change.according_to is not None:
        decision["account"] = str(_cite(pen, incident, change, raw))
    apply(pen, incident, raw, change.reason, dict.fromkeys(sorted(named), decision))


def decided_by(pen: Pen) -> dict[str, str]:
    """Who decides, and when: a part of every decision."""
    return {"by": pen.by.name, "at": pen.at.isoformat()}


def apply(
    pen: Pen, incident: Incident, raw: dict[str, Any], why: str, decided: dict[str, dict[str, Any]] | None = None
) -> None:
    """Set the fields that `raw` names and write history. `decided`: by field, how and why its value was chosen."""
    columns = _columns(pen, incident, raw)
    before = {name: getattr(incident, name) for name in columns}
    changed = {name: value for name, value in columns.items() if before[name] != value}
    decisions = {name: told for name, told in incident.decisions.items() if name not in raw} | (decided or {})
    what = {"before": {name: before[name] for name in changed}, "after": changed}
    if pen.batch_pk is not None and decided:  # so that taking the import back can bring them back
        what["decided_before"] = {name: incident.decisions.get(name) for name in decided}
    pen.note("amended", "incident", incident.id, jsonable(what), why)
    pen.put_down()
    touch(pen, incident, changed | {"decisions": decisions})
    indexing.reindex(pen.session, incident.pk)


def jsonable(what: dict[str, Any]) -> dict[str, Any]:
    """The same with dates and ids as text, so that history reads back exactly what it sealed."""
    plain: dict[str, Any] = orjson.loads(canonical(what))
    return plain


def touch(pen: Pen, incident: Incident, values: dict[str, Any]) -> None:
    """Write columns of an incident that says something else now; one that was approved goes back to review."""
    rewrite(pen, incident, steps.reopened(pen, incident) | values)


def rewrite(pen: Pen, incident: Incident, values: dict[str, Any]) -> None:
    """Write columns of an incident and make it a new version."""
    values = values | {"version": incident.version + 1, "updated_at": pen.at}
    pen.session.execute(update(Incident).where(col(Incident.pk) == incident.pk).values(**values))
    pen.session.expire_all()


def stated(incident: Incident) -> dict[str, Any]:
    """An incident as a report would state it today."""
    when = When(incident.date_earliest, incident.date_latest, incident.date_span, incident.date_qualifier)
    told: dict[str, Any] = {
        name: getattr(incident, name) for name in IncidentStated.model_fields if name in Incident.model_fields
    }
    told |= {harm: tally_of(incident, harm).model_dump() for harm in HARMS}
    told["date"] = StatedDate.model_construct(
        earliest=when.earliest, latest=when.latest, span=when.span, qualifier=when.qualifier,
        verbatim=incident.date_verbatim, time=incident.local_time,
    ).model_dump()  # fmt: skip
    return told


def _columns(pen: Pen, incident: Incident, raw: dict[str, Any]) -> dict[str, Any]:
    """The columns that follow from changing the named fields. Raises pydantic's ValidationError.

    The order of numbers was checked where somebody typed them; what an account says is kept as it is.
    """
    named = set(raw)
    whole = IncidentStated.model_validate(stated(incident) | raw, context={"imported": True})
    columns: dict[str, Any] = {name: getattr(whole, name) for name in named if name in Incident.model_fields}
    if "date" in named:
        columns |= composing.date_columns(whole.date)
    for harm in named & set(HARMS):
        columns |= (getattr(whole, harm) or composing.UNKNOWN).columns(harm)
    if named & set(placing.WHERE):
        columns |= _moved(whole, named, country_said=_is_said(pen, incident, "country"))
    return columns


def _is_said(pen: Pen, incident: Incident, name: str) -> bool:
    """Whether a source or an analyst says it; otherwise it was read from the map."""
    said = pen.session.exec(select(Account.said).where(col(Account.incident_pk) == incident.pk)).all()
    return name in incident.decisions or any(name in fields for fields in said)


def _moved(whole: IncidentStated, named: set[str], *, country_said: bool) -> dict[str, Any]:
    """A place that changed: what was derived from the old one must not survive it."""
    derived = {f"area{n}{suffix}" for n in (1, 2, 3) for suffix in ("", "_code")} | {"uncertainty_m"}
    derived |= set() if country_said else {"country"}
    moved = named & {"lon", "lat", "country", "geo_precision"}
    fresh = whole.model_copy(update=dict.fromkeys(derived - named if moved else ()))
    row = placing.place(fresh)
    return row | {"cell": placing.cell_of(row)}


def _cite(pen: Pen, incident: Incident, change: ChangeReason, raw: dict[str, Any]) -> UUID:
    """Keep the source that made the change necessary as an account; its id."""
    assert change.according_to is not None  # noqa: S101 - asked by the caller
    cited = sourcing.settle(pen, [change.according_to])[0]
    said = composing.said_in(change, raw)
    account: UUID = composing.account_row(pen, incident.pk, change.according_to, cited, said)["id"]
    pen.put_down()
    recount(pen, incident)
    return account


def recount(pen: Pen, incident: Incident) -> None:
    """Count again how many independent voices support an incident."""
    cited = (
        select(Source, Account.stance)
        .join(Account)
        .where(col(Account.incident_pk) == incident.pk, col(Account.standing) == "accepted")
    )
    voices = [(voice(pen.session, source), stance) for source, stance in pen.session.execute(cited).all()]
    number = {"independent_sources": independent(voices)}
    pen.session.execute(update(Incident).where(col(Incident.pk) == incident.pk).values(**number))
    steps.lower_if_unsupported(pen, incident)


def withdraw(session: Session, which: UUID, why: str, seen: str | None, by: Viewer) -> None:
    """Take an incident out of every answer but its own; nothing of it is lost. As the table of stages allows it."""
    check_may_write(by)
    incident = find(session, which, by)
    check_version(incident, seen)
    steps.check_move("stages", incident.stage, "withdrawn", by)
    pen = Pen(session, by)
    rewrite(pen, incident, steps.move(pen, incident, "withdrawn", why))


def redirect(session: Session, which: UUID, to: UUID, why: str, seen: str | None, by: Viewer) -> None:
    """Let this incident lead to another, as a duplicate does. Raises Invalid where that would go in a circle."""
    check_may_write(by)
    incident, target = find(session, which, by), find(session, to, by)
    check_version(incident, seen)
    if target.pk == incident.pk or target.redirect_to is not None:
        what = "that incident itself leads elsewhere" if target.redirect_to else "an incident cannot lead to itself"
        raise Invalid("This would lead nowhere.", [Fault("to", what, "name the record that stays")])
    pen = Pen(session, by)
    if incident.stage != "withdrawn":
        steps.check_move("stages", incident.stage, "withdrawn", by)
        steps.take(pen, incident, "move", (incident.stage, "withdrawn"), why)
    was = {"stage": incident.stage, "redirect_to": None}
    pen.note("redirected", "incident", incident.id, {"before": was, "after": {"redirect_to": str(to)}}, why)
    pen.put_down()
    rewrite(pen, incident, {"stage": "withdrawn", "redirect_to": to})
