"""Add to an incident: a further account, act, involvement or place."""

from typing import Any
from uuid import UUID

from sqlmodel import Session, col, select

from app.access.viewer import Viewer, check_may_write
from app.actions import composing, people, sourcing
from app.actions.composing import Naming
from app.actions.incidents import find, recount, touch
from app.actions.indexing import reindex
from app.actions.pen import Pen, Row
from app.records import Act, Incident
from app.records.account import AccountIn
from app.records.act import ActIn
from app.records.involvement import InvolvementIn
from app.records.place import PlaceIn


def add_account(session: Session, which: UUID, told: AccountIn, by: Viewer) -> UUID:
    """Keep a further source's version beside the others. The incident's own values do not change by it."""
    pen, incident = _open(session, which, by)
    voice = sourcing.settle(pen, [told])[0]
    said = {name: value.model_dump(mode="json", exclude_unset=True) for name, value in told.said.items()}
    row = composing.account_row(pen, incident.pk, told, voice, said, told.id)
    return _close(pen, incident, "account", row, told.model_dump(mode="json", exclude_unset=True))


def add_act(session: Session, which: UUID, told: ActIn, by: Viewer) -> UUID:
    pen, incident = _open(session, which, by)
    row = composing.act_row(pen, incident.pk, told, None, people.Known(), Naming())
    return _close(pen, incident, "act", row, told.model_dump(mode="json", exclude_unset=True))


def add_involvement(session: Session, which: UUID, told: InvolvementIn, by: Viewer) -> UUID:
    pen, incident = _open(session, which, by)
    mine = session.execute(select(Act.id, Act.pk).where(col(Act.incident_pk) == incident.pk))
    acts = {act_id: pk for act_id, pk in mine}  # noqa: C416 - a row is no pair to the type checker
    row = composing.involvement_row(pen, incident.pk, told, None, people.Known(), Naming(), acts)
    return _close(pen, incident, "involvement", row, told.model_dump(mode="json", exclude_unset=True))


def add_place(session: Session, which: UUID, told: PlaceIn, by: Viewer) -> UUID:
    pen, incident = _open(session, which, by)
    row = composing.place_row(pen, incident.pk, told, None)
    return _close(pen, incident, "place", row, told.model_dump(mode="json", exclude_unset=True))


def _open(session: Session, which: UUID, by: Viewer) -> tuple[Pen, Incident]:
    check_may_write(by)
    return Pen(session, by), find(session, which, by)


def _close(pen: Pen, incident: Incident, noun: str, row: Row, raw: dict[str, Any]) -> UUID:
    """Write the new part with its line in history, and bring the incident up to date."""
    made: UUID = row["id"]
    pen.note("added", "incident", incident.id, {noun: raw, "id": str(made)})
    pen.put_down()
    if noun == "account":
        recount(pen, incident)
    touch(pen, incident, {})
    reindex(pen.session, incident.pk)
    return made
