"""A list of numbers as one condition, whose words do not grow with the list where the engine can help it."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Boolean, ColumnElement, Dialect, Text, TypeDecorator, bindparam
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.visitors import InternalTraversal


class Numbers(TypeDecorator[Sequence[int]]):
    """Whole numbers as PostgreSQL writes an array: the driver would look at each of them by itself."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Sequence[int] | None, dialect: Dialect) -> str:  # noqa: ARG002
        return f"{{{','.join(map(str, value or ()))}}}"


class Among(ColumnElement[bool]):
    """Whether a number is one of those that are given as the parameter `name`."""

    _traverse_internals = [  # noqa: RUF012 - as SQLAlchemy declares them
        ("listed", InternalTraversal.dp_clauseelement),
        ("name", InternalTraversal.dp_string),
    ]
    type = Boolean()

    def __init__(self, number: Any, name: str) -> None:
        self.listed, self.name = number.in_(bindparam(name, expanding=True)), name

    def self_group(self, against: Any = None) -> "Among":  # noqa: ARG002
        """As it is: `= 1` behind it, as SQLite gets a column that is true or false, would keep the index from it."""
        return self


@compiles(Among)
def _one_by_one(asked: Among, compiler: Any, **how: Any) -> str:
    """A parameter for each."""
    return f"({compiler.process(asked.listed, **how)})"


@compiles(Among, "postgresql")
def _as_one(asked: Among, compiler: Any, **how: Any) -> str:
    """One parameter for all. Of a thousand PostgreSQL would read, name and plan every one, and so would the driver."""
    numbers = compiler.process(bindparam(asked.name, type_=Numbers()), **how)
    return f"{compiler.process(asked.listed.left, **how)} = ANY(CAST({numbers} AS BIGINT[]))"


def among(number: Any, name: str) -> Among:
    """The condition that a column is one of the numbers given as `name` when the question is asked."""
    return Among(number, name)
