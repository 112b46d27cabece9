"""The rows that lie ready in the published store are those that would be made of it now."""

from typing import Any

import pytest
from sqlalchemy import update
from sqlmodel import Session, col, select

from app.access.viewer import OUTSIDER
from app.db import reading
from app.queries import incidents
from app.queries.filter import IncidentFilter
from app.queries.public_rows import Bundle
from app.queries.rows import SELECTED, FlatRow, attach, flat
from app.queries.written import cells, feature, lines
from app.records import Archive, Incident, Publication, PublicRow
from app.upkeep import published as store_of
from tests.archives import TestArchive
from tests.upkeep.test_published import AT, bundles


@pytest.fixture
def made(published: TestArchive) -> list[Bundle]:
    """Five incidents in the store."""
    found = bundles(published, citing=True)
    store_of.change(published.published, found, [], AT)  # type: ignore[arg-type]
    return found


def slowly(session: Session) -> list[FlatRow]:
    """The rows made of what they are made of."""
    rows: Any = session.execute(select(*SELECTED).order_by(col(Incident.pk))).all()
    return list(flat(rows, attach(session, rows, OUTSIDER)))


def check(store: Any) -> list[FlatRow]:
    """Both are equal, value by value and type by type."""
    with reading(store.engine) as session:
        told = list(incidents.stream(session, IncidentFilter(), OUTSIDER))
        assert told == (made := slowly(session))
        assert [[type(cell) for cell in row.values()] for row in told] == [[*map(type, row.values())] for row in made]
        assert [list(row) for row in told] == [list(row) for row in made]
        kept = session.execute(select(PublicRow.feature, PublicRow.line).order_by(col(PublicRow.incident_pk))).all()
    assert [text for text, _ in kept] == [feature(row).text for row in made]
    assert [line.decode() for _, line in kept] == lines(map(cells, made))
    return told


def test_what_is_published_lies_ready(published: TestArchive, made: list[Bundle]) -> None:
    assert len(check(published.published)) == len(made)


def test_what_goes_takes_its_row_along(published: TestArchive, made: list[Bundle]) -> None:
    store_of.change(published.published, made[:1], [bundle.incident["id"] for bundle in made[3:]], AT)  # type: ignore[arg-type]
    assert len(check(published.published)) == 3


def test_a_change_of_what_others_speak_of_too_reaches_them(published: TestArchive, made: list[Bundle]) -> None:
    before = check(published.published)
    for row in made[0].rows[Publication]:
        row["name"] = "The Renamed Paper"
    store_of.change(published.published, made[:1], [], AT)  # type: ignore[arg-type]
    after = check(published.published)
    assert all("The Renamed Paper" in row["sources"] for row in after)
    assert not any("The Renamed Paper" in row["sources"] for row in before)


def test_new_words_of_ours_reach_the_rows_without_a_publication(published: TestArchive, made: list[Bundle]) -> None:
    store: Any = published.published
    with store.writing() as connection:
        connection.execute(update(PublicRow).values(line=b"in the old words"))
        half = store_of.mark(store.working)[: -store_of.THIRD]
        connection.execute(update(Archive).values(geodata=half + "0" * store_of.THIRD))
    store_of._prepare(store)
    with reading(store.engine) as session:
        assert b"in the old words" not in session.exec(select(PublicRow.line)).all()
    assert len(check(store)) == len(made)
