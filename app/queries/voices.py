"""Who speaks in a source: papers that repeat one wire, and articles of one outlet, are one voice."""

from collections.abc import Iterable
from typing import Any, NamedTuple
from uuid import UUID

from sqlmodel import Session, col, select

from app.records import Source

# With these stances a source says that the event took place; a denial does not.
SUPPORTS = frozenset({"reports", "alleges", "confirms", "claims_responsibility", "gives_alternative_explanation"})


class Voice(NamedTuple):
    """A source as one voice: who speaks in it, whether first-hand, and whether it merely compiles what others said."""

    pk: int
    id: UUID
    speaker: str
    compiles: bool
    own: bool = True


def independent(voices: Iterable[tuple[Voice, str]]) -> int:
    """How many independent voices support an incident, from pairs of a voice and its stance.

    Two articles of one outlet, or of papers that repeat one wire, are one voice. A compilation (a data set) counts
    only where nothing closer is cited.
    """
    supporting = [voice for voice, stance in voices if stance in SUPPORTS]
    close = {voice.speaker for voice in supporting if not voice.compiles}
    return len(close or {voice.speaker for voice in supporting})


# What the voice of a source follows from.
HEARD: tuple[Any, ...] = (
    Source.pk, Source.id, Source.kind, Source.closeness, Source.derived_from_pk, Source.publication_pk,
)  # fmt: skip


def voice(session: Session, source: Any) -> Voice:
    """The voice of a source, or of a row with what is HEARD of one; a wire report speaks for all who repeat it."""
    root, seen = source, {source.pk}
    while root.derived_from_pk is not None and root.derived_from_pk not in seen:
        seen.add(root.derived_from_pk)
        origin = session.execute(select(*HEARD).where(col(Source.pk) == root.derived_from_pk)).first()
        if origin is None:  # it is out of this reader's reach, and all who repeat it still speak with one voice
            return unheard(root.derived_from_pk)._replace(pk=source.pk, id=source.id, own=False)
        root = origin
    return Voice(
        source.pk,
        source.id,
        speaker(root.pk, root.publication_pk),
        compiles(source.kind, source.closeness),
        own=root.pk == source.pk,
    )


def unheard(pk: int) -> Voice:
    """The voice of a source out of the reader's reach: one of its own, of which nothing else is known."""
    return Voice(pk, UUID(int=0), speaker(pk, None), compiles=False)


def speaker(pk: int, publication_pk: int | None) -> str:
    return f"p{publication_pk}" if publication_pk else f"s{pk}"


def compiles(kind: str, closeness: str | None) -> bool:
    return kind == "dataset" or closeness == "tertiary"
