"""Short changes that wait for one another share one synced commit, and each is answered only after it."""

# To seal the pages of a commit and to wait for the disk takes longer than the change itself, and the changes of one
# moment write to the same pages. So who finds others waiting leaves the transaction open for the next of them, and the
# last one keeps it for all. Each works in a savepoint: what one of them does wrong undoes nothing of the others. The
# first has none: there is nothing yet that it could undo, and most have the transaction to themselves.

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from threading import Event, Lock
from typing import Any

from psycopg.pq import TransactionStatus
from sqlalchemy import Connection, Engine, text
from sqlmodel import Session

from app.db import WRITE_LOCK
from app.errors import NotKept

# No commit waits for more: who writes for long gets a turn as well.
MOST = 16


@contextmanager
def writing_together(engine: Engine) -> Iterator[Session]:
    """A session for a short change, which is on the disk when this ends. Raises NotKept when the disk did not take it.

    It sees what the changes before it in the same commit did. So whoever is refused for that waits for the disk too.
    """
    queue: _Queue = vars(engine).setdefault("short_changes", _Queue(engine))
    with queue.turn() as shared, shared.session() as session, session.begin():
        yield session


@dataclass
class _Shared:
    """One transaction of several changes. `held`: its connection and its locks; `over`: it is kept, or lost."""

    connection: Connection
    held: ExitStack
    changes: int = 0
    over: Event = field(default_factory=Event)
    kept: bool = False

    def session(self) -> Session:
        """For the change whose turn it is."""
        return Session(self.connection, join_transaction_mode="create_savepoint" if self.changes else "rollback_only")


class _Queue:
    """Those who want to make a short change to one archive. One at a time has the turn."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._turn, self._counting = Lock(), Lock()
        self._waiting = 0
        self._open: _Shared | None = None

    @contextmanager
    def turn(self) -> Iterator[_Shared]:
        """The transaction that is open, or a new one, while nobody else is at it. Left when it is over."""
        shared = None
        self._count(1)
        try:
            with self._turn:
                self._count(-1)
                shared = self._open = self._open or _begin(self._engine)
                try:
                    yield shared
                finally:
                    self._leave(shared)
        finally:
            if shared is not None:
                shared.over.wait()
        if not shared.kept:
            raise NotKept("The disk did not take this change: nothing of it was kept. Try again.")

    def _leave(self, shared: _Shared) -> None:
        """Hand the transaction on to whoever waits, or keep it."""
        shared.changes += 1
        if self._waiting and shared.changes < MOST and _stands(shared.connection):
            return
        self._open = None
        try:
            with shared.held:
                if _stands(shared.connection):
                    shared.connection.commit()
                    shared.kept = True
        finally:
            shared.over.set()

    def _count(self, more: int) -> None:
        with self._counting:
            self._waiting += more


def _begin(engine: Engine) -> _Shared:
    lock: Lock | None = getattr(engine, "write_lock", None)
    with ExitStack() as held:
        if lock is not None:
            held.enter_context(lock)
        connection = held.enter_context(engine.execution_options(writing=True).connect())
        connection.begin()
        if lock is None:
            connection.execute(text(f"SELECT pg_advisory_xact_lock({WRITE_LOCK})"))
        return _Shared(connection, held.pop_all())


def _stands(connection: Connection) -> bool:
    """Whether the transaction is still there: on a full disk, say, the database itself gives all of it up."""
    if connection.invalidated:
        return False
    driver: Any = connection.connection.driver_connection
    if connection.dialect.name == "sqlite":
        return bool(driver.in_transaction)
    return bool(driver.info.transaction_status == TransactionStatus.INTRANS)
