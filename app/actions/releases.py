"""Freeze an answer as a release, and take out of one what may not stay in it."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import delete, func, update
from sqlmodel import Session, col, select

from app.access.policy import REVIEW
from app.access.viewer import Viewer, check_allowed
from app.actions.forgetting import Changes, Subject
from app.actions.pen import Pen
from app.db import chunks
from app.errors import Conflict, Fault, Invalid
from app.queries import releases as queries
from app.queries.codebook import codebook
from app.queries.history import BATCH
from app.queries.publishing import public_ids
from app.queries.release_files import DISCLAIMER, Row, write
from app.queries.rows import COLUMNS, moment
from app.records import Incident, Release, ReleaseRow
from app.records.history import canonical
from app.records.keys import new_id
from app.records.release import RecallIn, ReleaseIn

WHO_IS_GONE = "A person who could be known from it is erased."
BY_HAND = "The publisher took it back."
SHAPE = 1
FrozenRows = Iterable[tuple[UUID, Row]]


def create(session: Session, told: ReleaseIn, asked: tuple[str, str], rows: FrozenRows, by: Viewer) -> str:
    """Freeze these rows under a name. `asked`: the question in words and as a link. Raises Conflict for a name taken.

    The name of the release.
    """
    check_allowed(REVIEW, by)
    if session.exec(select(Release.pk).where(col(Release.name) == told.name)).first() is not None:
        raise Conflict("There is a release of this name: a release is never made anew, choose the next name.")
    pen, dataset = Pen(session, by), told.name.partition("@")[0]
    previous = queries.latest(session, dataset)
    frame: dict[str, Any] = {
        "shape": SHAPE, "name": told.name, "dataset": dataset, "question": asked[0], "query": asked[1],
        "as_of": moment(pen.at), "previous": previous.name if previous else None, "columns": dict(COLUMNS),
        "codebook": list(codebook()), "changes": [], "disclaimer": DISCLAIMER, "recalled": [],
    }  # fmt: skip
    row: Row = {
        "pk": pen.number("release"), "id": new_id(), "name": told.name, "dataset": dataset, "edition": 1,
        "frame": frame, "files": [], "made_at": pen.at, "made_by": by.name, "reason": told.reason,
    }  # fmt: skip
    pen.write(Release, row)
    changes = list(_freeze(pen, row["pk"], rows, previous.pk if previous else None))
    frame["changes"] = sorted(changes)
    session.execute(update(Release).where(col(Release.pk) == row["pk"]).values(frame=frame))
    _seal(pen, row["pk"], "released", told.reason, {})
    return told.name


def _freeze(pen: Pen, release: int, rows: FrozenRows, previous: int | None) -> Iterator[list[str]]:
    """Write the rows down; what of each differs from the release before, and what is in it no more."""
    begun = 0
    for part in chunks(rows, BATCH):
        for position, (record, told) in enumerate(part, begun):
            line = {"release_pk": release, "position": position, "incident_id": record, "told": told}
            pen.write(ReleaseRow, line)
        pen.put_down()
        begun += len(part)
        if previous is not None:
            yield from _against(_of(pen.session, previous, [record for record, _ in part]), part)
    pen.put_down()
    if previous is not None:
        here = select(ReleaseRow.incident_id).where(col(ReleaseRow.release_pk) == release)
        asked = select(ReleaseRow.told).where(col(ReleaseRow.release_pk) == previous)
        gone = pen.session.exec(asked.where(col(ReleaseRow.incident_id).not_in(here))).all()
        yield from ([told["ref"], "withdrawn", ""] for told in gone)


def _of(session: Session, release: int, records: Sequence[UUID]) -> dict[UUID, Row]:
    asked = select(ReleaseRow.incident_id, ReleaseRow.told).where(col(ReleaseRow.release_pk) == release)
    return {record: told for record, told in session.execute(asked.where(col(ReleaseRow.incident_id).in_(records)))}  # noqa: C416


def _against(before: dict[UUID, Row], part: Sequence[tuple[UUID, Row]]) -> Iterator[list[str]]:
    for record, told in part:
        old = before.get(record)
        if old is None:
            yield [told["ref"], "new", ""]
        elif columns := [name for name in COLUMNS if old.get(name) != told[name]]:
            yield [told["ref"], "changed", "; ".join(columns)]


def _seal(pen: Pen, pk: int, action: str, why: str, more: Row) -> None:
    """Make the files, keep what they came to, and let history say so."""
    session = pen.session
    session.expire_all()
    release = session.exec(select(Release).where(col(Release.pk) == pk)).one()
    files = [file.model_dump() for file in write(queries.frozen(session, release))]
    told = {"name": release.name, "edition": release.edition, "files": files, **more}
    pen.note(action, queries.NOUN, release.id, told, why)
    pen.put_down()
    session.execute(update(Release).where(col(Release.pk) == pk).values(files=files))
    session.expire_all()


def recall_from(session: Session, name: str, told: RecallIn, by: Viewer) -> None:
    """Take incidents out of one release, by their public refs. Raises NotFound, and Invalid for a ref not in it."""
    check_allowed(REVIEW, by)
    release = queries.find(session, name)
    wanted = dict.fromkeys(told.refs)
    asked = select(ReleaseRow.incident_id, ReleaseRow.told).where(col(ReleaseRow.release_pk) == release.pk)
    found = {row["ref"]: record for record, row in session.execute(asked) if row["ref"] in wanted}
    faults = [
        Fault(f"refs.{place}", "not in this release", "take refs from its incidents.csv")
        for place, ref in enumerate(told.refs)
        if ref not in found
    ]
    if faults:
        raise Invalid("These cannot be taken out.", faults)
    _take_out(Pen(session, by), release.pk, set(found.values()), (BY_HAND, told.reason))


def recall(session: Session, incidents: set[UUID], why: str, by: Viewer) -> list[str]:
    """Take public incidents out of every release that holds them. The names of those releases."""
    asked = select(ReleaseRow.release_pk).where(col(ReleaseRow.incident_id).in_(incidents)).distinct()
    pen, found = Pen(session, by), sorted(session.exec(asked).all())
    return [_take_out(pen, pk, incidents, (why, why)) for pk in found]


def forget(pen: Pen, subject: Subject, told: set[int], changes: Changes) -> list[str]:
    """Take an erased person out of every release: what told of them by name, and rows in which the name stands.

    `told`: the incidents, by number, whose public version named them. The names of those releases.
    """
    session, ids = pen.session, public_ids(pen.session)
    asked = select(Incident.pk, Incident.id).where(col(Incident.pk).in_(told | subject.incidents))
    public = {pk: ids.id(Incident, record) for pk, record in session.execute(asked).all()}
    leaving: dict[int, set[UUID]] = {pk: set() for pk in changes.rows.get(queries.NOUN, set())}
    named, own = ({public[pk] for pk in of if pk in public} for of in (told, subject.incidents))
    rows = select(ReleaseRow.release_pk, ReleaseRow.incident_id, ReleaseRow.told).execution_options(yield_per=BATCH)
    for part in session.execute(rows).partitions():
        for pk, record, row in part:
            if record in named or _tells(subject, row, own=record in own):
                leaving.setdefault(pk, set()).add(record)
    return [_take_out(pen, pk, leaving[pk], (WHO_IS_GONE, WHO_IS_GONE)) for pk in sorted(leaving)]


def _tells(subject: Subject, row: Row, *, own: bool) -> bool:
    sought = subject.sought_in(own=own)
    return sought.may_be_in(canonical(row).decode()) and sought.take_out_of(row) != row


def _take_out(pen: Pen, pk: int, incidents: set[UUID], why: tuple[str, str]) -> str:
    """`why`: in general words for everybody, and for history. The name of the release."""
    session = pen.session
    release = session.exec(select(Release).where(col(Release.pk) == pk)).one()
    mine = col(ReleaseRow.release_pk) == pk, col(ReleaseRow.incident_id).in_(incidents)
    refs = sorted(told["ref"] for told in session.exec(select(ReleaseRow.told).where(*mine)).all())
    name, edition = release.name, release.edition + 1
    one = {"edition": edition, "at": moment(pen.at), "refs": refs, "why": why[0], "before": release.files}
    kept = [line for line in release.frame["changes"] if line[0] not in refs]
    changes = sorted([*kept, *([ref, "recalled", ""] for ref in refs)])
    frame = release.frame | {"recalled": [*release.frame["recalled"], one], "changes": changes}
    session.execute(delete(ReleaseRow).where(*mine))
    session.execute(update(Release).where(col(Release.pk) == pk).values(frame=frame, edition=edition))
    _seal(pen, pk, "recalled", why[1], {"refs": refs, "before": one["before"]})
    return name


def count(session: Session, name: str) -> int:
    """How many rows a release holds."""
    release = queries.find(session, name)
    asked = select(func.count()).select_from(ReleaseRow).where(col(ReleaseRow.release_pk) == release.pk)
    return session.exec(asked).one()
