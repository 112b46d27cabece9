"""What hangs on the incidents of an answer, a table each: acts, persons, accounts, sources, places."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from typing import Any

from sqlalchemy import Select
from sqlalchemy.orm import aliased
from sqlmodel import Session, SQLModel, col, select

from app.access.viewer import Viewer, check_may_read
from app.access.visibility import delicacy, may_read, unsealed
from app.queries import cited
from app.queries.conditions import clauses
from app.queries.filter import IncidentFilter
from app.queries.people import names_outside
from app.queries.rows import FlatRow
from app.records import Account, Act, Incident, IncidentPlace, Person, Source
from app.records.source import SourceOut
from app.vocabulary.certainty import edtf
from app.vocabulary.sensitivity import IDENTITY

BATCH = 1000
WHEN = ("date_earliest", "date_latest", "date_span", "date_qualifier")
DATED = ("date_edtf", "date_earliest", "date_latest")
WHERE = (
    "place_name", "lon", "lat", "geo_precision", "uncertainty_m", "country", "area1", "area1_code", "area2",
    "area2_code",
)  # fmt: skip
ACT = (
    "kind", "group", "count_min", "count_best", "count_max", "civilian_status", "sex", "age_group", "age_at_event",
    "method", "weapon", "outcome", "official_position",
)  # fmt: skip
ACCOUNT = (
    "speaker", "speaker_role", "stance", "quote", "quote_translation", "locator_type", "locator", "credibility",
    "claimed_as_of", "standing",
)  # fmt: skip
# Told of a person whose name is told, and of nobody else.
OF_THE_NAMED = ("birth_year", "nationality", "occupation")
PERSON = ("sex", "identity_protection", *OF_THE_NAMED)
SOURCE = (
    "kind", "title", "author", "language", "url", "archive_url", "received_on", "closeness", "reliability", "licence",
)  # fmt: skip

# The columns of each table in their order. What one leads to stands in the column of its name: `incident` is a ref.
TABLES: dict[str, tuple[str, ...]] = {
    "acts": ("act_id", "incident", "account_id", "person_id", *ACT, *DATED, *WHERE),
    "persons": ("person_id", "name", *PERSON),
    "accounts": ("account_id", "incident", "source_id", *ACCOUNT),
    "sources": ("source_id", "citation", "publication", "published_edtf", *SOURCE),
    "places": ("place_id", "incident", "account_id", "role", *DATED, *WHERE),
}
# The class whose fields the columns of a table are.
OF: dict[str, type[SQLModel]] = {
    "acts": Act, "persons": Person, "accounts": Account, "sources": Source, "places": IncidentPlace,
}  # fmt: skip


def related(
    session: Session, question: IncidentFilter, viewer: Viewer
) -> Mapping[str, Callable[[], Iterable[FlatRow]]]:
    """The tables by name, each asked for when it is wanted, in constant memory. What a viewer may not read is empty.

    A question that cannot be asked is refused here.
    """
    check_may_read(viewer)
    answer = clauses(question, viewer, session.get_bind().dialect.name)
    found: dict[str, Callable[[], Iterable[FlatRow]]] = {
        "acts": partial(_acts, session, answer, viewer),
        "persons": partial(_persons, session, answer, viewer),
        "accounts": partial(_accounts, session, answer, viewer),
        "sources": partial(_sources, session, question, viewer),
        "places": partial(_places, session, answer, viewer),
    }
    return found


def _acts(session: Session, answer: list[Any], viewer: Viewer) -> Iterator[FlatRow]:
    asked = _hanging(Act, (*ACT, *WHEN, *WHERE), answer, Account.id, Person.id)
    asked = asked.outerjoin(Account, col(Account.pk) == Act.account_pk).outerjoin(
        Person, col(Person.pk) == Act.person_pk
    )
    for act, ref, account, person, *cells in _rows(session, asked):
        told = _dated(_redacted(Act, (*ACT, *WHEN, *WHERE), cells, viewer))
        who = person if may_read(viewer, delicacy(Act, "person_pk")) else None
        yield _in_order("acts", told | {"act_id": act, "incident": ref, "account_id": account, "person_id": who})


def _accounts(session: Session, answer: list[Any], viewer: Viewer) -> Iterator[FlatRow]:
    asked = _hanging(Account, ACCOUNT, answer, Source.id)
    asked = asked.join(Source, col(Source.pk) == Account.source_pk).where(*unsealed(viewer))
    for account, ref, source, *cells in _rows(session, asked):
        told = _redacted(Account, ACCOUNT, cells, viewer)
        yield _in_order("accounts", told | {"account_id": account, "incident": ref, "source_id": source})


def _places(session: Session, answer: list[Any], viewer: Viewer) -> Iterator[FlatRow]:
    names = ("role", *WHEN, *WHERE)
    asked = _hanging(IncidentPlace, names, answer, Account.id)
    asked = asked.outerjoin(Account, col(Account.pk) == IncidentPlace.account_pk)
    for place, ref, account, *cells in _rows(session, asked):
        told = _dated(_redacted(IncidentPlace, names, cells, viewer))
        yield _in_order("places", told | {"place_id": place, "incident": ref, "account_id": account})


def _persons(session: Session, answer: list[Any], viewer: Viewer) -> Iterator[FlatRow]:
    """Those against whom an act was, by the name that may be told outside; nobody for those who read no names."""
    if not may_read(viewer, IDENTITY):
        return
    harmed = select(Act.person_pk).where(col(Act.incident_pk).in_(select(Incident.pk).where(*answer)))
    wanted: list[Any] = [Person.pk, Person.id, *(getattr(Person, name) for name in PERSON)]
    asked = select(*wanted).where(col(Person.pk).in_(harmed)).order_by(col(Person.pk))
    for rows in session.execute(asked.execution_options(yield_per=BATCH)).partitions():
        names = names_outside(session, [row[0] for row in rows])
        for pk, person, *cells in rows:
            told = _redacted(Person, PERSON, cells, viewer)
            if told["identity_protection"] != "named":
                told |= dict.fromkeys(OF_THE_NAMED)
            yield _in_order("persons", told | {"person_id": person, "name": names.get(pk)})


def _sources(session: Session, question: IncidentFilter, viewer: Viewer) -> Iterator[FlatRow]:
    return map(_source, cited.stream(session, question, viewer))


def _source(source: SourceOut) -> FlatRow:
    told = {name: getattr(source, name) for name in SOURCE} | {
        "source_id": source.id,
        "citation": source.citation,
        "publication": source.publication.name if source.publication else None,
        "published_edtf": source.published.edtf if source.published else None,
    }
    return _in_order("sources", told)


def _hanging(table: Any, names: Iterable[str], answer: list[Any], *more: Any) -> Select[*tuple[Any, ...]]:
    """A question for what hangs on the incidents of an answer: its id, the ref, `more`, and the columns of names."""
    # The answer is asked for apart: next to the tables joined here, its own conditions on them would mean these rows.
    shown = aliased(Incident)
    wanted = [table.id, shown.ref, *more, *(getattr(table, name) for name in names)]
    asked: Select[*tuple[Any, ...]] = (
        select(*wanted)
        .select_from(table)
        .join(shown, col(shown.pk) == table.incident_pk)
        .where(table.incident_pk.in_(select(Incident.pk).where(*answer)))
        .order_by(table.incident_pk, table.pk)
    )
    return asked


def _rows(session: Session, asked: Select[*tuple[Any, ...]]) -> Iterator[Any]:
    for rows in session.execute(asked.execution_options(yield_per=BATCH)).partitions():
        yield from rows


def _redacted(table: type[SQLModel], names: Iterable[str], cells: Iterable[Any], viewer: Viewer) -> FlatRow:
    """The cells by name, those emptied that the viewer may not read."""
    return {
        name: cell if may_read(viewer, delicacy(table, name)) else None for name, cell in zip(names, cells, strict=True)
    }


def _dated(told: FlatRow) -> FlatRow:
    return told | {"date_edtf": edtf(*(told[name] for name in WHEN))}


def _in_order(table: str, told: FlatRow) -> FlatRow:
    return {name: told[name] for name in TABLES[table]}
