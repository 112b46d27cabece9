"""Who may see evidence, take an original, and read in whose hands it was."""

from sqlalchemy import ColumnElement, or_
from sqlmodel import col, select

from app.access.viewer import Viewer
from app.access.visibility import SEALED_FOR, may_read, visible, visible_sources
from app.errors import Forbidden
from app.records import Account, Act, Attachment, Evidence, Incident, Source
from app.vocabulary.sensitivity import CUSTODY, IDENTITY, SOURCE_IDENTITY


def visible_evidence(viewer: Viewer) -> list[ColumnElement[bool]]:
    """The conditions on files: none that is sealed, and each hangs on a record that the viewer may see."""
    if viewer.role in SEALED_FOR:
        return []
    hanging = select(Attachment.evidence_pk).where(visible_attachments(viewer))
    return [col(Evidence.sensitivity) != "sealed", col(Evidence.pk).in_(hanging)]


def visible_attachments(viewer: Viewer) -> ColumnElement[bool]:
    """The condition on attachments: the record that each hangs a file on is for this viewer to see."""
    reached = visible(viewer)
    return or_(
        col(Attachment.incident_pk).in_(select(Incident.pk).where(*reached)),
        col(Attachment.source_pk).in_(select(Source.pk).where(*visible_sources(viewer))),
        col(Attachment.account_pk).in_(select(Account.pk).join(Incident).where(*reached)),
        col(Attachment.act_pk).in_(select(Act.pk).join(Incident).where(*reached)),
    )


def check_may_read_originals(viewer: Viewer) -> None:
    """An original tells whatever its maker wrote or its device noted: names, places, numbers. Raises Forbidden."""
    if not (may_read(viewer, IDENTITY) and may_read(viewer, SOURCE_IDENTITY)):
        raise Forbidden("Your role does not read originals: ask for the working copy, or an admin for another role.")


def check_may_read_custody(viewer: Viewer) -> None:
    """Raises Forbidden for those who do not read in whose hands a file was."""
    if not may_read(viewer, CUSTODY):
        raise Forbidden("Your role does not read the custody of files: ask an admin for the role reviewer.")
