"""Lower a sensitivity: raising is free for all who write, lowering takes a second person and consent."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlmodel import Session, col, select

from app.access.viewer import Viewer
from app.access.visibility import may_expose
from app.db import now
from app.errors import Forbidden, Untimely
from app.queries.consents import consent_of, covers, last_word
from app.records import Account, Act, Case, Consent, Incident, Involvement, Person, Revision, Source
from app.vocabulary.word import vocabulary

# The scope of consent that it takes for whatever leaves the house, by how far it goes.
NEEDED = {"partner": "partner", "public_anonymised": "public_anonymous", "public": "public_named"}
REFUSED = "none"
TESTIMONIES = frozenset(code for code in vocabulary("source_kinds") if code.startswith("testimony_")) | {"phone_call"}
NAMING: tuple[Any, ...] = (Act, Involvement, Case)


def is_lower(after: str, before: str) -> bool:
    """Whether a sensitivity shows a record to more people than another."""
    words = vocabulary("sensitivities")
    return bool(words[after].traits["rank"] < words[before].traits["rank"])


def check_may_lower_incident(session: Session, incident: Incident, after: str, by: Viewer) -> None:
    """Raises Forbidden without a second person, and Untimely where somebody in it has said no."""
    if not is_lower(after, incident.sensitivity):
        return
    _check_second_person(session, [incident.id], None, by)
    if after in NEEDED and any(_says_no(consent) for consent in _last_words(session, incident.pk)):
        raise Untimely(
            "Somebody in this incident does not agree, or does not any more: it stays inside the house. Ask them again "
            "and put the new consent on file, or take their part into an incident of its own."
        )


def check_may_lower_person(session: Session, person: Person, after: str, by: Viewer) -> None:
    """Raises Forbidden without a second person, and Untimely without a consent that reaches so far."""
    if not is_lower(after, person.sensitivity):
        return
    naming = [select(Incident.id).join(link).where(link.person_pk == person.pk) for link in NAMING]
    records = [person.id, *(one for asked in naming for one in session.exec(asked).all())]
    _check_second_person(session, records, person.entered_at, by)
    _check_agreed(session, after, "person", person_pk=person.pk)


def check_may_lower_source(session: Session, source: Source, after: str, by: Viewer) -> None:
    """The same for a source; consent is asked only of those who speak for themselves, not of what is published."""
    if not is_lower(after, source.sensitivity):
        return
    citing = select(Incident.id).join(Account).where(col(Account.source_pk) == source.pk)
    _check_second_person(session, [source.id, *session.exec(citing).all()], source.entered_at, by)
    if source.kind in TESTIMONIES:
        _check_agreed(session, after, "source", source_pk=source.pk)


def _check_second_person(session: Session, records: Iterable[UUID], at: datetime | None, by: Viewer) -> None:
    if not may_expose(by):
        raise Forbidden("Only a reviewer lowers a sensitivity: ask one, and say why it is safe.")
    if by.name.casefold() in {name.casefold() for name in _entered_by(session, records, at)}:
        raise Forbidden(
            "Whoever entered a record does not lower its sensitivity: a second reviewer is needed. Ask another "
            "reviewer (an admin can add one)."
        )


def _entered_by(session: Session, records: Iterable[UUID], at: datetime | None) -> list[str]:
    """Who entered a record. `at`: the moment when it came in, for one that may have come in with an incident."""
    asked = select(Revision.who).where(col(Revision.record_id).in_(set(records)))
    came_in = col(Revision.action) == "reported" if at is None else col(Revision.at) == at
    return list(session.exec(asked.where(came_in)).all())


def _check_agreed(session: Session, after: str, noun: str, **whose: int) -> None:
    if after not in NEEDED:
        return
    if not covers(consent_of(session, on=now().date(), **whose), NEEDED[after]):
        raise Untimely(
            f"This needs a consent of the scope {NEEDED[after]} that holds today, and there is none on file: put it "
            f"on file first with POST /{noun}s/{{id}}/consents."
        )


def _last_words(session: Session, incident: int) -> list[Consent | None]:
    """The last word of everybody whom an incident names, and of every source in it that speaks for itself."""
    named = [select(link.person_pk).where(link.incident_pk == incident, link.person_pk.is_not(None)) for link in NAMING]
    persons = {pk for asked in named for pk in session.exec(asked).all()}
    cited = select(Account.source_pk).where(col(Account.incident_pk) == incident)
    spoken = select(Source.pk).where(col(Source.pk).in_(cited), col(Source.kind).in_(sorted(TESTIMONIES)))
    words = [last_word(session, person_pk=pk) for pk in sorted(persons)]
    return words + [last_word(session, source_pk=pk) for pk in session.exec(spoken).all()]


def _says_no(consent: Consent | None) -> bool:
    return consent is not None and (consent.scope == REFUSED or consent.withdrawn_at is not None)
