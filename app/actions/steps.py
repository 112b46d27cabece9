"""The steps of our own work on a record: which are allowed, who may take them, and which follow by themselves."""

from datetime import date
from typing import Any

from sqlalchemy import update
from sqlmodel import Session, col, or_, select

from app.access.viewer import Viewer
from app.actions.indexing import reindex
from app.actions.pen import Pen, Row
from app.errors import Forbidden, Untimely
from app.records import Account, Incident, Review, Revision, Source
from app.records.keys import new_id
from app.vocabulary.word import vocabulary

CHANGED = "Changed after approval: the record no longer says what was approved."
APPROVED = frozenset({"approved", "published"})
# From here a record is handed in; a reviewer who puts one back into the queue hands nothing in.
IN_HAND = ("draft", "changes_requested")
# What must lie under a verification, the strongest first: where it gives way, the next one holds or none does.
LADDER = {"established": 0, "corroborated": 2, "single_source": 1}
NOT_WEIGHED = "under_verification"
FINDINGS = frozenset({"court_record", "un_report", "medical_record", "death_certificate"})
FINDS = frozenset({"reports", "alleges", "confirms", "claims_responsibility"})
ADMITS = frozenset({"confirms", "claims_responsibility"})


def check_move(words: str, here: str, onward: str, by: Viewer) -> None:
    """Ask the table of moves of `stages` or `verifications`. Raises Untimely, or Forbidden by role."""
    moves = vocabulary(words)[here].traits["moves"]
    if onward not in moves:
        raise Untimely(f"The record stands at {here}; it cannot go to {onward} from there. {_possible(here, moves)}")
    if by.role not in moves[onward]:
        who = " or ".join(moves[onward])
        raise Forbidden(f"Only a {who} takes a record from {here} to {onward}: ask one. {_possible(here, moves)}")


def _possible(here: str, moves: dict[str, list[str]]) -> str:
    onward = ", ".join(f"{code} ({' or '.join(who)})" for code, who in moves.items())
    return f"Possible from {here}: {onward}."


def check_second_person(session: Session, incident: Incident, by: Viewer) -> None:
    """Raises Forbidden when the one who would approve has reported the record or handed it in."""
    if by.name.casefold() in {name.casefold() for name in _first_people(session, incident)}:
        raise Forbidden(
            "Whoever reported a record, handed it in or changed it after its approval does not approve it: a second "
            "reviewer is needed. Leave it in review, and assign it to another reviewer (an admin can add one)."
        )


def _first_people(session: Session, incident: Incident) -> list[str]:
    """Who reported it, by whichever door or import, and who handed it in last or changed it since its approval."""
    reported = col(Revision.record_id) == incident.id, col(Revision.action) == "reported"
    names = session.exec(select(Revision.who).where(*reported)).all()
    handed_in = col(Review.after) == "submitted", col(Review.before).in_(IN_HAND)
    reopened = col(Review.after) == "in_review", col(Review.note) == CHANGED
    last = (
        select(Review.by)
        .where(col(Review.incident_pk) == incident.pk, col(Review.kind) == "move")
        .where(or_(handed_in[0] & handed_in[1], reopened[0] & reopened[1]))
        .order_by(col(Review.pk).desc())
        .limit(1)
    )
    return [*names, *session.exec(last).all()]


def take(pen: Pen, incident: Incident, kind: str, change: tuple[str | None, str | None], note: str | None) -> Row:
    """Lay a step ready. `change`: the codes or names before and after it."""
    row: Row = {
        "pk": pen.number("review"), "id": new_id(), "incident_pk": incident.pk, "kind": kind, "before": change[0],
        "after": change[1], "note": note, "by": pen.by.name, "at": pen.at, "batch_pk": pen.batch_pk,
    }  # fmt: skip
    return pen.write(Review, row)


def move(pen: Pen, incident: Incident, onward: str, note: str) -> dict[str, Any]:
    """Write a move that has been checked, with its line in history; the columns to write."""
    was: dict[str, Any] = {"stage": incident.stage}
    now: dict[str, Any] = {"stage": onward}
    if incident.redirect_to is not None:  # a record that is taken back leads nowhere else any more
        was, now = was | {"redirect_to": str(incident.redirect_to)}, now | {"redirect_to": None}
    take(pen, incident, "move", (incident.stage, onward), note)
    action = "withdrawn" if onward == "withdrawn" else "moved"
    pen.note(action, "incident", incident.id, {"before": was, "after": now}, note)
    pen.put_down()
    return now


def reopened(pen: Pen, incident: Incident) -> dict[str, Any]:
    """What was approved and is changed now goes back to review; the columns to write, none for any other record."""
    if incident.stage not in APPROVED:
        return {}
    return move(pen, incident, "in_review", CHANGED)


def lack(session: Session, incident: Incident, verification: str) -> str | None:
    """What a verification would still need, as a sentence; None when nothing."""
    if verification not in LADDER:
        return None
    if verification == "established":
        return None if _found(session, incident.pk) else (
            "established needs an accepted account that is a finding or an admission: a source of the kind "
            f"{', '.join(sorted(FINDINGS))}, or an official_statement or a speaker in the role party_to_conflict "
            "whose stance is confirms or claims_responsibility. This record has none."
        )  # fmt: skip
    there = session.exec(select(Incident.independent_sources).where(col(Incident.pk) == incident.pk)).one()
    needed = LADDER[verification]
    if there >= needed:
        return None
    sources = "source" if needed == 1 else "sources"
    return f"{verification} needs at least {needed} independent {sources}; this record has {there}."


def _found(session: Session, incident: int) -> bool:
    """Whether a court, a UN body, a doctor or the party itself says so."""
    cited = (
        select(Source.kind, Account.stance, Account.speaker_role)
        .join(Account)
        .where(col(Account.incident_pk) == incident, col(Account.standing) == "accepted")
    )
    return any(_finds(*account) for account in session.execute(cited).all())


def _finds(kind: str, stance: str, speaker_role: str | None) -> bool:
    """A statement counts as one by the party unless another speaks in it."""
    if kind in FINDINGS:
        return stance in FINDS
    by_the_party = speaker_role == "party_to_conflict" or (kind == "official_statement" and speaker_role is None)
    return by_the_party and stance in ADMITS


def lower_if_unsupported(pen: Pen, incident: Incident) -> None:
    """Lower a verification whose accounts no longer bear it, and say why. Call it after counting the sources anew."""
    here = incident.verification
    missing = lack(pen.session, incident, here)
    if missing is None:
        return
    weaker = list(LADDER)[list(LADDER).index(here) + 1 :]
    onward = next((code for code in weaker if lack(pen.session, incident, code) is None), NOT_WEIGHED)
    set_verification(pen, incident, onward, f"Lowered because its accounts changed: {missing}", "lowered")


def set_verification(pen: Pen, incident: Incident, onward: str, note: str, action: str, **more: Any) -> None:
    """Write a verification with its step and line in history. `more`: verified_on, if not today."""
    columns = {"verification": onward, "verification_note": note, "verified_on": pen.at.date()} | more
    before = {name: getattr(incident, name) for name in columns}
    take(pen, incident, "verification", (incident.verification, onward), note)
    pen.note(action, "incident", incident.id, {"before": _plain(before), "after": _plain(columns)}, note)
    pen.put_down()
    pen.session.execute(update(Incident).where(col(Incident.pk) == incident.pk).values(**columns))
    reindex(pen.session, incident.pk)  # who is accused is found by name only while that may be told


def _plain(columns: dict[str, Any]) -> dict[str, Any]:
    return {name: value.isoformat() if isinstance(value, date) else value for name, value in columns.items()}
