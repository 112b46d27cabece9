"""What the tests of review do again and again."""

from typing import Any
from uuid import UUID

from sqlalchemy import update
from sqlmodel import Session, col

from app.access.viewer import Viewer
from app.actions import accounts, incidents
from app.db import writing
from app.errors import Refusal
from app.records import Incident
from app.records.account import AccountIn
from tests.archives import CONTRIBUTOR, REVIEWER, TestArchive
from tests.builders import a_source, an_account, incident_in

ROLES = ("viewer", "contributor", "reviewer", "admin", "auditor")
BOTH = {"contributor", "reviewer"}


def as_role(role: str) -> Viewer:
    return Viewer(f"another {role}", role, "write")


def set_to(session: Session, which: UUID, **columns: Any) -> str:
    """Put an incident somewhere by force; the ETag of it."""
    if columns:
        session.execute(update(Incident).where(col(Incident.id) == which).values(**columns))
    session.expire_all()
    return incidents.etag(which, incidents.find(session, which, REVIEWER).version)


def refusal(session: Session, act: Any, *told: Any) -> type[Refusal] | None:
    """What comes of an attempt; nothing of it is kept."""
    try:
        act(session, *told)
    except Refusal as refused:
        return type(refused)
    finally:
        session.rollback()
    return None


def reported(archive: TestArchive) -> UUID:
    """Reported by a contributor, with two independent sources and a finding."""
    which = archive.report(incident_in(), CONTRIBUTOR).id
    court = AccountIn.model_validate(an_account(a_source("A judgment", None, kind="court_record")))
    with writing(archive.engine) as session:
        accounts.add_account(session, which, court, CONTRIBUTOR)
    return which
