"""What somebody has decided about names that a file brings: who is meant, who is new, and what stays a text."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from uuid import UUID

from app.errors import Fault, Invalid
from app.imports.importer import Draft, Importer, Row
from app.imports.tables import flat_rows, look
from app.matching.folding import name_key
from app.queries.formulas import unmarked

ACTOR, PERSON, PLACE, WORD = KINDS = ("actor", "person", "place", "word")
MATCH, CREATE, TEXT = WAYS = ("match", "create", "text")
COLUMNS = ("kind", "name", "do", "id", "column", "rows", "first row", "likely", "read as")
SOMEBODY = "a person"
LONGEST = 500
# The id of an actor that tables know by its name alone.
BY_NAME = "table:actor:"


@dataclass(frozen=True)
class Decision:
    """`do`: match, create or text. `id`: of the record that is meant; of a cell, what is read in its place."""

    do: str
    id: str = ""


Decisions = Mapping[tuple[str, str, str], Decision]
NONE: Decisions = {}


def decision_on(decisions: Decisions, kind: str, name: str, column: str = "") -> Decision | None:
    """`column`: of a cell, its own; the same word may mean something else in another."""
    return decisions.get((kind, name_key(name), column)) if decisions else None


def read_decisions(path: Path) -> Decisions:
    """A table of decisions; where `do` is empty nothing is decided. Raises Unreadable, and Invalid with each fault."""
    found, faults = {}, []
    for row in flat_rows(path):
        told = {name: str(unmarked(row.values.get(name) or "")).strip() for name in COLUMNS}
        if not told["do"]:
            continue
        fault = _fault(told)
        if fault is not None:
            faults.append(Fault(look(path).numbering.at(row.line), *fault))
        found[told["kind"], name_key(told["name"]), told["column"]] = Decision(told["do"], told["id"])
    if faults:
        raise Invalid("The decisions cannot be used.", faults[:50])
    return found


def as_lines(decisions: Decisions) -> list[list[str]]:
    """Decisions as they are kept; `from_lines` makes them again."""
    return [[*key, one.do, one.id] for key, one in decisions.items()]


def from_lines(lines: Iterable[list[str]]) -> Decisions:
    return {(kind, name, column): Decision(do, which) for kind, name, column, do, which in lines}


def _fault(told: dict[str, str]) -> tuple[str, str] | None:
    kind, do = told["kind"], told["do"]
    if kind not in KINDS or not told["name"]:
        return "no kind or no name", f"write one of {', '.join(KINDS)}, and the name as the file has it"
    if do not in WAYS or (do == CREATE and kind in {PLACE, WORD}):
        return "not a way to decide this", "write match or text; for people and actors also create"
    if do == MATCH and (not told["id"] if kind in {PLACE, WORD} else not _is_id(told["id"])):
        return "no id of a record", "write the id; for places a code, for words one that the mapping has"
    return None


def _is_id(text: str) -> bool:
    try:
        return bool(UUID(text))
    except ValueError:
        return False


def ids_of(kind: str, decisions: Decisions) -> set[UUID]:
    """The records that are said to be meant."""
    return {UUID(one.id) for (of, *_), one in decisions.items() if of == kind and one.do == MATCH}


def decided(importer: Importer, decisions: Decisions) -> Importer:
    """The same importer, with what was decided put in the place of the names."""
    cells = {(column, name): one.id for (kind, name, column), one in decisions.items()
             if kind in {PLACE, WORD} and one.do == MATCH}  # fmt: skip

    def draft(row: Row) -> Draft:
        made = importer.draft(Row(row.line, _cells(row.values, cells)) if cells else row)
        report = dict(made.report)
        words: list[str] = []
        report |= _settled(report, decisions, words)
        if words:
            report["according_to"] = _quoted(report["according_to"], words)
        return replace(made, report=report, accounts=[_account(told, decisions) for told in made.accounts])

    return replace(importer, draft=draft)


def _cells(values: dict[str, Any], cells: dict[tuple[str, str], str]) -> dict[str, Any]:
    columns = {column for column, _ in cells}
    return {
        name: cells.get((name, name_key(value)), value) if name in columns and isinstance(value, str) else value
        for name, value in values.items()
    }


def _account(told: dict[str, Any], decisions: Decisions) -> dict[str, Any]:
    words: list[str] = []
    account = told | _settled(told, decisions, words)
    return _quoted(account, words) if words else account


def _settled(told: dict[str, Any], decisions: Decisions, words: list[str]) -> dict[str, Any]:
    """The parts of a report or an account in which somebody is named. `words`: names that stay words of the source."""
    ways = {"involvements": _involvement, "acts": _act, "cases": _case}
    return {name: [way(part, decisions, words) for part in told[name]] for name, way in ways.items() if told.get(name)}


def _involvement(part: dict[str, Any], decisions: Decisions, words: list[str]) -> dict[str, Any]:
    actor = part.get("actor") or {}
    found = decision_on(decisions, ACTOR, str(actor.get("name") or ""))
    if found and found.do == MATCH:
        return part | {"actor": {"id": found.id}}
    if found and found.do == TEXT:
        return _less(part, "actor") | {"described_as": str(actor["name"])[:LONGEST]}
    if found and found.do == CREATE and not actor.get("external_id"):  # one for all rows, and for later files
        return part | {"actor": actor | {"external_id": f"{BY_NAME}{name_key(str(actor['name']))}"}}
    return _person(part, decisions, words, "described_as")


def _act(part: dict[str, Any], decisions: Decisions, words: list[str]) -> dict[str, Any]:
    return _person(part, decisions, words, "group")


def _case(part: dict[str, Any], decisions: Decisions, _words: list[str]) -> dict[str, Any]:
    """A case is the case of somebody: it can be matched, and is never left to a text."""
    return _person(part, decisions, [], None)


def _person(part: dict[str, Any], decisions: Decisions, words: list[str], field: str | None) -> dict[str, Any]:
    """The name of a person becomes no public text: `field` says that there is one, the name goes into the quote."""
    person = part.get("person") or {}
    name = _called(person)
    found = decision_on(decisions, PERSON, name) if name else None
    if found and found.do == MATCH:
        return part | {"person": {"id": found.id} | _kept(person, "age_at_event")}
    if found and found.do == TEXT and field and person.get("identity_protection", "named") == "named":
        words.append(f"named: {name}")
        return _less(part, "person") | {field: SOMEBODY} | (_kept(person, "sex") if field == "group" else {})
    return part


def _called(person: dict[str, Any]) -> str:
    names = person.get("names") or []
    return str(names[0].get("full", "")) if names else str(person.get("pseudonym") or "")


def _kept(person: dict[str, Any], name: str) -> dict[str, Any]:
    return {name: person[name]} if name in person else {}


def _less(part: dict[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in part.items() if key != name}


def _quoted(citation: dict[str, Any], words: Iterable[str]) -> dict[str, Any]:
    told = [citation["quote"]] if citation.get("quote") else []
    return citation | {"quote": "; ".join(dict.fromkeys([*told, *words]))}
