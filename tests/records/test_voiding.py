"""No text that lies ready for members outlives what it was made of, whoever changes it, and however."""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import update
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from app.access.wall import guarded
from app.actions import keeping
from app.db import Moment, reading, writing
from app.queries import kept_rows
from app.records import METADATA, Incident, Involvement, ReadyFeature, voiding
from tests.archives import CONTRIBUTOR, READER, REVIEWER, TestArchive, counting
from tests.builders import incident_in, somebody
from tests.queries import a_guarded_crowd
from tests.queries.test_kept_rows import files, rewrite, texts


def test_all_that_a_row_is_read_from_is_watched(archive: TestArchive) -> None:
    """Read out of the questions themselves: a column that is read tomorrow needs its trigger tomorrow."""
    a_guarded_crowd.fill(archive, few=True)
    numbers = list(range(1, archive.count(Incident) + 1))
    with counting(archive.engine) as sent, guarded(archive.engine, REVIEWER) as session:
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
        for viewer in (CONTRIBUTOR, READER, REVIEWER)
    }
    assert told == {"contributor": True, "reviewer": True, "viewer": False}
