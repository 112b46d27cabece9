"""Incidents ready to go out to members: the feature and the line of each that everybody inside reads alike."""

# A text is kept where the least cleared reader and the most cleared one get the very same of an incident; an empty text
# says that they do not, and that it is made for each of them. A mark of VOID says that what it was made of has changed:
# triggers of the database write it, in the same transaction, and the text is gone (app/records/voiding.py).

from typing import Annotated

from sqlalchemy import BigInteger, Double, LargeBinary
from sqlmodel import Field, SQLModel

from app.records.keys import BigKey
from app.vocabulary.sensitivity import LOCATION_EXACT, PUBLIC, SYSTEM

# The mark of a text whose incident has changed since.
VOID = 0


class ReadyFeature(SQLModel, table=True):
    """An incident as a feature of GeoJSON; its properties are the flat row.

    `mark`: of the words of ours that stand in it, see `queries/kept_rows.py`. What is void has another one than any.
    """

    __tablename__ = "ready_feature"

    incident_pk: Annotated[int, SYSTEM] = Field(
        primary_key=True, sa_type=BigKey, sa_column_kwargs={"autoincrement": False}
    )
    mark: Annotated[int, SYSTEM] = Field(sa_type=BigInteger, index=True)
    ref: Annotated[str, PUBLIC] = Field("", max_length=20)
    lon: Annotated[float | None, LOCATION_EXACT] = Field(None, sa_type=Double)
    lat: Annotated[float | None, LOCATION_EXACT] = Field(None, sa_type=Double)
    text: Annotated[bytes, LOCATION_EXACT] = Field(b"", sa_type=LargeBinary)


class ReadyLine(SQLModel, table=True):
    """The same as a line of CSV, apart: whoever draws a map does not decipher it. What is void has none."""

    __tablename__ = "ready_line"

    incident_pk: Annotated[int, SYSTEM] = Field(
        primary_key=True, sa_type=BigKey, sa_column_kwargs={"autoincrement": False}
    )
    mark: Annotated[int, SYSTEM] = Field(sa_type=BigInteger)
    text: Annotated[bytes, LOCATION_EXACT] = Field(b"", sa_type=LargeBinary)


READY: tuple[type[SQLModel], ...] = (ReadyFeature, ReadyLine)
