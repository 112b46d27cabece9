"""An outlet or organisation that publishes, and who controls it."""

from typing import Annotated
from uuid import UUID

from sqlmodel import Field, SQLModel

from app.records.incoming import Incoming
from app.records.keys import Entered, Keys
from app.vocabulary.codes import PublicationKind, StateControl
from app.vocabulary.sensitivity import PUBLIC, SYSTEM


class PublicationFields(SQLModel):
    """What anyone may state about a publication."""

    name: Annotated[str, PUBLIC] = Field(min_length=1, max_length=300)
    kind: Annotated[PublicationKind | None, PUBLIC] = None
    country: Annotated[str | None, PUBLIC] = Field(
        None, schema_extra={"pattern": r"^[A-Z]{3}$"}, description="ISO 3166-1 alpha-3"
    )
    state_control: Annotated[StateControl | None, PUBLIC] = None


class Publication(Keys, PublicationFields, Entered, table=True):
    name_key: Annotated[str, SYSTEM] = Field(index=True)


class PublicationIn(Incoming, PublicationFields):
    """A publication as it comes in; known by its name."""


class PublicationOut(PublicationFields):
    id: UUID
