"""Consents of people and sources: on file, and withdrawn."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Body

from app.access.policy import NAMES, WRITE, allow
from app.actions import consents as actions
from app.api.strict import StrictRoute
from app.depends import Asker, Reading, Writing
from app.queries import consents as queries
from app.queries import people
from app.records.consent import ConsentIn, ConsentOut
from app.records.incident import Why

router = APIRouter(tags=["Consents"], route_class=StrictRoute)


@router.get("/persons/{person_id}/consents")
@allow(NAMES)
def list_consents_of_person(person_id: UUID, session: Reading, viewer: Asker) -> list[ConsentOut]:
    """What was agreed for a person, oldest first; the last word counts."""
    person = people.find(session, person_id, viewer)
    return queries.consents(session, viewer, person_pk=person.pk)


@router.post("/persons/{person_id}/consents", status_code=201)
@allow(WRITE)
def enter_consent_of_person(
    person_id: UUID, told: Annotated[ConsentIn, Body()], write: Writing, viewer: Asker
) -> ConsentOut:
    """Put on file what the person or the family agreed to. A refusal is the scope `none`."""
    with write() as session:
        return queries.one(session, actions.of_person(session, person_id, told, viewer), viewer)


@router.get("/sources/{source_id}/consents")
@allow(NAMES)
def list_consents_of_source(source_id: UUID, session: Reading, viewer: Asker) -> list[ConsentOut]:
    """What a source agreed to, oldest first; the last word counts."""
    source = actions.find_source(session, source_id, viewer)
    return queries.consents(session, viewer, source_pk=source.pk)


@router.post("/sources/{source_id}/consents", status_code=201)
@allow(WRITE)
def enter_consent_of_source(
    source_id: UUID, told: Annotated[ConsentIn, Body()], write: Writing, viewer: Asker
) -> ConsentOut:
    """Put on file what a source agreed to."""
    with write() as session:
        return queries.one(session, actions.of_source(session, source_id, told, viewer), viewer)


@router.post("/consents/{consent_id}/withdraw")
@allow(WRITE)
def withdraw_consent(consent_id: UUID, why: Why, write: Writing, viewer: Asker) -> ConsentOut:
    """They agree no more. What was public by this consent is so no longer, from this answer on."""
    with write() as session:
        actions.withdraw(session, consent_id, why.reason, viewer)
        return queries.one(session, consent_id, viewer)
