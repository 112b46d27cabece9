"""Keep the texts of incidents ready for members: made of what stands in the archive, where all of them read alike."""

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from typing import Any

from sqlalchemy import Connection, Engine, delete
from sqlalchemy.exc import OperationalError
from sqlmodel import Session, col, func, select

from app.access.policy import CLEARANCES, READERS
from app.access.viewer import Viewer
from app.access.wall import guarded
from app.bulk import insert_rows
from app.db import reading, writing
from app.queries.kept_rows import made, mark
from app.queries.rows import PK, Attached, attach, flat, stored
from app.queries.written import feature, line
from app.records import METADATA, Archive, Incident, ReadyFeature, ReadyLine
from app.records.ready_row import READY
from app.records.voiding import READ

Texts = dict[int, tuple[dict[str, Any], dict[str, Any]]]
# Made in one transaction, in which nobody else can write: some 60 ms.
STEP = 500
PATIENCE = "2s"
# So many may have no text before the service makes them, and so many it makes at once before it looks for other work.
MANY, AT_ONCE = 500, 5_000
# The least cleared first.
READING = tuple(
    Viewer("keeping", role)
    for role in sorted(READERS, key=lambda role: (len(CLEARANCES[role].sensitivities), len(CLEARANCES[role].classes)))
)


def keep_up(engine: Engine) -> int:
    """Make some of the texts that are missing or void, once there are many. How many were made."""
    with reading(engine) as session:
        if _left(session) < MANY:
            return 0
    return fill(engine, AT_ONCE)


def fill(engine: Engine, most: int | None = None, advance: Callable[[int], None] = lambda _: None) -> int:
    """Make the texts that are missing or void: how many. Whoever stops it half-way keeps what is made.

    `most`: about so many, all without it; `advance`: is told how many more are made.
    """
    filled = 0
    while most is None or filled < most:
        made_now = _fill_some(engine)
        if not made_now:
            break
        filled += made_now
        advance(made_now)
    return filled


def _fill_some(engine: Engine) -> int:
    with ExitStack() as stack:
        readers = [stack.enter_context(guarded(_committed(engine), viewer)) for viewer in READING]
        if engine.name == "postgresql":
            # They get their connections first: writers that wait for us may hold all the others.
            for reader in readers:
                reader.execute(select(Archive.kind))
        session = stack.enter_context(writing(engine))
        which = _to_make(session) if _hold_still(session.connection()) else []
        if which:
            _keep(session.connection(), which, _alike(readers, which))
        return len(which)


def differences(engine: Engine) -> int:
    """How many texts are not what one of those who may read them would get if it were made now."""
    wrong: set[int] = set()
    for viewer in READING:
        with guarded(_at_once(engine), viewer) as session:
            asked: Any = select(ReadyFeature.incident_pk, ReadyFeature.text, ReadyLine.text).outerjoin(
                ReadyLine, col(ReadyLine.incident_pk) == col(ReadyFeature.incident_pk)
            )
            asked = asked.where(col(ReadyFeature.mark) == mark(), col(ReadyFeature.text) != b"")
            asked = asked.order_by(col(ReadyFeature.incident_pk)).execution_options(yield_per=STEP)
            for rows in session.execute(asked).partitions():
                told = made(session, [pk for pk, *_ in rows], viewer)
                wrong |= {pk for pk, *texts in rows if pk not in told or texts != [*map(bytes, _texts(told[pk]))]}
    return len(wrong)


def _at_once(engine: Engine) -> Engine:
    """Text by text with what it is made of, while others write."""
    return engine.execution_options(isolation_level="REPEATABLE READ") if engine.name == "postgresql" else engine


def _committed(engine: Engine) -> Engine:
    """What is committed by now, whatever is usual on a server. SQLite reads so from its first question on."""
    return engine.execution_options(isolation_level="READ COMMITTED") if engine.name == "postgresql" else engine


def _texts(row: dict[str, Any]) -> tuple[bytes, bytes]:
    return feature(row).text, line(row).encode()


def _hold_still(connection: Connection) -> bool:
    """On PostgreSQL nobody writes what texts are made of, not even past our lock, until they are kept.

    False where somebody does just now, and may take long: while we waited for them, nobody else could write.
    """
    if connection.dialect.name != "postgresql":
        return True
    connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{PATIENCE}'")
    try:
        with connection.begin_nested():
            connection.exec_driver_sql(f"LOCK TABLE {', '.join(['incident', *READ])} IN SHARE MODE")
    except OperationalError:
        return False
    return True


def _left(session: Session) -> int:
    """How many incidents have no text of today, counted up to MANY."""
    other = (select(ReadyFeature.incident_pk).where(wrong).limit(MANY).subquery() for wrong in _not_of_today())
    void = sum(session.execute(select(func.count()).select_from(one)).scalar_one() for one in other)
    return int(void) + (session.exec(select(func.max(Incident.pk))).one() or 0) - _last(session)


def _last(session: Session) -> int:
    """The last number that was looked at: what comes in later has a higher one."""
    return session.exec(select(func.max(ReadyFeature.incident_pk))).one() or 0


def _not_of_today() -> tuple[Any, Any]:
    """Void, or in other words of ours: in two parts, so that an index finds either."""
    return col(ReadyFeature.mark) < mark(), col(ReadyFeature.mark) > mark()


def _to_make(session: Session) -> list[int]:
    """The numbers of the next STEP: what has changed, and then what is new."""
    found: list[int] = []
    for wrong in _not_of_today():
        found += session.exec(select(ReadyFeature.incident_pk).where(wrong).limit(STEP - len(found))).all()
    new = select(Incident.pk).where(col(Incident.pk) > _last(session)).order_by(col(Incident.pk))
    return sorted([*found, *session.exec(new.limit(STEP - len(found))).all()])


def _alike(readers: Sequence[Session], which: Sequence[int]) -> Texts:
    """The rows of both tables for incidents that all who read them read alike, by number.

    Each of those who read is asked through the wall, of what the transaction around this one holds still.
    """
    rows = stored(readers[0], which)
    first, *others = [attach(one, rows, viewer) for one, viewer in zip(readers, READING, strict=True)]
    same = [row for row in rows if all(_of(row[PK], first) == _of(row[PK], other) for other in others)]
    told = zip(same, flat(same, first), strict=True)
    return {row[PK]: (feature(one)._asdict(), {"text": line(one).encode()}) for row, one in told}


def _of(pk: int, hung: Attached) -> tuple[str | None, ...]:
    return hung.responsible.get(pk), hung.citations.get(pk), hung.urls.get(pk)


def _keep(connection: Connection, which: Sequence[int], texts: Texts) -> None:
    """Lay the texts down in place of what there was; an empty one where it is made for each reader."""
    there = set(connection.execute(select(Incident.pk).where(col(Incident.pk).in_(which))).scalars())
    nothing: Any = {"ref": "", "lon": None, "lat": None, "text": b""}, {"text": b""}
    for place, table in enumerate(READY):
        connection.execute(delete(table).where(col(table.incident_pk).in_(which)))  # type: ignore[attr-defined]
        rows = [{"incident_pk": pk, "mark": mark(), **texts.get(pk, nothing)[place]} for pk in which if pk in there]
        if rows:
            insert_rows(connection, METADATA.tables[str(table.__tablename__)], rows)
