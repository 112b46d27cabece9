"""The ledger of erasures: who is erased or is to be, by ids and without a name."""

from uuid import UUID

from sqlmodel import Session, col, select

from app.errors import NotFound
from app.records import Erasure
from app.records.erasure import ErasureOut


def shown(entry: Erasure) -> ErasureOut:
    return ErasureOut(**{name: getattr(entry, name) for name in ErasureOut.model_fields})


def ledger(session: Session) -> list[ErasureOut]:
    """Every entry, oldest first."""
    return [shown(entry) for entry in session.exec(select(Erasure).order_by(col(Erasure.pk))).all()]


def find(session: Session, which: UUID) -> Erasure:
    """Raises NotFound."""
    found = session.exec(select(Erasure).where(col(Erasure.id) == which)).first()
    if found is None:
        raise NotFound("No erasure has this id.")
    return found


def of_person(session: Session, person: UUID) -> Erasure | None:
    """The newest erasure of a person, asked for or done."""
    mine = select(Erasure).where(col(Erasure.person_id) == person).order_by(col(Erasure.pk).desc())
    return session.exec(mine.limit(1)).first()


def is_erased(session: Session, person: UUID) -> bool:
    found = of_person(session, person)
    return found is not None and found.done_at is not None
