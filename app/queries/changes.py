"""What became of the incidents since somebody last asked, out of history, in the order in which it was written."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlmodel import Session, col, func, or_, select

from app.access.viewer import Viewer, check_may_read
from app.access.visibility import clearance, delicacy, may_read, visible
from app.errors import Gone
from app.queries import cursors
from app.queries.cursors import ChangesPage
from app.queries.ripples import REACH, reached
from app.queries.versions import field_of
from app.records import Incident, Revision, Withholding
from app.records.blocks import HARMS
from app.records.change import ChangeOut, Changes
from app.records.history import of_changes
from app.records.incident import IncidentStated

# The fewest lines of history that are read at once, and how often a request goes on when nothing of them is told.
FEWEST, ROUNDS = 100, 20
LINE: tuple[Any, ...] = (
    Revision.seq, Revision.at, Revision.action, Revision.noun, Revision.record_id, Revision.what,
)  # fmt: skip
STATE: tuple[Any, ...] = (Incident.pk, Incident.id, Incident.ref, Incident.stage, Incident.redirect_to)
BEGINNING = (0, "")
LAST = "~"  # beyond every key within one line
ADDED = {name: f"{name}s" for name in ("account", "act", "involvement", "place", "case")}
BY_NOUN = {
    "account": "accounts", "source": "sources", "person": "people", "actor": "involvements", "case": "cases",
    "evidence": "evidence", "link": "links",
}  # fmt: skip
STATUS = frozenset({"stage", "verification"})
Key = tuple[int, str]


@dataclass
class Touched:
    """What the lines of one page say of one incident, or of one that is out of sight."""

    key: Key
    at: datetime
    actions: set[str] = field(default_factory=set)
    seqs: set[int] = field(default_factory=set)
    fields: set[str] = field(default_factory=set)
    gone: UUID | None = None


def page(session: Session, asked: ChangesPage, viewer: Viewer) -> Changes:
    """The next incidents, each once on a page and as it stands now. Raises Invalid for a damaged cursor."""
    check_may_read(viewer)
    start = _start(session, asked, viewer)
    for _ in range(ROUNDS):
        lines, more = _lines(session, start, max(asked.limit, FEWEST))
        touched = _touched(session, lines, start, viewer)
        shown = touched[: asked.limit]
        cut = len(shown) < len(touched)
        end = shown[-1].key if cut else (lines[-1].seq, LAST) if lines else start
        items = list(_told(session, shown, viewer))
        start, more = end, more or cut
        if items or not more:
            break
    return Changes(items=items, next=cursors.written(viewer.role, *start), more=more)


def _start(session: Session, asked: ChangesPage, viewer: Viewer) -> Key:
    """After which line, and after which incident of it. A cursor is of one role: another sees other incidents."""
    if asked.since is None:
        return BEGINNING
    if (moment := asked.moment) is not None:
        return _before(session, moment), LAST
    role, seq, key = cursors.read(asked.since, (str, int, str))
    if role != viewer.role:
        raise Gone("This cursor is of another role, which sees other incidents: start again without since.")
    return seq, key


def _before(session: Session, moment: datetime) -> int:
    """The number of the last line before a moment: halving, for lines stand in the order of time."""
    low, high = 0, session.exec(select(func.max(Revision.seq))).one() or 0
    while low < high:
        middle = (low + high + 1) // 2
        asked = select(Revision.seq, Revision.at).where(col(Revision.seq) >= middle, col(Revision.seq) <= high)
        met = session.execute(asked.order_by(col(Revision.seq)).limit(1)).first()
        if met is None or met.at >= moment:
            high = middle - 1
        else:
            low = met.seq
    return low


def _lines(session: Session, start: Key, many: int) -> tuple[Sequence[Any], bool]:
    """The next lines about incidents and what hangs on them; whether there are more."""
    asked = select(*LINE).where(
        col(Revision.seq) >= start[0], col(Revision.noun).in_(sorted(REACH)), of_changes(),
        or_(col(Revision.seq) > start[0], start[1] != LAST),
    )  # fmt: skip
    withheld = select(Withholding.seq, Withholding.at).where(col(Withholding.seq) >= start[0]).distinct()
    found = {line.seq: line for line in session.execute(asked.order_by(col(Revision.seq)).limit(many + 1)).all()}
    for mark in session.execute(withheld.order_by(col(Withholding.seq)).limit(many + 1)).all():
        found.setdefault(mark.seq, mark)
    ordered = [found[seq] for seq in sorted(found)]
    return ordered[:many], len(ordered) > many


def _touched(session: Session, lines: Sequence[Any], start: Key, viewer: Viewer) -> list[Touched]:
    """The incidents of these lines after `start`, line by line."""
    found = [*_reached(session, lines, viewer), *_withheld(session, lines, viewer)]
    return sorted((one for one in found if one.key > start), key=lambda one: one.key)


def _reached(session: Session, lines: Sequence[Any], viewer: Viewer) -> Iterator[Touched]:
    told = [line for line in lines if hasattr(line, "noun")]
    reach = {
        noun: reached(session, noun, {line.record_id for line in told if line.noun == noun}, viewer) for noun in REACH
    }
    for line in told:
        for pk in sorted(reach[line.noun].get(line.record_id, set()) | _erased(session, line, viewer)):
            one = Touched((line.seq, f"0{pk:020}"), line.at, {line.action}, {line.seq}, _fields(line, viewer))
            if _was_hidden(line, viewer):
                one.actions.add("shown")
            yield one


def _erased(session: Session, line: Any, viewer: Viewer) -> set[int]:
    """The incidents out of which somebody was erased: the line names the records in which the name stood."""
    if (line.noun, line.action) != ("person", "erased"):
        return set()
    found: set[int] = set()
    nouns = {"disappearance_case": "case", "incident_link": "link"}
    for table, records in line.what.get("fields", {}).items():
        hit = reached(session, nouns.get(table, table), map(UUID, records), viewer)
        found |= {pk for pks in hit.values() for pk in pks}
    return found


def _was_hidden(line: Any, viewer: Viewer) -> bool:
    """Whether the incident came within this viewer's reach by this line."""
    before = line.what.get("before")
    was = before.get("sensitivity") if line.noun == "incident" and isinstance(before, dict) else None
    return was is not None and was not in clearance(viewer).sensitivities


def _fields(line: Any, viewer: Viewer) -> set[str]:
    """The names of what a line changed, as far as the viewer reads these fields; never a value."""
    if line.noun != "incident":
        return {BY_NOUN[line.noun]} if line.noun in BY_NOUN else set()
    after = line.what.get("after")
    named = {field_of(name) for name in after} | (STATUS & after.keys()) if isinstance(after, dict) else set()
    added = {ADDED[name] for name in ADDED.keys() & line.what.keys()} if line.action == "added" else set()
    return added | {name for name in named if name is not None and _may_be_told(name, viewer)}


def _may_be_told(name: str, viewer: Viewer) -> bool:
    if name in STATUS or name == "date" or name in HARMS:
        return True
    return may_read(viewer, delicacy(IncidentStated, name))


def _withheld(session: Session, lines: Sequence[Any], viewer: Viewer) -> Iterator[Touched]:
    """Incidents that went out of this viewer's reach, and have not come back."""
    if not lines:
        return
    asked = select(Withholding).where(col(Withholding.seq).between(lines[0].seq, lines[-1].seq))
    mine = clearance(viewer).sensitivities
    for mark in session.exec(asked).all():
        if mark.was in mine and mark.became not in mine:
            yield Touched((mark.seq, f"1{mark.incident_id.hex}"), mark.at, gone=mark.incident_id)


def _told(session: Session, shown: Sequence[Touched], viewer: Viewer) -> Iterator[ChangeOut]:
    """Each incident once, where the page meets it last."""
    states = _states(session, {int(one.key[1][1:]) for one in shown if one.gone is None}, viewer)
    targets = {state.redirect_to for state in states.values() if state.redirect_to is not None}
    seen = {state.id for state in states.values()}
    seen |= _seen(session, targets | {one.gone for one in shown if one.gone}, viewer)
    first = _first(session, {state.id for state in states.values()})
    gathered: dict[UUID, tuple[Any, Touched]] = {}
    for one in shown:
        state = states.get(int(one.key[1][1:])) if one.gone is None else None
        record = one.gone if state is None else state.id
        if record is None or (state is None and record in seen) or (state is not None and one.key[0] < first[record]):
            continue
        _, before = gathered.pop(record, (None, one))
        one.actions |= before.actions
        one.seqs |= before.seqs
        one.fields |= before.fields
        gathered[record] = state, one
    for record, (state, one) in gathered.items():
        yield _withdrawn(one) if state is None else _change(state, one, first[record], seen)


def _states(session: Session, pks: set[int], viewer: Viewer) -> dict[int, Any]:
    found = session.execute(select(*STATE).where(col(Incident.pk).in_(pks), *visible(viewer))).all() if pks else ()
    return {one.pk: one for one in found}


def _seen(session: Session, ids: set[UUID], viewer: Viewer) -> set[UUID]:
    asked = select(Incident.id).where(col(Incident.id).in_(ids), *visible(viewer))
    return set(session.exec(asked).all()) if ids else set()


def _first(session: Session, ids: set[UUID]) -> dict[UUID, int]:
    """The line by which each incident came into the archive: what was changed before, as its source, is no news."""
    asked = select(Revision.record_id, func.min(Revision.seq)).where(col(Revision.record_id).in_(ids), of_changes())
    rows = session.execute(asked.group_by(col(Revision.record_id))).all() if ids else ()
    return dict.fromkeys(ids, 0) | {record: seq for record, seq in rows}  # noqa: C416 - a row is no pair


def _withdrawn(one: Touched) -> ChangeOut:
    assert one.gone is not None  # noqa: S101 - only these come here
    return ChangeOut(change="withdrawn", id=one.gone, at=one.at)


def _change(state: Any, one: Touched, first: int, seen: set[UUID]) -> ChangeOut:
    """How it stands now decides: an incident that is withdrawn today is told as that, whatever the line said."""
    erased = "erased" in one.actions
    if state.redirect_to is not None:
        change = "redirected"
    elif state.stage == "withdrawn":
        change = "withdrawn"
    elif erased:
        change = "erased"
    else:
        change = "new" if first in one.seqs or "shown" in one.actions else "changed"
    told = ChangeOut(change=change, id=state.id, at=one.at)
    if erased:
        return told
    fields = sorted(one.fields) if change == "changed" else []
    to = state.redirect_to if state.redirect_to in seen else None
    return told.model_copy(update={"ref": state.ref, "fields": fields, "redirect_to": to})
