"""Evidence: page by page, one file with what it bears on, its custody, and the files of an incident."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import ColumnElement, Select, bindparam, exists
from sqlmodel import Session, col, func, or_, select

from app.access.evidence import check_may_read_custody, check_may_read_originals, visible_attachments, visible_evidence
from app.access.viewer import Viewer, check_may_read
from app.access.visibility import redacted
from app.errors import NotFound
from app.queries.catalogue import columns
from app.records import Account, Act, Attachment, Evidence, Incident, Revision, Source
from app.records.evidence import WORKING_COPY, Bearing, CustodyEvent, EvidenceFields, EvidenceOut
from app.records.history import of_changes

NOUN = "evidence"


class EvidencePage(BaseModel):
    """Which files, and which page of them."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    sha256: str | None = Field(None, pattern="^[0-9a-fA-F]{64}$")
    media_type: str | None = Field(None, max_length=100, description="`image/png`, or `image` for all pictures")
    incident: UUID | None = Field(None, description="Only what bears on this incident or on anything within it")
    limit: int = Field(50, ge=1, le=200)
    after: UUID | None = Field(None, description="`next` of the page before")


@dataclass(frozen=True)
class Held:
    """What it takes to read a file."""

    id: UUID
    sha256: str
    size: int
    media_type: str

    @classmethod
    def of(cls, file: Evidence) -> Self:
        return cls(file.id, file.sha256, file.size, file.media_type)


def find(session: Session, which: UUID, viewer: Viewer) -> Evidence:
    """The file with this id. Raises NotFound, alike for "not there" and "not yours"."""
    check_may_read(viewer)
    found = session.exec(select(Evidence).where(col(Evidence.id) == which, *visible_evidence(viewer))).first()
    if found is None:
        raise NotFound("No evidence has this id.")
    return found


def original(session: Session, which: UUID, viewer: Viewer) -> Held:
    """The file whose original somebody asks for. Raises NotFound, and Forbidden for those who do not read originals."""
    found = find(session, which, viewer)
    check_may_read_originals(viewer)
    return Held.of(found)


def one(session: Session, which: UUID, viewer: Viewer) -> EvidenceOut:
    """One file with what it bears on. Raises NotFound."""
    return shown(session, [find(session, which, viewer)], viewer)[0]


def page(session: Session, asked: EvidencePage, viewer: Viewer) -> tuple[list[EvidenceOut], int]:
    """One page of files, oldest entry first, and how many there are in all."""
    check_may_read(viewer)
    conditions = _conditions(asked, viewer)
    total = session.exec(select(func.count()).select_from(Evidence).where(*conditions)).one()
    if asked.after is not None:
        conditions.append(
            col(Evidence.pk) > select(Evidence.pk).where(col(Evidence.id) == asked.after).scalar_subquery()
        )
    found = session.exec(select(Evidence).where(*conditions).order_by(col(Evidence.pk)).limit(asked.limit)).all()
    return shown(session, found, viewer), total


def _conditions(asked: EvidencePage, viewer: Viewer) -> list[Any]:
    found: list[Any] = list(visible_evidence(viewer))
    if asked.sha256 is not None:
        found.append(col(Evidence.sha256) == asked.sha256.lower())
    if asked.media_type is not None:
        kind = asked.media_type.lower()
        alike = col(Evidence.media_type).startswith(kind + "/", autoescape=True)
        found.append(or_(col(Evidence.media_type) == kind, alike))
    if asked.incident is not None:
        of = select(Incident.pk).where(col(Incident.id) == asked.incident)
        bearing = select(Attachment.evidence_pk).where(_within(of), visible_attachments(viewer))
        found.append(col(Evidence.pk).in_(bearing))
    return found


def _within(incidents: Any) -> Any:
    """Attachments to these incidents, their accounts and acts, and the sources of the accounts."""
    accounts = col(Account.incident_pk).in_(incidents)
    return or_(
        col(Attachment.incident_pk).in_(incidents),
        col(Attachment.account_pk).in_(select(Account.pk).where(accounts)),
        col(Attachment.source_pk).in_(select(Account.source_pk).where(accounts)),
        col(Attachment.act_pk).in_(select(Act.pk).where(col(Act.incident_pk).in_(incidents))),
    )


def any_bears_on(incident: ColumnElement[int]) -> ColumnElement[bool]:
    """The condition that some file bears on an incident, by its number, or on anything within it."""
    return exists().where(_within([incident]))


def of_incident(session: Session, incident: int, viewer: Viewer) -> list[EvidenceOut]:
    """The files that bear on an incident, by its number, or on anything within it."""
    found = session.exec(_bearing_on(viewer), params={"incidents": [incident]}).all()
    return shown(session, found, viewer) if found else []


@lru_cache(maxsize=64)  # every report and every look at an incident asks this
def _bearing_on(viewer: Viewer) -> Any:
    """The question for the files that bear on `incidents`."""
    within = _within(bindparam("incidents", expanding=True))
    bearing = select(Attachment.evidence_pk).where(within, visible_attachments(viewer))
    return select(Evidence).where(col(Evidence.pk).in_(bearing), *visible_evidence(viewer)).order_by(col(Evidence.pk))


def shown(session: Session, files: Sequence[Evidence], viewer: Viewer) -> list[EvidenceOut]:
    """Files as they go out, with what each bears on as far as the viewer may see it."""
    bearings = _bearings(session, [file.pk for file in files], viewer)
    origins = _ids(session, Evidence, [file.derived_from_pk for file in files if file.derived_from_pk])
    return [
        EvidenceOut(
            **redacted(EvidenceFields, columns(EvidenceFields, file), viewer),
            id=file.id, sha256=file.sha256, size=file.size, media_type=file.media_type, derivation=file.derivation,
            derived_from_id=origins.get(file.derived_from_pk or 0), entered_at=file.entered_at,
            attached_to=bearings.get(file.pk, []),
        )
        for file in files
    ]  # fmt: skip


def _bearings(session: Session, files: Sequence[int], viewer: Viewer) -> dict[int, list[Bearing]]:
    ids: Any = (Incident.id, Source.id, Account.id, Act.id)
    asked: Select[*tuple[Any, ...]] = (
        select(Attachment.evidence_pk, *ids)
        .select_from(Attachment)
        .outerjoin(Incident, col(Incident.pk) == col(Attachment.incident_pk))
        .outerjoin(Source, col(Source.pk) == col(Attachment.source_pk))
        .outerjoin(Account, col(Account.pk) == col(Attachment.account_pk))
        .outerjoin(Act, col(Act.pk) == col(Attachment.act_pk))
        .where(col(Attachment.evidence_pk).in_(files), visible_attachments(viewer))
        .order_by(col(Attachment.pk))
    )
    found: dict[int, list[Bearing]] = {}
    for file, incident, source, account, act in session.execute(asked).all():
        bearing = Bearing(incident_id=incident, source_id=source, account_id=account, act_id=act)
        found.setdefault(file, []).append(bearing)
    return found


def _ids(session: Session, table: Any, pks: Sequence[int]) -> dict[int, UUID]:
    rows = session.execute(select(table.pk, table.id).where(col(table.pk).in_(set(pks)))).all() if pks else []
    return {pk: record for pk, record in rows}  # noqa: C416 - a row is no pair to the type checker


def working_copy_of(session: Session, original: Evidence) -> Evidence | None:
    """The working copy of a file, if one was made; a working copy is its own."""
    if original.derivation == WORKING_COPY:
        return original
    made = col(Evidence.derived_from_pk) == original.pk, col(Evidence.derivation) == WORKING_COPY
    return session.exec(select(Evidence).where(*made).order_by(col(Evidence.pk)).limit(1)).first()


def custody(session: Session, which: UUID, viewer: Viewer) -> list[CustodyEvent]:
    """Every touch of a file, oldest first. Raises Forbidden, and NotFound."""
    check_may_read_custody(viewer)
    record = find(session, which, viewer).id
    mine = col(Revision.record_id) == record, col(Revision.noun) == NOUN, of_changes()
    lines = session.exec(select(Revision).where(*mine).order_by(col(Revision.seq))).all()
    return [
        CustodyEvent(
            seq=line.seq, at=line.at, who=line.who, via=line.via, action=line.action,
            sha256=line.what.get("sha256"), purpose=line.why,
        )
        for line in lines
    ]  # fmt: skip
