"""Publish a part of the sample archive, so that somebody who is nobody in particular finds something to read."""

from functools import partial

from sqlalchemy import Engine
from sqlmodel import Session, col, select

from app.access.viewer import Viewer, console
from app.actions import incidents, publishing, reviews
from app.db import writing
from app.queries.publishing import ASKED_FIRST
from app.records import Account, Incident, Source
from app.records.incident import IncidentChange
from app.records.public_version import PublicVersionIn
from app.records.review import MoveIn
from app.upkeep import publication
from app.upkeep.published import Store

REPORTER, EDITOR = console("sample reporter"), console("sample editor")
WHY = "Everything in the sample archive is made up, so that all of it may be shown."
# One in three stays inside, so that the difference can be seen.
KEPT_BACK = 3


def publish_a_part(engine: Engine, store: Store) -> None:
    """Take two thirds of the sample through review, approve their public versions, and publish them."""
    with writing(engine) as session:
        asked = select(Incident.pk).where(col(Incident.sensitivity) != "sealed").order_by(col(Incident.pk))
        for place, pk in enumerate(session.exec(asked).all()):
            if place % KEPT_BACK:
                _approve(session, pk)
    publication.publish(partial(writing, engine), store, EDITOR)


def _approve(session: Session, pk: int) -> None:
    _move(session, pk, "submitted", REPORTER)
    change = IncidentChange.model_validate({"sensitivity": "public_anonymised", "reason": WHY})
    incident, seen = _as_it_stands(session, pk)
    incidents.amend(session, incident.id, change, seen, EDITOR)
    _move(session, pk, "in_review", EDITOR)
    _move(session, pk, "approved", EDITOR)
    incident, seen = _as_it_stands(session, pk)
    told = {"title": incident.title, "place": "area2", "cites": _open_sources(session, pk), "reason": WHY}
    publishing.approve(session, incident.id, PublicVersionIn.model_validate(told), seen, EDITOR)


def _move(session: Session, pk: int, stage: str, by: Viewer) -> None:
    incident, seen = _as_it_stands(session, pk)
    reviews.move(session, incident.id, MoveIn.model_validate({"stage": stage, "note": WHY}), seen, by)


def _as_it_stands(session: Session, pk: int) -> tuple[Incident, str]:
    incident = session.exec(select(Incident).where(col(Incident.pk) == pk)).one()
    return incident, incidents.etag(incident.id, incident.version)


def _open_sources(session: Session, pk: int) -> list[object]:
    """What anybody could look up; who gave a testimony was not asked."""
    cited = select(Source.id, Source.kind, Source.sensitivity).join(Account).where(col(Account.incident_pk) == pk)
    return list({
        record: None for record, kind, held in session.execute(cited.order_by(col(Account.pk))).all()
        if kind not in ASKED_FIRST and held != "sealed"
    })  # fmt: skip
