"""What lies ready for members: nobody gets more or less by it, and no text outlives what it was made of."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from time import sleep
from typing import Any
from unittest.mock import patch

import orjson
import pytest
from sqlalchemy import Engine, delete, insert, update
from sqlmodel import col, func, select

from app.access.policy import CLEARANCES, PARTNER, READERS, THE_PUBLIC
from app.access.viewer import Viewer
from app.access.wall import guarded
from app.actions import accounts, keeping
from app.db import reading, writing
from app.exports import FORMATS, Heading, answer
from app.imports import background
from app.queries import incidents, kept_rows
from app.queries.filter import IncidentFilter, IncidentPage
from app.queries.rows import FlatRow
from app.queries.written import flat_row
from app.records import METADATA, Account, Incident, ReadyFeature, ReadyLine, Source
from app.upkeep import schema
from app.upkeep.verifying import verify
from tests.actions.erasing import erase
from tests.actions.erasing import report as report_her
from tests.actions.test_taking_back import FIRST, SECOND, take, undo
from tests.archives import REVIEWER, TestArchive
from tests.builders import account_in, incident_in
from tests.imports.jobs import worker_of
from tests.queries import a_guarded_crowd
from tests.queries.a_crowd import fill as fill_with_anybody
from tests.queries.test_tally_sheets import DEEDS

VIEWERS = [Viewer("somebody", role) for role in sorted({*READERS, PARTNER})]
FORMS = ("geojson", "geojsonl", "csv", "kml")
HEADING = Heading("every incident", datetime(2026, 1, 1, tzinfo=UTC))
SORTS = ("-date_earliest", "date_earliest", "-updated_at", "ref", "relevance")


@pytest.fixture
def crowd(archive: TestArchive) -> TestArchive:
    """An archive of which all texts are made, but for those of its last two incidents."""
    a_guarded_crowd.fill(archive)
    keeping.fill(archive.engine)
    fill_with_anybody(archive, 2, seed=9)
    return archive


def files(engine: Engine, viewer: Viewer) -> dict[str, bytes]:
    """Whole answers, in several forms, also where words are asked for."""
    found = {}
    for form in FORMS:
        for question in (IncidentFilter(), IncidentFilter(country="PAK"), IncidentFilter(min_sources=1)):
            with guarded(engine, viewer) as session:
                told = answer(session, FORMATS[form], question, viewer, HEADING)
                found[f"{form} {question.sentence()}"] = b"".join(FORMATS[form].write(told))
    return found


def pages(engine: Engine, viewer: Viewer) -> Iterator[tuple[str, bytes]]:
    """Every page of several questions, with the cursors between them."""
    for sort in SORTS if viewer.role != PARTNER else SORTS[:-1]:  # who reads by a link does not search
        words = "alleged" if sort == "relevance" else None
        question: IncidentPage | None = IncidentPage(limit=20, sort=sort, q=words)
        while question is not None:
            with guarded(engine, viewer) as session:
                items, cursor = incidents.page(session, question, viewer)
            yield sort, orjson.dumps([items, cursor])
            question = question.model_copy(update={"cursor": cursor}) if cursor else None


def on_the_spot() -> Any:
    """No text has this mark, so everything is made for the one who asks."""
    return patch.object(kept_rows, "mark", lambda: -1)


def texts(engine: Engine) -> dict[int, bytes]:
    with reading(engine) as session:
        found = session.execute(select(ReadyFeature.incident_pk, ReadyFeature.text)).all()
        return {pk: text for pk, text in found}  # noqa: C416 - mypy takes a row for no pair


def rewrite(archive: TestArchive, *statements: Any) -> None:
    with writing(archive.engine) as session:
        for statement in statements:
            session.execute(statement)


@pytest.mark.parametrize("viewer", VIEWERS, ids=lambda one: one.role)
def test_everybody_gets_the_same_bytes_as_before(crowd: TestArchive, viewer: Viewer) -> None:
    told, turned = files(crowd.engine, viewer), list(pages(crowd.engine, viewer))
    with on_the_spot():
        assert told == files(crowd.engine, viewer)
        assert turned == list(pages(crowd.engine, viewer))


def test_what_is_kept_is_used_and_a_partner_never_gets_it(crowd: TestArchive) -> None:
    """Proof of use: other words in the texts show for members, and only for them."""
    rewrite(crowd, update(ReadyFeature).where(col(ReadyFeature.text) != b"").values(text=b'{"planted":1}'))
    rewrite(crowd, update(ReadyLine).where(col(ReadyLine.text) != b"").values(text=b"planted\r\n"))
    for viewer in VIEWERS:
        with guarded(crowd.engine, viewer) as session:
            made = incidents.ready(session, IncidentFilter(), viewer)
            assert (made is None) == (viewer.role == PARTNER)
            if made is not None:
                assert b"planted" in b"".join(made.lines())
                assert b"planted" in b"".join([one.text for some in made.features() for one in some])
            assert not session.exec(select(ReadyFeature.text)).all() or made is not None


@pytest.mark.parametrize("viewer", VIEWERS, ids=lambda one: one.role)
def test_what_went_out_of_sight_meanwhile_is_left_out_of_a_page(crowd: TestArchive, viewer: Viewer) -> None:
    """On a server another may seal an incident after its number was found and before its text is asked for."""
    with guarded(crowd.engine, viewer) as session:
        seen = set(session.exec(select(Incident.pk)).all())
        every = [*range(1, max(seen) + 20)]
        rows = [flat_row(text) for text in kept_rows.texts_of(session, every, viewer)]
    assert [row["ref"] for row in rows] == sorted(row["ref"] for row in rows)
    assert len(rows) == len(seen) < len(every)


def test_a_text_is_kept_only_where_all_read_alike(crowd: TestArchive) -> None:
    kept = texts(crowd.engine)
    same: dict[int, set[bytes]] = {pk: set() for pk in kept}
    for role in READERS:
        viewer = Viewer("somebody", role)
        with guarded(crowd.engine, viewer) as session:
            told: dict[int, FlatRow] = kept_rows.made(session, list(kept), viewer)
            for pk in kept:
                same[pk].add(kept_rows.feature(told[pk]).text if pk in told else b"out of reach")
    assert {pk for pk, text in kept.items() if text} == {pk for pk, found in same.items() if len(found) == 1}
    assert 5 < sum(map(bool, kept.values())) < len(kept) - 5
    with reading(crowd.engine) as session:
        held = select(Incident.pk).where(col(Incident.sensitivity) == "sealed")
        assert not any(kept[pk] for pk in session.exec(held).all())


def test_the_first_to_be_asked_reads_least() -> None:
    least = CLEARANCES[keeping.READING[0].role]
    assert {viewer.role for viewer in keeping.READING} == READERS
    assert all(least.sensitivities <= CLEARANCES[role].sensitivities for role in READERS)
    assert all(least.classes <= CLEARANCES[role].classes for role in READERS)
    assert THE_PUBLIC not in READERS


def cite_again(archive: TestArchive, pk: int) -> None:
    with writing(archive.engine) as session:
        which = session.exec(select(Incident.id).where(col(Incident.pk) == pk)).one()
        accounts.add_account(session, which, account_in(killed={"best": 3}), REVIEWER)


MORE: tuple[Callable[[TestArchive, int], None], ...] = (cite_again, *DEEDS)


def test_whatever_is_done_no_text_is_wrong(archive: TestArchive, tmp_path: Path) -> None:
    """Reports, changes, imports, their undoing, and an erasure; and afterwards all is made again that can be."""
    random = Random(23)
    fill_with_anybody(archive, 24, seed=3)
    keeping.fill(archive.engine)

    def check(at_least: int) -> None:
        assert keeping.differences(archive.engine) == 0
        assert b"" in texts(archive.engine).values()  # something was void
        keeping.fill(archive.engine)
        assert keeping.differences(archive.engine) == 0
        assert sum(map(bool, texts(archive.engine).values())) >= at_least

    for pk, deed in zip(random.sample(range(1, 20, 2), 5), MORE, strict=True):
        deed(archive, pk)
        check(22)
    first, second = take(archive, tmp_path, FIRST), take(archive, tmp_path, SECOND)
    keeping.fill(archive.engine)
    for outcome in (second, first):
        undo(archive, outcome.batch, also_edited=True)
        assert keeping.differences(archive.engine) == 0
    herself = report_her(archive)
    keeping.fill(archive.engine)
    erase(archive, herself, tmp_path)
    assert not any(b"Zarmina" in text for text in texts(archive.engine).values())
    check(22)
    with reading(archive.engine) as session:
        there = set(session.exec(select(Incident.pk)).all())
        assert {*session.exec(select(ReadyLine.incident_pk)).all()} == {*texts(archive.engine)} == there


def test_of_what_is_sealed_no_text_is_left(archive: TestArchive) -> None:
    archive.report(incident_in("Alleged, and made up"))
    keeping.fill(archive.engine)
    assert b"made up" in texts(archive.engine)[1]
    rewrite(archive, update(Incident).values(sensitivity="sealed"))
    with reading(archive.engine) as session:
        row = session.exec(select(ReadyFeature)).one()
        assert (row.mark, row.ref, row.lon, row.lat, row.text) == (0, "", None, None, b"")
        assert session.exec(select(ReadyLine)).all() == []
    keeping.fill(archive.engine)
    assert texts(archive.engine) == {1: b""}


def test_other_words_of_ours_make_all_of_them_anew(archive: TestArchive) -> None:
    fill_with_anybody(archive, 5, seed=3)
    keeping.fill(archive.engine)
    rewrite(archive, update(ReadyFeature).values(mark=ReadyFeature.mark + 1, text=b"in the old words"))
    assert b"old words" not in files(archive.engine, REVIEWER)["geojson alleged incidents"]
    assert keeping.fill(archive.engine) == 5
    assert b"in the old words" not in texts(archive.engine).values()


def test_the_service_makes_them_once_there_are_many(archive: TestArchive, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keeping, "MANY", 3)
    monkeypatch.setattr(keeping, "STEP", 2)
    fill_with_anybody(archive, 2, seed=3)
    assert keeping.keep_up(archive.engine) == 0
    fill_with_anybody(archive, 3, seed=4)
    assert keeping.keep_up(archive.engine) == 5
    rewrite(archive, update(Source).values(title="Another"))
    told: list[int] = []
    assert keeping.fill(archive.engine, 3, told.append) == 4
    assert told == [2, 2]
    assert keeping.keep_up(archive.engine) == 0  # one is left, and waits for others


def test_the_worker_sees_to_it_between_jobs(archive: TestArchive, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keeping, "MANY", 3)
    monkeypatch.setattr(background, "PAUSE", 0.01)
    fill_with_anybody(archive, 4, seed=3)
    worker = worker_of(archive)
    worker.start()
    for _ in range(500):
        if len(texts(archive.engine)) == 4:
            break
        sleep(0.02)
    worker.stop()
    assert all(texts(archive.engine)[pk] for pk in range(1, 5))


def test_one_that_comes_in_among_those_that_were_looked_at_is_looked_at(archive: TestArchive) -> None:
    """As when somebody puts back, by SQL, what was taken out."""
    fill_with_anybody(archive, 3, seed=3)
    incident, account = METADATA.tables["incident"], METADATA.tables["account"]
    with writing(archive.engine) as session:
        row = dict(session.execute(incident.select().where(incident.c.pk == 1)).mappings().one())
        hung = session.execute(account.select().where(account.c.incident_pk == 1)).mappings().all()
        session.execute(delete(METADATA.tables["involvement"]).where(METADATA.tables["involvement"].c.incident_pk == 1))
        session.execute(delete(METADATA.tables["act"]).where(METADATA.tables["act"].c.incident_pk == 1))
        session.execute(delete(Account).where(col(Account.incident_pk) == 1))
        session.execute(delete(Incident).where(col(Incident.pk) == 1))
    keeping.fill(archive.engine)
    assert set(texts(archive.engine)) == {2, 3}
    rewrite(archive, insert(incident).values(row), *(insert(account).values(dict(one)) for one in hung))
    assert keeping.fill(archive.engine) == 1
    assert all(texts(archive.engine).values())
    assert keeping.differences(archive.engine) == 0


def test_verifying_finds_a_text_that_says_something_else(archive: TestArchive) -> None:
    fill_with_anybody(archive, 3, seed=3)
    keeping.fill(archive.engine)
    assert archive.vault is not None
    rewrite(archive, update(ReadyLine).where(col(ReadyLine.incident_pk) == 2).values(text=b"made up\r\n"))
    with reading(archive.engine) as session:
        assert [one.noun for one in verify(session, archive.vault).differences] == ["ready_feature"]


def test_down_and_up_again_they_can_be_made_again(archive: TestArchive) -> None:
    fill_with_anybody(archive, 3, seed=3)
    keeping.fill(archive.engine)
    schema.migrate(archive.engine, "0020")
    rewrite(archive, update(Incident).values(title="While they were away"))
    schema.migrate(archive.engine)
    assert keeping.fill(archive.engine) == 3
    rewrite(archive, update(Incident).values(title="Since"))
    with reading(archive.engine) as session:
        assert session.exec(select(func.count()).where(col(ReadyFeature.mark) == 0)).one() == 3
