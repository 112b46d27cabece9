"""`gawah export dataset DIR`: the answer to a question as a lake, a file for each country and year."""

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from sqlmodel import Session

from app.access.viewer import Viewer
from app.cli.say import progress
from app.db import now
from app.errors import Fault, Invalid
from app.exports import Heading, dataset
from app.queries import incidents
from app.queries.filter import IncidentFilter
from app.queries.rows import FlatRow


def check_asked(format_name: str, folder: Path | None, output: str) -> None:
    """Raises Invalid for a dataset without a folder of its own, and for a folder with anything else."""
    if format_name == dataset.NAME and folder is None:
        raise Invalid("A dataset is a folder.", [Fault("DIR", "missing", "gawah export dataset DIR")])
    if format_name != dataset.NAME and folder is not None:
        raise Invalid("Only a dataset goes into a folder.", [Fault("DIR", "one too many", "say -o FILE")])
    if folder is not None and output != "-":
        raise Invalid("A dataset is a folder.", [Fault("-o", "one too many", "gawah export dataset DIR")])
    if folder is not None:
        dataset.check_free(folder.resolve())


def write(session: Session, question: IncidentFilter, viewer: Viewer, folder: Path, *, public: bool) -> int:
    """Write it, one country after the other. How many incidents."""
    total = incidents.count(session, question, viewer)
    heading = Heading(question.sentence(), now())
    with progress("Exporting", total) as advance:
        parts = (
            (country, _counted(incidents.stream_country(session, question, viewer, country), advance))
            for country in incidents.countries(session, question, viewer)
        )
        return dataset.write(folder, parts, heading, public=public)


def _counted(rows: Iterable[FlatRow], advance: Callable[[int], None]) -> Iterator[FlatRow]:
    for row in rows:
        yield row
        advance(1)
