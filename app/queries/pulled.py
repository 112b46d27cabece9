"""What earlier pulls of a form brought: the ids of its submissions, and the files that hang on their incidents."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

from sqlmodel import Session, col, select

from app.access.evidence import visible_evidence
from app.access.viewer import Viewer, check_may_read
from app.access.visibility import visible
from app.records import Attachment, Evidence, ImportBatch, Incident


@dataclass(frozen=True)
class Holding:
    """An incident and the files on it: the addresses they were fetched from, and their SHA-256."""

    incident: UUID
    sensitivity: str
    addresses: set[str] = field(default_factory=set)
    contents: set[str] = field(default_factory=set)


def external_ids(session: Session, called: str, viewer: Viewer) -> set[str]:
    """The ids under which the imports of this name brought incidents, without those that were taken back."""
    check_may_read(viewer)
    brought = col(ImportBatch.file_name) == called, col(ImportBatch.undone_at).is_(None)
    asked = (
        select(Incident.external_id)
        .join(ImportBatch, col(ImportBatch.pk) == col(Incident.batch_pk))
        .where(*brought, *visible(viewer))
    )
    return {found for found in session.exec(asked) if found is not None}


def holdings(session: Session, ids: Sequence[str], viewer: Viewer) -> dict[str, Holding]:
    """The incidents of these external ids that the viewer may see, with their files."""
    check_may_read(viewer)
    mine = col(Incident.external_id).in_(ids), *visible(viewer)
    asked = select(Incident.external_id, Incident.id, Incident.sensitivity).where(*mine)
    found = {str(known): Holding(record, close) for known, record, close in session.execute(asked).all()}
    hanging = (
        select(Incident.external_id, Evidence.original_url, Evidence.sha256)
        .join(Attachment, col(Attachment.incident_pk) == col(Incident.pk))
        .join(Evidence, col(Evidence.pk) == col(Attachment.evidence_pk))
        .where(*mine, *visible_evidence(viewer))
    )
    for known, address, sha256 in session.execute(hanging).all():
        found[str(known)].addresses.add(address or "")
        found[str(known)].contents.add(sha256)
    return found
