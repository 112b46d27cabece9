"""Record whole batches of reports, bring records up to date from them, and take a batch back."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import and_, delete, func, not_, update
from sqlmodel import Session, col, or_, select

from app.access.viewer import Viewer, check_may_write
from app.access.visibility import clearance, visible
from app.actions import areas, deciding, edits, indexing, life_lines, parts, people
from app.actions.composing import Entered, Report, enter
from app.actions.hanging import take_down
from app.actions.identities import let_go
from app.actions.pen import Pen
from app.actions.since import later_work
from app.errors import Conflict, Forbidden, NotFound
from app.records import (
    Account,
    Act,
    Actor,
    ActorParent,
    Attachment,
    Case,
    Consent,
    ImportBatch,
    Incident,
    IncidentPlace,
    Involvement,
    Link,
    Person,
    PersonName,
    Publication,
    PublicVersion,
    Review,
    Revision,
    Source,
    tallying,
)
from app.records.keys import new_id

PARTS = (Involvement, Act, IncidentPlace, Account, Review, PublicVersion)
SHOWN, TOLD = 10, 100


def open_batch(session: Session, by: Viewer, about: dict[str, Any], which: UUID | None = None) -> tuple[Pen, UUID]:
    """Begin a batch. `about`: format, file_name, file_sha256. Everything written with the pen belongs to it.

    `which`: its id, where that is settled beforehand; there is no second batch of the same.
    """
    check_may_write(by)
    pen = Pen(session, by)
    row = about | {
        "pk": pen.number("import_batch"),
        "id": which or new_id(),
        "started_at": pen.at,
        "started_by": by.name,
    }
    pen.write(ImportBatch, row)
    pen.put_down()
    pen.batch_pk = row["pk"]
    return pen, row["id"]


def close_batch(pen: Pen, batch_id: UUID, counts: dict[str, int]) -> None:
    """End a batch with its counts and a line in history."""
    about = pen.session.exec(select(ImportBatch).where(col(ImportBatch.id) == batch_id)).one()
    what = {"file": about.file_name, "sha256": about.file_sha256, "format": about.format, **counts}
    pen.session.execute(update(ImportBatch).where(col(ImportBatch.id) == batch_id).values(**counts))
    pen.note("imported", "import_batch", batch_id, what)
    pen.put_down()
    tallying.fold(pen.session.connection())


@dataclass
class Compared:
    """How reports meet what is here; the rest is here as it is.

    `held`: those whose id or words lead to no one record that the importer reads. Nothing more is told of them: that
    a record is kept from somebody must not be seen from how a row is answered, and its words not be tried out.
    """

    new: list[Report] = field(default_factory=list)
    changed: list[tuple[Incident, Report]] = field(default_factory=list)
    held: list[Report] = field(default_factory=list)


def compare(session: Session, reports: Sequence[Report], by: Viewer) -> Compared:
    """Where each report belongs: to an incident that is here, by its id or else by its very words, or to none."""
    ids = [r.told.external_id for r in reports if r.told.external_id]
    marks = [r.origin_hash for r in reports if not r.told.external_id]
    known = session.exec(
        select(Incident).where(or_(col(Incident.external_id).in_(ids), col(Incident.origin_hash).in_(marks)))
    ).all()
    if not known:
        return Compared(list(reports))
    by_key: dict[tuple[str | None, str | None], list[Incident]] = {}
    for incident in known:
        by_key.setdefault(_key(incident.external_id, incident), []).append(incident)
    mine, found = clearance(by).sensitivities, Compared()
    for report in reports:
        here = by_key.get(_key(report.told.external_id, report), [])
        seen = [incident for incident in here if incident.sensitivity in mine]
        if not here:
            found.new.append(report)
        elif not seen or (report.told.external_id and len(seen) > 1):
            found.held.append(report)
        elif report.origin_hash != seen[0].origin_hash:
            found.changed.append((seen[0], report))
    return found


def _key(own: str | None, one: Incident | Report) -> tuple[str | None, str | None]:
    """By its own id or else by its words: these are not worked out for nothing."""
    return (own, None) if own else (None, one.origin_hash)


def record(pen: Pen, new: Sequence[Report], changed: Sequence[tuple[Incident, Report]], known: people.Known) -> None:
    """Put new reports on record and bring changed ones up to date."""
    if new:
        weigh_together(pen, new, enter(pen, new, known))
    for incident, report in changed:
        if report.edits is None:
            parts.renew(pen, incident, report, known)
        else:
            edits.revise(pen, incident, report)


def weigh_together(pen: Pen, reports: Sequence[Report], entered: Sequence[Entered]) -> None:
    """Work out the numbers of reports that came with several accounts which say some."""
    several = [made.pk for report, made in zip(reports, entered, strict=True) if any(a.said for a in report.accounts)]
    for incident in pen.session.exec(select(Incident).where(col(Incident.pk).in_(several))).all() if several else ():
        deciding.derive(pen, incident)


def undo(session: Session, batch_id: UUID, by: Viewer, *, also_edited: bool = False) -> int:
    """Take a whole batch back: what it brought goes, what it changed is as before; history stays.

    Raises NotFound, Forbidden where not all of it is open to them, and Conflict when it was undone already or, without
    `also_edited`, when its records have been changed since: with what would go. Returns how many incidents went.
    """
    check_may_write(by)
    batch = session.exec(select(ImportBatch).where(col(ImportBatch.id) == batch_id)).first()
    if batch is None:
        raise NotFound("No import has this id: see GET /imports.")
    if batch.undone_at is not None:
        raise Conflict("This import has been taken back already.")
    _check_in_reach(session, batch.pk, by)
    _check_not_public(session, batch.pk)
    if not also_edited:
        _check_untouched(session, batch.pk)
    pen = Pen(session, by)
    areas.take_back(pen, batch.pk, although_used=also_edited)
    parts.restore(pen, batch.pk)
    edits.restore(pen, batch.pk)
    brought = select(Incident.id, Incident.sensitivity).where(col(Incident.batch_pk) == batch.pk)
    held = session.execute(brought.order_by(col(Incident.pk))).all()
    gone = _remove(pen, batch.pk)
    values = {"undone_at": pen.at, "undone_by": by.name}
    session.execute(update(ImportBatch).where(col(ImportBatch.pk) == batch.pk).values(**values))
    pen.note("undone", "import_batch", batch.id, {"incidents": gone})
    for record, sensitivity in held:
        pen.withhold(record, sensitivity, None)
    pen.put_down()
    return gone


def _check_not_public(session: Session, batch: int) -> None:
    """What is public leaves a tombstone where it was; so it is taken out of there first, with its reason."""
    alive = select(Incident.ref).join(PublicVersion).where(col(PublicVersion.withdrawn_at).is_(None))
    refs = session.exec(alive.where(col(Incident.batch_pk) == batch).order_by(col(Incident.pk))).all()
    if refs:
        raise Conflict(
            f"{len(refs)} incidents of this import have a public version ({', '.join(refs[:SHOWN])}"
            f"{' ...' if len(refs) > SHOWN else ''}): withdraw it first."
        )


def _check_in_reach(session: Session, batch: int, by: Viewer) -> None:
    """What is kept from somebody they take back as little as they change it, and are not told of it either."""
    if not (hidden := visible(by)):
        return
    touched = select(Revision.record_id).where(col(Revision.batch_pk) == batch)
    mine = or_(col(Incident.batch_pk) == batch, col(Incident.id).in_(touched))
    if session.exec(select(Incident.pk).where(mine, not_(and_(*hidden))).limit(1)).first() is not None:
        raise Forbidden("Not everything of this import is open to you: ask a reviewer to take it back.")


def _check_untouched(session: Session, batch: int) -> None:
    work = later_work(session, batch)
    if work:
        names = ", ".join(one.where for one in work[:SHOWN]) + (" ..." if len(work) > SHOWN else "")
        raise Conflict(
            f"{len(work)} records of this import have been changed since ({names}). Taking the import back would "
            "take these changes too: say so with --also-edited (API: also_edited=true).", work[:TOLD],
        )  # fmt: skip


def _remove(pen: Pen, batch: int) -> int:
    """Delete what a batch brought, children first, and then what nothing points at any more."""
    session, mine = pen.session, select(Incident.pk).where(col(Incident.batch_pk) == batch)
    gone = session.exec(select(func.count()).select_from(Incident).where(col(Incident.batch_pk) == batch)).one()
    indexing.unindex(session, mine)
    session.execute(update(Account).where(col(Account.incident_pk).in_(mine)).values(supersedes_pk=None))
    life_lines.drop(session, col(Case.incident_pk).in_(mine))
    take_down(pen, mine)
    pen.gone(Account, session.exec(select(Account.id).where(col(Account.incident_pk).in_(mine))).all())
    for table in PARTS:
        session.execute(delete(table).where(col(table.incident_pk).in_(mine)))
    session.execute(delete(Link).where(or_(col(Link.from_pk).in_(mine), col(Link.to_pk).in_(mine))))
    session.execute(delete(Incident).where(col(Incident.batch_pk) == batch))
    _remove_unused(session, batch)
    return gone


def _remove_unused(session: Session, batch: int) -> None:
    """Sources, outlets, people and actors of the batch that no record uses."""
    cited = select(Account.source_pk).union(
        select(Source.derived_from_pk).where(col(Source.derived_from_pk).is_not(None)),
        select(Attachment.source_pk).where(col(Attachment.source_pk).is_not(None)),
        select(Consent.source_pk).where(col(Consent.source_pk).is_not(None)),
    )
    acting = select(Involvement.actor_pk).where(col(Involvement.actor_pk).is_not(None))
    unused: tuple[tuple[Any, Any], ...] = (
        (Source, cited),
        (Publication, select(Source.publication_pk).where(col(Source.publication_pk).is_not(None))),
        (Actor, acting.union(select(ActorParent.actor_pk), select(ActorParent.parent_pk))),
    )
    for table, used in unused:
        session.execute(delete(table).where(col(table.batch_pk) == batch, col(table.pk).not_in(used)))
    people_used = (
        select(Act.person_pk).where(col(Act.person_pk).is_not(None))
        .union(select(Involvement.person_pk).where(col(Involvement.person_pk).is_not(None)), select(Case.person_pk),
               select(Consent.person_pk).where(col(Consent.person_pk).is_not(None)))
    )  # fmt: skip
    nobody = select(Person.pk).where(col(Person.batch_pk) == batch, col(Person.pk).not_in(people_used))
    let_go(session, session.exec(select(Person.id).where(col(Person.pk).in_(nobody))).all())
    session.execute(delete(PersonName).where(col(PersonName.person_pk).in_(nobody)))
    session.execute(delete(Person).where(col(Person.batch_pk) == batch, col(Person.pk).not_in(people_used)))
