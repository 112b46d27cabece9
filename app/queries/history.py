"""The history of records and of imports: who changed what, when, by which door, and why."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from pydantic import BaseModel
from sqlalchemy import Row, Select
from sqlmodel import Session, col, select

from app.access.viewer import Viewer
from app.access.visibility import may_read
from app.errors import NotFound
from app.records import ImportBatch, Revision
from app.records.batch import BatchOut
from app.records.history import FIRST_SEAL, RevisionFields, RevisionOut, canonical, commit_to, seal
from app.vocabulary.sensitivity import IDENTITY, SOURCE_IDENTITY

BATCH = 1000
LINE = tuple(getattr(Revision, name) for name in Revision.model_fields)


class Break(BaseModel):
    """The first line of history that does not hold: its number and what is wrong with it."""

    seq: int
    what: str


def of_record(session: Session, record: UUID, viewer: Viewer) -> list[RevisionOut]:
    """Every line about one record, oldest first; what changed only for those who may read every field of it."""
    whole = may_read(viewer, IDENTITY) and may_read(viewer, SOURCE_IDENTITY)
    asked = (
        select(Revision, ImportBatch)
        .outerjoin(ImportBatch, col(ImportBatch.pk) == Revision.batch_pk)
        .where(col(Revision.record_id) == record)
        .order_by(col(Revision.seq))
    )
    return [_out(revision, batch, whole=whole) for revision, batch in session.execute(asked).all()]


def _out(revision: Revision, batch: ImportBatch | None, *, whole: bool) -> RevisionOut:
    fields = {name: getattr(revision, name) for name in RevisionFields.model_fields}
    fields["what"] = revision.what if whole else {}
    if batch is not None:
        fields |= {"batch_id": batch.id, "file_name": batch.file_name, "file_sha256": batch.file_sha256}
    return RevisionOut(**fields, seal=revision.seal)


def batches(session: Session, limit: int = 200) -> list[BatchOut]:
    """The imports, newest first."""
    found = session.exec(select(ImportBatch).order_by(col(ImportBatch.pk).desc()).limit(limit)).all()
    return [_batch(batch) for batch in found]


def batch(session: Session, which: UUID) -> BatchOut:
    """One import. Raises NotFound."""
    found = session.exec(select(ImportBatch).where(col(ImportBatch.id) == which)).first()
    if found is None:
        raise NotFound("No import has this id.")
    return _batch(found)


def _batch(found: ImportBatch) -> BatchOut:
    return BatchOut(**{name: getattr(found, name) for name in BatchOut.model_fields})


def check_chain(session: Session) -> tuple[int, Break | None]:
    """Read the whole history again: how many lines hold, and the first that does not."""
    previous, held = FIRST_SEAL, 0
    for line in _lines(session):
        wrong = _wrong(line, held + 1, previous)
        if wrong is not None:
            return held, Break(seq=line.seq, what=wrong)
        previous, held = line.seal, held + 1
    return held, None


def _lines(session: Session) -> Iterator[Row[*tuple[Any, ...]]]:
    """Every line as a plain row: records would all stay in the session's memory."""
    asked: Select[*tuple[Any, ...]] = select(*LINE).order_by(col(Revision.seq)).execution_options(yield_per=BATCH)
    for part in session.execute(asked).partitions():
        yield from part


def _wrong(line: Row[*tuple[Any, ...]], expected: int, previous: str) -> str | None:
    if line.seq != expected:
        return f"a line is missing before it: {expected} was expected"
    if line.commitment != commit_to(line.salt, canonical(line.what)):
        return "what it says has been changed since it was sealed"
    if line.seal != seal(previous, line._asdict()):
        return "it does not fit the line before it"
    return None
