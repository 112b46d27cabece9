"""A person, with any number of names in any script, and how far the identity is protected."""

import unicodedata
from collections.abc import Sequence
from typing import Annotated, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, create_model, field_validator, model_validator
from sqlalchemy import Index
from sqlmodel import Field as Column
from sqlmodel import SQLModel

from app.keyring import Blind, Enciphered
from app.matching.scripts import initials
from app.records.incoming import Incoming
from app.records.keys import BigKey, Entered, Keys, pointer
from app.vocabulary.codes import IdentityProtection, NameKind, Sensitivity, Sex
from app.vocabulary.sensitivity import IDENTITY, INTERNAL, PUBLIC, SYSTEM
from app.vocabulary.word import vocabulary

SEALED = "sealed"


class PersonNameFields(SQLModel):
    """One name of one person, as written."""

    full: Annotated[str, IDENTITY] = Column(min_length=1, max_length=300, sa_type=Enciphered("person_name.full"))
    script: Annotated[str | None, INTERNAL] = Column(
        None, schema_extra={"pattern": r"^[A-Z][a-z]{3}$"}, description="ISO 15924"
    )
    language: Annotated[str | None, INTERNAL] = Column(None, max_length=35, description="BCP 47 tag")
    kind: Annotated[NameKind, INTERNAL] = "as_written_in_source"


class PersonName(PersonNameFields, Entered, table=True):
    __tablename__ = "person_name"

    pk: Annotated[int, SYSTEM] = Column(primary_key=True, sa_type=BigKey, sa_column_kwargs={"autoincrement": False})
    person_pk: Annotated[int, SYSTEM] = pointer("person", needed=True)
    name_key: Annotated[str, IDENTITY] = Column(index=True, sa_type=Blind)


class PersonNameIn(Incoming, PersonNameFields):
    """A name as it comes in: kept letter for letter, in the composed form of Unicode."""

    @field_validator("full")
    @classmethod
    def _composed(cls, full: str) -> str:
        if not full.strip():
            raise ValueError("a name has at least one letter; leave it out if it is not known")
        return unicodedata.normalize("NFC", full)


class PersonFields(SQLModel):
    """What anyone may state about a person."""

    sex: Annotated[Sex | None, PUBLIC] = None
    birth_year: Annotated[int | None, IDENTITY] = Column(
        None, ge=1850, le=2100, sa_type=Enciphered("person.birth_year", int)
    )
    nationality: Annotated[str | None, IDENTITY] = Column(
        None, max_length=100, sa_type=Enciphered("person.nationality")
    )
    occupation: Annotated[str | None, IDENTITY] = Column(None, max_length=200, sa_type=Enciphered("person.occupation"))
    identity_protection: Annotated[IdentityProtection, SYSTEM] = "named"
    pseudonym: Annotated[str | None, PUBLIC] = Column(None, max_length=200)
    sensitivity: Annotated[Sensitivity, SYSTEM] = "restricted"
    external_id: Annotated[str | None, INTERNAL] = Column(None, max_length=300)


class Person(Keys, PersonFields, Entered, table=True):
    __table_args__ = (Index("ix_person_sensitivity", "sensitivity"),)


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


class NewPerson(Incoming, PersonFields):
    """A person to be entered apart from any report."""

    names: list[PersonNameIn] = Field(default_factory=list, max_length=50)

    @model_validator(mode="after")
    def _somebody(self) -> Self:
        if not (self.names or self.pseudonym):
            raise ValueError("say who: give `names` or a `pseudonym`")
        if lacks_stand_in(self):
            raise ValueError("the protection `pseudonym` needs a `pseudonym`; give one, or use another protection")
        return self


class Reasoned(Incoming):
    """A change of a person or an actor, or of what is told of them: it says why."""

    reason: str = Field(min_length=3, max_length=5000)


PersonChange: type[Reasoned] = create_model(
    "PersonChange",
    __base__=Reasoned,
    __doc__="What to change about a person, and why. Only the fields that are named change; null empties a field.",
    **{name: (field.annotation | None, None) for name, field in PersonFields.model_fields.items()},  # type: ignore[call-overload, operator]
)


def lacks_stand_in(told: PersonFields) -> bool:
    """Whether a stand-in is to be used and there is none."""
    return told.identity_protection == "pseudonym" and not told.pseudonym


def protects_less(after: str, before: str) -> bool:
    """Whether one protection shows more of a name than another; the vocabulary lists them from least to most."""
    order = list(vocabulary("identity_protections"))
    return order.index(after) < order.index(before)


def called(protection: str, pseudonym: str | None, names: Sequence[str]) -> str | None:
    """How a person may be called outside: by the first name, its initials, a stand-in, or not at all."""
    if protection == "named":
        return next(iter(names), None)
    if protection == "initials":
        return next((short for name in names if (short := initials(name))), None)
    return pseudonym if protection == "pseudonym" else None


class PersonOut(PersonFields):
    id: UUID
    names: list[PersonNameFields] = Field(default_factory=list)


class PersonFound(PersonOut):
    """A person in a list."""

    likeness: float | None = Field(
        None, description="Only with `like`: how alike the nearest name is, up to 100 for letter by letter"
    )


class PersonRole(BaseModel):
    """What a person is said to be in one incident. It is always alleged."""

    incident_id: UUID
    incident_ref: str
    title: str
    role: str = Field(description="victim or alleged_responsible")
    kind: str = Field(description="the kind of the act, or the degree of the involvement")


class PersonCase(BaseModel):
    """One disappearance of a person, as it stands."""

    id: UUID
    incident_ref: str
    current_status: str


class Candidate(BaseModel):
    """Somebody or something already here that may be the same; offered, never merged in silence."""

    model_config = ConfigDict(frozen=True)

    noun: str
    id: UUID
    name: str
    given: str


class PersonWhole(PersonOut):
    """A person with everything that names them."""

    incidents: list[PersonRole] = Field(default_factory=list)
    cases: list[PersonCase] = Field(default_factory=list)
    candidates: list[Candidate] = Field(default_factory=list)
