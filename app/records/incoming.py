"""What comes in: strict about unknown names, and read at pydantic's own speed."""

from typing import Any, Self

from pydantic import BaseModel
from sqlmodel import SQLModel


class Incoming(SQLModel):
    """Put first among the bases of an `...In`.

    SQLModel's own constructor makes pydantic leave its fast path for every nested model; nothing that comes in is a
    table, so the plain one will do.
    """

    model_config = {"extra": "forbid"}

    __init__ = BaseModel.__init__
    __new__ = object.__new__

    @classmethod
    def model_validate(cls, obj: Any, **options: Any) -> Self:
        """As pydantic does it. Raises ValidationError."""
        read: Self = cls.__pydantic_validator__.validate_python(obj, **options)
        return read
