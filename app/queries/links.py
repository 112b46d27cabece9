"""The links of an incident, from either end."""

from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, bindparam, exists
from sqlmodel import Session, case, col, or_, select

from app.access.viewer import Viewer, check_may_read
from app.access.visibility import redacted, visible
from app.errors import NotFound
from app.records import Incident, Link
from app.records.link import LinkFields, LinkOut
from app.vocabulary.word import vocabulary


def of_incident(session: Session, incident: int, viewer: Viewer) -> list[LinkOut]:
    """The links that stand, to and from the incidents that the viewer may see; the others leave no trace."""
    standing = _seen(viewer).where(col(Link.revoked_at).is_(None)).order_by(col(Link.pk))
    rows = session.execute(standing, {"incident": incident}).all()
    return [_out(link, other, link.from_pk == incident, viewer) for link, other in rows]


def ids_of(session: Session, incident: int, viewer: Viewer) -> list[UUID]:
    """The ids of the same links and of those taken back, for whoever reads the history of an incident."""
    asked = _seen(viewer).order_by(col(Link.pk))
    return [link.id for link, _ in session.execute(asked, {"incident": incident}).all()]


def any_of(incident: ColumnElement[int]) -> ColumnElement[bool]:
    """The condition that some link leads to or from an incident, by its number."""
    return exists().where(or_(col(Link.from_pk) == incident, col(Link.to_pk) == incident))


def _seen(viewer: Viewer) -> Any:
    """Links with the incident at their other end, each found by its number."""
    outgoing, incoming = col(Link.from_pk) == bindparam("incident"), col(Link.to_pk) == bindparam("incident")
    other = case((outgoing, col(Link.to_pk)), else_=col(Link.from_pk))
    asked = select(Link, Incident).join(Incident, col(Incident.pk) == other)
    return asked.where(or_(outgoing, incoming), *visible(viewer))


def find(session: Session, which: UUID, viewer: Viewer) -> Link:
    """A link whose two ends the viewer may see. Raises NotFound."""
    check_may_read(viewer)
    ends = select(Incident.pk).where(*visible(viewer))
    asked = select(Link).where(col(Link.id) == which, col(Link.from_pk).in_(ends), col(Link.to_pk).in_(ends))
    found = session.exec(asked).first()
    if found is None:
        raise NotFound("No link has this id.")
    return found


def _out(link: Link, other: Incident, outgoing: bool, viewer: Viewer) -> LinkOut:  # noqa: FBT001 - which end it is
    word = vocabulary("link_kinds")[link.kind]
    return LinkOut(
        **redacted(LinkFields, {"kind": link.kind, "note": link.note}, viewer),
        id=link.id,
        outgoing=outgoing,
        reads=word.named() if outgoing else word.traits["inverse"]["en"],
        other_id=other.id,
        other_ref=other.ref,
        other_title=other.title,
        entered_at=link.entered_at,
    )
