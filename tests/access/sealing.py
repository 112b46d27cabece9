"""An archive in which one incident is sealed, with something of it in every table, under one word."""

from io import BytesIO
from uuid import UUID

from sqlmodel import Session, col, select

from app.actions import consents, evidence, links, reviews, vault
from app.db import writing
from app.records import Account, Act, Person
from app.records.consent import ConsentIn
from app.records.evidence import Bearing, EvidenceIn
from app.records.link import LinkIn
from app.records.review import Noted
from tests.archives import REVIEWER, TestArchive
from tests.builders import a_source, an_act, carried_out_by, incident_in, somebody

CANARY = "Zarghunacanary"


def fill(archive: TestArchive) -> TestArchive:
    """An open incident, a sealed one with everything on it, a third, and a link between the sealed and the third."""
    archive.report(incident_in("Open", source=a_source("Of the open")))
    sealed = archive.report(
        incident_in(
            CANARY, sensitivity="sealed", source=a_source(f"{CANARY} source", by=CANARY), summary=CANARY,
            acts=[an_act(person=somebody(f"{CANARY} Person", pseudonym=CANARY)), an_act(group=CANARY)],
            involvements=[carried_out_by(CANARY), {"described_as": CANARY}],
            places=[{"role": "held_at", "place_name": CANARY}],
            cases=[{"person": somebody(f"{CANARY} Case", pseudonym=CANARY), "state_link": CANARY,
                    "events": [{"kind": "taken", "note": CANARY}]}],
        )
    )  # fmt: skip
    third = archive.report(incident_in("Open too", source=a_source("Of the other")))
    with writing(archive.engine) as session:
        tied = LinkIn.model_validate({"kind": "part_of", "to": third.id, "note": CANARY})
        links.link(session, sealed.id, tied, REVIEWER)
        reviews.comment(session, sealed.id, Noted(note=CANARY), REVIEWER)
        _hand_in(session, archive, sealed.id)
        agreed = {"scope": "internal", "given_by": CANARY, "method": "spoken", "given_on": "2025-06-12", "note": CANARY}
        person = session.exec(select(Person.id).order_by(col(Person.pk))).first()
        assert person is not None
        consents.of_person(session, person, ConsentIn.model_validate(agreed), REVIEWER)
    return archive


def _hand_in(session: Session, archive: TestArchive, incident: UUID) -> None:
    """A file for the incident, one for its source, one for an account and one for an act."""
    assert archive.vault is not None
    account = session.exec(select(Account).order_by(col(Account.pk)).offset(1)).first()
    act = session.exec(select(Act.id).order_by(col(Act.pk))).first()
    assert account is not None
    for bearing in ({"incident_id": incident}, {"account_id": account.id}, {"act_id": act}):
        file = vault.store(archive.vault, BytesIO(f"{CANARY} {bearing}".encode()))
        told = EvidenceIn.model_validate({"title": CANARY, "original_name": CANARY})
        evidence.take_in(session, file, told, Bearing.model_validate(bearing), REVIEWER)
