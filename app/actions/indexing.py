"""Keep the full-text index in step with the incidents."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import and_
from sqlmodel import Session, col, delete, select

from app.access.visibility import nameable
from app.bulk import COPIED, insert_rows
from app.keyring import keyring_of
from app.matching.folding import words
from app.records import Act, Actor, Case, Incident, Involvement, Person, PersonName
from app.records.actor import A_PERSON
from app.records.person import SEALED
from app.records.search import SEARCH, entry, line

BATCH = 1000
TEXTS = ("title", "summary", "place_name", "area1", "area2", "area3")


@dataclass(frozen=True)
class Wording:
    """The words by which one incident is found: its texts, and apart from them the names of people."""

    pk: int
    texts: tuple[str | None, ...]
    names: tuple[str, ...] = ()


def texts_of(incident: dict[str, Any]) -> tuple[str | None, ...]:
    return tuple(incident[name] for name in TEXTS)


def index(session: Session, wordings: Iterable[Wording]) -> None:
    """Add incidents to the index, all in one go."""
    dialect = session.get_bind().dialect
    keyring = keyring_of(dialect)
    blind = keyring.blind if keyring else str
    lines = [
        line(dialect.name, w.pk, words(" ".join(filter(None, w.texts))), [blind(n) for n in words(" ".join(w.names))])
        for w in wordings
    ]
    if lines and (dialect.name == "sqlite" or len(lines) >= COPIED):
        # One by one: FTS5 writes down what it holds at every statement of several rows.
        insert_rows(session.connection(), SEARCH, lines, together=1)
    elif lines:
        session.connection().execute(entry(dialect.name), lines)


def unindex(session: Session, which: Any) -> None:
    """Take incidents out of the index. `which`: their numbers, or a select of them."""
    session.connection().execute(delete(SEARCH).where(SEARCH.c.rowid.in_(which)))


def reindex(session: Session, *pks: int) -> None:
    """Read incidents again, as they now stand, and index them anew."""
    for start in range(0, len(pks), BATCH):
        some = pks[start : start + BATCH]
        unindex(session, some)
        texts, names = _texts(session, some), _names(session, some)
        index(session, [Wording(pk, tuple(texts[pk]), tuple(names[pk])) for pk in texts])


def _texts(session: Session, pks: Sequence[int]) -> dict[int, list[str | None]]:
    """What everybody may search for: the incident's own words, its groups, and its actors unless they are people."""
    asked = select(Incident.pk, *(getattr(Incident, name) for name in TEXTS)).where(col(Incident.pk).in_(pks))
    found = {pk: list(texts) for pk, *texts in session.execute(asked).all()}
    groups = select(Act.incident_pk, Act.group).where(col(Act.incident_pk).in_(pks), col(Act.group).is_not(None))
    for pk, group in session.execute(groups).all():
        found[pk].append(group)
    involved = (
        select(Involvement.incident_pk, Involvement.described_as, Actor.name, Actor.aliases)
        .outerjoin(Actor, and_(col(Actor.pk) == Involvement.actor_pk, col(Actor.kind) != A_PERSON))
        .where(col(Involvement.incident_pk).in_(pks))
    )
    for pk, described, name, aliases in session.execute(involved).all():
        found[pk] += [described, name, *(aliases or ())]
    return found


def _names(session: Session, pks: Sequence[int]) -> dict[int, list[str]]:
    """The names of everybody who is not sealed; of those accused, only where they may be named at all."""
    found: dict[int, list[str]] = {pk: [] for pk in pks}
    for table in (Act, Case, Involvement):
        named = (
            select(table.incident_pk, PersonName.full)
            .select_from(table)
            .join(Person, col(Person.pk) == table.person_pk)
            .join(PersonName, col(PersonName.person_pk) == Person.pk)
            .where(col(table.incident_pk).in_(pks), col(Person.identity_protection) != SEALED)
        )
        if table is Involvement:
            named = named.join(Incident, col(Incident.pk) == Involvement.incident_pk).where(nameable())
        for pk, name in session.execute(named).all():
            found[pk].append(name)
    for pk, name, aliases in session.execute(_people_among_actors(pks)).all():
        found[pk] += [name, *aliases]
    return found


def _people_among_actors(pks: Sequence[int]) -> Any:
    return (
        select(Involvement.incident_pk, Actor.name, Actor.aliases)
        .join(Actor, col(Actor.pk) == Involvement.actor_pk)
        .join(Incident, col(Incident.pk) == Involvement.incident_pk)
        .where(col(Involvement.incident_pk).in_(pks), col(Actor.kind) == A_PERSON, nameable())
    )


def reindex_of(session: Session, table: Any, condition: Any) -> None:
    """Index the incidents anew on which acts, cases or involvements like this hang."""
    reindex(session, *session.exec(select(table.incident_pk).where(condition).distinct()).all())
