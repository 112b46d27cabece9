"""An answer for a file: the rows and what hangs on them, once it is certain that the file can hold them."""

from sqlmodel import Session

from app.access.viewer import Viewer
from app.exports.format import Answer, Format, Heading
from app.queries import incidents, tables
from app.queries.filter import IncidentFilter


def answer(session: Session, form: Format, question: IncidentFilter, viewer: Viewer, heading: Heading) -> Answer:
    """Raises Invalid for a question that cannot be asked, and for more incidents than the format holds."""
    rows = incidents.stream(session, question, viewer)
    if form.most is not None:
        form.check_holds(incidents.count(session, question, viewer))
    return Answer(rows, heading, tables.related(session, question, viewer))
