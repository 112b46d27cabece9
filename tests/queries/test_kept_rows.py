"""What lies ready for members: nobody gets more or less by it, and no text outlives what it was made of."""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from random import Random
from typing import Any
from unittest.mock import patch
from uuid import UUID, uuid4

import orjson
import pytest
from sqlalchemy import Engine, delete, insert, update
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, func, select

from app.access.policy import CLEARANCES, PARTNER, READERS, THE_PUBLIC
from app.access.viewer import Viewer
from app.access.wall import guarded
from app.actions import accounts, keeping
from app.db import Moment, reading, writing
from app.exports import FORMATS, Heading, answer
from app.queries import incidents, kept_rows
from app.queries.filter import IncidentFilter, IncidentPage
from app.queries.rows import FlatRow
from app.records import METADATA, Account, Incident, Involvement, ReadyFeature, ReadyLine, Source, voiding
from app.upkeep import schema
from app.upkeep.verifying import verify
from tests.actions.erasing import erase
from tests.actions.erasing import report as report_her
from tests.actions.test_taking_back import FIRST, SECOND, take, undo
from tests.archives import REVIEWER, TestArchive, counting
from tests.builders import account_in, incident_in, somebody
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


def test_all_that_a_row_is_read_from_is_watched(crowd: TestArchive) -> None:
    """Read out of the questions themselves: a column that is read tomorrow needs its trigger tomorrow."""
    numbers = list(texts(crowd.engine))
    with counting(crowd.engine) as sent, guarded(crowd.engine, REVIEWER) as session:
        kept_rows.made(session, numbers, REVIEWER)
    read = {(table, column) for one in sent for table, column in re.findall(r'\b([a-z_]+)\."?([a-z_0-9]+)', one)}
    watched = {"incident": frozenset(voiding.INCIDENT), **{t: frozenset(r.columns) for t, r in voiding.READ.items()}}
    assert {table for table, _ in read if table in METADATA.tables} == watched.keys()
    assert not [one for one in read if one[0] in watched and one[1] not in watched[one[0]]]


def others(column: Any, value: Any, session: Session) -> list[Any]:
    """What may stand there instead."""
    if column.foreign_keys:
        far = next(iter(column.foreign_keys)).column
        return [*session.execute(select(far).where(far != value).limit(2)).scalars(), None]
    kind = datetime if isinstance(column.type, Moment) else column.type.python_type
    if kind is bool:
        return [not value]
    words: dict[Any, list[Any]] = {
        int: [7], float: [7.5], date: [date(2001, 1, 1)], dict: [{"a": 1}],
        datetime: [datetime(2001, 1, 1, tzinfo=UTC)], list: [["a"]], UUID: [uuid4()],
    }  # fmt: skip
    told = {"sensitivity": ["sealed"], "identity_protection": ["named", "withheld"], "kind": ["private_individual"],
            "degree": ["party_to_clash", "ordered"], "date_qualifier": ["approximate", None],
            "date_span": ["sometime_within", "throughout"], "verification": [a_guarded_crowd.BORNE, "unreviewed"]}  # fmt: skip
    return told.get(column.name, words.get(kind, [f"{value or ''}x"[-20:], None]))


def changes(session: Session, table: Any) -> Iterator[tuple[str, list[Any], list[Any]]]:
    """What to put into each watched column of every row, and what to put back; all others are changed together."""
    watched = set(voiding.INCIDENT if table.name == "incident" else voiding.READ[table.name].columns) - {"pk"}
    rows = [dict(row) for row in session.execute(table.select()).mappings()]
    rest = [column for column in table.columns if column.key not in watched]
    for columns in [rest, *([column] for column in table.columns if column.key in watched)]:
        for turn in range(len(others(columns[0], rows[0][columns[0].key], session))):
            there, back = [], []
            for row in rows:
                to = table.update().where(table.c.pk == row["pk"])
                told = {column: others(column, row[column.key], session) for column in columns if column.key != "pk"}
                there.append(to.values({column: values[turn % len(values)] for column, values in told.items()}))
                back.append(to.values({column: row[column.key] for column in told}))
            yield f"{table.name}.{columns[0].key}", there, back


def wrong_ones(session: Session) -> set[int]:
    """Texts that are not what the least or the most cleared would get, whom nothing but their role keeps from it."""
    asked = select(ReadyFeature.incident_pk, ReadyFeature.text).where(col(ReadyFeature.mark) == kept_rows.mark())
    kept = {pk: text for pk, text in session.execute(asked) if text}
    wrong = set()
    for viewer in (keeping.READING[0], keeping.READING[-1]):
        told = kept_rows.made(session, list(kept), viewer)
        wrong |= {pk for pk, text in kept.items() if kept_rows.feature(told[pk]).text != text}
    return wrong


def went_wrong(archive: TestArchive) -> set[str]:
    """The columns after a change of which, by SQL past all our actions, a text is not what it would be."""
    wrong, ready = set(), [METADATA.tables[name] for name in ("ready_feature", "ready_line")]
    with reading(archive.engine) as session:
        kept = [
            table.insert().values([dict(row) for row in session.execute(table.select()).mappings()]) for table in ready
        ]
    for name in (*voiding.READ, "incident"):
        with reading(archive.engine) as session:
            every = list(changes(session, METADATA.tables[name]))
        for column, there, back in every:
            try:
                rewrite(archive, *there)
            except IntegrityError:  # it has to be something
                continue
            with reading(archive.engine) as session:
                wrong |= {column} if wrong_ones(session) else set()
            rewrite(archive, *back, *(table.delete() for table in ready), *kept)
    return wrong


def test_a_text_goes_with_every_column_it_was_made_of(archive: TestArchive) -> None:
    a_guarded_crowd.fill(archive, few=True)
    keeping.fill(archive.engine)
    assert went_wrong(archive) == set()


@pytest.mark.parametrize("database", ["sqlite"], scope="module")
def test_without_the_triggers_every_table_would_leave_a_wrong_text(archive: TestArchive) -> None:
    """The fault planted: so each of them is changed above in such a way that it shows."""
    a_guarded_crowd.fill(archive, few=True)
    keeping.fill(archive.engine)
    with archive.engine.execution_options(writing=True).begin() as connection:
        voiding.drop(connection)
    wrong = went_wrong(archive)
    # Where a name stands nothing is kept; the test below gives one to somebody who had none.
    assert {name.split(".")[0] for name in wrong} == {*voiding.READ, "incident"} - {"person_name"}
    assert len(wrong) > 50


def test_who_gets_a_name_is_named_to_those_alone_who_may_read_it(archive: TestArchive) -> None:
    accused = {"person": somebody("Example Viertens", identity_protection="named"), "degree": "ordered"}
    archive.report(incident_in(involvements=[accused]))
    names = METADATA.tables["person_name"]
    with writing(archive.engine) as session:
        row = dict(session.execute(names.select()).mappings().one())
        session.execute(names.delete())
        session.execute(update(Incident).values(verification=a_guarded_crowd.BORNE))
        session.execute(update(Involvement).values(disclosable=True))
    keeping.fill(archive.engine)
    assert texts(archive.engine)[1]
    rewrite(archive, names.insert().values(row))
    assert not texts(archive.engine)[1]
    keeping.fill(archive.engine)
    told = {
        viewer.role: b"Viertens" in files(archive.engine, viewer)["csv alleged incidents"]
        for viewer in VIEWERS[:1] + VIEWERS[2:]
    }
    assert told == {"contributor": True, "reviewer": True, "viewer": False}


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
