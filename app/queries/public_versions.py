"""The public version of an incident as reviewers read it, with what in its text should not be there."""

from collections.abc import Iterator
from uuid import UUID

from sqlmodel import Session, col, exists, or_, select

from app.access.viewer import Viewer
from app.errors import NotFound
from app.matching.folding import words
from app.queries import one
from app.queries.catalogue import columns
from app.records import Account, Act, Case, Incident, Involvement, Person, PersonName, PublicVersion, Source
from app.records.blocks import WhereColumns
from app.records.public_version import PublicVersionFields, PublicVersionOut

# A shorter word of a name stands in too many other words and sentences.
SHORTEST = 3


def of_incident(session: Session, which: UUID, viewer: Viewer) -> PublicVersionOut:
    """The newest public version of an incident, also one that was withdrawn. Raises NotFound."""
    incident = one.find(session, str(which), viewer)
    asked = select(PublicVersion).where(col(PublicVersion.incident_pk) == incident.pk)
    newest = session.exec(asked.order_by(col(PublicVersion.pk).desc()).limit(1)).first()
    if newest is None:
        raise NotFound("This incident has no public version.")
    return _out(session, newest, incident)


def by_id(session: Session, version: UUID, which: UUID, viewer: Viewer) -> PublicVersionOut:
    """One public version of an incident by its id."""
    incident = one.find(session, str(which), viewer)
    found = session.exec(select(PublicVersion).where(col(PublicVersion.id) == version)).one()
    return _out(session, found, incident)


def _out(session: Session, version: PublicVersion, incident: Incident) -> PublicVersionOut:
    return PublicVersionOut(
        **columns(PublicVersionFields, version), **columns(WhereColumns, version), id=version.id,
        incident_id=incident.id, cites=version.cites, names=version.names, approved_by=version.approved_by,
        approved_at=version.approved_at, published_at=version.published_at, withdrawn_at=version.withdrawn_at,
        withdrawn_by=version.withdrawn_by, withdrawn_reason=version.withdrawn_reason,
        warnings=list(warnings(session, version, incident)),
    )  # fmt: skip


def warnings(session: Session, version: PublicVersion, incident: Incident) -> Iterator[str]:
    """A sentence for each name that is not to be public and occurs in the public text, whole or in part."""
    groups = session.exec(select(Act.group).where(col(Act.incident_pk) == incident.pk)).all()
    texts = {"title": version.title, "summary": version.summary, "group": " ".join(g for g in groups if g)}
    spoken = {where: set(words(text)) for where, text in texts.items() if text}
    for name, whose in _held_back(session, version, incident):
        parts = {word for word in words(name) if len(word) >= SHORTEST}
        for where, said in spoken.items():
            if met := sorted(parts & said):
                yield f"The {where} holds {' '.join(met)}, which is part of the name of {whose}."


def _held_back(session: Session, version: PublicVersion, incident: Incident) -> Iterator[tuple[str, str]]:
    """The names that are not to be told: of people who are not named, and of those who speak."""
    linked = [col(link.person_pk) == Person.pk for link in (Act, Involvement, Case)]
    here = [col(link.incident_pk) == incident.pk for link in (Act, Involvement, Case)]
    of = or_(*(exists().where(a, b) for a, b in zip(linked, here, strict=True)))
    people = select(PersonName.full, Person.id).join(Person, col(Person.pk) == PersonName.person_pk).where(of)
    for name, person in session.execute(people).all():
        if name and str(person) not in version.names:
            yield name, "a person who is not named"
    cited = select(Source.author, Account.speaker).join(Account).where(col(Account.incident_pk) == incident.pk)
    for author, speaker in session.execute(cited).all():
        if author:
            yield author, "the author of a source"
        if speaker:
            yield speaker, "somebody who speaks in a source"
