"""The wall: a session for staff reads in which one hook adds to every statement what its viewer may not see."""

# Three things hold it. The hook takes nothing but questions to mapped classes and gives each class its rule. The
# tripwire lets no statement to the database that the hook has not marked, nor one in which a bare table stands where a
# class should. And on PostgreSQL the session works under a role that sees no other rows, whatever is asked.
#
# The full-text table belongs to no class. It may be asked inside a question, because the numbers that it answers with
# only ever narrow `Incident.pk`, and the incidents have their own rule.

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any, cast

from psycopg.pq import Format
from sqlalchemy import Connection, Engine, Result, Select, Table, event
from sqlalchemy.orm import ORMExecuteState
from sqlalchemy.orm.interfaces import CriteriaOption
from sqlalchemy.orm.util import LoaderCriteriaOption
from sqlalchemy.sql.expression import Alias, ColumnClause, TableClause, TextClause
from sqlalchemy.sql.visitors import InternalTraversal
from sqlmodel import Session

from app.access.rules import ME, own_rules, rules
from app.access.viewer import Viewer
from app.db import let_go
from app.records.search import SEARCH

GUARDED, PASSED = "gawah_guarded", "gawah_passed"
# Of a question for columns alone: its rows come as the database gives them, and no loader of objects takes them apart.
IN_ROWS = {"gawah_in_rows": True}
MARK = object()
STAFF = "gawah_staff"
# A role of PostgreSQL, where it looks for tables, and the asker: for this transaction alone. What is prepared is still
# planned for each question: how many incidents have a word, or lie in a box, differs too much for one plan.
STEP_DOWN = """
SELECT set_config('search_path', 'gawah_staff, ' || current_setting('search_path'), true),
    set_config('plan_cache_mode', 'force_custom_plan', true), set_config('role', %s, true),
    set_config('gawah.role', %s, true), set_config('gawah.member', %s, true)
"""


class PastTheWallError(RuntimeError):
    """A read that would go past the wall; a fault of the program, never of who asks."""


class GuardedSession(Session):
    """A session that answers its viewer with no row that is out of their reach, and changes nothing."""

    def __init__(self, engine: Engine, viewer: Viewer) -> None:
        super().__init__(engine.execution_options(**{GUARDED: True}), autoflush=False)
        self.viewer = viewer

    def connection(self, *_: Any, **__: Any) -> Connection:
        raise PastTheWallError("A guarded session hands out no connection: ask by classes.")


class OpenSession(Session):
    """A session in the published store: what lies there is for everybody, and no rule is laid over it."""


class Rules(CriteriaOption):
    """The rules of a role as one option of a statement: thirty by themselves would be compared at every statement."""

    __slots__ = ("_all", "role")
    propagate_to_loaders = True
    _traverse_internals = [("role", InternalTraversal.dp_string)]  # noqa: RUF012 - as SQLAlchemy declares them

    def __init__(self, role: str) -> None:
        self.role = role
        self._all = _criteria({**rules(role), **own_rules(role)})

    def process_compile_state(self, compile_state: Any) -> None:
        self.get_global_criteria(compile_state.global_attributes)

    def process_compile_state_replaced_entities(self, compile_state: Any, _: Any) -> None:
        self.process_compile_state(compile_state)

    def get_global_criteria(self, attributes: dict[Any, Any]) -> None:
        """Give every class its rule."""
        for one in self._all:
            one.get_global_criteria(attributes)


class Rule(LoaderCriteriaOption):
    """The rule of one class, also where an alias of it is joined: there `with_loader_criteria` would ask the class."""

    __slots__ = ()
    _traverse_internals = LoaderCriteriaOption._traverse_internals  # noqa: SLF001 - as SQLAlchemy has its own do

    def _resolve_where_criteria(self, ext_info: Any) -> Any:
        found = super()._resolve_where_criteria(ext_info)
        return ext_info._adapter.traverse(found) if ext_info.is_aliased_class else found  # noqa: SLF001


def _criteria(found: dict[Any, Any]) -> list[Any]:
    given = [(table, rule) for table, rule in found.items() if rule is not None]
    return [Rule(table, rule, include_aliases=True, propagate_to_loaders=True) for table, rule in given]


_rules_of = cache(Rules)


@contextmanager
def guarded(engine: Engine, viewer: Viewer) -> Iterator[Session]:
    """A session for what this viewer reads: one state of the archive, and of it what is theirs to see."""
    with GuardedSession(engine, viewer) as session:
        yield session
        if session.in_transaction():
            let_go(Session.connection(session))
        session.rollback()


@contextmanager
def unguarded(engine: Engine) -> Iterator[Session]:
    """A session for what everybody reads. `engine`: of the published store, and of nothing else."""
    with OpenSession(engine) as session:
        yield session
        session.rollback()


@event.listens_for(GuardedSession, "do_orm_execute")
def hook(asked: ORMExecuteState) -> Result[Any] | None:
    """Give a question its rules. Raises PastTheWallError for whatever is no question to mapped classes."""
    if not (asked.is_select and asked.is_orm_statement) or asked.is_from_statement:
        raise PastTheWallError("A guarded session takes questions to mapped classes, and nothing else.")
    viewer: Viewer = asked.session.viewer  # type: ignore[attr-defined]
    asked.statement = asked.statement.options(_rules_of(viewer.role))
    asked.parameters = {**cast("dict[str, Any]", asked.parameters or {}), ME: viewer.name}
    asked.update_execution_options(**{PASSED: MARK})
    return _by_the_connection(asked)


def _by_the_connection(asked: ORMExecuteState) -> Result[Any] | None:
    """One that is asked IN_ROWS is answered here, by the connection: the same statement with the rules it has."""
    if not IN_ROWS.items() <= asked.execution_options.items():
        return None
    connection = Session.connection(asked.session, bind_arguments=dict(asked.bind_arguments))
    return connection.execute(asked.statement, asked.parameters, execution_options=asked.local_execution_options)


event.listen(OpenSession, "do_orm_execute", _by_the_connection)


def in_rows(session: Session, asked: Any, told: dict[str, Any]) -> Result[*tuple[Any, ...]]:
    """What a question is answered, whoever's session it is, past the loader of objects: of a class, its columns.

    In a session that writes, what it has not written yet is not among it.
    """
    if isinstance(session, GuardedSession):
        return session.execute(asked, told, execution_options=IN_ROWS)
    return session.connection().execute(asked, told)


@event.listens_for(GuardedSession, "after_begin")
def step_down(session: GuardedSession, _: Any, connection: Connection) -> None:
    """On PostgreSQL the database itself keeps the rows back: work under a role that the policies bind."""
    if connection.dialect.name == "postgresql":
        told = STAFF, session.viewer.role, session.viewer.name
        connection.exec_driver_sql(STEP_DOWN, told, execution_options={PASSED: MARK})


@event.listens_for(Engine, "before_cursor_execute")
def tripwire(connection: Connection, _: Any, statement: str, __: Any, context: Any, ___: Any) -> None:
    """Raises PastTheWallError for a statement of a guarded session that the hook has not seen."""
    if not connection.get_execution_options().get(GUARDED):
        return
    if statement == "BEGIN" and context.compiled is None:
        return
    if context.execution_options.get(PASSED) is not MARK:
        raise PastTheWallError("A statement came to the database past the hook.")
    if context.compiled is not None and not getattr(context.compiled, "is_walled", False):
        check_no_bare_table(context.compiled.statement)
        context.compiled.is_walled = True  # it is kept and used again; once is enough


@event.listens_for(Engine, "before_cursor_execute")
def in_bytes(_: Connection, cursor: Any, __: str, ___: Any, context: Any, ____: Any) -> None:
    """What is asked IN_ROWS comes from PostgreSQL in its own bytes: it would write a text out in hexadecimal."""
    if context.dialect.name == "postgresql" and IN_ROWS.items() <= context.execution_options.items():
        cursor.format = Format.BINARY


def check_no_bare_table(question: Any) -> None:
    """Raises PastTheWallError where a table, or SQL in words, stands in a question instead of a class."""
    seen: set[int] = set()  # a question may ask itself anew
    left = [(question, frozenset[str]())]
    while left:
        part, ruled = left.pop()
        if id(part) in seen or _is_of_class(part):
            continue
        seen.add(id(part))
        if _is_bare(part, ruled):
            raise PastTheWallError("A bare table or words of SQL stand in a question: ask by classes.")
        ruled = _asked_by_class(part) if isinstance(part, Select) else ruled
        left += [(inner, ruled) for inner in _parts(part)]


def _is_of_class(part: Any) -> bool:
    """A class or a column of one, or of its alias. One laid over a question is as good as that question."""
    if "parententity" not in getattr(part, "_annotations", {}):
        return False
    table = part.table if isinstance(part, ColumnClause) else part
    while isinstance(table, Alias):
        table = table.element
    return isinstance(table, Table)


def _asked_by_class(question: Any) -> frozenset[str]:
    """The tables that a question asks by their class, and so with their rule."""
    asked = [part for part in question._raw_columns if _is_of_class(part)]  # noqa: SLF001 - as it was asked
    tables = (part.table if isinstance(part, ColumnClause) else part for part in asked)
    return frozenset(table.name for table in tables if isinstance(table, Table))


def _parts(part: Any) -> Iterable[Any]:
    """What a question is made of, as it was asked: without the tables that only follow from its columns."""
    if isinstance(part, Select):
        found: Iterable[Any] = super(Select, part).get_children(omit_attrs=("_correlate", "_correlate_except"))
        return found
    if isinstance(part, ColumnClause) and part.table is not None:
        return [part.table]
    return part.get_children()  # type: ignore[no-any-return]


def _is_bare(part: Any, ruled: frozenset[str]) -> bool:
    if isinstance(part, ColumnClause):
        if part.is_literal:
            return part.name not in {"*", SEARCH.name}
        return isinstance(part.table, TableClause) and part.table is not SEARCH and part.table.name not in ruled
    if isinstance(part, TableClause):
        return part is not SEARCH and part.name not in ruled
    return isinstance(part, TextClause)
