"""The wall: in whatever shape a question comes, a viewer gets nothing of what is sealed; and without it they would."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch
from uuid import UUID

import pytest
from sqlalchemy import (
    Engine,
    column,
    delete,
    event,
    exists,
    func,
    insert,
    literal_column,
    table,
    text,
    union,
    union_all,
    update,
)
from sqlalchemy import select as core_select
from sqlalchemy.orm import Session as PlainSession
from sqlalchemy.orm import aliased, join, outerjoin
from sqlmodel import Session, SQLModel, col, select

from app.access import rules, wall
from app.access.viewer import Viewer
from app.access.wall import IN_ROWS, GuardedSession, PastTheWallError, guarded
from app.db import writing
from app.records import METADATA, Account, Act, Incident, Link, Person, PersonName, Revision, Source
from app.records.search import SEARCH, numbers_of
from tests.access.sealing import CANARY, fill
from tests.archives import READER, REVIEWER, TestArchive
from tests.shelves import only

OTHER = aliased(Incident)
Shape = Callable[[Session], Any]
TABLE = Incident.__table__  # type: ignore[attr-defined]


def all_of(session: Session, question: Any) -> list[Any]:
    return [tuple(row) for row in session.execute(question).all()]


def titles(session: Session, question: Any) -> list[Any]:
    return [one.title for one in session.scalars(question).all()]


def told(rows: list[Any]) -> list[Any]:
    """An answer from which it could be told that the canary is there."""
    return [CANARY] if rows else []


def recursive(session: Session) -> list[Any]:
    begun = select(Incident.pk, Incident.title).cte(recursive=True)
    return all_of(
        session, select(begun.union_all(select(Incident.pk, Incident.title).where(col(Incident.pk) > 99)).c.title)
    )


def warm(session: Session) -> Any:
    session.scalars(select(Incident)).all()
    return [one and one.title for one in (session.get(Incident, pk) for pk in (1, 2, 3))]


def refreshed(session: Session) -> list[Any]:
    found = list(session.scalars(select(Incident)).all())
    session.expire_all()
    return [one.title for one in found]


ACCOUNT_OF = col(Account.incident_pk) == col(Incident.pk)
HOLDS_IT = col(Incident.title).contains(CANARY)
# What a question may look like. Each tells the canary, or counts one row too many, when it reaches what is sealed.
SHAPES: dict[str, Shape] = {
    "entity": lambda s: titles(s, select(Incident)),
    "column": lambda s: all_of(s, select(Incident.title)),
    "entity in a row": lambda s: [row.title for row in wall.in_rows(s, select(Incident), {})],
    "two entities": lambda s: [(a.pk, i.title) for a, i in s.execute(select(Account, Incident).where(ACCOUNT_OF)).all()],
    "count of a column": lambda s: s.scalar(select(func.count(col(Incident.pk)))),
    "count of everything": lambda s: s.scalar(select(func.count()).select_from(Incident)),
    "greatest": lambda s: all_of(s, select(func.max(Incident.title))),
    "grouped": lambda s: all_of(s, select(Incident.title, func.count()).group_by(col(Incident.title))),
    "alias": lambda s: titles(s, select(OTHER)),
    "column of an alias": lambda s: all_of(s, select(OTHER.title)),
    "two of one class": lambda s: all_of(s, select(Incident.title, OTHER.title).join(OTHER, OTHER.pk != Incident.pk)),
    "subquery": lambda s: all_of(s, select(select(Incident.title).subquery().c.title)),
    "subquery of an alias": lambda s: all_of(s, select(select(OTHER.title).subquery().c.title)),
    "alias of a subquery": lambda s: titles(s, select(aliased(Incident, select(Incident).subquery()))),
    "cte": lambda s: all_of(s, select(select(Incident.title).cte().c.title)),
    "recursive cte": recursive,
    "scalar subquery": lambda s: all_of(
        s, select(Account.pk, select(Incident.title).where(ACCOUNT_OF).scalar_subquery())
    ),
    "union": lambda s: all_of(s, union(select(Incident.title), select(Source.title))),
    "union all": lambda s: all_of(s, union_all(select(Incident.title), select(Incident.title))),
    "union in a subquery": lambda s: all_of(
        s, select(union_all(select(Incident.title), select(Incident.title)).subquery().c.title)
    ),
    "join": lambda s: all_of(s, select(Account.pk, Incident.title).join(Incident)),
    "join with its condition": lambda s: all_of(s, select(Account.pk, Incident.title).join(Incident, ACCOUNT_OF)),
    "outer join": lambda s: all_of(s, select(Account.pk, Incident.title).outerjoin(Incident, ACCOUNT_OF)),
    "outer join from it": lambda s: all_of(s, select(Incident.title, Account.pk).outerjoin(Account, ACCOUNT_OF)),
    "join of the orm": lambda s: all_of(s, select(Incident.title).select_from(join(Account, Incident, ACCOUNT_OF))),
    "outer join of the orm": lambda s: all_of(
        s, select(Incident.title).select_from(outerjoin(Incident, Account, ACCOUNT_OF))
    ),
    "join of an alias": lambda s: all_of(s, select(Account.pk, OTHER.title).join(OTHER, OTHER.pk == Account.incident_pk)),
    "outer join of an alias": lambda s: all_of(
        s, select(Account.pk, OTHER.title).outerjoin(OTHER, OTHER.pk == Account.incident_pk)
    ),
    "alias of a child": lambda s: s.scalar(select(func.count()).select_from(aliased(Account))),
    "cross join": lambda s: all_of(s, select(Incident.title, Source.title).where(col(Source.pk) > 0)),
    "exists": lambda s: told(all_of(s, select(Source.title).where(exists().where(HOLDS_IT)))),
    "exists of a child": lambda s: told(all_of(s, select(Source.title).where(
        exists().where(col(Account.source_pk) == col(Source.pk), ACCOUNT_OF, HOLDS_IT)
    ))),
    "in a select": lambda s: told(all_of(s, select(Source.title).where(col(Source.pk).in_(
        select(Account.source_pk).where(col(Account.incident_pk).in_(select(Incident.pk).where(HOLDS_IT)))
    )))),
    "child alone": lambda s: s.scalar(select(func.count()).select_from(Account)),
    "grandchild by a join": lambda s: all_of(s, select(Act.group).join(Incident, col(Incident.pk) == Act.incident_pk)),
    "acts": lambda s: [act.group for act in s.scalars(select(Act)).all()],
    "source": lambda s: all_of(s, select(Source.title)),
    "person": lambda s: all_of(s, select(PersonName.full)),
    "person by a join": lambda s: all_of(s, select(PersonName.full).join(Person)),
    "history": lambda s: all_of(s, select(Revision.what)),
    "links": lambda s: all_of(s, select(Link.note)),
    "get": lambda s: [one and one.title for one in (s.get(Incident, pk) for pk in (1, 2, 3))],
    "get once met": warm,
    "read anew": refreshed,
    "query": lambda s: [one.title for one in s.query(Incident).all()],
    "count of a query": lambda s: s.query(Incident).count(),
    "page by page": lambda s: [
        [row.title for row in part] for part in s.execute(select(Incident.title).execution_options(yield_per=1)).partitions()
    ],
    "full text": lambda s: all_of(s, select(Incident.title).where(
        col(Incident.pk).in_(numbers_of(s.get_bind().dialect.name, [CANARY.casefold()], with_names=False))
    )),
}  # fmt: skip
# What a guarded session takes from nobody, whatever it asks for.
HOLES: dict[str, Shape] = {
    "a core table": lambda s: all_of(s, core_select(TABLE.c.title)),
    "a table by its name": lambda s: all_of(s, core_select(METADATA.tables["incident"])),
    "words": lambda s: all_of(s, text("SELECT title FROM incident")),
    "classes from words": lambda s: titles(s, select(Incident).from_statement(text("SELECT * FROM incident"))),
    "a connection": lambda s: all_of(s.connection(), text("SELECT title FROM incident")),
    "the engine behind it": lambda s: all_of(s.get_bind().connect(), text("SELECT title FROM incident")),
    "the driver": lambda s: s.get_bind().connect().exec_driver_sql("SELECT title FROM incident").all(),
    "a core table beside a class": lambda s: all_of(
        s, select(Source.pk, core_select(TABLE.c.title).where(TABLE.c.pk == 2).scalar_subquery())
    ),
    "a core table as an oracle": lambda s: all_of(
        s, select(Source.title).where(exists(core_select(TABLE.c.pk).where(TABLE.c.title.contains(CANARY))))
    ),
    "a core table in a cte": lambda s: all_of(s, select(Source.pk, core_select(TABLE.c.title).cte().c.title)),
    "an alias over a core subquery": lambda s: titles(s, select(aliased(Incident, core_select(TABLE).subquery()))),
    "a column of an alias over a core subquery": lambda s: all_of(
        s, select(aliased(Incident, core_select(TABLE).subquery()).title)
    ),
    "a lightweight table": lambda s: all_of(s, select(Source.pk, table("incident", column("title")).c.title)),
    "words in a question": lambda s: all_of(s, select(Source.pk, text("(SELECT max(title) FROM incident)"))),
    "a literal in a question": lambda s: all_of(
        s, select(Source.pk, literal_column("(SELECT max(title) FROM incident)"))
    ),
    "words in a condition": lambda s: all_of(s, select(Source.title).where(text("1 = 1"))),
    "the full text alone": lambda s: all_of(s, core_select(SEARCH.c.words)),
    "bulk update": lambda s: s.execute(update(Incident).values(title="x")).rowcount,
    "bulk delete": lambda s: s.execute(delete(Link)).rowcount,
    "insert": lambda s: s.execute(insert(Person).values(pk=9)),
    "insert from a select": lambda s: s.execute(
        insert(Person).from_select(["pk", "pseudonym"], select(Incident.pk, Incident.title))
    ),
    "a new row": lambda s: (s.add(Person(pk=9, id=UUID(int=9))), s.flush()),
}  # fmt: skip

# Asked for as objects, which only a loader makes.
OF_OBJECTS = {
    "acts", "alias", "alias of a subquery", "entity", "get", "get once met", "query", "read anew", "two entities",
}  # fmt: skip


@pytest.fixture(scope="module")
def kept(shared: TestArchive) -> TestArchive:
    return fill(shared)


pytestmark = [
    pytest.mark.one_archive,
    # Some shapes are none that anybody should ask, and are asked here all the same.
    pytest.mark.filterwarnings("ignore:SELECT statement has a cartesian product"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
]


def leaks(engine: Engine, shape: Shape, viewer: Viewer = READER, opened: Any = guarded) -> bool:
    """Whether a question gets at the sealed record: its words, or a count that it is in."""
    with opened(engine, viewer) as session:
        got = shape(session)
    return CANARY in str(got) or got == 3


@contextmanager
def in_rows(engine: Engine, viewer: Viewer) -> Iterator[Session]:
    with guarded(engine, viewer) as session:
        session.execution_options = session.execution_options.union(IN_ROWS)
        yield session


@pytest.mark.parametrize("name", SHAPES)
def test_no_shape_of_a_question_reaches_what_is_sealed(kept: TestArchive, name: str) -> None:
    assert not leaks(kept.engine, SHAPES[name])
    assert not leaks(kept.engine, SHAPES[name], Viewer("a contributor", "contributor"))


def test_whoever_may_see_it_does(kept: TestArchive) -> None:
    assert [name for name, shape in SHAPES.items() if not leaks(kept.engine, shape, REVIEWER)] == []


@pytest.mark.parametrize("name", sorted(SHAPES.keys() - OF_OBJECTS))
def test_rows_without_a_loader_are_the_same(kept: TestArchive, name: str) -> None:
    for viewer in (READER, Viewer("a contributor", "contributor"), REVIEWER):
        with guarded(kept.engine, viewer) as session, in_rows(kept.engine, viewer) as bare:
            assert SHAPES[name](bare) == SHAPES[name](session)
    assert not leaks(kept.engine, SHAPES[name], opened=in_rows)


@pytest.mark.parametrize("opened", [guarded, in_rows])
@pytest.mark.parametrize("name", HOLES)
def test_what_is_no_question_to_classes_is_refused(kept: TestArchive, name: str, opened: Any) -> None:
    with pytest.raises(PastTheWallError):
        leaks(kept.engine, HOLES[name], opened=opened)


def test_without_the_hook_the_same_questions_leak(kept: TestArchive) -> None:
    class Bare(PlainSession):
        def __init__(self, engine: Engine, _: Viewer) -> None:
            super().__init__(engine)

    assert [name for name, shape in SHAPES.items() if not leaks(kept.engine, shape, opened=Bare)] == []


def test_without_the_mark_nothing_passes(kept: TestArchive) -> None:
    event.remove(GuardedSession, "do_orm_execute", wall.hook)
    try:
        for shape in SHAPES.values():
            with pytest.raises(PastTheWallError):
                leaks(kept.engine, shape)
    finally:
        event.listen(GuardedSession, "do_orm_execute", wall.hook)


@only("sqlite")  # PostgreSQL keeps the rows back itself
@pytest.mark.parametrize("table", [Incident, Account, Act, Source, PersonName, Revision, Link])
def test_a_class_without_its_rule_leaks(kept: TestArchive, table: type[SQLModel]) -> None:
    lacking = {one: rule for one, rule in rules.rules("viewer").items() if one is not table}
    bare = wall.Rules("viewer")
    bare.role, bare._all = f"viewer without {table.__name__}", wall._criteria(lacking)
    with patch.object(wall, "_rules_of", lambda _: bare):
        assert any(leaks(kept.engine, shape) for shape in SHAPES.values())


def mapped() -> list[type[SQLModel]]:
    return [mapper.class_ for mapper in SQLModel._sa_registry.mappers]


@pytest.mark.parametrize(
    "role", ["viewer", "contributor", "reviewer", "admin", "auditor", "partner", "public", "nobody"]
)
def test_every_table_has_a_rule_or_a_reason(role: str) -> None:
    there = {**rules.rules(role), **rules.own_rules(role)}
    assert set(mapped()) == set(there) | set(rules.OPEN_TABLES)
    assert not set(there) & set(rules.OPEN_TABLES)
    assert {str(one.__tablename__) for one in mapped()} == set(METADATA.tables)


@pytest.mark.parametrize("role", ["admin", "auditor", "nobody"])
def test_who_reads_no_records_gets_none(kept: TestArchive, role: str) -> None:
    records = (Incident, Account, Act, Source, Person, PersonName, Link)
    with guarded(kept.engine, Viewer("somebody", role)) as session:
        for table in records:
            assert session.scalar(select(func.count()).select_from(table)) == 0


def test_a_partner_reads_what_is_shared(kept: TestArchive) -> None:
    with writing(kept.engine) as session:
        session.execute(update(Incident).where(col(Incident.title) == "Open too").values(sensitivity="partner"))
    try:
        with guarded(kept.engine, Viewer("a partner", "partner")) as session:
            assert list(session.scalars(select(Incident.title)).all()) == ["Open too"]
            assert session.scalar(select(func.count()).select_from(Account)) == 1
    finally:
        with writing(kept.engine) as session:
            session.execute(update(Incident).where(col(Incident.title) == "Open too").values(sensitivity="restricted"))
