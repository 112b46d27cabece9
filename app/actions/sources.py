"""Enter sources of their own, as a library of references does, before any incident cites them."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from uuid import UUID

from sqlmodel import Session, col, or_, select

from app.access.viewer import Viewer, check_may_write
from app.access.visibility import visible_sources
from app.actions import lowering, people, sourcing
from app.actions.pen import Pen
from app.actions.sourcing import SOURCE
from app.db import chunks
from app.errors import NotFound
from app.records import Source
from app.records.account import Citation
from app.records.person import Reasoned
from app.records.source import SourceFields, SourceIn

CHUNK = 500
Here = dict[UUID | str | None, UUID]


@dataclass(frozen=True)
class Offered:
    """A source that may be here already. `known_as`: the id it bore in a file that we wrote ourselves."""

    told: SourceIn
    known_as: UUID | None = None
    row: int | None = None

    @cached_property
    def marks(self) -> list[str]:
        """Its fingerprints: with the name that a file has for it, and without."""
        told = [self.told]
        if self.told.external_id and (self.told.title or self.told.url):
            told.append(self.told.model_copy(update={"external_id": None}))
        return [sourcing.fingerprint(one) for one in told]

    def among(self, here: Here) -> UUID:
        """The id of the source that it is. StopIteration where that is not here."""
        return next(here[mark] for mark in (self.known_as, *self.marks) if mark in here)


@dataclass(frozen=True)
class Kept:
    """A source as it is now here, and whether it is new."""

    id: UUID
    new: bool


def enter_sources(session: Session, told: Sequence[SourceIn], by: Viewer) -> list[Kept]:
    """Put sources on record, in their order; the very same one given again is the one that is here.

    Raises Invalid when one is derived from a source that is not here; nothing is written then.
    """
    check_may_write(by)
    offered = [Offered(source) for source in told]
    here = known(session, offered)
    new = fresh(offered, here)
    enter(Pen(session, by), new, here)
    firsts = {id(one) for one in new}
    return [Kept(one.among(here), id(one) in firsts) for one in offered]


def amend(session: Session, which: UUID, change: Reasoned, seen: str | None, by: Viewer) -> None:
    """Change what is said of a source, for a reason. Raises NotFound, MatchRequired, Stale, Forbidden and Untimely."""
    check_may_write(by)
    source = find(session, which, by)
    people.check_seen(session, source.id, seen)
    told = SourceFields.model_validate(people.stated(change, SOURCE(source)))
    lowering.check_may_lower_source(session, source, told.sensitivity, by)
    people.rewrite(Pen(session, by), source, SOURCE(told), change.reason)


def find(session: Session, which: UUID, by: Viewer) -> Source:
    """The source with this id. Raises NotFound, alike for "not there" and "not yours"."""
    found = session.exec(select(Source).where(col(Source.id) == which, *visible_sources(by))).first()
    if found is None:
        raise NotFound("No source has this id.")
    return found


def known(session: Session, offered: Sequence[Offered]) -> Here:
    """Those of the offered sources that are here, by their id and fingerprint."""
    here: Here = {}
    for some in chunks(offered, CHUNK):
        ids = [one.known_as for one in some if one.known_as]
        marks = [mark for one in some for mark in one.marks]
        asked = select(Source.id, Source.fingerprint).where(
            or_(col(Source.id).in_(ids), col(Source.fingerprint).in_(marks))
        )
        for source_id, mark in session.execute(asked).all():
            here |= {source_id: source_id, mark: source_id}
    return here


def fresh(offered: Sequence[Offered], here: Here) -> list[Offered]:
    """Those that are not here, each once."""
    seen = set(here)
    found = []
    for one in offered:
        names = {one.known_as, *one.marks} - {None}
        if seen.isdisjoint(names):
            found.append(one)
        seen |= names
    return found


def enter(pen: Pen, new: Sequence[Offered], here: Here) -> None:
    """Write new sources, each with its line in history, and add them to those that are here."""
    for some in chunks(new, CHUNK):
        voices = sourcing.settle(pen, [Citation.model_validate({"source": one.told}) for one in some])
        for one, voice in zip(some, voices, strict=True):
            what = one.told.model_dump(mode="json", exclude_unset=True)
            pen.note("entered", "source", voice.id, what, row=one.row)
            here |= dict.fromkeys([*one.marks, *([one.known_as] if one.known_as else [])], voice.id)
        pen.put_down()
