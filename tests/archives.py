"""An archive in the hands of a test: short words for what tests do again and again."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from threading import current_thread
from typing import Any

from sqlalchemy import Engine, event
from sqlmodel import Session, SQLModel, func, select

from app.access.viewer import Viewer
from app.actions import incidents as actions
from app.actions.incidents import Reported
from app.db import reading, writing
from app.imports.background import WORKER
from app.queries import history, incidents, one
from app.queries.filter import IncidentFilter
from app.queries.rows import FlatRow
from app.queries.vault import Vault
from app.records.incident import IncidentIn, IncidentOut
from app.upkeep.published import Store

REVIEWER = Viewer("a reviewer", "reviewer", "write")
CONTRIBUTOR = Viewer("a contributor", "contributor", "write")
READER = Viewer("a viewer", "viewer", "read")


@dataclass(frozen=True)
class TestArchive:
    """One engine, the tokens of its members by role, where its evidence lies, and its published store."""

    engine: Engine
    tokens: dict[str, str]
    vault: Vault | None = None
    published: Store | None = None
    __test__ = False

    def report(self, told: IncidentIn, by: Viewer = REVIEWER) -> Reported:
        with writing(self.engine) as session:
            return actions.report(session, told, by)

    def report_all(self, many: Iterable[IncidentIn]) -> None:
        with writing(self.engine) as session:
            for told in many:
                actions.report(session, told, REVIEWER)

    def see(self, which: Any, viewer: Viewer = REVIEWER) -> IncidentOut:
        """One incident with all that hangs on it."""
        with reading(self.engine) as session:
            return one.whole(session, one.find(session, str(which), viewer), viewer)

    def seen(self, which: Any) -> str:
        """The ETag of an incident as it stands."""
        shown = self.see(which)
        return actions.etag(shown.id, shown.version)

    def rows(self, viewer: Viewer = REVIEWER, **question: Any) -> list[FlatRow]:
        with reading(self.engine) as session:
            return list(incidents.stream(session, IncidentFilter(**question), viewer))

    def titles(self, viewer: Viewer = REVIEWER, **question: Any) -> set[str]:
        """The titles of the incidents that answer a question."""
        return {row["title"] for row in self.rows(viewer, **question)}

    def ask(self, question: IncidentFilter, viewer: Viewer = REVIEWER) -> set[str]:
        """The same for a question already made."""
        with reading(self.engine) as session:
            return {row["title"] for row in incidents.stream(session, question, viewer)}

    def count(self, table: type[SQLModel]) -> int:
        with Session(self.engine) as session:
            return session.exec(select(func.count()).select_from(table)).one()

    def counts(self, *tables: type[SQLModel]) -> dict[str, int]:
        return {table.__name__: self.count(table) for table in tables}

    def broken(self) -> history.Break | None:
        """The first line of history that does not hold."""
        with reading(self.engine) as session:
            return history.check_chain(session)[1]


@contextmanager
def counting(engine: Engine) -> Iterator[list[str]]:
    """The statements that are sent to the database meanwhile; not what the worker looks up between its jobs."""
    sent: list[str] = []

    def note(_: Any, __: Any, statement: str, *___: Any) -> None:
        if current_thread().name != WORKER:
            sent.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    yield sent
    event.remove(engine, "before_cursor_execute", note)
