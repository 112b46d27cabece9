"""What every record is known by: a number inside, a UUID outside."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from sqlalchemy import BigInteger, Integer
from sqlmodel import Field, SQLModel
from uuid_utils.compat import uuid7

from app.db import Moment
from app.vocabulary.sensitivity import PUBLIC, SYSTEM

# Set before the first table is defined, so that every constraint has one name on both engines.
SQLModel.metadata.naming_convention = {
    "ix": "ix_%(table_name)s_%(column_0_name)s",
    "uq": "uq_%(table_name)s_%(column_0_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}
# SQLite makes a rowid alias only of INTEGER; PostgreSQL wants 64 bits.
BigKey = BigInteger().with_variant(Integer(), "sqlite")


def new_id() -> UUID:
    """A fresh UUIDv7 (RFC 9562): sorts by the time it was made."""
    return uuid7()


def pointer(table: str, *, needed: bool = False, index: bool = True) -> Any:
    """A column that points at the number of a row of another table."""
    return Field(
        foreign_key=f"{table}.pk",
        sa_type=BigInteger,
        index=index,
        nullable=not needed,
        **({} if needed else _NONE),
    )


_NONE: dict[str, Any] = {"default": None}


class Keys(SQLModel):
    """`pk` never leaves the house. It is taken from `counter` under the write lock, on both engines alike."""

    pk: Annotated[int, SYSTEM] = Field(primary_key=True, sa_type=BigKey, sa_column_kwargs={"autoincrement": False})
    id: Annotated[UUID, PUBLIC] = Field(unique=True)


class Entered(SQLModel):
    """When the record was entered, and by which import if by one."""

    entered_at: Annotated[datetime, SYSTEM] = Field(sa_type=Moment)
    batch_pk: Annotated[int | None, SYSTEM] = pointer("import_batch", index=False)
