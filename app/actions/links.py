"""Tie one incident to another, and take a link back."""

from uuid import UUID

from sqlalchemy import update
from sqlmodel import Session, col, select

from app.access.viewer import Viewer, check_may_write
from app.access.visibility import visible
from app.actions.incidents import find
from app.actions.pen import Pen
from app.errors import Conflict, Fault, Invalid, NotFound, Untimely
from app.queries import links as queries
from app.records import Incident, Link
from app.records.keys import new_id
from app.records.link import LinkIn
from app.vocabulary.word import vocabulary

End = tuple[int, int]


def link(session: Session, which: UUID, told: LinkIn, by: Viewer) -> UUID:
    """Tie an incident to another, read from the first to the second.

    Raises NotFound for the first, Invalid for a second that is not here, is the same, or closes a circle; Conflict
    when the link stands already.
    """
    check_may_write(by)
    one, other = find(session, which, by), _other(session, told.to, by)
    if one.pk == other.pk:
        raise Invalid("A link needs two incidents.", [Fault("to", "the incident itself", "name another")])
    _check_new(session, told.kind, (one.pk, other.pk), by)
    pen = Pen(session, by)
    link_id = told.id or new_id()
    row = {
        "pk": pen.number("incident_link"), "id": link_id, "from_pk": one.pk, "to_pk": other.pk, "kind": told.kind,
        "note": told.note, "revoked_at": None, "revoked_reason": None,
    }  # fmt: skip
    pen.write(Link, row | pen.entered())
    what = {"kind": told.kind, "from": str(one.id), "to": str(other.id), "note": told.note}
    pen.note("linked", "link", link_id, what)
    pen.put_down()
    return link_id


def _other(session: Session, which: UUID, by: Viewer) -> Incident:
    try:
        return find(session, which, by)
    except NotFound:
        why = "no incident has this id", "look in GET /incidents"
        raise Invalid("The other incident is not here.", [Fault("to", *why)]) from None


def _turned(kind: str, ends: End) -> tuple[str, End]:
    """The one form of a link that may be told in two ways: what A causes is a consequence of A."""
    traits = vocabulary("link_kinds")[kind].traits
    if traits["rule"] == "both_ways":
        return kind, (min(ends), max(ends))
    mirrored = traits.get("mirrors")
    return (mirrored, (ends[1], ends[0])) if mirrored else (kind, ends)


def _check_new(session: Session, kind: str, ends: End, by: Viewer) -> None:
    kind, ends = _turned(kind, ends)
    there = _standing(session, kind, by)
    if ends in there:
        raise Conflict("These two incidents are linked in this way already: see GET /incidents/{id}/links.")
    if vocabulary("link_kinds")[kind].traits["rule"] == "one_way" and _leads(there, ends[1], ends[0]):
        why = "the other incident leads back to this one already", "turn the link round, or take the other one back"
        raise Invalid("This would go in a circle.", [Fault("to", *why)])


def _standing(session: Session, kind: str, by: Viewer) -> set[End]:
    """The links of one kind that the writer may see: no refusal may tell of an incident they may not."""
    words = vocabulary("link_kinds").values()
    alike = [word.code for word in words if kind in (word.code, word.traits.get("mirrors"))]
    mine = select(Incident.pk).where(*visible(by))
    asked = select(Link.kind, Link.from_pk, Link.to_pk).where(col(Link.kind).in_(alike), col(Link.revoked_at).is_(None))
    asked = asked.where(col(Link.from_pk).in_(mine), col(Link.to_pk).in_(mine))
    return {_turned(code, (first, second))[1] for code, first, second in session.execute(asked).all()}


def _leads(there: set[End], start: int, goal: int) -> bool:
    onward: dict[int, list[int]] = {}
    for first, second in there:
        onward.setdefault(first, []).append(second)
    left, seen = [start], {start}
    while left:
        here = left.pop()
        if here == goal:
            return True
        fresh = [n for n in onward.get(here, ()) if n not in seen]
        seen.update(fresh)
        left += fresh
    return False


def revoke(session: Session, which: UUID, why: str, by: Viewer) -> None:
    """Take a link back; that it stood stays in history. Raises NotFound, and Untimely when it was done before."""
    check_may_write(by)
    found = queries.find(session, which, by)
    if found.revoked_at is not None:
        raise Untimely("This link has been taken back already.")
    pen = Pen(session, by)
    pen.note("revoked", "link", found.id, {"before": {"kind": found.kind}}, why)
    pen.put_down()
    values = {"revoked_at": pen.at, "revoked_reason": why}
    session.execute(update(Link).where(col(Link.pk) == found.pk).values(**values))
