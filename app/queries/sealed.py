"""Whether the rows still say what history sealed: accounts, files of evidence, and what each file hangs on."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from pydantic import BaseModel
from sqlalchemy import Table
from sqlmodel import Session, SQLModel, col, select

from app.queries.history import BATCH, Line
from app.records import METADATA, Account
from app.records.seals import NOUNS, SEALS, digest, in_utc

ACCEPTED = ("accepted", None)


class Difference(BaseModel):
    """One record that says something else than history: which, and what is wrong with it."""

    noun: str
    id: UUID
    what: str


@dataclass
class Sealed:
    """What the lines of history vouch for, gathered while they are read. Only lines that hold may be told."""

    marks: dict[str, dict[bytes, bytes | None]] = field(default_factory=dict)
    standings: dict[bytes, tuple[str, str | None]] = field(default_factory=dict)
    older: bool = False  # whether there are reports from before history vouched for accounts

    def hear(self, line: Line) -> None:
        """One line of history: what it seals, and how an account stands since."""
        self.older = self.older or (line.action == "reported" and SEALS not in line.what)
        for noun, marks in line.what.get(SEALS, {}).items():
            known = self.marks.setdefault(noun, {})
            for record, mark in marks.items():
                known[UUID(record).bytes] = bytes.fromhex(mark) if mark else None
        after = line.what.get("after")
        if line.noun == "account" and isinstance(after, dict) and "standing" in after:
            self.standings[line.record_id.bytes] = after["standing"], after.get("standing_reason")


def compare(session: Session, sealed: Sealed) -> tuple[dict[str, int], list[Difference]]:
    """Every row that history vouches for against what it sealed: how many were compared, and what differs."""
    compared, found = {}, []
    for table, noun in NOUNS.items():
        left = {record: mark for record, mark in sealed.marks.get(noun, {}).items() if mark is not None}
        compared[noun] = len(left)
        found += list(_rows(session, table, left, begun=table is not Account or not sealed.older))
        found += [Difference(noun=noun, id=UUID(bytes=record), what="it is gone") for record in sorted(left)]
    found += list(_standings(session, sealed))
    return compared, found


def _rows(session: Session, table: type[SQLModel], left: dict[bytes, bytes], *, begun: bool) -> Iterator[Difference]:
    """What differs in a table; whatever is met goes from `left`. Until seals have begun, none is asked for."""
    noun = NOUNS[table]
    for row in _read(session, METADATA.tables[noun]):
        mark = left.pop(row["id"].bytes, None)
        begun = begun or mark is not None
        if mark is None and begun:
            yield Difference(noun=noun, id=row["id"], what="no line of history tells of it")
        elif mark is not None and mark.hex() != digest(table, row):
            yield Difference(noun=noun, id=row["id"], what="it has been changed since it was entered")


def _read(session: Session, table: Table) -> Iterator[dict[str, Any]]:
    asked = table.select().order_by(table.c.pk).execution_options(yield_per=BATCH)
    for part in session.execute(asked).mappings().partitions():
        yield from (in_utc(dict(row)) for row in part)


def _standings(session: Session, sealed: Sealed) -> Iterator[Difference]:
    asked = select(Account.id, Account.standing, Account.standing_reason).order_by(col(Account.pk))
    vouched = sealed.marks.get("account", {})
    for part in session.execute(asked.execution_options(yield_per=BATCH)).partitions():
        for record, standing, reason in part:
            told = sealed.standings.get(record.bytes, ACCEPTED)
            if vouched.get(record.bytes) and (standing, reason) != told:
                yield Difference(noun="account", id=record, what="how it stands has been changed past history")
