"""The names that a file brings and the archive does not know: of actors and people, places that fit nothing, words."""

from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field
from functools import lru_cache
from itertools import chain
from typing import Any

from sqlmodel import Session, col, func, select

from app.access.viewer import OUTSIDER, Viewer
from app.actions.composing import Report
from app.actions.pen import Pen
from app.db import chunks
from app.imports.converters.codes import NO_AREA, SEVERAL
from app.imports.importer import Finding
from app.imports.numbering import Numbering
from app.imports.resolving import ACTOR, CREATE, PERSON, PLACE, TEXT, WORD, Decisions, decision_on
from app.matching.folding import name_key
from app.queries.actors import known_to
from app.queries.people import LINKS, within_reach
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
    """A record that may be meant, by a name that the asker may read."""

    id: str
    name: str
    likeness: float


@dataclass
class Unknown:
    """A name that nobody here has. `do`: what was decided, "" for nothing; `line`: of the first row that has it.

    `read_as`: of a word, what the mapping takes in its place; so nobody need decide about it.
    """

    kind: str
    name: str
    rows: int
    line: int
    column: str = ""
    do: str = ""
    likely: list[Likely] = field(default_factory=list)
    read_as: str = ""
    last: int = 0

    @property
    def is_open(self) -> bool:
        """Whether somebody has to decide about it."""
        return not self.do and self.kind != WORD

    def as_json(self, numbering: Numbering) -> dict[str, Any]:
        told = asdict(self) | {"place": numbering.at(self.line)}
        del told["last"]
        return told


@dataclass
class Names:
    """What has been gathered so far. `known`: ids of others under which somebody is here; `left`: mentions not kept.

    `open`: how many are to be decided on; so many are kept, and all of which something is decided.

    `by`: who asks; of whom they may not know nothing is here for them. `searched`: whether people were looked for by
    their names, which history must say. `created`: how many actors and people were entered.
    """

    by: Viewer = OUTSIDER
    searched: bool = False

    found: dict[Key, Unknown] = field(default_factory=dict)
    known: set[Key] = field(default_factory=set)
    left: int = 0
    open: int = 0
    created: dict[str, int] = field(default_factory=dict)

    @property
    def undecided(self) -> int:
        return self.open + self.left

    def see(self, one: Unknown, key: Key) -> Unknown | None:
        """Count a mention; the entry, if it is the first of its name."""
        if self.again(key, one.line):
            return None
        if one.is_open and self.open >= MOST:
            self.left += 1
            return None
        self.found[key] = one
        self.open += one.is_open
        one.last = one.line
        return one

    def again(self, key: Key, line: int) -> bool:
        """Whether the name is kept already; its mention is counted then."""
        entry = self.found.get(key)
        if entry is None:
            return False
        entry.rows += entry.last != line
        entry.last = line
        return True

    def has_room_for(self, later: "Names") -> bool:
        """Whether all mentions in later rows of the same file are kept."""
        fresh = sum(one.is_open for key, one in later.found.items() if key not in self.found)
        return not later.left and self.open + fresh <= MOST

    def join(self, later: "Names") -> list[Unknown]:
        """Add those of later rows of the same file, for which there is room; the entries that are new."""
        fresh = {key: one for key, one in later.found.items() if key not in self.found}
        for key in later.found.keys() - fresh.keys():
            mine, one = self.found[key], later.found[key]
            mine.rows, mine.last = mine.rows + one.rows, one.last
        self.found |= fresh
        self.known |= later.known
        self.open += sum(one.is_open for one in fresh.values())
        return list(fresh.values())

    def as_json(self, numbering: Numbering) -> dict[str, Any]:
        return {
            "to_decide": [one.as_json(numbering) for one in self.found.values() if one.is_open],
            "need_no_decision": [one.as_json(numbering) for one in self.found.values() if not one.is_open],
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
    met = (
        (Unknown(kind, _name(kind, who), 1, line), key)
        for line, kind, who, key in told
        if key not in names.known and not names.again(key, line)
    )
    return [
        seen
        for one, key in chain(met, map(_of_cell, odd))
        if (seen := names.see(_decided(one, decisions), key)) is not None
    ]


def _of_cell(odd: tuple[str, Finding]) -> tuple[Unknown, Key]:
    kind, f = odd
    stands_in = f.suggestion if kind == WORD else ""
    return Unknown(kind, f.value, 1, f.line, f.column, read_as=stands_in), (kind, f"{f.column}\0{name_key(f.value)}")


def _decided(one: Unknown, decisions: Decisions) -> Unknown:
    found = decision_on(decisions, one.kind, one.name, one.column)
    one.do = found.do if found and found.do in {CREATE, TEXT} else ""
    return one


def created(pen: Pen) -> dict[str, int]:
    """How many actors and people a batch entered."""
    counts = ((kind, select(func.count()).where(table.batch_pk == pen.batch_pk)) for kind, table in TABLES.items())
    return {kind: pen.session.exec(count).one() for kind, count in counts}


def misfits(warnings: Iterable[Finding], strange: Iterable[Finding]) -> Iterator[tuple[str, Finding]]:
    """The cells of a chunk that name an area which nobody knows, or a word that only `otherwise` stood for."""
    yield from ((PLACE, finding) for finding in warnings if finding.why in MISFITS)
    yield from ((WORD, finding) for finding in strange)


def _within_reach(kind: str, by: Viewer) -> list[Any]:
    return known_to(by) if kind == ACTOR else within_reach(Person.pk, "person_pk", LINKS, by)


def _told(report: Report) -> list[tuple[str, Any, Key]]:
    """Who is named in a report and not given by an id of ours."""
    parts: list[tuple[str, Any]] = [(PERSON, case.person) for case in report.told.cases]
    for teller in report.tellers:
        if involved := teller.involvements:
            parts += [(ACTOR, part.actor) for part in involved]
            parts += [(PERSON, part.person) for part in involved]
        if acts := teller.acts:
            parts += [(PERSON, act.person) for act in acts]
    return [(kind, who, _key_of(kind, who)) for kind, who in parts if who is not None and who.id is None]


def _key_of(kind: str, who: Any) -> Key:
    if who.external_id:
        return kind, who.external_id
    fold = _actor_key if kind == ACTOR else name_key
    return kind, "\0" + fold(_name(kind, who))


def _name(kind: str, who: Any) -> str:
    """What somebody is called; of a sealed person only that there is one."""
    if kind == ACTOR:
        return str(who.name)
    if who.identity_protection == SEALED:
        return HIDDEN
    return str(who.names[0].full if who.names else who.pseudonym)


def _recall(session: Session, names: Names, keys: list[Key]) -> None:
    """Look up, once each, under which ids of others somebody is here already."""
    for kind, table in TABLES.items():
        asked = {key for of, key in keys if of == kind and not key.startswith("\0")}
        fresh = [key for key in asked if (kind, key) not in names.found and (kind, key) not in names.known]
        for some in chunks(iter(fresh), KEYS_AT_ONCE):
            of_these = col(table.external_id).in_(some), *_within_reach(kind, names.by)
            here = session.exec(select(table.external_id).where(*of_these)).all()
            names.known.update((kind, key) for key in here)
