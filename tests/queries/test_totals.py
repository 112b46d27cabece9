"""Totals are what a patient person would count over the rows, and what is left out is told."""

from collections import defaultdict
from collections.abc import Iterator
from random import Random
from typing import Any

import pytest
from sqlalchemy import update
from sqlmodel import col

from app.access import visibility
from app.access.viewer import Viewer
from app.access.wall import guarded
from app.actions import accounts
from app.db import writing
from app.errors import Invalid
from app.queries import incidents, one
from app.queries import totals as queries
from app.queries.filter import IncidentFilter
from app.queries.totals import BY, Group, Totals, TotalsQuestion, totals
from app.records import Incident
from app.records.account import AccountIn
from app.vocabulary.word import vocabulary
from tests.archives import CONTRIBUTOR, READER, REVIEWER, TestArchive
from tests.builders import a_source, an_account, an_act, incident_in, somebody
from tests.queries.a_crowd import KINDS, fill

pytestmark = pytest.mark.one_archive
HARMS = ("killed", "injured")
QUESTIONS: tuple[dict[str, Any], ...] = (
    {}, {"kind": "killing"}, {"country": "PAK"}, {"harm": "killed"}, {"located": True}, {"located": False},
    {"date_from": "2025"}, {"date_to": "2025-06", "date_match": "within"}, {"q": "alleged"}, {"area": "PK-BA"},
    {"bbox": (60, 20, 70, 32)}, {"near": (63, 26, 100)}, {"actor": "unit"}, {"source": "paper"}, {"kind": KINDS[2:]},
)  # fmt: skip


@pytest.fixture(scope="module")
def crowd(shared: TestArchive) -> TestArchive:
    fill(shared, 70, seed=5)
    with writing(shared.engine) as session:
        for verification, sensitivity, pk in (("corroborated", "sealed", 3), ("disputed", "internal", 4)):
            held = {"verification": verification, "sensitivity": sensitivity}
            session.execute(update(Incident).where(col(Incident.pk) % 9 == pk).values(**held))
    return shared


def count(archive: TestArchive, by: str, viewer: Viewer = REVIEWER, **question: Any) -> Totals:
    with guarded(archive.engine, viewer) as session:
        return totals(session, TotalsQuestion(by=by, **question), viewer)


@pytest.fixture(scope="module")
def whole(crowd: TestArchive) -> dict[str, Any]:
    """Every incident with all that hangs on it, by its ref."""
    with guarded(crowd.engine, REVIEWER) as session:
        refs = [row["ref"] for row in incidents.stream(session, IncidentFilter(), REVIEWER)]
        return {ref: one.whole(session, one.find(session, ref, REVIEWER), REVIEWER) for ref in refs}


def codes(row: dict[str, Any], whole: Any, dimension: str) -> list[str | None]:
    """The groups of one dimension that an incident stands in, as anybody would say from looking at it."""
    first, last = row["date_earliest"], row["date_latest"]
    if dimension in {"month", "year"}:
        letters = 7 if dimension == "month" else 4
        alike = first and last and str(first)[:letters] == str(last)[:letters]
        return [str(first)[:letters] if alike else None]
    if dimension in {"area1", "area2"}:
        return [row[f"{dimension}_code"] or (row[dimension] and f"{row['country']}: {row[dimension]}")]
    if dimension == "family":
        return [vocabulary("violations")[row["kind"]].family or row["kind"]]
    if dimension == "actor_kind":
        return sorted({told.actor.kind for told in whole.involvements if told.actor}) or [None]
    if dimension == "outcome":
        return sorted({act.outcome for act in whole.acts if act.outcome}) or [None]
    return [row[dimension]]


def groups_of(row: dict[str, Any], whole: Any, by: tuple[str, ...]) -> Iterator[tuple[str | None, ...]]:
    found: list[tuple[str | None, ...]] = [()]
    for dimension in by:
        found = [(*before, code) for before in found for code in codes(row, whole, dimension)]
    yield from found


def numbers_of(row: dict[str, Any], harm: str) -> tuple[int | None, ...]:
    low, best, high = (row[f"{harm}_{end}"] for end in ("min", "best", "max"))
    return (best, best, best) if low is None and high is None else (low, best, high)


def summed(rows: list[dict[str, Any]], harm: str) -> tuple[int | None, ...]:
    """The three sums and the three counts, from the rows of a group."""
    told = [numbers for row in rows if set(numbers := numbers_of(row, harm)) != {None}]
    ends = [[n[end] for n in told if n[end] is not None] for end in range(3)]
    sums = [sum(end) if end else None for end in ends]
    return (*sums, len(told), len(ends[1]), sum(n[2] is None for n in told))


def told_of(group: Group, harm: str) -> tuple[int | None, ...]:
    people = group.harms[harm]
    return (people.min, people.best, people.max, people.stated, people.with_best, people.open)


def asked_at_random(many: int) -> list[tuple[tuple[str, ...], dict[str, Any]]]:
    random = Random(11)
    return [(tuple(random.sample(list(BY), random.randint(1, 3))), random.choice(QUESTIONS)) for _ in range(many)]


def test_they_are_what_one_counts_by_hand(crowd: TestArchive, whole: dict[str, Any]) -> None:
    met = set()
    for by, question in asked_at_random(50):
        expected: dict[tuple[str | None, ...], list[dict[str, Any]]] = defaultdict(list)
        rows = crowd.rows(**question)
        for row in rows:
            for group in groups_of(row, whole[row["ref"]], by):
                expected[group].append(row)
        found = count(crowd, ",".join(by), **question)
        every = {tuple(group.by.values()): group for group in (*found.groups, *found.rest)}
        case = f"{by} {question}"
        assert (found.total, {k: len(v) for k, v in expected.items()}) == (
            len(rows), _incidents([*found.groups, *found.rest]),
        ), case  # fmt: skip
        assert sum(g.incidents for g in found.groups) + sum(found.left_out.values()) == (
            found.total + found.more_than_once
        ), case
        for key, group in every.items():
            if "outcome" not in by and len([g for g in found.rest if tuple(g.by.values()) == key]) < 2:
                assert [told_of(group, harm) for harm in HARMS] == [summed(expected[key], h) for h in HARMS], case
                met.add(by)
    assert len(met) > 20


def _incidents(groups: list[Group]) -> dict[tuple[str | None, ...], int]:
    """By codes: what is left out for two reasons may have the same codes."""
    found: dict[tuple[str | None, ...], int] = defaultdict(int)
    for group in groups:
        found[tuple(group.by.values())] += group.incidents
    return dict(found)


@pytest.mark.parametrize("viewer", [READER, CONTRIBUTOR, REVIEWER], ids=lambda viewer: viewer.role)
def test_nobody_counts_what_they_may_not_read(crowd: TestArchive, viewer: Viewer) -> None:
    seen = len(crowd.rows(viewer))
    assert (seen == len(crowd.rows())) is (viewer is REVIEWER)
    for by in ("kind", "actor_kind", "outcome"):
        assert count(crowd, by, viewer).total == seen


def test_a_dimension_of_a_column_out_of_reach_is_not_there(crowd: TestArchive, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queries, "may_read", lambda _, kind: kind is not visibility.delicacy(Incident, "area2"))
    with pytest.raises(Invalid) as refused:
        count(crowd, "month,area2")
    assert refused.value.faults[0].what == "unknown parameter"


def test_too_many_groups_are_refused(crowd: TestArchive, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queries, "MOST_GROUPS", 3)
    assert len(count(crowd, "verification").groups) == 3
    with pytest.raises(Invalid, match="too many groups"):
        count(crowd, "month,kind")


@pytest.mark.parametrize("by", ["", "kind,kind", "stage", "month,year,kind,area1", "month,"])
def test_by_what_is_not_counted_is_refused(by: str) -> None:
    with pytest.raises((Invalid, ValueError)):
        TotalsQuestion(by=by)


def grouped(count: Any, outcome: str = "killed") -> dict[str, Any]:
    return an_act(count=count, outcome=outcome)


def people(archive: TestArchive, viewer: Viewer, title: str) -> tuple[Any, ...]:
    (group,) = count(archive, "outcome", viewer, q=title).groups
    told = group.people
    assert told is not None
    return group.incidents, group.acts, told.min, told.best, told.max, told.open


def test_accounts_of_the_same_people_are_never_added_up(shared: TestArchive) -> None:
    which = shared.report(incident_in("Zebra", acts=[grouped({"best": 3}), grouped({"best": 2})])).id
    assert people(shared, REVIEWER, "zebra") == (1, 2, 5, 5, 5, 0)
    other = an_account(a_source("Another", "The Other Paper")) | {"acts": [grouped({"best": 6})]}
    with writing(shared.engine) as session:
        accounts.add_account(session, which, AccountIn.model_validate(other), REVIEWER)
    assert people(shared, REVIEWER, "zebra") == (1, 3, 5, None, 6, 0)


def test_a_person_is_one_for_those_who_may_know(shared: TestArchive) -> None:
    act = an_act(person=somebody("Gul Example"), outcome="killed")
    shared.report(incident_in("Quagga", acts=[act, grouped({"min": 2})]))
    assert people(shared, CONTRIBUTOR, "quagga") == (1, 2, 3, None, None, 1)
    assert people(shared, READER, "quagga") == (1, 2, None, None, None, 0)
