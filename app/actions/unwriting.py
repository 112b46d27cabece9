"""Take a person out of old lines of history, each of which gets a new commitment that the line of the erasure keeps."""

import secrets
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import Text, cast, update
from sqlmodel import Session, col, select

from app.actions.forgetting import BATCH, Changes, Subject
from app.actions.identities import OF_A_CASE, OF_A_PERSON
from app.matching.folding import name_key
from app.records import Revision
from app.records.history import commit_to, told_in
from app.records.seals import SEALS

PERSONAL = frozenset((*OF_A_PERSON, "names", "full", "name", "pseudonym", "external_id"))
ENTRUSTED = frozenset((*OF_A_CASE, "given_by"))


def unwrite(session: Session, subject: Subject, changes: Changes) -> dict[str, str]:
    """The new commitment of every line that was written anew, by its number."""
    lines = {}
    for seq, what, why in list(_found(session, subject, changes)):
        salt = secrets.token_hex(16)
        values = {"what": what, "why": why, "salt": salt}
        session.execute(update(Revision).where(col(Revision.seq) == seq).values(**values))
        lines[str(seq)] = commit_to(salt, told_in(what, why))
    session.expire_all()
    return lines


def _found(session: Session, subject: Subject, changes: Changes) -> Iterator[tuple[int, dict[str, Any], str | None]]:
    """Each line with a trace of the person in it, without that."""
    vouched = {record.hex for noun in ("account", "evidence", "attachment") for record in changes.fields.get(noun, ())}
    asked = select(Revision.seq, Revision.record_id, Revision.why, cast(Revision.what, Text)).order_by(
        col(Revision.seq)
    )
    for part in session.execute(asked.execution_options(yield_per=BATCH)).partitions():
        for seq, record, why, text in part:
            if not _is_worth_reading(subject, record, f"{why} {text}", vouched):
                continue
            before = orjson.loads(text)
            sought = subject.sought_in(own=record in subject.records)
            after = sought.take_out_of(_without_cells(_without_digests(before, vouched), subject, record))
            left = why and sought.take_out(why)
            if (after, left) != (before, why):
                yield seq, after, left


def _is_worth_reading(subject: Subject, record: UUID, text: str, vouched: set[str]) -> bool:
    return (
        record in subject.personal
        or str(subject.id) in text
        or subject.sought_in(own=record in subject.records).may_be_in(text)
        or any(digest in text for digest in vouched)
    )


def _without_digests(what: dict[str, Any], vouched: set[str]) -> dict[str, Any]:
    """The digest of a row that held the name would let anybody try names: the line of the erasure has a new one."""
    if SEALS not in what:
        return what
    seals = {
        noun: {record: None if record in vouched else mark for record, mark in marks.items()}
        for noun, marks in what[SEALS].items()
    }
    return what | {SEALS: seals}


def _without_cells(what: dict[str, Any], subject: Subject, record: UUID) -> dict[str, Any]:
    if record in subject.personal:
        names = PERSONAL | ENTRUSTED if record == subject.id else ENTRUSTED
        what = {name: held if name == SEALS else _emptied(held, names, name) for name, held in what.items()}
    emptied: dict[str, Any] = _of_others(what, subject)
    return emptied


def _emptied(value: Any, names: frozenset[str], called: str = "") -> Any:
    """What was told, with the cells of these names emptied however deep they stand."""
    if called in names and value is not None:
        return [] if isinstance(value, list) else None
    if isinstance(value, dict):
        return {name: _emptied(held, names, name) for name, held in value.items()}
    return [_emptied(held, names) for held in value] if isinstance(value, list) else value


def _of_others(value: Any, subject: Subject) -> Any:
    """What was told of a person or a case inside a report, emptied where it is theirs."""
    if isinstance(value, dict):
        if _is_they(value, subject):
            return _emptied(value, PERSONAL)
        if isinstance(value.get("person"), dict) and _is_they(value["person"], subject):
            value = {name: None if name in ENTRUSTED else held for name, held in value.items()}
        return {name: _of_others(held, subject) for name, held in value.items()}
    return [_of_others(held, subject) for held in value] if isinstance(value, list) else value


def _is_they(told: dict[str, Any], subject: Subject) -> bool:
    """Whether a person in a report is the one to forget: by id, by a key of another system, or by a name."""
    if not told.keys() & {"names", "pseudonym", "birth_year", "occupation", "id"}:
        return False
    if told.get("id") == str(subject.id):
        return True
    names = told.get("names")
    if not isinstance(names, list):
        return False
    if subject.external_id is not None and told.get("external_id") == subject.external_id:
        return True
    mine = {name_key(name) for name in subject.names}
    return any(isinstance(name, dict) and name_key(str(name.get("full"))) in mine for name in names)
