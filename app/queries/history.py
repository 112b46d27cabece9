"""The history of records and of imports: who changed what, when, by which door, and why."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any
from uuid import UUID

from pydantic import BaseModel
from sqlalchemy import Row, Select
from sqlmodel import Session, col, func, select

from app.access.viewer import Viewer
from app.access.visibility import delicacy, may_read, may_unseal
from app.errors import NotFound
from app.queries.people import sealed_in
from app.records import ImportBatch, Revision
from app.records.batch import BatchOut
from app.records.case import CaseFields
from app.records.history import FIRST_SEAL, RevisionFields, RevisionOut, canonical, commit_to, of_changes, seal, told_in
from app.records.seals import without_seals
from app.vocabulary.sensitivity import CUSTODY, IDENTITY, SOURCE_IDENTITY

BATCH = 1000
LINE = tuple(getattr(Revision, name) for name in Revision.model_fields)
Line = Row[*tuple[Any, ...]]
# Where a family can be reached stays sealed, also in what was once reported of a case.
CONTACTS = frozenset(name for name in CaseFields.model_fields if delicacy(CaseFields, name) is CUSTODY)


class Break(BaseModel):
    """The first line of history that does not hold: its number and what is wrong with it."""

    seq: int
    what: str


def may_read_whole(viewer: Viewer) -> bool:
    """Whether the viewer may read what changed, and not only that something did: every field may stand in it."""
    return may_read(viewer, IDENTITY) and may_read(viewer, SOURCE_IDENTITY)


def may_read_what(session: Session, record: UUID, viewer: Viewer) -> bool:
    """The same for one record: not where it names somebody whose identity is sealed for this viewer."""
    return may_read_whole(viewer) and (may_unseal(viewer) or not sealed_in(session, record))


def of_record(session: Session, record: UUID, viewer: Viewer, also: Sequence[UUID] = ()) -> list[RevisionOut]:
    """Every line about one record, oldest first. `also`: the ids of records whose lines belong in between.

    What changed is told only to those who may read all of it, also the names of people whose identity is sealed.
    """
    whole = may_read_whole(viewer)
    asked = (
        select(Revision, ImportBatch)
        .outerjoin(ImportBatch, col(ImportBatch.pk) == Revision.batch_pk)
        .where(col(Revision.record_id).in_([record, *also]), of_changes())
        .order_by(col(Revision.seq))
    )
    lines = session.execute(asked).all()
    hidden = not may_unseal(viewer) and any(sealed_in(session, one) for one in (record, *also))
    shown = [_out(line, batch, whole=whole and not hidden and may_tell(line.what, viewer)) for line, batch in lines]
    if may_read(viewer, CUSTODY):
        return shown
    return [line.model_copy(update={"what": without_contacts(line.what)}) for line in shown]


def without_contacts(what: Any) -> Any:
    """The same with every contact emptied, however deep it stands."""
    if isinstance(what, dict):
        return {name: None if name in CONTACTS else without_contacts(value) for name, value in what.items()}
    return [without_contacts(value) for value in what] if isinstance(what, list) else what


def may_tell(what: dict[str, Any], viewer: Viewer) -> bool:
    """Whether the viewer may read this although somebody in it was sealed when it was written."""
    return may_unseal(viewer) or b'"identity_protection":"sealed"' not in canonical(what)


def etag(session: Session, record: UUID) -> str:
    """The version of a record that does not count its versions itself: how many changes history has of it."""
    mine = col(Revision.record_id) == record, of_changes()
    lines = session.exec(select(func.count()).select_from(Revision).where(*mine)).one()
    return f'"{record}.{lines}"'


def _out(revision: Revision, batch: ImportBatch | None, *, whole: bool) -> RevisionOut:
    fields = {name: getattr(revision, name) for name in RevisionFields.model_fields}
    fields["what"] = without_seals(revision.what) if whole else {}
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


def check_chain(session: Session, hear: Callable[[Line], None] = lambda _: None) -> tuple[int, Break | None]:
    """Read the whole history again: how many lines hold, and the first that does not. `hear`: is told those that do."""
    previous, held, later = FIRST_SEAL, 0, _written_anew(session)
    for line in _lines(session):
        wrong = _wrong(line, held + 1, previous, later.get(line.seq, line.commitment))
        if wrong is not None:
            return held, Break(seq=line.seq, what=wrong)
        hear(line)
        previous, held = line.seal, held + 1
    return held, None


def _lines(session: Session) -> Iterator[Line]:
    """Every line as a plain row: records would all stay in the session's memory."""
    asked: Select[*tuple[Any, ...]] = select(*LINE).order_by(col(Revision.seq)).execution_options(yield_per=BATCH)
    for part in session.execute(asked).partitions():
        yield from part


def _written_anew(session: Session) -> dict[int, str]:
    """The later commitment of every line out of which somebody was erased; the line of the erasure is sealed too."""
    erasures = col(Revision.action) == "erased", col(Revision.noun) == "person"
    told = session.execute(select(Revision.seq, Revision.what).where(*erasures).order_by(col(Revision.seq))).all()
    return {int(line): commitment for seq, what in told for line, commitment in _anew(what).items() if int(line) < seq}


def _anew(what: Any) -> dict[str, str]:
    """Of a line that was tampered with nothing is certain, not even its form."""
    lines = what.get("lines") if isinstance(what, dict) else None
    return {line: told for line, told in lines.items() if line.isdecimal()} if isinstance(lines, dict) else {}


def _wrong(line: Line, expected: int, previous: str, commitment: str) -> str | None:
    if line.seq != expected:
        return f"a line is missing before it: {expected} was expected"
    if commitment != commit_to(line.salt, told_in(line.what, line.why)):
        return "what it says has been changed since it was sealed"
    if line.seal != seal(previous, line._asdict()):
        return "it does not fit the line before it"
    return None
