"""Which incidents a line of history reaches: those that it is about, and those on which what it is about hangs."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any
from uuid import UUID

from sqlmodel import Session, col, or_, select

from app.access.viewer import Viewer
from app.access.visibility import may_read, nameable
from app.records import (
    Account,
    Act,
    Actor,
    Attachment,
    Case,
    Evidence,
    ImportBatch,
    Incident,
    Involvement,
    Link,
    Person,
    Revision,
    Source,
)
from app.records.actor import A_PERSON
from app.vocabulary.sensitivity import IDENTITY

Reached = dict[UUID, set[int]]
Asked = Iterator[Any]


def _incidents(ids: set[UUID]) -> Asked:
    yield select(Incident.id, Incident.pk).where(col(Incident.id).in_(ids))


def _accounts(ids: set[UUID]) -> Asked:
    yield select(Account.id, Account.incident_pk).where(col(Account.id).in_(ids))


def _cases(ids: set[UUID]) -> Asked:
    yield select(Case.id, Case.incident_pk).where(col(Case.id).in_(ids))


def _sources(ids: set[UUID]) -> Asked:
    yield (
        select(Source.id, Account.incident_pk)
        .join(Account, col(Account.source_pk) == Source.pk)
        .where(col(Source.id).in_(ids))
    )


def _actors(ids: set[UUID]) -> Asked:
    """Of an actor who is a person only where they may be named: else two incidents could be told to share one."""
    of = select(Actor.id, Involvement.incident_pk).join(Involvement, col(Involvement.actor_pk) == Actor.pk)
    of = of.join(Incident, col(Incident.pk) == Involvement.incident_pk).where(col(Actor.id).in_(ids))
    yield of.where(or_(col(Actor.kind) != A_PERSON, nameable()))


def _people(ids: set[UUID]) -> Asked:
    for link in (Act, Case):
        of = select(Person.id, link.incident_pk).join(link, col(link.person_pk) == Person.pk)
        yield of.where(col(Person.id).in_(ids))
    accused = select(Person.id, Involvement.incident_pk).join(Involvement, col(Involvement.person_pk) == Person.pk)
    accused = accused.join(Incident, col(Incident.pk) == Involvement.incident_pk)
    yield accused.where(col(Person.id).in_(ids), nameable())


def _evidence(ids: set[UUID]) -> Asked:
    """A file reaches what it hangs on: an incident, an account or act of one, or all that cite its source."""
    hung, mine = col(Attachment.evidence_pk) == Evidence.pk, col(Evidence.id).in_(ids)
    yield select(Evidence.id, Attachment.incident_pk).join(Attachment, hung).where(mine)
    ways: tuple[tuple[Any, Any], ...] = (
        (Account, col(Account.pk) == Attachment.account_pk), (Act, col(Act.pk) == Attachment.act_pk),
        (Account, col(Account.source_pk) == Attachment.source_pk),
    )  # fmt: skip
    for link, on in ways:
        yield select(Evidence.id, link.incident_pk).join(Attachment, hung).join(link, on).where(mine)


def _links(ids: set[UUID]) -> Asked:
    for end in (Link.from_pk, Link.to_pk):
        yield select(Link.id, end).where(col(Link.id).in_(ids))


def _batches(ids: set[UUID]) -> Asked:
    """What an import had changed that was taken back; what it had brought is gone."""
    of = select(ImportBatch.id, Incident.pk).join(Revision, col(Revision.batch_pk) == ImportBatch.pk)
    of = of.join(Incident, col(Incident.id) == Revision.record_id)
    yield of.where(col(ImportBatch.id).in_(ids), col(ImportBatch.undone_at).is_not(None)).distinct()


REACH: dict[str, Callable[[set[UUID]], Asked]] = {
    "incident": _incidents, "account": _accounts, "case": _cases, "source": _sources, "actor": _actors,
    "person": _people, "evidence": _evidence, "link": _links, "import_batch": _batches,
}  # fmt: skip


def reached(session: Session, noun: str, ids: Iterable[UUID], viewer: Viewer) -> Reached:
    """The numbers of the incidents that changes of these records reach, as far as the viewer may tell."""
    found: Reached = {}
    wanted = set(ids)
    if not wanted or noun not in REACH or (noun == "person" and not may_read(viewer, IDENTITY)):
        return found
    for asked in REACH[noun](wanted):
        for record, pk in session.execute(asked).all():
            if pk is not None:
                found.setdefault(record, set()).add(pk)
    return found
