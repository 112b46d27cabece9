"""Every way to read many incidents - page, stream, count - none of them unseen by `access`."""

import base64
import binascii
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

import orjson
from sqlalchemy import ColumnElement, Select, and_, or_
from sqlmodel import Session, col, func, select

from app.access.policy import THE_PUBLIC
from app.access.viewer import Viewer, check_may_read
from app.errors import Fault, Invalid
from app.queries import ready_rows
from app.queries.conditions import clauses
from app.queries.filter import IncidentFilter, IncidentPage
from app.queries.ready_rows import Ready
from app.queries.rows import STORED, STORED_ROWS, FlatRow, attach, flat
from app.records import Incident

BATCH = 1000
# The column to sort by, and whether the greatest comes first.
SORTS: dict[str, tuple[Any, bool]] = {
    "-date_earliest": (Incident.date_earliest, True),
    "date_earliest": (Incident.date_earliest, False),
    "-updated_at": (Incident.updated_at, True),
    "ref": (Incident.pk, False),
}


def count(session: Session, question: IncidentFilter, viewer: Viewer) -> int:
    """How many incidents answer the question: exactly as many as `stream` yields."""
    check_may_read(viewer)
    asked = select(func.count()).select_from(Incident).where(*_conditions(session, question, viewer))
    return session.exec(asked).one()


def stream(session: Session, question: IncidentFilter, viewer: Viewer) -> Iterator[FlatRow]:
    """Each answer in turn, by its number, in constant memory: for files, maps and reports of any size.

    In any other order the rows and their sources lie far apart on the disk, and each has to be deciphered by itself.
    A question that cannot be asked is refused here, before the first row is out.
    """
    found = ready(session, question, viewer)
    if found is not None:
        return map(ready_rows.flat, found)
    return _in_batches(session, _ordered(_asked(session, question, viewer), "ref"), viewer)


def ready(session: Session, question: IncidentFilter, viewer: Viewer) -> Iterator[Ready] | None:
    """The same for the public, as it lies ready; None for everybody else."""
    check_may_read(viewer)
    conditions = _conditions(session, question, viewer)
    return ready_rows.found(session, conditions) if viewer.role == THE_PUBLIC else None


def countries(session: Session, question: IncidentFilter, viewer: Viewer) -> list[str | None]:
    """The countries of the answers, in order; None, at the end, when of some no country is known."""
    check_may_read(viewer)
    asked = select(Incident.country).where(*_conditions(session, question, viewer)).distinct()
    return sorted(session.exec(asked).all(), key=lambda country: (country is None, country))


def stream_country(
    session: Session, question: IncidentFilter, viewer: Viewer, country: str | None
) -> Iterator[FlatRow]:
    """Each answer of one country in turn, or of none that is known, newest first: `stream` in parts."""
    check_may_read(viewer)
    asked = _asked(session, question, viewer).where(col(Incident.country) == country)
    return _in_batches(session, _ordered(asked, "-date_earliest"), viewer)


def _in_batches(session: Session, asked: Select[*tuple[Any, ...]], viewer: Viewer) -> Iterator[FlatRow]:
    asked = asked.execution_options(yield_per=BATCH)
    for rows in session.execute(asked).partitions():
        yield from flat(rows, attach(session, rows, viewer))


def page(session: Session, question: IncidentPage, viewer: Viewer) -> tuple[list[FlatRow], str | None]:
    """One page of the answer and the cursor of the next, None on the last."""
    check_may_read(viewer)
    asked = _asked(session, question, viewer)
    if question.cursor is not None:
        asked = asked.where(_after(session, question.sort, question.cursor))
    rows = session.execute(_ordered(asked, question.sort).limit(question.limit + 1)).all()
    shown = rows[: question.limit]
    items = list(flat(shown, attach(session, shown, viewer)))
    return items, _cursor(question.sort, shown[-1]) if len(rows) > question.limit else None


def _conditions(session: Session, question: IncidentFilter, viewer: Viewer) -> list[ColumnElement[bool]]:
    """Made once for a page and its total, which are asked in one session."""
    asked = (question, viewer)
    kept, found = session.info.get("conditions", (None, None))
    if found is None or kept != asked:
        found = clauses(question, viewer, session.get_bind().dialect.name)
        session.info["conditions"] = asked, found
    conditions: list[ColumnElement[bool]] = found
    return conditions


def _asked(session: Session, question: IncidentFilter, viewer: Viewer) -> Select[*tuple[Any, ...]]:
    return STORED_ROWS.where(*_conditions(session, question, viewer))


def _ordered(asked: Select[*tuple[Any, ...]], sort: str) -> Select[*tuple[Any, ...]]:
    """By the column, what is not known last, and by number within it, so that the order is always the same."""
    column, down = SORTS[sort]
    number = col(Incident.pk).desc() if down else col(Incident.pk)
    if column is Incident.pk:
        return asked.order_by(number)
    return asked.order_by((col(column).desc() if down else col(column)).nulls_last(), number)


def _cursor(sort: str, row: Any) -> str:
    """Where a page ended: the value it was sorted by and the ref, which leads back to the number."""
    value = None if sort == "ref" else row[STORED.index(sort.removeprefix("-"))]
    return base64.urlsafe_b64encode(orjson.dumps([value, row[STORED.index("ref")]])).decode().rstrip("=")


def _after(session: Session, sort: str, cursor: str) -> ColumnElement[bool]:
    value, pk = _resume(session, sort, cursor)
    column, down = SORTS[sort]
    number = col(Incident.pk) < pk if down else col(Incident.pk) > pk
    if column is Incident.pk:
        return number
    if value is None:
        return and_(col(column).is_(None), number)
    beyond = col(column) < value if down else col(column) > value
    return or_(beyond, and_(col(column) == value, number), col(column).is_(None))


def _resume(session: Session, sort: str, cursor: str) -> tuple[date | datetime | None, int]:
    """The value and number where a cursor stands. Raises Invalid for one we did not give out."""
    wrong = Invalid("The cursor is damaged.", [Fault("cursor", "not one of ours", "start again without cursor")])
    try:
        text, ref = orjson.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        read = datetime.fromisoformat if sort == "-updated_at" else date.fromisoformat
        value = None if text is None else read(text)
        pk = session.exec(select(Incident.pk).where(col(Incident.ref) == str(ref))).first()
    except (ValueError, TypeError, binascii.Error) as problem:
        raise wrong from problem
    if pk is None:
        raise wrong
    return value, pk
