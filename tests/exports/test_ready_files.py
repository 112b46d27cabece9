"""A file put together from what lies ready is, byte for byte, the one that would be made row by row."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlmodel import Session, func, select

from app.access.viewer import OUTSIDER
from app.access.wall import IN_ROWS, unguarded
from app.db import reading, whole
from app.exports import FORMATS, Answer, Heading
from app.exports.pieces import in_pieces
from app.queries import incidents, ready_rows
from app.queries.filter import IncidentFilter
from app.records import Incident
from app.records.blocks import cell
from app.upkeep import published as store_of
from tests.archives import TestArchive
from tests.builders import incident_in
from tests.upkeep.test_published import AT, bundles

HEADING = Heading("all", datetime(2026, 1, 1, tzinfo=UTC))
# The last of five has none.
POINTS = ((66.123456789, 30.2), (-0.5, 29.9), (67.0, -33.25), (66.5, 31.00000004))


@pytest.fixture
def session(published: TestArchive) -> Iterator[Session]:
    """The published store with five incidents, four of them with a point."""
    made, store = bundles(published, citing=True), published.published
    assert store is not None
    for bundle, (lon, lat) in zip(made, POINTS, strict=False):
        bundle.incident |= {"lon": lon, "lat": lat, "cell": cell(lon, lat), "geo_precision": "settlement"}
    store_of.change(store, made, [], AT)
    with unguarded(store.engine) as session:
        yield session


@pytest.mark.parametrize("form", ["geojson", "geojsonl", "csv"])
def test_it_is_the_same_file(session: Session, form: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ready_rows, "BATCH", 2)
    monkeypatch.setattr(ready_rows.Ready, "piece", 600)
    for asked in ({}, {"located": True}, {"located": False}, {"country": "NOR"}):
        question = IncidentFilter.model_validate(asked)
        rows = list(incidents.stream(session, question, OUTSIDER))
        ready = incidents.ready(session, question, OUTSIDER)
        pieces = list(FORMATS[form].write(Answer([], HEADING, ready)))
        assert b"".join(pieces) == b"".join(FORMATS[form].write(Answer(rows, HEADING))), asked
        assert len(pieces) > 1 or len(rows) < len(POINTS), asked


def test_the_box_is_that_of_the_points_in_the_answer(session: Session) -> None:
    def box(**asked: Any) -> Any:
        ready = incidents.ready(session, IncidentFilter.model_validate(asked), OUTSIDER)
        assert ready is not None
        return ready.box(), list(ready.unlocated())

    sides = tuple(pick(side) for pick in (min, max) for side in zip(*POINTS, strict=True))
    refs = [row["ref"] for row in incidents.stream(session, IncidentFilter(), OUTSIDER) if row["lon"] is None]
    assert len(refs) == 1
    assert box() == (sides, refs)
    assert box(located=False) == (None, refs)
    assert box(bbox=(60, 30, 70, 40)) == ((*POINTS[0], *POINTS[3]), [])


def test_no_more_answers_are_counted_than_it_takes(session: Session) -> None:
    total = incidents.count(session, IncidentFilter(), OUTSIDER)
    assert total == len(POINTS) + 1
    told = [incidents.are_more_than(session, IncidentFilter(), OUTSIDER, few) for few in range(total + 2)]
    assert told == [few < total for few in range(total + 2)]


def test_the_public_is_answered_in_rows_too(session: Session) -> None:
    asked = select(Incident)
    assert isinstance(session.execute(asked).first()[0], Incident)  # type: ignore[index]
    row = session.execute(asked.execution_options(**IN_ROWS)).first()
    assert row is not None
    assert set(Incident.model_fields) == set(row._fields)


def test_a_whole_answer_tells_of_one_state(archive: TestArchive) -> None:
    asked = select(func.count()).select_from(Incident)
    with reading(whole(archive.engine)) as session:
        before = session.exec(asked).one()
        archive.report(incident_in())
        assert session.exec(asked).one() == before
    with reading(archive.engine) as session:
        assert session.exec(asked).one() == before + 1


def test_pieces_are_of_a_size() -> None:
    parts = [bytes([n]) * n for n in range(1, 30)]
    pieces = list(in_pieces(parts, 50))
    assert b"".join(pieces) == b"".join(parts)
    assert all(50 < len(piece) <= 50 + len(parts[-1]) for piece in pieces[:-1])
    assert list(in_pieces([], 50)) == [b""]
