"""Sources: what the records cite."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import bindparam
from sqlmodel import Session, SQLModel, col, func, select

from app.access.viewer import Viewer, check_may_read
from app.access.visibility import may_unseal, redacted, visible_sources
from app.access.wall import in_rows
from app.errors import NotFound
from app.matching.folding import words
from app.records import Publication, Source
from app.records.blocks import DateOut
from app.records.publication import PublicationOut
from app.records.source import SourceFields, SourceOut, cite
from app.vocabulary.certainty import edtf

# How a source out of reach stands where it is cited: with no id, and without a word of what it is.
SEALED = SourceOut.model_validate(
    {"kind": "other", "sensitivity": "sealed", "id": UUID(int=0), "citation": "a sealed source"}
)


class SourceFilter(BaseModel):
    """Which sources; all of them when nothing is asked."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    q: str | None = Field(None, max_length=500, description="Words of title and publication")
    url: str | None = Field(None, max_length=2000)


class SourcePage(SourceFilter):
    """One page of them."""

    limit: int = Field(50, ge=1, le=200)
    after: UUID | None = Field(None, description="`next` of the page before")


def sources(session: Session, asked: SourcePage, viewer: Viewer) -> tuple[list[SourceOut], int]:
    """One page of sources, oldest entry first, and how many there are in all."""
    check_may_read(viewer)
    conditions = source_conditions(asked, viewer)
    total = session.exec(select(func.count()).select_from(Source).where(*conditions)).one()
    if asked.after is not None:
        conditions.append(col(Source.pk) > select(Source.pk).where(col(Source.id) == asked.after).scalar_subquery())
    found = session.exec(select(Source.pk).where(*conditions).order_by(col(Source.pk)).limit(asked.limit)).all()
    shown = sources_by_pk(session, found, viewer)
    return [shown[pk] for pk in found], total


def source_conditions(asked: SourceFilter, viewer: Viewer) -> list[Any]:
    """What is asked of a source, and what the viewer may see of them."""
    found: list[Any] = [(" " + col(Source.words_key) + " ").contains(f" {word} ") for word in words(asked.q or "")]
    if asked.url is not None:
        found.append(col(Source.url) == asked.url)
    return [*found, *visible_sources(viewer)]


def source(session: Session, which: UUID, viewer: Viewer) -> SourceOut:
    """One source. Raises NotFound, alike for "not there" and "not yours"."""
    check_may_read(viewer)
    pk = session.exec(select(Source.pk).where(col(Source.id) == which, *visible_sources(viewer))).first()
    if pk is None:
        raise NotFound("No source has this id.")
    return sources_by_pk(session, [pk], viewer)[pk]


def as_entered(session: Session, which: UUID, viewer: Viewer) -> SourceOut:
    """A source for whoever has just described it: also where it is here already and sealed."""
    pk = session.exec(select(Source.pk).where(col(Source.id) == which)).one()
    return sources_by_pk(session, [pk], viewer)[pk]


# Every report and every look at an incident asks this.
OUTLET = "outlet_"
WITH_OUTLET = (
    select(Source)
    .add_columns(*(getattr(Publication, name).label(OUTLET + name) for name in PublicationOut.model_fields))
    .outerjoin(Publication, col(Publication.pk) == Source.publication_pk)
    .where(col(Source.pk).in_(bindparam("pks", expanding=True)))
)


def sources_by_pk(session: Session, pks: Sequence[int], viewer: Viewer) -> dict[int, SourceOut]:
    """Sources as they go out, with publication and citation, by their number; what is sealed is just there."""
    rows = in_rows(session, WITH_OUTLET, {"pks": list(set(pks))}).all()
    origins = _ids(session, [s.derived_from_pk for s in rows if s.derived_from_pk])
    return dict.fromkeys(pks, SEALED) | {s.pk: _source_out(s, origins, viewer) for s in rows}


def _ids(session: Session, pks: Sequence[int]) -> dict[int, UUID]:
    rows = session.execute(select(Source.pk, Source.id).where(col(Source.pk).in_(set(pks)))).all() if pks else []
    return {pk: source_id for pk, source_id in rows}  # noqa: C416 - a row is no pair to the type checker


def _source_out(s: Any, origins: dict[int, UUID], viewer: Viewer) -> SourceOut:
    if s.sensitivity == "sealed" and not may_unseal(viewer):
        return SEALED.model_copy(update={"id": s.id, "kind": s.kind})
    when = edtf(s.date_earliest, s.date_latest, s.date_span, s.date_qualifier)
    shown = redacted(SourceFields, columns(SourceFields, s), viewer)
    return SourceOut(
        **shown,
        id=s.id,
        published=DateOut.of(s),
        publication=_outlet(s) if s.outlet_id else None,
        derived_from_source_id=origins.get(s.derived_from_pk or 0),
        citation=cite(s.outlet_name, shown["author"], s.title, when, s.url),
    )


def _outlet(s: Any) -> PublicationOut:
    return PublicationOut(**{name: getattr(s, OUTLET + name) for name in PublicationOut.model_fields})


def columns(fields: type[SQLModel], record: Any) -> dict[str, Any]:
    return {name: getattr(record, name) for name in fields.model_fields}
