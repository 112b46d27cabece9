"""A source: one article, testimony, report, post or file that says something."""

from datetime import date
from typing import Annotated, Self
from uuid import UUID

from pydantic import create_model, model_validator
from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from app.records.blocks import DateIn, DateOut, WhenColumns
from app.records.incoming import Incoming
from app.records.keys import Entered, Keys, pointer
from app.records.person import Reasoned
from app.records.publication import PublicationIn, PublicationOut
from app.vocabulary.codes import Closeness, Reliability, Sensitivity, SourceKind
from app.vocabulary.sensitivity import INTERNAL, PUBLIC, SOURCE_IDENTITY, SYSTEM


class SourceFields(SQLModel):
    """What anyone may state about a source."""

    kind: Annotated[SourceKind, PUBLIC]
    title: Annotated[str | None, PUBLIC] = Field(None, max_length=2000)
    author: Annotated[str | None, SOURCE_IDENTITY] = Field(None, max_length=500)
    language: Annotated[str | None, PUBLIC] = Field(None, max_length=35, description="BCP 47 tag")
    url: Annotated[str | None, PUBLIC] = Field(None, max_length=2000, schema_extra={"pattern": r"^https?://\S+$"})
    archive_url: Annotated[str | None, PUBLIC] = Field(
        None, max_length=2000, schema_extra={"pattern": r"^https?://\S+$"}
    )
    received_on: Annotated[date | None, INTERNAL] = None
    closeness: Annotated[Closeness | None, PUBLIC] = None
    reliability: Annotated[Reliability | None, INTERNAL] = None
    sensitivity: Annotated[Sensitivity, SYSTEM] = "restricted"
    consent: Annotated[str | None, INTERNAL] = Field(None, max_length=2000)
    external_id: Annotated[str | None, INTERNAL] = Field(None, max_length=300)
    licence: Annotated[str | None, PUBLIC] = Field(None, max_length=500)


class Source(Keys, SourceFields, WhenColumns, Entered, table=True):
    __table_args__ = (Index("ix_source_batch_pk", "batch_pk"), Index("ix_source_sensitivity", "sensitivity"))

    publication_pk: Annotated[int | None, PUBLIC] = pointer("publication")
    derived_from_pk: Annotated[int | None, INTERNAL] = pointer("source")
    fingerprint: Annotated[str, SYSTEM] = Field(index=True, max_length=64)
    words_key: Annotated[str, SYSTEM] = ""


class SourceIn(Incoming, SourceFields):
    """A source as it comes in; the very same citation given again is the same source."""

    published: DateIn | None = None
    publication: PublicationIn | None = None
    derived_from_source_id: UUID | None = None

    @model_validator(mode="after")
    def _says_what_it_is(self) -> Self:
        if not (self.title or self.url or self.author or self.publication or self.external_id):
            raise ValueError("say what the source is: give it a title, a url, an author or a publication")
        return self


# What may be said anew of a source that is cited already; everything else is what the source itself is.
CHANGEABLE = ("archive_url", "closeness", "reliability", "sensitivity", "consent", "licence")
SourceChange: type[Reasoned] = create_model(
    "SourceChange",
    __base__=Reasoned,
    __doc__="What to change about a source, and why. Only the fields that are named change; null empties a field.",
    **{name: (SourceFields.model_fields[name].annotation | None, None) for name in CHANGEABLE},  # type: ignore[call-overload, operator]
)


class SourceOut(SourceFields):
    id: UUID
    published: DateOut | None = None
    publication: PublicationOut | None = None
    derived_from_source_id: UUID | None = None
    citation: str = ""


def cite(publication: str | None, author: str | None, title: str | None, published: str | None, url: str | None) -> str:
    """A short citation in one line: who, what, when; the address only when there is nothing else."""
    parts = [part for part in (author, title, publication, published) if part]
    return ", ".join(parts) or (url or "a source without a title")
