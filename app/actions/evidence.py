"""Take evidence in, attach it, derive from it, and write down every touch of it."""

from typing import Any
from uuid import UUID

from sqlmodel import Session, col, select

from app.access.evidence import visible_evidence
from app.access.viewer import Viewer, check_may_write
from app.access.visibility import visible, visible_sources
from app.actions.pen import Pen, Row, columns_of
from app.actions.vault import Stored
from app.errors import Conflict, NotFound
from app.queries import evidence as queries
from app.queries.evidence import Held
from app.records import Account, Act, Attachment, Evidence, Incident, Source
from app.records.evidence import BEARS_ON, WORKING_COPY, Bearing, DerivedIn, EvidenceFields, EvidenceIn
from app.records.keys import new_id

NOUN = queries.NOUN
EVIDENCE = columns_of(EvidenceFields)
POINTERS = tuple(f"{noun}_pk" for noun in BEARS_ON)
Hung = dict[str, int]


def check_may_take_in(session: Session, on: Bearing, by: Viewer) -> None:
    """Before a long upload begins: whether it could be kept. Raises Forbidden, and NotFound."""
    check_may_write(by)
    _hanging(session, on, by)


def check_may_derive(session: Session, which: UUID, by: Viewer) -> None:
    """The same for what is made from a file that is here."""
    check_may_write(by)
    queries.find(session, which, by)


def take_in(session: Session, file: Stored, told: EvidenceIn, on: Bearing, by: Viewer) -> tuple[UUID, bool]:
    """Record a stored file with what it bears on: its id, and whether it was new.

    The same content again is the same piece of evidence, with one more attachment. Raises NotFound, and Conflict
    when the id is taken.
    """
    check_may_write(by)
    hung = _hanging(session, on, by)
    pen = Pen(session, by)
    row = _already(session, file, told, by)
    new = row is None
    row = row or _enter(pen, file, told)
    _acquired(pen, row, file, told, here=not new)
    _attach(pen, row, on, hung)
    pen.put_down()
    return row["id"], new


def derive(session: Session, which: UUID, file: Stored, told: DerivedIn, by: Viewer) -> tuple[UUID, bool]:
    """Record what was made from a file, evidence of its own that bears on the same: its id, and whether it is new.

    Raises NotFound.
    """
    check_may_write(by)
    origin = queries.find(session, which, by)
    same = col(Evidence.derived_from_pk) == origin.pk, col(Evidence.sha256) == file.sha256
    there = session.exec(select(Evidence.id).where(*same, col(Evidence.derivation) == told.derivation)).first()
    if there is not None:
        return there, False
    pen = Pen(session, by)
    made = _derived(pen, origin, file, told, told.derivation)
    pen.put_down()
    return made, True


def record_working_copy(session: Session, which: UUID, file: Stored, by: Viewer) -> Held:
    """Record the copy without metadata that was made of a picture, unless somebody was faster. Raises NotFound."""
    origin = queries.find(session, which, by)
    there = queries.working_copy_of(session, origin)
    if there is not None:
        return Held.of(there)
    pen = Pen(session, by)
    same = {"title": origin.title, "sensitivity": origin.sensitivity}
    told = EvidenceIn.model_validate(same | {"acquired_how": "made_here"})
    made = _derived(pen, origin, file, told, WORKING_COPY)
    pen.put_down()
    return Held(made, file.sha256, file.size, file.media_type)


def touch(session: Session, file: Held, action: str, purpose: str | None, by: Viewer) -> None:
    """Write down that a file is about to be handed out, or why it is not. Who may was asked before."""
    pen = Pen(session, by)
    pen.note(action, NOUN, file.id, {"sha256": file.sha256}, purpose)
    pen.put_down()


def attach(session: Session, which: UUID, on: Bearing, by: Viewer) -> bool:
    """Let a file that is here bear on one more record; whether that was new. Raises NotFound."""
    check_may_write(by)
    found = queries.find(session, which, by)
    hung = _hanging(session, on, by)
    pen = Pen(session, by)
    new = _attach(pen, {"pk": found.pk, "id": found.id, "sha256": found.sha256}, on, hung)
    pen.put_down()
    return new


def _hanging(session: Session, on: Bearing, by: Viewer) -> Hung:
    """The column and the number of the record that a file is to bear on. Raises NotFound."""
    ((noun, record),) = on.named().items()
    asked: dict[str, Any] = {
        "incident": select(Incident.pk).where(col(Incident.id) == record, *visible(by)),
        "source": select(Source.pk).where(col(Source.id) == record, *visible_sources(by)),
        "account": select(Account.pk).join(Incident).where(col(Account.id) == record, *visible(by)),
        "act": select(Act.pk).join(Incident).where(col(Act.id) == record, *visible(by)),
    }
    pk = session.exec(asked[noun]).first()
    if pk is None:
        raise NotFound(f"No {noun} has this id.")
    return {f"{noun}_pk": pk}


def _already(session: Session, file: Stored, told: EvidenceIn, by: Viewer) -> Row | None:
    """The same content, if it is here and the sender may know; a working copy of something else does not count."""
    if told.id is not None:
        taken = session.exec(select(Evidence).where(col(Evidence.id) == told.id)).first()
        if taken is not None and taken.sha256 != file.sha256:
            raise Conflict("Another file has this id: leave the id out, or use a new one.")
    same = col(Evidence.sha256) == file.sha256, col(Evidence.derived_from_pk).is_(None)
    asked = select(Evidence.pk, Evidence.id, Evidence.sha256).where(*same, *visible_evidence(by))
    found = session.execute(asked.order_by(col(Evidence.pk)).limit(1)).first()
    return found._asdict() if found else None


def _enter(
    pen: Pen, file: Stored, told: EvidenceIn, origin: Evidence | None = None, derivation: str | None = None
) -> Row:
    row = EVIDENCE(told)
    row |= {
        "pk": pen.number("evidence"), "id": told.id or new_id(), "sha256": file.sha256, "size": file.size,
        "media_type": file.media_type, "derived_from_pk": origin.pk if origin else None, "derivation": derivation,
    }  # fmt: skip
    return pen.write(Evidence, row | pen.entered())


def _acquired(pen: Pen, row: Row, file: Stored, told: EvidenceIn, *, here: bool = False) -> None:
    """Where it came from as its sender tells it, and that it lies in the vault as it was received."""
    stated = told.model_dump(mode="json", exclude_unset=True, exclude={"id", "sha256"})
    pen.note("acquired", NOUN, row["id"], stated | {"sha256": file.sha256, "how": told.acquired_how})
    stored: Row = {"sha256": file.sha256, "size": file.size, "media_type": file.media_type}
    action = "hash_verified" if here and not file.replaced else "stored"
    pen.note(action, NOUN, row["id"], stored | ({"in_place_of_a_damaged_file": True} if file.replaced else {}))


def _attach(pen: Pen, row: Row, on: Bearing, hung: Hung) -> bool:
    ((pointer, pk),) = hung.items()
    here = col(Attachment.evidence_pk) == row["pk"], col(getattr(Attachment, pointer)) == pk
    if pen.session.exec(select(Attachment.pk).where(*here)).first() is not None:
        return False
    _hang(pen, row, hung)
    bearing = on.model_dump(mode="json", exclude_none=True)
    pen.note("attached", NOUN, row["id"], {"sha256": row["sha256"], **bearing})
    return True


def _hang(pen: Pen, row: Row, hung: Hung) -> None:
    attachment: Row = {"pk": pen.number("attachment"), "id": new_id(), "evidence_pk": row["pk"]}
    pen.write(Attachment, attachment | dict.fromkeys(POINTERS) | hung | pen.entered())


def _derived(pen: Pen, origin: Evidence, file: Stored, told: EvidenceIn, derivation: str) -> UUID:
    """A file made from another: it bears on what its origin bears on, and both say so."""
    row = _enter(pen, file, told, origin, derivation)
    for hung in _hung(pen.session, origin):
        _hang(pen, row, hung)
    _acquired(pen, row, file, told)
    made: UUID = row["id"]
    of: Row = {"sha256": file.sha256, "derivation": derivation, "derived_from_id": str(origin.id)}
    action = "working_copy_made" if derivation == WORKING_COPY else "derived"
    pen.note(action, NOUN, made, of)
    pen.note(action, NOUN, origin.id, {"sha256": origin.sha256, "derivation": derivation, "made_id": str(made)})
    return made


def _hung(session: Session, origin: Evidence) -> list[Hung]:
    found = session.exec(select(Attachment).where(col(Attachment.evidence_pk) == origin.pk)).all()
    return [{name: pk for name in POINTERS if (pk := getattr(a, name)) is not None} for a in found]
