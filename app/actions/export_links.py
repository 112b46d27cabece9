"""Give out an address that answers one question for a spreadsheet or a map, and take it back."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import update
from sqlmodel import Session, col, select

from app.access import export_links
from app.access.export_links import MAKERS, Shared
from app.access.policy import REVIEW
from app.access.viewer import Viewer, check_allowed, check_may_write
from app.actions.pen import Pen
from app.errors import Forbidden, NotFound
from app.queries.conditions import clauses
from app.queries.export_links import ExportLinkIn, ExportLinkOut, may_keep_all, told
from app.records import ExportLink, Member
from app.records.keys import new_id

NOUN = "export_link"


def create(session: Session, asked: ExportLinkIn, member: str, by: Viewer) -> tuple[ExportLinkOut, str]:
    """A new link of a member: what it is, and its secret, shown this once.

    Raises Forbidden for a reach that is not the member's to give, and Invalid for a question beyond that reach.
    """
    check_may_write(by)
    if asked.reach == "partner":
        check_allowed(REVIEW, by)
    maker = _maker(session, member, asked.reach)
    reader = export_links.viewer_of(asked.reach)
    clauses(asked.question, reader, session.get_bind().dialect.name)
    pen = Pen(session, by)
    secret, kept = export_links.fresh()
    link = ExportLink(
        pk=pen.number("export_link"), id=new_id(), secret_hash=kept, member_pk=maker.pk, label=asked.label,
        reach=asked.reach, format=asked.format, question=asked.question.asked(), made_at=pen.at,
        expires_at=pen.at + timedelta(days=asked.days), revoked_at=None, last_used_on=None,
    )  # fmt: skip
    pen.write(ExportLink, link.model_dump())
    pen.note("link created", NOUN, link.id, {"reach": asked.reach, "format": asked.format, "days": asked.days})
    pen.put_down()
    return told(link, maker, by), secret


def revoke(session: Session, which: UUID, by: Viewer) -> ExportLinkOut:
    """Let a link open nothing any more. Raises NotFound, alike for "not there" and "not yours"."""
    found = session.execute(select(ExportLink, Member).join(Member).where(col(ExportLink.id) == which)).first()
    if found is None or not (found[1].name == by.name or may_keep_all(by)):
        raise NotFound("No export link has this id: see GET /export-links.")
    if by.scope == "read":
        raise Forbidden("This token may only read: use one made with --scope write.")
    link, maker = found
    if link.revoked_at is None:
        pen = Pen(session, by)
        pen.note("link revoked", NOUN, link.id, {})
        _set(session, link, revoked_at=pen.at)
        pen.put_down()
    return told(link, maker, by)


def use(session: Session, secret: str, form: str) -> Shared:
    """Note that a link is used before it answers; a partner's use is a line of history.

    Raises NotFound, alike for what never was, what is over and what was asked for in another format.
    """
    shared = export_links.holder(session, secret, form)
    if shared is None:
        raise NotFound("There is nothing at this address.")
    pen = Pen(session, shared.viewer)
    link = session.exec(select(ExportLink).where(col(ExportLink.id) == shared.id)).one()
    if link.last_used_on != pen.at.date():
        _set(session, link, last_used_on=pen.at.date())
    if link.reach == "partner":
        pen.note("exported", NOUN, shared.id, {"route": "/shared/incidents", "format": form, "asked": {}})
        pen.put_down()
    return shared


def _maker(session: Session, name: str, reach: str) -> Member:
    found = session.exec(select(Member).where(col(Member.name) == name)).first()
    if found is None:
        raise NotFound("No member has this name: see `gawah member list`.")
    if found.disabled_at is not None or found.role not in MAKERS[reach]:
        raise Forbidden(f"A link of the reach {reach} is made by: {', '.join(sorted(MAKERS[reach]))}.")
    return found


def _set(session: Session, link: ExportLink, **values: object) -> None:
    session.execute(update(ExportLink).where(col(ExportLink.pk) == link.pk).values(**values))
    session.refresh(link)
