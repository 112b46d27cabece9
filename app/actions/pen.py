"""The pen: numbers, rows and history lines of one change, which all go down together or not at all."""

import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, insert, update
from sqlmodel import Session, SQLModel, col, select

from app.access.viewer import Viewer
from app.bulk import insert_rows
from app.db import now
from app.records import METADATA, Counter, Revision, Withholding
from app.records.history import FIRST_SEAL, commit_to, seal, told_in
from app.records.seals import NEVER_CHANGING, NOUNS, SEALS, digest

Row = dict[str, Any]
COUNTERS = METADATA.tables["counter"]
# Questions that every change asks are put into words once. They name columns, so the connection answers them by
# itself, for half of what a session takes.
GIVEN = select(Counter.name, Counter.last)
LAST = select(Revision.seq, Revision.seal).order_by(col(Revision.seq).desc()).limit(1)
COUNTED = update(COUNTERS).where(COUNTERS.c.name == bindparam("of")).values(last=bindparam("now"))


def columns_of(fields: type[SQLModel]) -> Callable[[Any], Row]:
    """A function that takes the columns of these fields off anything that has them. Made once, called for every row."""
    names = tuple(fields.model_fields)

    def columns(told: Any) -> Row:
        kept = vars(told)  # faster than to ask the model for each
        return {name: kept[name] for name in names}

    return columns


@cache
def _order() -> dict[str, int]:
    """The place of each table among all, parents before children."""
    return {table.name: place for place, table in enumerate(METADATA.sorted_tables)}


@dataclass
class Pen:
    """Held by one writer at a time: the session behind it owns the write lock of the archive.

    `keys`: of identities, as far as they were needed; `newcomers`: people entered with this pen, who have no other key.
    """

    session: Session
    by: Viewer
    at: datetime = field(default_factory=now)
    batch_pk: int | None = None
    rows: dict[type[SQLModel], list[Row]] = field(default_factory=dict)
    counters: dict[str, int] = field(default_factory=dict)
    taken: set[str] = field(default_factory=set)
    chain: tuple[int, str] | None = None
    seals: dict[str, dict[str, str | None]] = field(default_factory=dict)
    keys: dict[UUID, bytes] = field(default_factory=dict)
    newcomers: set[UUID] = field(default_factory=set)

    def number(self, name: str) -> int:
        """The next number under a name. Safe to count here: nobody else writes meanwhile."""
        if not self.counters:
            given = self.session.connection().execute(GIVEN)
            self.counters = {name: last for name, last in given}  # noqa: C416 - a row is no pair to the type checker
        if name not in self.counters:
            self.counters[name] = 0
            self.session.execute(insert(Counter), {"name": name, "last": 0})
        self.counters[name] += 1
        self.taken.add(name)
        return self.counters[name]

    def write(self, table: type[SQLModel], row: Row) -> Row:
        """Lay a row ready; `put_down` writes it. Rows of one table must have the same keys.

        The next line of history vouches for the cells that never change.
        """
        self.rows.setdefault(table, []).append(row)
        if table in NEVER_CHANGING:
            self.vouch(table, row)
        return row

    def vouch(self, table: type[SQLModel], row: Row) -> None:
        """Let the next line of history keep the digest of a row; the last one counts."""
        self.seals.setdefault(NOUNS[table], {})[row["id"].hex] = digest(table, row)

    def gone(self, table: type[SQLModel], records: Iterable[UUID]) -> None:
        """Let the next line of history say that these rows went; the caller deletes them."""
        for record in records:
            self.seals.setdefault(NOUNS[table], {})[record.hex] = None

    def entered(self) -> Row:
        return {"entered_at": self.at, "batch_pk": self.batch_pk}

    def note(
        self, action: str, noun: str, record: UUID, what: Row, why: str | None = None, row: int | None = None
    ) -> None:
        """Add a line to history, sealed with the line before it."""
        last, previous = self.chain or self._last_line()
        if self.seals:
            what, self.seals = what | {SEALS: self.seals}, {}
        salt = secrets.token_hex(16)
        line: Row = {
            "seq": last + 1, "at": self.at, "who": self.by.name, "via": self.by.via, "action": action, "noun": noun,
            "record_id": record, "why": why, "what": what, "row_number": row, "batch_pk": self.batch_pk, "salt": salt,
            "commitment": commit_to(salt, told_in(what, why)),
        }  # fmt: skip
        line["seal"] = seal(previous, line)
        self.chain = (line["seq"], line["seal"])
        self.write(Revision, line)
        was, became = what.get("before"), what.get("after")
        if noun == "incident" and isinstance(became, dict) and "sensitivity" in became and isinstance(was, dict):
            self.withhold(record, was["sensitivity"], became["sensitivity"])

    def withhold(self, record: UUID, was: str, became: str | None) -> None:
        """Let those who could see an incident hear that they may not any more, from the last line of history on."""
        seq = self.chain[0] if self.chain else self._last_line()[0]
        self.write(Withholding, {"seq": seq, "incident_id": record, "at": self.at, "was": was, "became": became})

    def _last_line(self) -> tuple[int, str]:
        found = self.session.connection().execute(LAST).first()
        return (found[0], found[1]) if found else (0, FIRST_SEAL)

    def put_down(self) -> None:
        """Write every row laid ready, parents before children, and the counters as they stand."""
        connection, order = self.session.connection(), _order()
        for table in sorted(self.rows, key=lambda model: order[str(model.__tablename__)]):
            insert_rows(connection, METADATA.tables[str(table.__tablename__)], self.rows[table])
        if self.taken:
            connection.execute(COUNTED, [{"of": name, "now": self.counters[name]} for name in sorted(self.taken)])
        self.rows.clear()
        self.taken.clear()
