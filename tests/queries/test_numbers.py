"""Numbers that explain themselves: groups within one account, never added up across accounts."""

from typing import Any
from uuid import UUID

import pytest

from app.access.viewer import Viewer
from app.actions import accounts
from app.db import reading, writing
from app.errors import Forbidden
from app.queries import one
from app.queries.numbers import HarmNumbers, numbers
from app.records.account import AccountIn
from tests.archives import CONTRIBUTOR, READER, REVIEWER, TestArchive
from tests.builders import a_source, an_account, an_act, incident_in, somebody


def ask(archive: TestArchive, which: UUID, viewer: Viewer = REVIEWER) -> dict[str, HarmNumbers]:
    with reading(archive.engine) as session:
        return numbers(session, one.find(session, str(which), viewer), viewer)


def group(count: Any, **more: Any) -> dict[str, Any]:
    return an_act(count={"best": count} if isinstance(count, int) else count, outcome="killed", **more)


def add(archive: TestArchive, which: UUID, *acts: dict[str, Any], by: str = "The Other Paper", **said: Any) -> UUID:
    told = an_account(a_source("Another", by), **said) | {"acts": list(acts)}
    with writing(archive.engine) as session:
        return accounts.add_account(session, which, AccountIn.model_validate(told), REVIEWER)


def test_groups_are_those_of_the_account_that_is_followed(archive: TestArchive) -> None:
    women, men = group(3, sex="female", age_group="adult"), group(2, sex="male", age_group="adult")
    which = archive.report(incident_in(killed={"best": 5}, acts=[women, men])).id
    add(archive, which, group(5, sex="male"), group(1, sex="female"), killed=6)
    killed = ask(archive, which)["killed"]
    assert {sex: tally.best for sex, tally in killed.groups["sex"].items()} == {"female": 3, "male": 2}
    assert killed.groups["age_group"]["adult"].best == 5
    assert [told.total.best for told in killed.accounts] == [5, 6]
    assert (killed.tally.min, killed.tally.max) == (5, 6), "the tally is never the sum of the accounts"


def test_open_ends_stay_open(archive: TestArchive) -> None:
    acts = [group({"min": 2}, sex="female"), group({"min": 1, "best": 2, "max": 3}, sex="male")]
    which = archive.report(incident_in(killed={"min": 3}, acts=acts)).id
    total = ask(archive, which)["killed"].accounts[0].total
    assert (total.min, total.best, total.max) == (3, None, None)


def test_what_nobody_says_is_no_group(archive: TestArchive) -> None:
    which = archive.report(incident_in(killed={"best": 2}, acts=[group(2)])).id
    assert ask(archive, which)["killed"].groups == {}


def test_a_zero_is_a_zero_only_where_a_source_says_none(archive: TestArchive) -> None:
    acts = [group(4, civilian_status="fighter"), group(0, civilian_status="civilian")]
    which = archive.report(incident_in(killed={"best": 4}, acts=acts)).id
    status = ask(archive, which)["killed"].groups["civilian_status"]
    assert (status["civilian"].best, status["fighter"].best) == (0, 4)
    assert "unknown" not in status


def test_each_act_is_counted_under_its_own_harm(archive: TestArchive) -> None:
    acts = [
        an_act("killing", count={"best": 1}),
        an_act("summary_execution", count={"best": 1}),
        an_act("attack_on_civilians", count={"best": 3}, outcome="injured"),
        an_act("enforced_disappearance", count={"best": 2}),
        an_act("abduction", count={"best": 1}, outcome="killed"),
        an_act("property_destruction", count={"best": 9}),
    ]
    which = archive.report(incident_in(acts=acts)).id
    found = {harm: told.accounts[0].total.best for harm, told in ask(archive, which).items()}
    assert found == {"killed": 3, "injured": 3, "missing": 2}


def test_one_person_in_two_accounts_is_named_once(archive: TestArchive) -> None:
    act = an_act(person=somebody("Gul Example"), outcome="killed")
    which = archive.report(incident_in(killed={"best": 1}, acts=[act])).id
    person = archive.see(which).acts[0].person
    assert person is not None
    add(archive, which, an_act(person={"id": str(person.id)}, outcome="killed"), killed=1)
    assert ask(archive, which)["killed"].named == 1
    assert archive.see(which).warnings == []
    add(archive, which, an_act(person=somebody("Shah Example"), outcome="killed"), by="A Third Paper")
    assert archive.see(which).warnings == ["2 people are named as killed, more than the highest number, 1"]


def test_more_in_the_groups_than_at_most(archive: TestArchive) -> None:
    acts = [group({"min": 3, "best": 3}, sex="female"), group({"min": 3, "best": 4}, sex="male")]
    which = archive.report(incident_in(killed={"min": 4, "best": 5, "max": 5}, acts=acts)).id
    assert ask(archive, which)["killed"].warnings == [
        "the groups of one account add up to 6, more than the highest number, 5"
    ]


@pytest.mark.parametrize("viewer", [READER, CONTRIBUTOR])
def test_who_speaks_is_told_to_those_who_may_know(archive: TestArchive, viewer: Viewer) -> None:
    cited = {"source": a_source(), "speaker": "A made-up witness"}
    which = archive.report(incident_in(killed={"best": 1}, according_to=cited)).id
    speaker = ask(archive, which, viewer)["killed"].accounts[0].speaker
    assert speaker == (None if viewer is READER else "A made-up witness")


def test_those_who_read_no_incidents_read_no_numbers(archive: TestArchive) -> None:
    which = archive.report(incident_in(killed={"best": 1})).id
    with pytest.raises(Forbidden):
        ask(archive, which, Viewer("an auditor", "auditor", "read"))
