"""A person, with any number of names in any script, and how far the identity is protected."""

from typing import Annotated, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, model_validator
from sqlmodel import Field as Column
from sqlmodel import SQLModel

from app.records.incoming import Incoming
from app.records.keys import Entered, Keys, pointer
from app.vocabulary.codes import IdentityProtection, NameKind, Sensitivity, Sex
from app.vocabulary.sensitivity import IDENTITY, INTERNAL, PUBLIC, SYSTEM


class PersonNameFields(SQLModel):
    """One name of one person, as written."""

    full: Annotated[str, IDENTITY] = Column(min_length=1, max_length=300)
    script: Annotated[str | None, INTERNAL] = Column(
        None, schema_extra={"pattern": r"^[A-Z][a-z]{3}$"}, description="ISO 15924"
    )
    language: Annotated[str | None, INTERNAL] = Column(None, max_length=35, description="BCP 47 tag")
    kind: Annotated[NameKind, INTERNAL] = "as_written_in_source"


class PersonName(PersonNameFields, Entered, table=True):
    __tablename__ = "person_name"

    pk: Annotated[int, SYSTEM] = Column(primary_key=True, sa_column_kwargs={"autoincrement": False})
    person_pk: Annotated[int, SYSTEM] = pointer("person", needed=True)
    name_key: Annotated[str, IDENTITY] = Column(index=True)


class PersonNameIn(Incoming, PersonNameFields):
    """A name as it comes in."""


class PersonFields(SQLModel):
    """What anyone may state about a person."""

    sex: Annotated[Sex | None, PUBLIC] = None
    birth_year: Annotated[int | None, IDENTITY] = Column(None, ge=1850, le=2100)
    nationality: Annotated[str | None, IDENTITY] = Column(None, max_length=100)
    occupation: Annotated[str | None, IDENTITY] = Column(None, max_length=200)
    identity_protection: Annotated[IdentityProtection, INTERNAL] = "named"
    pseudonym: Annotated[str | None, PUBLIC] = Column(None, max_length=200)
    sensitivity: Annotated[Sensitivity, SYSTEM] = "restricted"
    external_id: Annotated[str | None, INTERNAL] = Column(None, max_length=300)


class Person(Keys, PersonFields, Entered, table=True):
    pass


class PersonIn(Incoming, PersonFields):
    """A victim or other person: new, with at least one name or pseudonym, or the id of one already here."""

    id: UUID | None = None
    names: list[PersonNameIn] = Field(default_factory=list, max_length=50)
    age_at_event: int | None = Field(None, ge=0, le=130)

    @model_validator(mode="after")
    def _somebody(self) -> Self:
        if not (self.id or self.names or self.pseudonym):
            raise ValueError("say who: give `names`, a `pseudonym`, or the `id` of a person already here")
        return self


class PersonOut(PersonFields):
    id: UUID
    names: list[PersonNameFields] = Field(default_factory=list)


class Candidate(BaseModel):
    """Somebody or something already here that may be the same; offered, never merged in silence."""

    model_config = ConfigDict(frozen=True)

    noun: str
    id: UUID
    name: str
    given: str
