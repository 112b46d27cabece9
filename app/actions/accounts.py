"""Add to an incident: a further account, act, involvement or place; and say what is made of an account."""

from typing import Any
from uuid import UUID

from sqlmodel import Session, col, select

from app.access.viewer import Viewer, check_may_write
from app.access.visibility import visible
from app.actions import composing, deciding, people, sourcing
from app.actions.composing import Naming
from app.actions.incidents import find, recount, touch
from app.actions.indexing import reindex
from app.actions.pen import Pen, Row
from app.actions.standing import stand
from app.errors import Fault, Invalid, NotFound
from app.records import Account, Act, Incident
from app.records.account import AccountIn, StandingIn
from app.records.act import ActIn
from app.records.involvement import InvolvementIn
from app.records.place import PlaceIn

CORRECTED = "a later account corrects it"


def add_account(session: Session, which: UUID, told: AccountIn, by: Viewer) -> UUID:
    """Keep a further source's version beside the others, with its acts; the numbers are worked out again."""
    pen, incident = _open(session, which, by)
    voice = sourcing.settle(pen, [told])[0]
    row = composing.account_row(pen, incident.pk, told, voice, composing.said_by(told), told.id)
    if told.supersedes_id is not None:
        row["supersedes_pk"] = _account(session, incident, told.supersedes_id, "supersedes_id").pk
    composing.add_parts(pen, incident.pk, told, row["pk"], people.Known(), Naming())
    _write(pen, incident, "account", row, told.model_dump(mode="json", exclude_unset=True))
    if told.supersedes_id is not None:
        stand(pen, col(Account.id) == told.supersedes_id, "superseded", CORRECTED, CORRECTED)
    return _settle(pen, incident, row)


def judge_account(session: Session, which: UUID, told: StandingIn, by: Viewer) -> None:
    """Accept an account, set it aside or reject it, for a reason; the numbers are worked out again."""
    check_may_write(by)
    asked = select(Account, Incident).join(Incident, col(Incident.pk) == Account.incident_pk)
    found = session.execute(asked.where(col(Account.id) == which, *visible(by))).first()
    if found is None:
        raise NotFound("No account has this id.")
    account, incident = found
    pen = Pen(session, by)
    stand(pen, col(Account.id) == account.id, told.standing, told.reason, told.reason)
    _settle(pen, incident, {"id": account.id})


def add_act(session: Session, which: UUID, told: ActIn, by: Viewer) -> UUID:
    pen, incident = _open(session, which, by)
    row = composing.act_row(pen, incident.pk, told, _teller(session, incident, told), people.Known(), Naming())
    return _close(pen, incident, "act", row, told)


def add_involvement(session: Session, which: UUID, told: InvolvementIn, by: Viewer) -> UUID:
    pen, incident = _open(session, which, by)
    mine = session.execute(select(Act.id, Act.pk).where(col(Act.incident_pk) == incident.pk))
    acts = {act_id: pk for act_id, pk in mine}  # noqa: C416 - a row is no pair to the type checker
    teller = _teller(session, incident, told)
    row = composing.involvement_row(pen, incident.pk, told, teller, people.Known(), Naming(), acts)
    return _close(pen, incident, "involvement", row, told)


def add_place(session: Session, which: UUID, told: PlaceIn, by: Viewer) -> UUID:
    pen, incident = _open(session, which, by)
    row = composing.place_row(pen, incident.pk, told, _teller(session, incident, told))
    return _close(pen, incident, "place", row, told)


def _open(session: Session, which: UUID, by: Viewer) -> tuple[Pen, Incident]:
    check_may_write(by)
    return Pen(session, by), find(session, which, by)


def _teller(session: Session, incident: Incident, told: ActIn | InvolvementIn | PlaceIn) -> int | None:
    """The number of the account that tells of a part, if it names one."""
    return _account(session, incident, told.account_id, "account_id").pk if told.account_id else None


def _account(session: Session, incident: Incident, account: UUID, field: str) -> Account:
    mine = col(Account.id) == account, col(Account.incident_pk) == incident.pk
    found = session.exec(select(Account).where(*mine)).first()
    if found is None:
        why = "no account of this incident has this id"
        raise Invalid("The account is not here.", [Fault(field, why, "look in GET /incidents/{id}/accounts")])
    return found


def _close(pen: Pen, incident: Incident, noun: str, row: Row, told: ActIn | InvolvementIn | PlaceIn) -> UUID:
    _write(pen, incident, noun, row, told.model_dump(mode="json", exclude_unset=True))
    return _settle(pen, incident, row)


def _write(pen: Pen, incident: Incident, noun: str, row: Row, raw: dict[str, Any]) -> None:
    """Write the new part with its line in history."""
    pen.note("added", "incident", incident.id, {noun: raw, "id": str(row["id"])})
    pen.put_down()


def _settle(pen: Pen, incident: Incident, row: Row) -> UUID:
    """Bring the incident up to date with what hangs on it."""
    recount(pen, incident)
    if not deciding.derive(pen, incident):
        touch(pen, incident, {})
    reindex(pen.session, incident.pk)
    made: UUID = row["id"]
    return made
