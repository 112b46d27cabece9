"""Rows of the grid of cells as one condition with two parameters, whatever the height of the box."""

# Each cell is a number, row by row. As forty conditions with two numbers each, a box took longer to put into words than
# to answer, and no database could prepare the words for the next box.

from typing import Any

from sqlalchemy import Boolean, ColumnElement, Integer, bindparam
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.visitors import InternalTraversal
from sqlmodel import col

from app.records import Incident
from app.records.blocks import cell_column, cell_row

WIDE = 3600  # cells in a row
# So many cells are looked up one by one: by PostgreSQL, and by SQLite, which reads each of them among its words.
FEW, FEW_IN_WORDS = 1000, 400


class InRows(ColumnElement[bool]):
    """Whether a cell lies in so many rows, upwards from the one in which `first` and `last` lie, and between these."""

    _traverse_internals = [  # noqa: RUF012 - as SQLAlchemy declares them
        ("cell", InternalTraversal.dp_clauseelement),
        ("first", InternalTraversal.dp_clauseelement),
        ("last", InternalTraversal.dp_clauseelement),
        ("rows", InternalTraversal.dp_plain_obj),
        ("named", InternalTraversal.dp_plain_obj),
        ("few", InternalTraversal.dp_plain_obj),
    ]
    type = Boolean()

    def __init__(self, cell: Any, first: int, last: int, rows: int) -> None:
        self.cell, self.rows = cell, rows
        wide = last - first + 1
        self.few = wide * rows <= FEW
        self.named = wide if wide * rows <= FEW_IN_WORDS else 0
        self.first = bindparam("first_cell", first, Integer, unique=True)
        self.last = bindparam("last_cell", last, Integer, unique=True)

    def self_group(self, against: Any = None) -> "InRows":  # noqa: ARG002
        """As it is: `= 1` behind it, as SQLite gets a column that is true or false, would keep the index from it."""
        return self


@compiles(InRows)
def _in_words(asked: InRows, compiler: Any, **how: Any) -> str:
    """Of a few cells their numbers, else a stretch of numbers for each row: an index finds every one by itself.

    From several stretches SQLite gathers rows into a set before it looks at them; from numbers it does not.
    """
    cell, first, last = (compiler.process(part, **how) for part in (asked.cell, asked.first, asked.last))
    steps = [row * WIDE for row in range(asked.rows)]
    if asked.named:
        return f"{cell} IN ({', '.join(f'{first} + {step + n}' for step in steps for n in range(asked.named))})"
    return f"({' OR '.join(f'{cell} BETWEEN {first} + {step} AND {last} + {step}' for step in steps)})"


@compiles(InRows, "postgresql")
def _one_by_one(asked: InRows, compiler: Any, **how: Any) -> str:
    """Of a few cells a list: PostgreSQL then reads dates and standing from the same index, and for that no incident."""
    if not asked.few:
        return _in_words(asked, compiler, **how)
    cell, first, last = (compiler.process(part, **how) for part in (asked.cell, asked.first, asked.last))
    steps = f"generate_series(0, {WIDE * (asked.rows - 1)}, {WIDE})"
    cells = f"SELECT a + b FROM generate_series({first}, {last}) AS a, {steps} AS b"  # noqa: S608 - numbers of ours
    return f"{cell} = ANY(ARRAY({cells}))"


def in_cells(box: tuple[float, float, float, float]) -> InRows:
    """The cells of incidents that a box touches. It lies in one piece: west of its east, and south of its north."""
    west, south, east, north = box
    lowest, highest = cell_row(south), cell_row(north)
    first, last = (lowest * WIDE + cell_column(side) for side in (west, east))
    return InRows(col(Incident.cell), first, last, highest - lowest + 1)
