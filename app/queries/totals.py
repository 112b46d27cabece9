"""Totals: how many incidents and people by month, area, kind; and how many belong to no group, and why."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal, cast

from pydantic import BeforeValidator, Field, model_validator
from sqlmodel import Session, col, func, select

from app import geography
from app.access.viewer import Viewer, check_may_read
from app.access.visibility import delicacy, may_read
from app.errors import UNKNOWN, WHERE_TO_LOOK, Fault, Invalid
from app.queries import incidents, tallies
from app.queries.adding import People, acts_of, kinds_of_actors, people_in, people_on_sheets, told_of
from app.queries.conditions import clauses
from app.queries.filter import IncidentFilter
from app.queries.grouping import WITHOUT, Key, area, cell_of, family, month, plain, told, year
from app.records import Act, Actor, Incident, MonthTally
from app.records.blocks import HARMS
from app.vocabulary.word import vocabulary

Dimension = Literal[
    "month", "year", "country", "area1", "area2", "kind", "family", "actor_kind", "outcome", "verification"
]
MOST_GROUPS = 50_000
HOW = "say by what to count, one to three of them: by=month,kind"


@dataclass(frozen=True)
class By:
    """One way to group. `reads`: the column that it tells of; `words`: the vocabulary of its codes."""

    key: Key
    reads: tuple[Any, str]
    words: str | None = None
    name: str | None = None
    several: bool = False


def _hung(_: Any, __: str) -> Any:
    """What hangs on an incident has its key where it is joined."""
    raise LookupError


BY: dict[str, By] = {
    "month": By(month, (Incident, "date_earliest")),
    "year": By(year, (Incident, "date_earliest")),
    "country": By(plain("country", "without_country"), (Incident, "country")),
    "area1": By(area(1), (Incident, "area1"), name="area1"),
    "area2": By(area(2), (Incident, "area2"), name="area2"),
    "kind": By(plain("kind"), (Incident, "kind"), "violations"),
    "family": By(family, (Incident, "kind"), "violations"),
    "actor_kind": By(_hung, (Actor, "kind"), "actor_kinds", several=True),
    "outcome": By(_hung, (Act, "outcome"), "outcomes", several=True),
    "verification": By(plain("verification"), (Incident, "verification"), "verifications"),
}


def _split(value: object) -> object:
    """Words given as `month,kind`, as a list, or as a list of one such text."""
    parts = value if isinstance(value, list | tuple) else [value]
    return [word.strip() for part in parts for word in str(part).split(",")]


class TotalsQuestion(IncidentFilter):
    """Which incidents, and by what to count them."""

    by: Annotated[tuple[Dimension, ...], BeforeValidator(_split)] = Field(
        min_length=1, max_length=3, description=f"One to three, as month,kind: {', '.join(BY)}"
    )

    @model_validator(mode="before")
    @classmethod
    def _by_something(cls, given: Any) -> Any:
        """Raises Invalid, which says how to mend it; a missing field alone would not."""
        if isinstance(given, dict) and not given.get("by"):
            raise Invalid(WHERE_TO_LOOK, [Fault("by", "it is missing", HOW)])
        return given

    @model_validator(mode="after")
    def _each_once(self) -> "TotalsQuestion":
        if len(set(self.by)) < len(self.by):
            raise ValueError("the same word stands twice in `by`; leave one out")
        return self


@dataclass(frozen=True)
class Group:
    """The incidents that have these codes in common. `why`: of what is left out, the reason; a code is then None.

    `harms` is empty where people are counted by what became of them: then there are `acts` and `people`.
    """

    by: dict[str, str | None]
    named: dict[str, str]
    incidents: int
    harms: dict[str, People]
    acts: int | None = None
    people: People | None = None
    why: str | None = None


@dataclass(frozen=True)
class Totals:
    """The groups in the order of their codes, and beside them what belongs to none.

    The incidents of all groups and of `rest` add up to `total` and `more_than_once`.
    """

    by: tuple[str, ...]
    groups: list[Group]
    rest: list[Group]
    total: int
    more_than_once: int

    @property
    def left_out(self) -> dict[str, int]:
        """How many incidents belong to no group, by the first reason."""
        found: dict[str, int] = {}
        for group in self.rest:
            found[group.why or ""] = found.get(group.why or "", 0) + group.incidents
        return found


def totals(session: Session, question: TotalsQuestion, viewer: Viewer) -> Totals:
    """Count. Raises Invalid for a dimension the viewer may not read, and for more than MOST_GROUPS groups."""
    check_may_read(viewer)
    _check_may_group(question.by, viewer)
    rows = session.execute(_asked(session, question, viewer)).all()
    if len(rows) > MOST_GROUPS:
        fault = Fault("by", f"more than {MOST_GROUPS:,} groups", "count by fewer, or narrow the question")
        raise Invalid("These are too many groups.", [fault])
    found = sorted((_group(question.by, row) for row in rows), key=_order)
    counted = sum(group.incidents for group in found)
    several = any(BY[name].several for name in question.by)
    total = incidents.count(session, question, viewer) if several else counted
    groups, rest = ([g for g in found if (g.why is None) is told] for told in (True, False))
    return Totals(question.by, groups, rest, total, counted - total)


def _order(group: Group) -> list[str]:
    """By the codes, and what has none by the reason: the database gives those in any order."""
    return [*(code or "" for code in group.by.values()), group.why or ""]


def _check_may_group(by: Sequence[str], viewer: Viewer) -> None:
    if not all(may_read(viewer, delicacy(*BY[name].reads)) for name in by):
        raise Invalid(WHERE_TO_LOOK, [Fault("query", *UNKNOWN)])


def _asked(session: Session, question: TotalsQuestion, viewer: Viewer) -> Any:
    """One row a group: its codes, their names, how many incidents, and the sums."""
    dialect = session.get_bind().dialect.name
    if tallies.knows(MonthTally, question) and not any(BY[name].several for name in question.by):
        return _from_sheet(session, question, viewer)
    acts = acts_of(viewer) if "outcome" in question.by else None
    actors = kinds_of_actors(viewer) if "actor_kind" in question.by else None
    own: dict[str, Any] = {
        "actor_kind": actors is not None and told(actors.c.kind, "without_actor"),
        "outcome": acts is not None and told(acts.c.outcome, "without_outcome"),
    }
    keys = [
        (own[name] if name in own else BY[name].key(Incident, dialect)).label(f"d{n}")
        for n, name in enumerate(question.by)
    ]
    names = [func.max(cell_of(Incident, name)) for name in _named(question.by)]
    sums = told_of(acts) if acts is not None else [part for harm in HARMS for part in people_in(Incident, harm)]
    asked: Any = cast("Any", select)(*keys, *names, func.count(), *sums).select_from(Incident)
    for hung in (acts, actors):
        if hung is not None:
            asked = asked.outerjoin(hung, hung.c.incident_pk == col(Incident.pk))
    # By the labels: the keys hold parameters, and PostgreSQL would not know them for the same again.
    asked = asked.where(*clauses(question, viewer, dialect)).group_by(*(f"d{n}" for n in range(len(keys))))
    return asked.limit(MOST_GROUPS + 1)


def _named(by: Sequence[str]) -> list[str]:
    """The columns in which the names of the codes stand."""
    return [called for name in by if (called := BY[name].name) is not None]


def _from_sheet(session: Session, question: TotalsQuestion, viewer: Viewer) -> Any:
    """The same, mostly counted beforehand."""
    sides, dialect = (MonthTally, Incident), session.get_bind().dialect.name
    keys = {f"d{n}": tuple(BY[name].key(of, dialect) for of in sides) for n, name in enumerate(question.by)}
    names = {f"n{n}": tuple(cell_of(of, name) for of in sides) for n, name in enumerate(_named(question.by))}
    found = tallies.counted(session, MonthTally, question, viewer, cast("Any", keys | names), ([], [])).c
    sums = [part for harm in HARMS for part in people_on_sheets(found, harm)]
    asked: Any = cast("Any", select)(
        *(found[key] for key in keys), *(func.max(found[name]) for name in names), func.sum(found.incidents), *sums
    )
    return asked.group_by(*(found[key] for key in keys)).limit(MOST_GROUPS + 1)


def _group(by: Sequence[str], row: Any) -> Group:
    cells = list(row)
    codes = [str(cells.pop(0)) for _ in by]
    names = {name: cells.pop(0) for name in by if BY[name].name is not None}
    count, sums = int(cells[0]), [None if cell is None else int(cell) for cell in cells[1:]]
    told = {name: None if code.startswith(WITHOUT) else code for name, code in zip(by, codes, strict=True)}
    why = next((code.removeprefix(WITHOUT) for code in codes if code.startswith(WITHOUT)), None)
    named = {name: called for name, code in told.items() if code and (called := names.get(name) or _called(name, code))}
    if "outcome" in by:
        return Group(told, named, count, {}, sums[0] or 0, People.of(sums[1:]), why)
    width = len(sums) // len(HARMS)
    harms = {harm: People.of(sums[n * width : (n + 1) * width]) for n, harm in enumerate(HARMS)}
    return Group(told, named, count, harms, why=why)


def _called(dimension: str, code: str) -> str | None:
    if dimension == "country":
        return geography.country_name(code)
    words = BY[dimension].words
    word = vocabulary(words).get(code) if words else None
    return word.named() if word else None
