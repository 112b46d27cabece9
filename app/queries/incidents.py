"""Every way to read many incidents - page, stream, count - none of them unseen by `access`."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import ColumnElement, Select
from sqlmodel import Session, col, func, select

from app.access.policy import READERS, THE_PUBLIC
from app.access.viewer import Viewer, check_may_read
from app.queries import by_place, by_words, ranking
from app.queries.conditions import clauses
from app.queries.filter import IncidentFilter, IncidentPage
from app.queries.kept_rows import Kept, kept, texts_of
from app.queries.order import RELEVANCE, cursor_at, ordered, take
from app.queries.ready_rows import Ready
from app.queries.rows import NUMBERS, STORED, STORED_ROWS, FlatRow, attach, by_numbers, flat
from app.queries.written import feature, flat_row, row_of
from app.records import Incident

# Some megabytes at once; of fewer, each costs three questions.
BATCH = 300


def count(session: Session, question: IncidentFilter, viewer: Viewer) -> int:
    """How many incidents answer the question: exactly as many as `stream` yields."""
    check_may_read(viewer)
    counted = session.info.get("counted")
    if counted is not None and counted[0] == (question, viewer):
        return int(counted[1])
    asked = select(func.count()).select_from(Incident)
    if by_words.knows_ways(session, question):
        return session.exec(by_words.by_number(asked, question, viewer)).one()
    return session.exec(asked.where(*_conditions(session, question, viewer))).one()


def are_more_than(session: Session, question: IncidentFilter, viewer: Viewer, few: int) -> bool:
    """Whether there are more answers than so many. No more of them are looked at."""
    check_may_read(viewer)
    asked = select(Incident.pk).where(*_conditions(session, question, viewer)).offset(few).limit(1)
    return session.exec(asked).first() is not None


def stream(session: Session, question: IncidentFilter, viewer: Viewer) -> Iterator[FlatRow]:
    """Each answer in turn, by its number, in constant memory: for files, maps and reports of any size.

    In any other order the rows and their sources lie far apart on the disk, and each has to be deciphered by itself.
    A question that cannot be asked is refused here, before the first row is out.
    """
    found = ready(session, question, viewer)
    if found is not None:
        return found.rows()
    return _in_batches(session, ordered(_asked(session, question, viewer), "ref"), viewer)


def ready(session: Session, question: IncidentFilter, viewer: Viewer) -> Ready | Kept | None:
    """The same as far as it lies ready; None where nothing does."""
    check_may_read(viewer)
    conditions = _conditions(session, question, viewer)
    return Ready(session, conditions) if viewer.role == THE_PUBLIC else kept(session, conditions, viewer)


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
    return _in_batches(session, ordered(asked, "-date_earliest"), viewer)


def _in_batches(session: Session, asked: Select[*tuple[Any, ...]], viewer: Viewer) -> Iterator[FlatRow]:
    asked = asked.execution_options(yield_per=BATCH)
    for rows in session.execute(asked).partitions():
        yield from flat(rows, attach(session, rows, viewer))


def page(session: Session, question: IncidentPage, viewer: Viewer) -> tuple[list[FlatRow], str | None]:
    """One page of the answer and the cursor of the next, None on the last."""
    texts, cursor = written_page(session, question, viewer)
    return [flat_row(text) for text in texts], cursor


def written_page(session: Session, question: IncidentPage, viewer: Viewer) -> tuple[list[bytes], str | None]:
    """The same, each incident as a feature of GeoJSON: what lies ready is not read to be written again."""
    check_may_read(viewer)
    if viewer.role in READERS:
        return _kept_page(session, question, viewer)
    rows = _one_more(session, question, viewer, STORED_ROWS)
    shown = rows[: question.limit]
    texts = [feature(row).text for row in flat(shown, attach(session, shown, viewer))]
    return texts, cursor_at(question.sort, shown[-1], STORED) if len(rows) > question.limit else None


def _kept_page(session: Session, question: IncidentPage, viewer: Viewer) -> tuple[list[bytes], str | None]:
    """The same out of what lies ready: only the numbers are asked of the incidents, and those an index knows."""
    found = _one_more(session, question, viewer, NUMBERS)
    texts = texts_of(session, [pk for pk, *_ in found[: question.limit]], viewer)
    if len(found) <= question.limit or not texts:
        return texts, None
    name = question.sort.removeprefix("-")
    last = row_of(texts[-1])
    if name == "updated_at":  # of which a row tells the second
        last |= {name: session.exec(select(Incident.updated_at).where(col(Incident.ref) == last["ref"])).one()}
    return texts, cursor_at(question.sort, (last.get(name), last["ref"]), (name, "ref"))


def _one_more(session: Session, question: IncidentPage, viewer: Viewer, wanted: Select[*tuple[Any, ...]]) -> list[Any]:
    """The rows of a page as `wanted`, their numbers or all that is stored, and the one after it if there is one."""
    conditions = _conditions(session, question, viewer)
    if question.sort == RELEVANCE:
        pks = ranking.best(session, question, conditions, viewer)
    elif by_words.alone(question):
        pks = by_words.first(session, question, conditions, viewer, question.limit + 1)
    elif question.cursor is None and (
        counted := by_place.at_once(session, question, conditions, question.sort, question.limit + 1)
    ):
        pks, session.info["counted"] = counted[0], ((question, viewer), counted[1])
    elif by_place.is_small(session, question, viewer):
        pks = _small(session, question, conditions, viewer)
    else:
        return take(session, wanted.where(*conditions), question, question.limit + 1)
    return by_numbers(session, pks) if wanted is STORED_ROWS else [(pk,) for pk in pks]


def _small(
    session: Session, question: IncidentPage, conditions: list[ColumnElement[bool]], viewer: Viewer
) -> list[int]:
    """The numbers of a page within a small box. All in it are put in order for the first page, and so counted too."""
    if question.cursor is not None:
        return [pk for (pk,) in take(session, by_place.numbers(conditions), question, question.limit + 1)]
    found = take(session, by_place.counted(conditions), question, question.limit + 1)
    session.info["counted"] = (question, viewer), found[0][1] if found else 0
    return [pk for pk, _ in found]


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
