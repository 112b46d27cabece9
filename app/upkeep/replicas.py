"""Reads on a standby: asked only when it holds all that the primary held as the request came in, else passed by."""

import time
from dataclasses import dataclass
from threading import Lock
from typing import Any

from sqlalchemy import Engine, make_url, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as NoneFree
from sqlalchemy.pool import QueuePool

from app.db import open_postgresql, open_schema
from app.keyring import keyring_of
from app.settings import Settings
from app.upkeep.engines import UnsafeDatabase
from app.upkeep.published import ROLE, SCHEMA

FOLLOWING, BEHIND, LAGGING, STOPPED, FOREIGN = "following", "behind", "lagging", "stopped", "foreign"
# Seconds for which it is passed by without a question; then one request tries again, and the others go on meanwhile.
REST = {BEHIND: 1.0, LAGGING: 1.0, STOPPED: 5.0, FOREIGN: 60.0}
# With so many connections taken, by long downloads, the primary helps: nobody stands in a queue before a second server.
MOST_AT_ONCE = 10
# Seconds between one look and the next: a standby next door is there within a few thousandths.
PAUSES = (0.0, 0.002, 0.005, 0.01, 0.02)
# A machine that has gone without a word is noticed after seconds, not after the minutes that the network allows.
PATIENCE = {
    "connect_timeout": "2", "tcp_user_timeout": "3000", "keepalives_idle": "5", "keepalives_interval": "1",
    "keepalives_count": "3",
}  # fmt: skip
# Positions in two logs can be compared only if the one follows the other; a promoted standby begins a new timeline.
LINEAGE = """
(SELECT system_identifier FROM pg_control_system()) || '/' || (SELECT timeline_id FROM pg_control_checkpoint())
|| '/' || current_database()
"""
# What is committed is flushed before anybody can see it, unless the server was told not to wait for the disk.
PRIMARY = text(f"""
SELECT {LINEAGE}, CAST(CASE current_setting('synchronous_commit') WHEN 'off' THEN pg_current_wal_insert_lsn()
    ELSE pg_current_wal_flush_lsn() END AS text)
""")
STANDBY = text(f"""
SELECT pg_is_in_recovery() AND {LINEAGE} = :lineage, pg_last_wal_replay_lsn() >= CAST(:position AS pg_lsn),
    CAST(EXTRACT(EPOCH FROM clock_timestamp() - pg_last_xact_replay_timestamp()) AS double precision)
""")  # noqa: S608 - no value in it


@dataclass(frozen=True)
class Mark:
    """How far the primary stood: which log, and the position in it."""

    lineage: str
    position: str


@dataclass(frozen=True)
class Standing:
    """How a standby stands. `lag_seconds`: the age of the last change that it has taken over; None: not known."""

    state: str
    lag_seconds: float | None = None


class Replica:
    """A standby of the primary. `working` is for members, `published` for the public; both can only read."""

    def __init__(self, url: str, primary: Engine, bound: float) -> None:
        own = make_url(url)
        patient = own.set(query={**PATIENCE, **own.query})
        self.working = open_postgresql(patient)
        # The keys of identities are asked of the primary: one that was destroyed there is known here no more.
        self.working.dialect.keyring = keyring_of(primary.dialect)  # type: ignore[attr-defined]
        self.published = open_schema(patient, SCHEMA, ROLE)
        self.bound = bound
        self._primary = primary.execution_options(isolation_level="AUTOCOMMIT")
        self._standby = self.working.execution_options(isolation_level="AUTOCOMMIT")
        self._lock = Lock()
        self._rests_until = 0.0
        self._last = Standing(STOPPED)

    def mark(self) -> Mark | None:
        """How far the primary stands now; None while the standby is passed by."""
        if time.monotonic() < self._rests_until:
            return None
        with self._primary.connect() as connection:
            return Mark(*connection.execute(PRIMARY).one())

    def has(self, mark: Mark | None) -> bool:
        """Whether the standby shows all that the primary showed at that mark. Waits for a moment at most."""
        if mark is None or self._is_full() or not self._may_try():
            return False
        seen = self._seen(mark)
        with self._lock:
            self._last = seen
            self._rests_until = 0.0 if seen.state == FOLLOWING else time.monotonic() + REST[seen.state]
        return seen.state == FOLLOWING

    def standing(self) -> Standing:
        """As it stands now or, while it is passed by, as it was last seen."""
        self.has(self.mark())
        return self._last

    def dispose(self) -> None:
        self.working.dispose()
        self.published.dispose()

    def _is_full(self) -> bool:
        pools = [engine.pool for engine in (self.working, self.published)]
        return any(isinstance(pool, QueuePool) and pool.checkedout() >= MOST_AT_ONCE for pool in pools)

    def _may_try(self) -> bool:
        with self._lock:
            at = time.monotonic()
            if at < self._rests_until:
                return False
            if self._rests_until:
                self._rests_until = at + REST[STOPPED]
            return True

    def _seen(self, mark: Mark) -> Standing:
        try:
            for pause in PAUSES:
                time.sleep(pause)
                seen = self._look(mark)
                if seen.state != BEHIND:
                    break
        except (DBAPIError, NoneFree):
            return Standing(STOPPED)
        return seen

    def _look(self, mark: Mark) -> Standing:
        told = {"lineage": mark.lineage, "position": mark.position}
        with self._standby.connect() as connection:
            related, there, age = connection.execute(STANDBY, told).one()
        if not related:
            return Standing(FOREIGN)
        if there:
            return Standing(FOLLOWING, 0.0)
        lag = None if age is None else max(0.0, round(age, 1))
        return Standing(LAGGING if (lag or 0.0) > self.bound else BEHIND, lag)


def open_replica(settings: Settings, primary: Engine) -> Replica | None:
    """The standby that the settings name; None where there is none. Nothing is opened yet. Raises UnsafeDatabase."""
    if settings.read_database_url is None:
        return None
    if not settings.database_url:
        raise UnsafeDatabase("GAWAH_READ_DATABASE_URL is for PostgreSQL: set GAWAH_DATABASE_URL too, or neither.")
    return Replica(settings.read_database_url, primary, settings.read_lag)


def told(replica: Replica | None) -> dict[str, Any]:
    """What operators are told of it; nothing where there is none."""
    if replica is None:
        return {}
    seen = replica.standing()
    return {"replica": {"state": seen.state, "lag_seconds": seen.lag_seconds}}
