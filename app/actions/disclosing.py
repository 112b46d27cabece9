"""Allow or forbid that a person is called alleged responsible, which is told only once it is borne out."""

from uuid import UUID

from sqlalchemy import update
from sqlmodel import Session, col, select

from app.access.viewer import Viewer, check_may_write
from app.access.visibility import may_expose, visible
from app.actions.incidents import check_version, touch
from app.actions.indexing import reindex
from app.actions.pen import Pen
from app.errors import Forbidden, NotFound
from app.records import Incident, Involvement
from app.records.involvement import Disclosure


def disclose(session: Session, which: UUID, told: Disclosure, seen: str | None, by: Viewer) -> UUID:
    """Set whether an involvement may be told, for a reason; the id of its incident. `seen`: the incident's ETag.

    Raises NotFound, and Forbidden where somebody else than a reviewer would allow it; anybody who writes may forbid it.
    """
    check_may_write(by)
    asked = select(Involvement, Incident).join(Incident).where(col(Involvement.id) == which, *visible(by))
    found = session.execute(asked).first()
    if found is None:
        raise NotFound("No involvement has this id.")
    involvement, incident = found
    check_version(incident, seen)
    if told.disclosable and not may_expose(by):
        raise Forbidden("Only a reviewer allows that somebody is named as alleged responsible: ask one.")
    pen = Pen(session, by)
    was, now = {"disclosable": involvement.disclosable}, {"disclosable": told.disclosable}
    what = {"involvement": str(involvement.id), "before": was, "after": now}
    pen.note("disclosed" if told.disclosable else "undisclosed", "incident", incident.id, what, told.reason)
    pen.put_down()
    session.execute(update(Involvement).where(col(Involvement.pk) == involvement.pk).values(**now))
    touch(pen, incident, {})
    reindex(session, incident.pk)
    return UUID(str(incident.id))
