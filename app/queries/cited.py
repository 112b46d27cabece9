"""The sources behind an answer: each once, in the order in which they came into the archive."""

from collections.abc import Iterator
from typing import Any

from sqlmodel import Session, col, func, select

from app.access.viewer import Viewer, check_may_read
from app.access.visibility import visible_sources
from app.queries.catalogue import SourceFilter, source_conditions, sources_by_pk
from app.queries.conditions import clauses
from app.queries.filter import IncidentFilter
from app.records import Account, Incident, Source
from app.records.source import SourceOut

BATCH = 500


def stream(session: Session, asked: SourceFilter | IncidentFilter, viewer: Viewer) -> Iterator[SourceOut]:
    """Every source asked for, or cited by the incidents asked for, in constant memory.

    A question that cannot be asked is refused here, before the first source is out.
    """
    check_may_read(viewer)
    return _in_batches(session, _conditions(session, asked, viewer), viewer)


def count(session: Session, asked: SourceFilter | IncidentFilter, viewer: Viewer) -> int:
    """How many sources: exactly as many as `stream` yields."""
    check_may_read(viewer)
    conditions = _conditions(session, asked, viewer)
    return session.exec(select(func.count()).select_from(Source).where(*conditions)).one()


def of_incident(session: Session, incident: Incident, viewer: Viewer) -> list[SourceOut]:
    """The sources of one incident, in the order of its accounts."""
    cited = select(Account.source_pk).where(col(Account.incident_pk) == incident.pk).order_by(col(Account.pk))
    seen = select(Source.pk).where(col(Source.pk).in_(pks := list(session.exec(cited))), *visible_sources(viewer))
    shown = sources_by_pk(session, session.exec(seen).all(), viewer)
    return [shown[pk] for pk in dict.fromkeys(pks) if pk in shown]


def _conditions(session: Session, asked: SourceFilter | IncidentFilter, viewer: Viewer) -> list[Any]:
    if isinstance(asked, SourceFilter):
        return source_conditions(asked, viewer)
    answer = clauses(asked, viewer, session.get_bind().dialect.name)
    cited = select(Account.source_pk).join(Incident, col(Incident.pk) == Account.incident_pk).where(*answer)
    return [col(Source.pk).in_(cited), *visible_sources(viewer)]


def _in_batches(session: Session, conditions: list[Any], viewer: Viewer) -> Iterator[SourceOut]:
    asked = select(Source.pk).where(*conditions).order_by(col(Source.pk)).execution_options(yield_per=BATCH)
    for rows in session.execute(asked).partitions():
        pks = [row[0] for row in rows]
        shown = sources_by_pk(session, pks, viewer)
        yield from (shown[pk] for pk in pks)
        session.expunge_all()
