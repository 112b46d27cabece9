"""The names that a file brings and the archive does not know: of actors and people, places that fit nothing, words."""

from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field
from functools import lru_cache
from typing import Any

from sqlmodel import Session, col, func, select

from app.actions.composing import Report
from app.actions.pen import Pen
from app.db import chunks
from app.imports.converters.codes import NO_AREA, SEVERAL
from app.imports.importer import Finding
from app.imports.resolving import ACTOR, CREATE, PERSON, PLACE, TEXT, WORD, Decisions, decision_on
from app.matching.folding import name_key
from app.records import Actor, Person
from app.records.person import SEALED

# So many names are kept; mentions of others are counted.
MOST = 5000
KEYS_AT_ONCE = 5000
HIDDEN = "(sealed)"
MISFITS = frozenset({NO_AREA, SEVERAL})
TABLES: dict[str, Any] = {ACTOR: Actor, PERSON: Person}
_actor_key = lru_cache(maxsize=1024)(name_key)  # the same few are named again and again; no person is kept
Key = tuple[str, str]


@dataclass(frozen=True)
class Likely:
    """A record that may be meant. A person is given by id alone: the name is read where reading it is noted."""

    id: str
    name: str | None
    likeness: float


@dataclass
class Unknown:
    """A name that nobody here has. `do`: what was decided, "" for nothing; `line`: of the first row that has it."""

    kind: str
    name: str
    rows: int
    line: int
    column: str = ""
    do: str = ""
    likely: list[Likely] = field(default_factory=list)
    last: int = 0

    def as_json(self) -> dict[str, Any]:
        told = asdict(self)
        del told["last"]
        return told


@dataclass
class Names:
    """What has been gathered so far. `known`: ids of others under which somebody is here; `left`: mentions not kept.

    `created`: how many actors and people were entered.
    """

    found: dict[Key, Unknown] = field(default_factory=dict)
    known: set[Key] = field(default_factory=set)
    left: int = 0
    created: dict[str, int] = field(default_factory=dict)

    @property
    def undecided(self) -> int:
        return sum(not one.do for one in self.found.values()) + self.left

    def see(self, one: Unknown, key: Key) -> Unknown | None:
        """Count a mention; the entry, if it is the first of its name."""
        entry = self.found.get(key)
        if entry is None and len(self.found) >= MOST:
            self.left += 1
            return None
        if entry is None:
            self.found[key] = one
            one.last = one.line
            return one
        entry.rows += entry.last != one.line
        entry.last = one.line
        return None

    def as_json(self) -> dict[str, Any]:
        return {
            "unknown": [one.as_json() for one in self.found.values()],
            "undecided": self.undecided,
            "mentions_not_told": self.left,
            "created": self.created,
        }


def gather(
    session: Session, names: Names, reports: Iterable[Report], odd: Iterable[tuple[str, Finding]], decisions: Decisions
) -> list[Unknown]:
    """Take note of the names in reports, and of cells that fit nothing; those that are met for the first time."""
    told = [(report.row_number or 0, *one) for report in reports for one in _told(report)]
    _recall(session, names, [key for *_, key in told])
    met = [_meet(names, kind, who, line, key) for line, kind, who, key in told if key not in names.known]
    for kind, f in odd:
        one = Unknown(kind, f.value, 1, f.line, f.column)
        met.append(names.see(one, (kind, f"{f.column}\0{name_key(f.value)}")))
    fresh = [one for one in met if one is not None]
    for one in fresh:
        decided = decision_on(decisions, one.kind, one.name, one.column)
        one.do = decided.do if decided and decided.do in {CREATE, TEXT} else ""
    return fresh


def created(pen: Pen) -> dict[str, int]:
    """How many actors and people a batch entered."""
    counts = ((kind, select(func.count()).where(table.batch_pk == pen.batch_pk)) for kind, table in TABLES.items())
    return {kind: pen.session.exec(count).one() for kind, count in counts}


def misfits(warnings: Iterable[Finding], strange: Iterable[Finding]) -> Iterator[tuple[str, Finding]]:
    """The cells of a chunk that name an area which nobody knows, or a word that only `otherwise` stood for."""
    yield from ((PLACE, finding) for finding in warnings if finding.why in MISFITS)
    yield from ((WORD, finding) for finding in strange)


def _told(report: Report) -> list[tuple[str, Any, Key]]:
    """Who is named in a report and not given by an id of ours."""
    parts: list[tuple[str, Any]] = [(PERSON, case.person) for case in report.told.cases]
    for teller in report.tellers:
        if involved := teller.involvements:
            parts += [(ACTOR, part.actor) for part in involved]
            parts += [(PERSON, part.person) for part in involved]
        parts += [(PERSON, act.person) for act in teller.acts]
    return [(kind, who, _key_of(kind, who)) for kind, who in parts if who is not None and who.id is None]


def _key_of(kind: str, who: Any) -> Key:
    fold = _actor_key if kind == ACTOR else name_key
    return kind, who.external_id or "\0" + fold(_name(kind, who))


def _name(kind: str, who: Any) -> str:
    """What somebody is called; of a sealed person only that there is one."""
    if kind == ACTOR:
        return str(who.name)
    if who.identity_protection == SEALED:
        return HIDDEN
    return str(who.names[0].full if who.names else who.pseudonym)


def _meet(names: Names, kind: str, who: Any, line: int, key: Key) -> Unknown | None:
    return names.see(Unknown(kind, _name(kind, who), 1, line), key)


def _recall(session: Session, names: Names, keys: list[Key]) -> None:
    """Look up, once each, under which ids of others somebody is here already."""
    for kind, table in TABLES.items():
        asked = {key for of, key in keys if of == kind and not key.startswith("\0")}
        fresh = [key for key in asked if (kind, key) not in names.found and (kind, key) not in names.known]
        for some in chunks(iter(fresh), KEYS_AT_ONCE):
            here = session.exec(select(table.external_id).where(col(table.external_id).in_(some))).all()
            names.known.update((kind, key) for key in here)
