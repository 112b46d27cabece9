"""Releases: what there are, their frozen rows, their files piece by piece, and whether they still come to the same."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any
from uuid import UUID

from sqlmodel import Session, col, select

from app.errors import NotFound
from app.queries.history import BATCH
from app.queries.release_files import PIECE, Frozen, Row, write
from app.queries.sealed import Difference
from app.records import Release, ReleasePiece, ReleaseRow, Revision
from app.records.release import Recalled, ReleaseFile, ReleaseOut

NOUN = "release"
SEALING = ("released", "recalled")


def find(session: Session, name: str) -> Release:
    """The release of this name. Raises NotFound."""
    found = session.exec(select(Release).where(col(Release.name) == name)).first()
    if found is None:
        raise NotFound("There is no release of this name: see GET /releases.")
    return found


def latest(session: Session, dataset: str) -> Release | None:
    """The newest release of a dataset."""
    asked = select(Release).where(col(Release.dataset) == dataset).order_by(col(Release.pk).desc()).limit(1)
    return session.exec(asked).first()


def shown(release: Release) -> ReleaseOut:
    """As everybody may read of it."""
    frame = release.frame
    return ReleaseOut(
        name=release.name, dataset=release.dataset, edition=release.edition, question=frame["question"],
        query=frame["query"], as_of=frame["as_of"], previous=frame["previous"], made_at=release.made_at,
        files=[ReleaseFile(**file) for file in release.files],
        recalled=[Recalled(**one) for one in frame["recalled"]],
    )  # fmt: skip


def every(session: Session) -> list[ReleaseOut]:
    """All of them, newest first."""
    return [shown(one) for one in session.exec(select(Release).order_by(col(Release.pk).desc())).all()]


def editions(session: Session) -> dict[int, int]:
    """How often each release, by its number, has been written."""
    return {pk: edition for pk, edition in session.execute(select(Release.pk, Release.edition)).all()}  # noqa: C416


def frozen(session: Session, release: Release) -> Frozen:
    """What the files of a release are made of."""
    return Frozen(release.frame, release.edition, lambda: rows(session, release.pk))


def rows(session: Session, release: int) -> Iterator[Row]:
    """The frozen rows of a release in their order."""
    asked = select(ReleaseRow.told).where(col(ReleaseRow.release_pk) == release).order_by(col(ReleaseRow.position))
    for part in session.execute(asked.execution_options(yield_per=BATCH)).partitions():
        yield from (told for (told,) in part)


def held_of(session: Session, incidents: Sequence[UUID]) -> list[UUID]:
    """Those of these public incidents that a release holds."""
    return list(session.exec(select(ReleaseRow.incident_id).where(col(ReleaseRow.incident_id).in_(incidents))).all())


def file_of(release: ReleaseOut, name: str) -> ReleaseFile:
    """One file of a release. Raises NotFound."""
    found = next((file for file in release.files if file.name == name), None)
    if found is None:
        raise NotFound(f"The release has no such file. It has: {', '.join(file.name for file in release.files)}.")
    return found


def pieces(session: Session, release: int, file: str, span: tuple[int, int]) -> Iterator[bytes]:
    """The bytes of a file of the published store from the first to the last of `span`, both included.

    A question a piece: whoever breaks off leaves nothing open.
    """
    first, last = span
    asked = select(ReleasePiece.held).where(col(ReleasePiece.release_pk) == release, col(ReleasePiece.file) == file)
    for position in range(first // PIECE, last // PIECE + 1):
        held, begun = session.exec(asked.where(col(ReleasePiece.position) == position)).one(), position * PIECE
        yield held[max(0, first - begun) : last + 1 - begun]


def differences(session: Session) -> tuple[int, list[Difference]]:
    """How many releases history tells of, and those that do not come to what it sealed when made again."""
    sealed = _sealed(session)
    found = {one.id: one for one in session.exec(select(Release)).all()}
    wrong = [_difference(one, "it is gone") for one in sealed if one not in found]
    for record, release in found.items():
        told = sealed.get(record)
        if told is None:
            wrong.append(_difference(record, "no line of history tells of it"))
        elif not _is_as(session, release, told):
            wrong.append(_difference(record, "its files do not come to what history sealed"))
    return len(sealed), wrong


def _sealed(session: Session) -> dict[UUID, Any]:
    asked = select(Revision.record_id, Revision.what).where(
        col(Revision.noun) == NOUN, col(Revision.action).in_(SEALING)
    )
    lines = session.execute(asked.order_by(col(Revision.seq))).all()
    return {record: what.get("files") for record, what in lines}


def _is_as(session: Session, release: Release, told: Any) -> bool:
    """Made again from the frozen rows. What was tampered with may not even have its form."""
    if release.files != told:
        return False
    try:
        return bool(_plain(write(frozen(session, release))) == told)
    except (KeyError, TypeError, ValueError):
        return False


def _plain(files: Iterable[ReleaseFile]) -> list[dict[str, Any]]:
    return [file.model_dump() for file in files]


def _difference(record: UUID, what: str) -> Difference:
    return Difference(noun=NOUN, id=record, what=what)
