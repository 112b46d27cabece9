"""What a newer row of an incident will change in it, field by field, as far as the viewer may read it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel
from sqlmodel import Session

from app.access.viewer import Viewer
from app.access.visibility import delicacy, may_read
from app.actions import parts
from app.actions.composing import Report
from app.actions.lowering import is_lower
from app.records import Account, Incident, Source
from app.records.actor import A_PERSON
from app.records.blocks import HARMS, DateOut, StatedDate, tally_of
from app.records.history import canonical
from app.vocabulary.sensitivity import INTERNAL, LOCATION_EXACT, Delicacy

DATE, TELLER = "date", "according_to"
# A row with cells that are empty now, which deletes nothing, or with other accounts beside its own.
NO_FIELD = "(no field of the incident)"
SOMEBODY = "a person"
LONGEST = 300


@dataclass(frozen=True)
class Change:
    """One field of one record: `before` as it stands there, `after` as the row has it; "" where nothing is said."""

    line: int
    ref: str
    external_id: str | None
    field: str
    before: str = ""
    after: str = ""


def foretell(session: Session, changed: Sequence[tuple[Incident, Report]], viewer: Viewer) -> Iterator[Change]:
    """The changes that rows will make, before they make them. The rows of each record so far are read at once.

    `changed`: of records that the viewer reads.
    """
    told = parts.told_of(session, [incident.id for incident, _ in changed])
    for incident, report in changed:
        key = report.told.external_id
        edited = report.edits is not None
        fields = _edited(incident, report) if edited else _fields(incident, report, told[incident.id])
        shown = [one for one in fields if one[1] != one[2] and may_read(viewer, _class_of(one[0]))]
        for name, before, after in shown or [(NO_FIELD, "", "")]:
            yield Change(report.row_number or 0, incident.ref, key, name, before[:LONGEST], after[:LONGEST])


def _edited(incident: Incident, report: Report) -> Iterator[tuple[str, str, str]]:
    """What somebody changed in a file of our own export."""
    for name, value in (report.edits or {}).items():
        yield name, _stands(incident, name), _in_words(value) if isinstance(value, dict) else _shown(value)


def _fields(incident: Incident, report: Report, old: dict[str, Any]) -> Iterator[tuple[str, str, str]]:
    row = {name: value for name, value in report.raw["report"].items() if value not in (None, [], "")}
    for name in parts.CHANGEABLE:
        if name in row and old.get(name) != row[name] and not _stays(name, incident, report):
            yield name, _stands(incident, name), _shown(getattr(report.told, name))
    for name in parts.REPLACED:
        if name in row and canonical({name: old.get(name)}) != canonical({name: row[name]}):
            yield name, _described(old.get(name) or []), _described(row[name])
    yield from _citation(old.get(TELLER) or {}, row.get(TELLER) or {}, TELLER)


def _stays(name: str, incident: Incident, report: Report) -> bool:
    """A file is no second person: it lowers no sensitivity."""
    return name == "sensitivity" and is_lower(report.told.sensitivity, incident.sensitivity)


def _citation(old: Any, new: Any, where: str) -> Iterator[tuple[str, str, str]]:
    for name in dict.fromkeys([*old, *new]):
        before, after = old.get(name), new.get(name)
        if isinstance(before, dict) or isinstance(after, dict):
            yield from _citation(before or {}, after or {}, f"{where}.{name}")
        elif before != after:
            yield f"{where}.{name}", _shown(before), _shown(after)


def _stands(incident: Incident, name: str) -> str:
    if name == DATE:
        date = DateOut.of(incident)
        return date.edtf or date.verbatim or ""
    return _shown(tally_of(incident, name) if name in HARMS else getattr(incident, name))


def _shown(value: Any) -> str:
    """A value in few words: a date as EDTF, how many as their numbers."""
    if isinstance(value, StatedDate):
        date = DateOut.of(_Dated(value.columns()))
        return date.edtf or date.verbatim or ""
    if isinstance(value, BaseModel):
        return _in_words(value.model_dump())
    return "" if value is None else str(value)


def _in_words(numbers: dict[str, Any]) -> str:
    return ", ".join(f"{part} {number}" for part, number in numbers.items() if number is not None)


class _Dated:
    """The columns of a date as a record has them."""

    def __init__(self, columns: dict[str, Any]) -> None:
        self.__dict__.update(columns)


def _described(told: list[dict[str, Any]]) -> str:
    """Parts of a report in few words, naming no person."""
    return "; ".join(_one(part) for part in told)


def _one(part: dict[str, Any]) -> str:
    actor, person = part.get("actor") or {}, part.get("person")
    hidden = SOMEBODY if person or actor.get("kind") == A_PERSON else None
    who = hidden or actor.get("name") or part.get("described_as") or part.get("group")
    what = (part.get(name) for name in ("role", "kind", "degree"))
    where = part.get("place_name")
    return " ".join(str(word) for word in (*what, who, where) if word) or "one more"


def _class_of(name: str) -> Delicacy:
    """The class of a field, however deep it lies; what has none of its own is for the inside."""
    last = name.rpartition(".")[2]
    if name in {"lon", "lat"}:
        return LOCATION_EXACT
    table: Any = Source if ".source." in name else Account if name.startswith(TELLER) else Incident
    return delicacy(table, last) if last in table.model_fields else INTERNAL
