"""Find or enter the sources that reports cite."""

import hashlib
from collections.abc import Sequence
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam
from sqlmodel import col, select

from app.access.wall import in_rows
from app.actions.pen import Pen, columns_of
from app.errors import Fault, Invalid
from app.matching.folding import name_key, words
from app.queries.voices import HEARD, Voice, compiles, speaker, voice
from app.records import Publication, Source
from app.records.account import Citation
from app.records.history import canonical
from app.records.keys import new_id
from app.records.publication import PublicationFields, PublicationIn
from app.records.source import SourceFields, SourceIn

NO_DATE = {
    "date_earliest": None, "date_latest": None, "date_span": "sometime_within", "date_qualifier": None,
    "date_verbatim": None, "local_time": None,
}  # fmt: skip
SOURCE, PUBLICATION = columns_of(SourceFields), columns_of(PublicationFields)
CITED: Any = (
    select(*HEARD)
    .add_columns(col(Source.fingerprint))
    .where(col(Source.fingerprint).in_(bindparam("marks", expanding=True)))
)
OUTLETS = select(Publication.name_key, Publication.pk).where(
    col(Publication.name_key).in_(bindparam("keys", expanding=True))
)
# A few outlets are cited over and over.
outlet_key = lru_cache(maxsize=1024)(name_key)


def fingerprint(source: SourceIn) -> str:
    """The same for the very same citation given twice."""
    publication = outlet_key(source.publication.name) if source.publication else None
    when = source.published
    told = [
        source.kind,
        source.title,
        source.author,
        source.url,
        source.external_id,
        source.language,
        publication,
    ]
    dates = [when.earliest, when.latest] if when else []
    return hashlib.sha256(canonical(told + dates)).hexdigest()


def settle(pen: Pen, citations: Sequence[Citation]) -> list[Voice]:
    """The voice of every citation, in order; sources not yet here are entered."""
    marks = [fingerprint(c.source) if c.source else None for c in citations]
    known = _known(pen, [m for m in marks if m])
    told = [c.source for c, mark in zip(citations, marks, strict=True) if c.source and mark not in known]
    publications = _publications(pen, [source.publication for source in told if source.publication])
    voices = []
    for citation, mark in zip(citations, marks, strict=True):
        if citation.source is None or mark is None:
            voices.append(voice_of(pen, citation.source_id))
            continue
        if mark not in known:
            known[mark] = _enter(pen, citation.source, mark, publications)
        voices.append(known[mark])
    return voices


def voice_of(pen: Pen, source_id: UUID | None) -> Voice:
    """The voice of a source already here; a wire report speaks for all who repeat it."""
    source = pen.session.exec(select(Source).where(col(Source.id) == source_id)).first()
    if source is None:
        raise Invalid("The source is not here.", [Fault("source_id", "no source has this id", "look in GET /sources")])
    return voice(pen.session, source)


def _known(pen: Pen, marks: list[str]) -> dict[str, Voice]:
    found = in_rows(pen.session, CITED, {"marks": list(set(marks))}).all() if marks else []
    return {source.fingerprint: voice(pen.session, source) for source in found}


def _enter(pen: Pen, source: SourceIn, mark: str, publications: dict[str, int]) -> Voice:
    publication = publications[outlet_key(source.publication.name)] if source.publication else None
    origin = voice_of(pen, source.derived_from_source_id) if source.derived_from_source_id else None
    row = SOURCE(source)
    pk, source_id = pen.number("source"), new_id()
    named = source.publication.name if source.publication else None
    row |= source.published.columns() if source.published else NO_DATE
    row |= pen.entered()
    row |= {
        "pk": pk,
        "id": source_id,
        "publication_pk": publication,
        "derived_from_pk": origin.pk if origin else None,
        "fingerprint": mark,
        # Without the author: whoever may not read who spoke must not find out by asking either.
        "words_key": " ".join(words(" ".join(t for t in (source.title, named) if t))),
    }
    pen.write(Source, row)
    who = origin.speaker if origin else speaker(pk, publication)
    return Voice(pk, source_id, who, compiles(source.kind, source.closeness), own=origin is None)


def _publications(pen: Pen, named: list[PublicationIn]) -> dict[str, int]:
    """The numbers of publications by the key of their name; those not yet here are entered."""
    keys = {outlet_key(p.name): p for p in named}
    if not keys:
        return {}
    found = in_rows(pen.session, OUTLETS, {"keys": list(keys)}).all()
    known = {key: pk for key, pk in found}  # noqa: C416 - a row is no pair to the type checker
    for key in sorted(keys.keys() - known.keys()):
        row = PUBLICATION(keys[key])
        known[key] = pen.number("publication")
        pen.write(Publication, {**row, "pk": known[key], "id": new_id(), "name_key": key, **pen.entered()})
    return known
