"""Actors: page by page, and one with those above and below it and what it is said to be involved in."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import ColumnElement, bindparam, or_
from sqlmodel import Session, col, func, select

from app.access.viewer import Viewer, check_may_read
from app.access.visibility import may_read, nameable, visible
from app.access.wall import in_rows
from app.errors import NotFound
from app.matching.folding import words
from app.queries.catalogue import columns
from app.queries.people import within_reach
from app.records import Actor, ActorParent, Incident, Involvement
from app.records.actor import A_PERSON, ActorBond, ActorFields, ActorOut, ActorWhole
from app.records.blocks import DateOut
from app.vocabulary.codes import ActorKind
from app.vocabulary.sensitivity import IDENTITY

Condition = ColumnElement[bool]


class ActorPage(BaseModel):
    """Which actors, and which page of them."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    q: str | None = Field(None, max_length=300, description="All words of name and aliases, in any spelling")
    kind: ActorKind | None = None
    country: str | None = Field(None, pattern=r"^[A-Z]{3}$", description="ISO 3166-1 alpha-3")
    is_specific: bool | None = Field(None, description="false: loose descriptions like “armed men”")
    limit: int = Field(50, ge=1, le=200)
    after: UUID | None = Field(None, description="`next` of the page before")


def actors(session: Session, asked: ActorPage, viewer: Viewer) -> tuple[list[ActorOut], int]:
    """One page of actors, oldest entry first, and how many there are in all."""
    check_may_read(viewer)
    conditions = _conditions(asked, viewer)
    total = session.exec(select(func.count()).select_from(Actor).where(*conditions)).one()
    if asked.after is not None:
        conditions.append(col(Actor.pk) > select(Actor.pk).where(col(Actor.id) == asked.after).scalar_subquery())
    found = session.exec(select(Actor).where(*conditions).order_by(col(Actor.pk)).limit(asked.limit)).all()
    return [_out(actor) for actor in found], total


def _conditions(asked: ActorPage, viewer: Viewer) -> list[Condition]:
    found = known_to(viewer)
    for name in ("kind", "country", "is_specific"):
        if (wanted := getattr(asked, name)) is not None:
            found.append(col(getattr(Actor, name)) == wanted)
    if asked.q is not None:
        found += [col(Actor.name_key).contains(f" {word} ", autoescape=True) for word in words(asked.q)]
    return found


def known_to(viewer: Viewer) -> list[Condition]:
    """Conditions on the actors of whom this viewer may know; an actor that is a person is not for everybody."""
    found = within_reach(Actor.pk, "actor_pk", [Involvement], viewer)
    return found if may_read(viewer, IDENTITY) else [*found, col(Actor.kind) != A_PERSON]


def find(session: Session, which: UUID, viewer: Viewer) -> Actor:
    """The actor with this id. Raises NotFound, alike for "not there" and "not yours"."""
    check_may_read(viewer)
    found = session.exec(select(Actor).where(col(Actor.id) == which, *known_to(viewer))).first()
    if found is None:
        raise NotFound("No actor has this id.")
    return found


def whole(session: Session, which: UUID, viewer: Viewer) -> ActorWhole:
    """One actor with its parents and children over time. Raises NotFound."""
    actor = find(session, which, viewer)
    return ActorWhole(
        **columns(ActorFields, actor),
        id=actor.id,
        parents=_bonds(session, ActorParent.parent_pk, col(ActorParent.actor_pk) == actor.pk, viewer),
        children=_bonds(session, ActorParent.actor_pk, col(ActorParent.parent_pk) == actor.pk, viewer),
        involvements=_by_degree(session, actor.pk, viewer),
    )


def _bonds(session: Session, other: Any, mine: Condition, viewer: Viewer) -> list[ActorBond]:
    asked = (
        select(ActorParent, Actor)
        .join(Actor, col(Actor.pk) == other)
        .where(mine, *known_to(viewer))
        .order_by(col(ActorParent.date_earliest).nulls_first(), col(ActorParent.pk))
    )
    rows = session.execute(asked).all()
    return [ActorBond(actor=_out(actor), date=DateOut.of(bond), note=bond.note) for bond, actor in rows]


def _by_degree(session: Session, pk: int, viewer: Viewer) -> dict[str, int]:
    """In how many incidents it is said to be involved, by degree; a person only where it may be named."""
    asked = (
        select(Involvement.degree, func.count(func.distinct(Involvement.incident_pk)))
        .join(Incident, col(Incident.pk) == Involvement.incident_pk)
        .join(Actor, col(Actor.pk) == Involvement.actor_pk)
        .where(col(Actor.pk) == pk, or_(col(Actor.kind) != A_PERSON, nameable()), *visible(viewer))
        .where(col(Incident.stage) != "withdrawn")
        .group_by(col(Involvement.degree))
        .order_by(col(Involvement.degree))
    )
    return {degree: many for degree, many in session.execute(asked).all()}  # noqa: C416 - a row is no pair to the type checker


# Every report and every look at an incident asks this.
NUMBERED = select(Actor).where(col(Actor.pk).in_(bindparam("pks", expanding=True)))


def actors_by_pk(session: Session, pks: Sequence[int]) -> dict[int, ActorOut]:
    rows = in_rows(session, NUMBERED, {"pks": list(set(pks))}).all() if pks else []
    return {a.pk: _out(a) for a in rows}


def _out(actor: Any) -> ActorOut:
    return ActorOut(**columns(ActorFields, actor), id=actor.id)
