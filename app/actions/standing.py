"""How accounts stand: accepted, superseded, rejected; every change has its line in history."""

from sqlalchemy import ColumnElement, update
from sqlmodel import col, select

from app.actions.pen import Pen
from app.records import Account


def stand(pen: Pen, which: ColumnElement[bool], standing: str, reason: str | None, why: str) -> None:
    """Let the accounts that a condition names stand otherwise from now on. `reason`: is shown with the account."""
    asked = select(Account.pk, Account.id, Account.standing, Account.standing_reason).where(which)
    found = pen.session.execute(asked.order_by(col(Account.pk))).all()
    after = {"standing": standing, "standing_reason": reason}
    for _, account, stood, because in found:
        before = {"standing": stood, "standing_reason": because}
        pen.note("amended", "account", account, {"before": before, "after": after}, why)
    pen.put_down()
    pks = [pk for pk, *_ in found]
    pen.session.execute(update(Account).where(col(Account.pk).in_(pks)).values(**after))
