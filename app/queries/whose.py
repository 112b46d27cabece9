"""The history of any record, for whoever may see the record itself."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from sqlmodel import Session, col, select

from app.access.evidence import check_may_read_custody
from app.access.viewer import Viewer
from app.errors import Fault, Forbidden, Gone, Invalid, NotFound
from app.queries import actors, cases, catalogue, evidence, history, links, one, people
from app.queries.versions import Change, Diff
from app.records import Member
from app.records.history import RevisionOut

KEEPERS = frozenset({"admin", "auditor"})


def history_of(session: Session, noun: str, which: UUID, viewer: Viewer) -> list[RevisionOut]:
    """Every line about one record, oldest first.

    Raises NotFound, alike for "not there" and "not yours", and Forbidden for what the role does not read.
    """
    if noun == "incident":
        return of_incident(session, str(which), viewer)
    if noun not in FIND:
        raise NotFound(f"There is no history under that name. Write one of: {', '.join(('incident', *FIND))}.")
    FIND[noun](session, which, viewer)
    return history.of_record(session, which, viewer)


def diff_of(session: Session, noun: str, which: UUID, span: tuple[int | None, int | None], viewer: Viewer) -> Diff:
    """What changed between two lines of a record's history, as far as they say it: fields before and after.

    Raises as `history_of`, and Invalid when no line of the record has such a number.
    """
    lines = history_of(session, noun, which, viewer)
    numbers = [line.seq for line in lines]
    first, last = numbers[0] if span[0] is None else span[0], numbers[-1] if span[1] is None else span[1]
    for where, number in (("from", first), ("to", last)):
        if number not in numbers:
            why = "no line of this record has this number", f"look in GET /history/{noun}/{{id}}"
            raise Invalid("There is no such line.", [Fault(where, *why)])
    told = [line.what for line in lines if first < line.seq <= last]
    return Diff(from_seq=first, to_seq=last, whole=all(told), fields=_folded(told))


def _folded(told: list[dict[str, Any]]) -> dict[str, Change]:
    """Many changes one after the other as one: the first value before, the last one after."""
    changes: dict[str, Change] = {}
    for what in told:
        before, after = what.get("before") or {}, what.get("after") or {}
        for name in {**before, **after}:
            begun = changes[name].before if name in changes else before.get(name)
            changes[name] = Change(before=begun, after=after.get(name))
    return {name: change for name, change in changes.items() if change.before != change.after}


def of_incident(session: Session, which: str, viewer: Viewer) -> list[RevisionOut]:
    """Every line about an incident, by id or ref, and about its links as far as the viewer sees their other end.

    History outlives the incident: also that of an import taken back.
    """
    try:
        incident = one.find(session, which, viewer)
    except Gone:
        return history.of_record(session, UUID(which), viewer)
    return history.of_record(session, incident.id, viewer, links.ids_of(session, incident.pk, viewer))


def _find_evidence(session: Session, which: UUID, viewer: Viewer) -> None:
    """Each touch of a file is a line of its history, and not for everybody."""
    evidence.find(session, which, viewer)
    check_may_read_custody(viewer)


def _find_member(session: Session, which: UUID, viewer: Viewer) -> None:
    if viewer.role not in KEEPERS:
        raise Forbidden("The history of members is for those who keep the house: ask an admin or an auditor.")
    if session.exec(select(Member.pk).where(col(Member.id) == which)).first() is None:
        raise NotFound("No member has this id.")


FIND: dict[str, Callable[[Session, UUID, Viewer], Any]] = {
    "account": one.of_account,
    "actor": actors.find,
    "case": cases.find,
    "evidence": _find_evidence,
    "link": links.find,
    "member": _find_member,
    "person": people.find,
    "source": catalogue.source,
}
