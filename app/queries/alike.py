"""People whose names are like one that is asked for, the most alike first."""

# Names lie enciphered, and their words as blind tokens, of which nobody can tell what is like what. So every spelling
# that is one letter away is made blind and looked up in the index of names as it is. It tells nothing that it did not
# tell before, and it finds whom it finds for `q`: people whom an incident names, and none whose identity is sealed.

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement
from sqlmodel import Session, col, select

from app.matching.folding import words
from app.matching.likeness import ALIKE, likeness, spellings
from app.records import Act, Case, Incident, Involvement, Person, PersonName
from app.records.search import last_named_so

Condition = ColumnElement[bool]
# From so many incidents, those entered last, come the people whose names are compared letter by letter.
INCIDENTS = 300
# A longer name has enough in its first words.
WORDS = 6


def people_like(session: Session, asked: str, conditions: Sequence[Condition]) -> dict[int, float]:
    """The numbers of people and how alike a name of theirs is, at least ALIKE and at most 100, the most alike first."""
    wanted = words(asked)[:WORDS]
    found: dict[int, float] = {}
    for pk, full in session.execute(_names(_named_in(session, wanted), conditions)).all():
        if full is not None:  # erased
            found[pk] = max(found.get(pk, 0), round(likeness(wanted, words(full)), 1))
    alike = [(pk, score) for pk, score in found.items() if score >= ALIKE]
    return dict(sorted(alike, key=lambda one: (-one[1], one[0])))


def _names(incidents: Sequence[int], conditions: Sequence[Condition]) -> Any:
    links = (select(link.person_pk).where(col(link.incident_pk).in_(incidents)) for link in (Act, Case, Involvement))
    first, *more = (col(Person.pk).in_(link) for link in links)
    # Apart from the names, of which the conditions may ask as well.
    people = select(Person.pk).where(first.self_group() | more[0] | more[1], *conditions)
    return select(PersonName.person_pk, PersonName.full).where(col(PersonName.person_pk).in_(people))


def _named_in(session: Session, wanted: Sequence[str]) -> list[int]:
    """Incidents that name somebody by all the words, then such as do by one of them."""
    spelt = [spellings(word) for word in wanted]
    found = _incidents(session, spelt)
    for one in sorted(spelt, key=len, reverse=True) if len(spelt) > 1 else []:
        if len(found) < INCIDENTS:
            found += _incidents(session, [one])
    return list(dict.fromkeys(found))[:INCIDENTS]


def _incidents(session: Session, spelt: Sequence[Sequence[str]]) -> list[int]:
    asked = last_named_so(col(Incident.pk), session.get_bind().dialect.name, spelt).limit(INCIDENTS)
    return [pk for (pk,) in session.execute(asked).all()]
