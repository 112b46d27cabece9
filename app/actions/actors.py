"""Enter and change actors, and say whom they belonged to and when."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlmodel import Session, col, select

from app.access.viewer import Viewer, check_may_write
from app.actions.composing import date_columns
from app.actions.indexing import reindex_of
from app.actions.pen import Pen
from app.actions.people import ACTOR, Known, Made, check_seen, enter_actor, keep, rewrite, stated
from app.errors import Conflict, Fault, Invalid
from app.queries import actors as queries
from app.records import ActorParent, Involvement
from app.records.actor import ActorParentIn, NewActor, names_key
from app.records.keys import new_id
from app.records.person import Reasoned


@dataclass(frozen=True)
class Span:
    """Days from the first to the last, both included; None is open."""

    first: date | None = None
    last: date | None = None

    def meet(self, other: "Span") -> "Span | None":
        """The days that both hold; None when there are none."""
        first = max((d for d in (self.first, other.first) if d), default=None)
        last = min((d for d in (self.last, other.last) if d), default=None)
        return None if first and last and first > last else Span(first, last)


@dataclass(frozen=True)
class Bond:
    """One actor under another for a while."""

    child: int
    parent: int
    span: Span


def enter(session: Session, told: NewActor, by: Viewer) -> Made:
    """Enter an actor apart from any report. Who is alike is offered, unless it is a loose description."""
    check_may_write(by)
    pen, known = Pen(session, by), Known()
    return keep(pen, "actor", enter_actor(pen, told, known), told, known)


def amend(session: Session, which: UUID, change: Reasoned, seen: str | None, by: Viewer) -> None:
    """Change the fields of an actor that `change` names, for a reason; it is found by its new names at once."""
    check_may_write(by)
    actor = queries.find(session, which, by)
    check_seen(session, actor.id, seen)
    told = NewActor.model_validate(stated(change, ACTOR(actor)))
    key = names_key([told.name, *told.aliases])
    rewrite(Pen(session, by), actor, ACTOR(told), change.reason, name_key=key)
    reindex_of(session, Involvement, col(Involvement.actor_pk) == actor.pk)


def add_parent(session: Session, which: UUID, told: ActorParentIn, by: Viewer) -> None:
    """Say to whom an actor belonged, and when. Raises Invalid where that goes in a circle, Conflict when it is said."""
    check_may_write(by)
    actor = queries.find(session, which, by)
    parent = queries.find(session, told.parent_id, by)
    columns = date_columns(told.date)
    new = Bond(actor.pk, parent.pk, Span(columns["date_earliest"], columns["date_latest"]))
    bonds = _bonds(session)
    if any((b.child, b.parent, b.span) == (new.child, new.parent, new.span) for b in bonds):
        raise Conflict("This parent is on record for just these dates already.")
    if _circle(new, bonds):
        what = "that actor itself belongs to this one at the time"
        raise Invalid("This would go in a circle.", [Fault("parent_id", what, "name another, or give dates apart")])
    pen = Pen(session, by)
    row = columns | {"pk": pen.number("actor_parent"), "id": new_id(), "note": told.note}
    pen.write(ActorParent, row | {"actor_pk": actor.pk, "parent_pk": parent.pk} | pen.entered())
    pen.note("attached", "actor", actor.id, {"parent": told.model_dump(mode="json", exclude_unset=True)})
    pen.put_down()


def _bonds(session: Session) -> list[Bond]:
    bonds = session.exec(select(ActorParent)).all()
    return [Bond(b.actor_pk, b.parent_pk, Span(b.date_earliest, b.date_latest)) for b in bonds]


def _circle(new: Bond, bonds: Iterable[Bond]) -> bool:
    """Whether the way up from the new parent leads back to the child, all of it at one time."""
    above: dict[int, list[Bond]] = {}
    for bond in bonds:
        above.setdefault(bond.child, []).append(bond)
    edge, seen = [(new.parent, new.span)], set[tuple[int, Span]]()
    while edge:
        here = edge.pop()
        if here[0] == new.child:
            return True
        if here in seen:
            continue
        seen.add(here)
        ways = ((bond.parent, here[1].meet(bond.span)) for bond in above.get(here[0], ()))
        edge += [(parent, span) for parent, span in ways if span is not None]
    return False
