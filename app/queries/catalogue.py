"""Sources, people and actors: what the records cite and name."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field
from sqlmodel import Session, SQLModel, col, func, select

from app.access.viewer import Viewer, check_may_read
from app.access.visibility import may_read, redacted
from app.errors import NotFound
from app.matching.folding import words
from app.records import Actor, Person, PersonName, Publication, Source
from app.records.actor import ActorFields, ActorOut
from app.records.blocks import DateOut
from app.records.person import PersonFields, PersonNameFields, PersonOut
from app.records.publication import PublicationFields, PublicationOut
from app.records.source import SourceFields, SourceOut, cite
from app.vocabulary.certainty import edtf
from app.vocabulary.sensitivity import IDENTITY


class SourcePage(BaseModel):
    """Which sources, and which page of them."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    q: str | None = Field(None, max_length=500, description="Words of title and publication")
    url: str | None = Field(None, max_length=2000)
    limit: int = Field(50, ge=1, le=200)
    after: UUID | None = Field(None, description="`next` of the page before")


def sources(session: Session, asked: SourcePage, viewer: Viewer) -> tuple[list[SourceOut], int]:
    """One page of sources, oldest entry first, and how many there are in all."""
    check_may_read(viewer)
    conditions: list[Any] = [(" " + col(Source.words_key) + " ").contains(f" {word} ") for word in words(asked.q or "")]
    if asked.url is not None:
        conditions.append(col(Source.url) == asked.url)
    total = session.exec(select(func.count()).select_from(Source).where(*conditions)).one()
    if asked.after is not None:
        conditions.append(col(Source.pk) > select(Source.pk).where(col(Source.id) == asked.after).scalar_subquery())
    found = session.exec(select(Source.pk).where(*conditions).order_by(col(Source.pk)).limit(asked.limit)).all()
    shown = sources_by_pk(session, found, viewer)
    return [shown[pk] for pk in found], total


def source(session: Session, which: UUID, viewer: Viewer) -> SourceOut:
    """One source. Raises NotFound."""
    check_may_read(viewer)
    pk = session.exec(select(Source.pk).where(col(Source.id) == which)).first()
    if pk is None:
        raise NotFound("No source has this id.")
    return sources_by_pk(session, [pk], viewer)[pk]


def sources_by_pk(session: Session, pks: Sequence[int], viewer: Viewer) -> dict[int, SourceOut]:
    """Sources as they go out, with publication and citation, by their number."""
    asked = (
        select(Source, Publication)
        .outerjoin(Publication, col(Publication.pk) == Source.publication_pk)
        .where(col(Source.pk).in_(set(pks)))
    )
    rows = session.execute(asked).all()
    origins = _ids(session, [s.derived_from_pk for s, _ in rows if s.derived_from_pk])
    return {s.pk: _source_out(s, p, origins, viewer) for s, p in rows}


def _ids(session: Session, pks: Sequence[int]) -> dict[int, UUID]:
    rows = session.execute(select(Source.pk, Source.id).where(col(Source.pk).in_(set(pks)))).all() if pks else []
    return {pk: source_id for pk, source_id in rows}  # noqa: C416 - a row is no pair to the type checker


def _source_out(s: Source, p: Publication | None, origins: dict[int, UUID], viewer: Viewer) -> SourceOut:
    when = edtf(s.date_earliest, s.date_latest, s.date_span, s.date_qualifier)
    shown = redacted(SourceFields, columns(SourceFields, s), viewer)
    return SourceOut(
        **shown,
        id=s.id,
        published=DateOut.of(s),
        publication=PublicationOut(**columns(PublicationFields, p), id=p.id) if p else None,
        derived_from_source_id=origins.get(s.derived_from_pk or 0),
        citation=cite(p.name if p else None, shown["author"], s.title, when, s.url),
    )


def actors_by_pk(session: Session, pks: Sequence[int]) -> dict[int, ActorOut]:
    rows = session.exec(select(Actor).where(col(Actor.pk).in_(set(pks)))).all() if pks else []
    return {a.pk: ActorOut(**columns(ActorFields, a), id=a.id) for a in rows}


def persons_by_pk(session: Session, pks: Sequence[int], viewer: Viewer) -> dict[int, PersonOut]:
    """People by their number; for those who may not read identities just that there is somebody."""
    if not pks:
        return {}
    names: dict[int, list[PersonNameFields]] = {}
    if may_read(viewer, IDENTITY):
        asked = select(PersonName).where(col(PersonName.person_pk).in_(set(pks))).order_by(col(PersonName.pk))
        for name in session.exec(asked).all():
            names.setdefault(name.person_pk, []).append(PersonNameFields(**columns(PersonNameFields, name)))
    rows = session.exec(select(Person).where(col(Person.pk).in_(set(pks)))).all()
    return {
        p.pk: PersonOut(**redacted(PersonFields, columns(PersonFields, p), viewer), id=p.id, names=_shown(p, names))
        for p in rows
    }


def _shown(person: Person, names: dict[int, list[PersonNameFields]]) -> list[PersonNameFields]:
    return [] if person.identity_protection == "sealed" else names.get(person.pk, [])


def columns(fields: type[SQLModel], record: Any) -> dict[str, Any]:
    return {name: getattr(record, name) for name in fields.model_fields}
