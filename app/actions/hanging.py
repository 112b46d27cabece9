"""What becomes of files when the records go that they hang on."""

from typing import Any

from sqlalchemy import delete, or_, update
from sqlmodel import col, select

from app.actions.pen import Pen
from app.records import Account, Act, Attachment, Evidence
from app.records.seals import in_utc

REPLACED = "what it hung on was replaced by a newer row"


def rehang(pen: Pen, pointer: str, going: Any, incident: int) -> None:
    """Let files that hang on acts or accounts which are about to go hang on their incident. `pointer`: their column."""
    asked = select(Attachment, Evidence).join(Evidence).where(col(getattr(Attachment, pointer)).in_(going))
    for attachment, file in pen.session.execute(asked.order_by(col(Attachment.pk))).all():
        values = {pointer: None, "incident_pk": incident}
        pen.vouch(Attachment, in_utc(attachment.model_dump()) | values)
        pen.note("attached", "evidence", file.id, {"sha256": file.sha256}, REPLACED)
        pen.session.execute(update(Attachment).where(col(Attachment.pk) == attachment.pk).values(**values))
    pen.put_down()


def take_down(pen: Pen, incidents: Any) -> None:
    """Let go of what files hang on within incidents that are about to go; the files themselves stay."""
    hanging = or_(
        col(Attachment.incident_pk).in_(incidents),
        col(Attachment.account_pk).in_(select(Account.pk).where(col(Account.incident_pk).in_(incidents))),
        col(Attachment.act_pk).in_(select(Act.pk).where(col(Act.incident_pk).in_(incidents))),
    )
    pen.gone(Attachment, pen.session.exec(select(Attachment.id).where(hanging).order_by(col(Attachment.pk))).all())
    pen.session.execute(delete(Attachment).where(hanging))
