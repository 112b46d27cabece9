"""Which cells of a row never change, and the digest of them that a line of history keeps."""

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime
from operator import itemgetter
from typing import Any

import orjson
from sqlmodel import SQLModel

from app.records.account import Account, AccountFields
from app.records.evidence import Attachment, Evidence

# The word under which a line of history keeps digests: of rows by table and id, None for a row that went.
SEALS = "seals"
# How an account stands may change, and has lines of its own; which one it corrects follows from how it stands.
NEVER_CHANGING: dict[type[SQLModel], tuple[str, ...]] = {
    Account: ("pk", "id", "incident_pk", "source_pk", "said", *AccountFields.model_fields, "entered_at", "batch_pk"),
    Evidence: tuple(Evidence.model_fields),
    Attachment: tuple(Attachment.model_fields),
}
NOUNS = {table: str(table.__tablename__) for table in NEVER_CHANGING}
_CELLS = {table: itemgetter(*names) for table, names in NEVER_CHANGING.items()}


def digest(table: type[SQLModel], row: Mapping[str, Any]) -> str:
    """SHA-256 over the cells of a row that never change: as written, or as read back and `in_utc`.

    What is said keeps the order in which it is stored, so nothing needs sorting; an import does this for every account.
    """
    return hashlib.sha256(orjson.dumps(_CELLS[table](row))).hexdigest()


def in_utc(row: Mapping[str, Any]) -> dict[str, Any]:
    """A row as read back, with its moments in the zone in which they were written."""
    return {name: cell.astimezone(UTC) if isinstance(cell, datetime) else cell for name, cell in row.items()}


def without_seals(what: dict[str, Any]) -> dict[str, Any]:
    """What a line of history tells, without the digests beside it."""
    return {name: value for name, value in what.items() if name != SEALS}
