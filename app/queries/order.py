"""In which order incidents come, and where the next page of them begins."""

import base64
import binascii
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

import orjson
from sqlalchemy import ColumnElement, Select
from sqlmodel import Session, col, select

from app.errors import Fault, Invalid
from app.records import Incident

Condition = ColumnElement[bool]
# The column to sort by, and whether the greatest comes first.
SORTS: dict[str, tuple[Any, bool]] = {
    "-date_earliest": (Incident.date_earliest, True),
    "date_earliest": (Incident.date_earliest, False),
    "-updated_at": (Incident.updated_at, True),
    "ref": (Incident.pk, False),
}
# What may not be known comes last.
MAY_LACK = ("-date_earliest", "date_earliest")
# By how well the words are answered: no column says that.
RELEVANCE = "relevance"
WITHOUT_VALUE = ("ref", RELEVANCE)


def ordered(asked: Select[*tuple[Any, ...]], sort: str, of: Any = Incident) -> Select[*tuple[Any, ...]]:
    """By the column, what is not known last, and by number within it, so that the order is always the same.

    `of`: what has the columns, where it is not the incidents themselves.
    """
    column, down = SORTS[sort]
    number = col(of.pk).desc() if down else col(of.pk)
    if column is Incident.pk:
        return asked.order_by(number)
    column = getattr(of, column.key)
    first = col(column).desc() if down else col(column)
    # Only where it says something: PostgreSQL would not read the index the other way round, and sort everything.
    return asked.order_by(first.nulls_last() if sort in MAY_LACK else first, number)


def take(session: Session, asked: Select[*tuple[Any, ...]], question: Any, most: int) -> list[Any]:
    """The first so many rows of an answer, from where the page of the question begins. Raises Invalid."""
    rows: list[Any] = []
    for piece in pieces(session, question.sort, question.cursor):
        if len(rows) < most:
            part = ordered(asked.where(*piece), question.sort).limit(most - len(rows))
            rows += session.execute(part).all()
    return rows


def cursor_at(sort: str, row: Any, columns: Sequence[str]) -> str:
    """Where a page ended: the value it was sorted by and the ref, which leads back to the number."""
    value = None if sort in WITHOUT_VALUE else row[columns.index(sort.removeprefix("-"))]
    return base64.urlsafe_b64encode(orjson.dumps([value, row[columns.index("ref")]])).decode().rstrip("=")


def pieces(session: Session, sort: str, cursor: str | None) -> list[list[Condition]]:
    """What is left after a cursor, in parts that follow one another: the same value, those beyond it, those without.

    An index finds each of them by itself. All in one condition with OR, both engines would walk from the start.
    """
    if cursor is None:
        return [[]]
    value, pk = resume(session, sort, cursor)
    column, down = SORTS[sort]
    after = col(Incident.pk) < pk if down else col(Incident.pk) > pk
    if column is Incident.pk:
        return [[after]]
    unknown = col(column).is_(None)
    if value is None:
        return [[unknown, after]]
    beyond = col(column) < value if down else col(column) > value
    left: list[list[Condition]] = [[col(column) == value, after], [beyond]]
    return [*left, [unknown]] if sort in MAY_LACK else left


def resume(session: Session, sort: str, cursor: str) -> tuple[date | datetime | None, int]:
    """The value and number where a cursor stands. Raises Invalid for one we did not give out."""
    try:
        text, ref = orjson.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        read = datetime.fromisoformat if sort == "-updated_at" else date.fromisoformat
        value = None if text is None else read(text)
        pk = session.exec(select(Incident.pk).where(col(Incident.ref) == str(ref))).first()
    except (ValueError, TypeError, binascii.Error) as problem:
        raise damaged() from problem
    if pk is None:
        raise damaged()
    return value, pk


def damaged() -> Invalid:
    return Invalid("The cursor is damaged.", [Fault("cursor", "not one of ours", "start again without cursor")])
