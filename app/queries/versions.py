"""What an incident's own fields were after each change, worked out backwards from what they are now."""

from datetime import date, datetime
from typing import Any

from pydantic import BaseModel
from sqlmodel import Session, col, select

from app.access.viewer import Viewer
from app.errors import Fault, Invalid
from app.queries.history import may_read_what
from app.records import Incident, Revision
from app.records.blocks import HARMS, StatedDate, TallyColumns, WhenColumns, WhereColumns
from app.records.incident import IncidentFields, IncidentStated

Columns = dict[str, Any]
DAYS = frozenset({"date_earliest", "date_latest"})
WHEN = frozenset(WhenColumns.model_fields)
# The cell of the grid and the map that named the areas follow the place; they go back with it.
OWN = (
    *IncidentFields.model_fields,
    *WHEN,
    *WhereColumns.model_fields,
    *TallyColumns.model_fields,
    "cell",
)


class Version(BaseModel):
    """The own fields of an incident as one change left them. `values` is empty for whoever may not read all of them."""

    seq: int
    at: datetime
    who: str
    action: str
    why: str | None
    values: dict[str, Any]


class Change(BaseModel):
    before: Any
    after: Any


class Diff(BaseModel):
    """What differs between two versions. `whole` is false when you may not read what changed."""

    from_seq: int
    to_seq: int
    whole: bool
    fields: dict[str, Change]


def field_of(column: str) -> str | None:
    """The field, as a report names it, that a column belongs to; None for one that only follows from others."""
    if column in WHEN:
        return "date"
    harm = column.rpartition("_")[0]
    if harm in HARMS:
        return harm
    return column if column in IncidentStated.model_fields else None


def versions(session: Session, incident: Incident, viewer: Viewer) -> list[Version]:
    """Every version, oldest first."""
    whole = may_read_what(session, incident.id, viewer)
    return [
        Version(
            seq=line.seq, at=line.at, who=line.who, action=line.action, why=line.why,
            values=_stated(columns) if whole else {},
        )
        for line, columns in _walk(session, incident)
    ]  # fmt: skip


def columns_after(session: Session, incident: Incident, seq: int) -> Columns:
    """The own columns as the change of that line left them. Raises Invalid when no version has this number."""
    return _version(_walk(session, incident), seq, "seq")


def diff(session: Session, incident: Incident, span: tuple[int | None, int | None], viewer: Viewer) -> Diff:
    """What differs between two versions; without numbers, between the first and the last. Raises Invalid."""
    walked = _walk(session, incident)
    first = walked[0][0].seq if span[0] is None else span[0]
    last = walked[-1][0].seq if span[1] is None else span[1]
    before, after = (_stated(_version(walked, seq, name)) for seq, name in ((first, "from"), (last, "to")))
    whole = may_read_what(session, incident.id, viewer)
    changed = {name: Change(before=before[name], after=after[name]) for name in after if before[name] != after[name]}
    return Diff(from_seq=first, to_seq=last, whole=whole, fields=changed if whole else {})


def _version(walked: list[tuple[Revision, Columns]], seq: int, where: str) -> Columns:
    found = next((columns for line, columns in walked if line.seq == seq), None)
    if found is None:
        why = "no version of this incident has this number", "look in GET /incidents/{id}/versions"
        raise Invalid("There is no such version.", [Fault(where, *why)])
    return found


def _walk(session: Session, incident: Incident) -> list[tuple[Revision, Columns]]:
    """Each line that set the own fields, with the columns after it.

    Backwards, because a line says what it replaced; what a report or a file led to is nowhere else than in the
    columns themselves.
    """
    asked = select(Revision).where(col(Revision.record_id) == incident.id).order_by(col(Revision.seq).desc())
    now = {name: _plain(getattr(incident, name)) for name in OWN}
    found = []
    for line in session.exec(asked).all():
        before = {name: value for name, value in line.what.get("before", {}).items() if name in now}
        if before or line.action == "reported":
            found.append((line, now))
        now = now | before
    return found[::-1]


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


def typed(columns: Columns) -> Columns:
    """The same with the days as days, as the columns hold them."""
    return {
        name: date.fromisoformat(value) if name in DAYS and value is not None else value
        for name, value in columns.items()
    }


def _stated(columns: Columns) -> dict[str, Any]:
    """As a report would state it: the date in one, the numbers in ranges."""
    told = {name: columns[name] for name in IncidentStated.model_fields if name in columns}
    told |= {harm: {n: columns[f"{harm}_{n}"] for n in ("min", "best", "max")} for harm in HARMS}
    known = typed(columns)
    when = StatedDate.model_construct(
        earliest=known["date_earliest"], latest=known["date_latest"], span=known["date_span"],
        qualifier=known["date_qualifier"], verbatim=known["date_verbatim"], time=known["local_time"],
    )  # fmt: skip
    dated: Columns = IncidentStated.model_construct(date=when).model_dump(mode="json", include={"date"})
    return told | dated
