"""History: every change leaves a sealed line, and whoever touches one byte of it is found out."""

import json
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, delete, update
from sqlmodel import Session, col, select

from app.actions import accounts, incidents
from app.db import reading, writing
from app.queries import history
from app.records import Revision
from app.records.incident import IncidentChange
from tests.archives import REVIEWER, TestArchive
from tests.builders import TURBAT, account_in, act_in, incident_in, involvement_in, place_in


@pytest.fixture
def busy(archive: TestArchive) -> TestArchive:
    """An archive in which everything that can be done has been done once."""
    one, twin = archive.report(incident_in()).id, archive.report(incident_in("The same again")).id
    with writing(archive.engine) as session:
        accounts.add_account(session, one, account_in(killed=3), REVIEWER)
        accounts.add_act(session, one, act_in(), REVIEWER)
        accounts.add_involvement(session, one, involvement_in("armed men"), REVIEWER)
        accounts.add_place(session, one, place_in(role="taken_from", place_name="a bus stop"), REVIEWER)
    change = IncidentChange(reason="A correction.", lon=TURBAT[0], lat=TURBAT[1], geo_precision="settlement")
    with writing(archive.engine) as session:
        incidents.amend(session, one, change, archive.seen(one), REVIEWER)
    with writing(archive.engine) as session:
        incidents.redirect(session, twin, one, "A duplicate.", archive.seen(twin), REVIEWER)
    with writing(archive.engine) as session:
        incidents.withdraw(session, one, "Out of scope.", archive.seen(one), REVIEWER)
    return archive


def lines(engine: Engine) -> list[dict[str, Any]]:
    with Session(engine) as session:
        return [line.model_dump() for line in session.exec(select(Revision).order_by(col(Revision.seq)))]


def test_everything_that_is_done_leaves_its_line(busy: TestArchive) -> None:
    done = [line["action"] for line in lines(busy.engine) if line["noun"] == "incident"]
    told = ["reported", "reported", "added", "amended", "added", "added", "added", "amended", "redirected", "withdrawn"]
    assert done == told, "the number of the further account has been worked into the tally, with a line of its own"
    assert [line["seq"] for line in lines(busy.engine)] == list(range(1, len(lines(busy.engine)) + 1))


def test_the_chain_holds(busy: TestArchive) -> None:
    with reading(busy.engine) as session:
        held, broken = history.check_chain(session)
    assert broken is None
    assert held == busy.count(Revision)


def turned(value: Any, name: str) -> Any:
    """The same with as little as possible changed."""
    if name == "at":
        return value + timedelta(microseconds=1)
    if name == "what":
        return value | {"": None}
    if name == "record_id":
        return type(value)(int=value.int ^ 1)
    if isinstance(value, str):
        return value[:-1] + chr(ord(value[-1]) ^ 1) if value else "x"
    return "x" if name == "why" else (value or 0) + 1


@pytest.mark.parametrize(
    "name",
    ["at", "who", "via", "action", "noun", "record_id", "why", "what", "row_number", "salt", "commitment", "seal"],
)
def test_one_changed_value_in_any_line_is_found(busy: TestArchive, name: str) -> None:
    for line in lines(busy.engine):
        with Session(busy.engine) as session:
            at = update(Revision).where(col(Revision.seq) == line["seq"])
            session.execute(at.values({name: turned(line[name], name)}))
            _, broken = history.check_chain(session)
            assert broken is not None, f"{name} of line {line['seq']} was changed and nobody noticed"
            assert broken.seq in (line["seq"], line["seq"] + 1)
            session.rollback()
    assert busy.broken() is None


def test_every_byte_of_what_a_line_says_counts(busy: TestArchive) -> None:
    line = next(line for line in lines(busy.engine) if line["action"] == "amended")
    text = json.dumps(line["what"])
    for place, letter in enumerate(text):
        if letter.isalnum():
            changed = text[:place] + ("7" if letter != "7" else "8") + text[place + 1 :]
            with Session(busy.engine) as session:
                try:
                    what = json.loads(changed)
                except json.JSONDecodeError:
                    continue
                session.execute(update(Revision).where(col(Revision.seq) == line["seq"]).values(what=what))
                assert history.check_chain(session)[1] is not None, changed
                session.rollback()


def test_a_line_that_is_taken_out_is_missed(busy: TestArchive) -> None:
    for line in lines(busy.engine)[:-1]:
        with Session(busy.engine) as session:
            session.execute(delete(Revision).where(col(Revision.seq) == line["seq"]))
            _, broken = history.check_chain(session)
            assert broken is not None
            assert broken.seq == line["seq"] + 1
            session.rollback()


def test_two_lines_that_change_places_are_found(busy: TestArchive) -> None:
    with Session(busy.engine) as session:
        for old, new in ((3, -1), (4, 3), (-1, 4)):
            session.execute(update(Revision).where(col(Revision.seq) == old).values(seq=new))
        assert history.check_chain(session)[1] is not None


def test_the_last_line_may_be_cut_off_unseen_and_that_is_known(busy: TestArchive) -> None:
    """A chain cannot know how long it was; the head must be kept elsewhere. This test says so out loud."""
    with Session(busy.engine) as session:
        session.execute(delete(Revision).where(col(Revision.seq) == lines(busy.engine)[-1]["seq"]))
        assert history.check_chain(session)[1] is None


def test_what_is_refused_leaves_no_line(archive: TestArchive) -> None:
    before = lines(archive.engine)
    with pytest.raises(Exception, match=r"no act|not part"), writing(archive.engine) as session:
        incidents.report(
            session, incident_in(involvements=[{"described_as": "x", "act_id": str(REVIEWER_ID)}]), REVIEWER
        )
    assert lines(archive.engine) == before
    assert archive.rows() == []


REVIEWER_ID = "00000000-0000-0000-0000-000000000001"
