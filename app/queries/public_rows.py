"""What of an approved incident goes into the published store: by an allow-list of fields, with public ids."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, Boolean, Integer, Uuid
from sqlmodel import Session, SQLModel, col, select

from app.access.visibility import delicacy, is_nameable
from app.db import Moment
from app.matching.folding import name_key, words
from app.matching.scripts import script_of
from app.queries.people import names_outside
from app.queries.public_ids import PublicIds
from app.queries.voices import independent, voice
from app.records import (
    METADATA,
    Account,
    Act,
    Actor,
    Incident,
    Involvement,
    Person,
    PersonName,
    Publication,
    PublicVersion,
    Source,
)
from app.records.actor import A_PERSON, names_key
from app.records.blocks import WhereColumns, cell
from app.records.history import canonical
from app.records.public_version import PublicVersionFields
from app.vocabulary.sensitivity import PUBLIC

Row = dict[str, Any]
# In place of every time of entry: nothing public tells when something was entered here.
NO_MOMENT = datetime(1970, 1, 1, tzinfo=UTC)
NOBODY = UUID(int=0)
EMPTY: tuple[tuple[Any, Any], ...] = (
    (Moment, NO_MOMENT), (Boolean, False), (Integer, 0), (JSON, {}), (Uuid, NOBODY),
)  # fmt: skip
# A part of an incident may lie nearer than the place that was approved, so of parts no place is told.
NOWHERE = dict.fromkeys(WhereColumns.model_fields) | {"geo_precision": "unknown"}
WHERE = tuple(WhereColumns.model_fields)
TOLD = tuple(name for name in PublicVersionFields.model_fields if name != "place")


@dataclass
class Bundle:
    """One incident as the public gets it: the rows of every table, and the words by which it is found."""

    incident: Row
    rows: dict[type[SQLModel], list[Row]] = field(default_factory=dict)
    words: list[str] = field(default_factory=list)
    names: list[str] = field(default_factory=list)

    def add(self, table: type[SQLModel], row: Row) -> None:
        """Lay a row in, once."""
        laid = self.rows.setdefault(table, [])
        if all(one["pk"] != row["pk"] for one in laid):
            laid.append(row)


def allowed(table: type[SQLModel], row: Any, ids: PublicIds) -> Row:
    """Every column of a row: the public fields as they are, its own number and id made public, all others empty."""
    columns = METADATA.tables[str(table.__tablename__)].columns
    kept = {name: getattr(row, name) for name in table.model_fields if delicacy(table, name) is PUBLIC}
    neutral = {column.key: _neutral(column) for column in columns}
    return neutral | kept | {"pk": ids.number(table, row.pk), "id": ids.id(table, row.id)}


def _neutral(column: Any) -> Any:
    """What stands where nothing is told."""
    if column.nullable:
        return None
    if column.default is not None and column.default.is_scalar:
        return column.default.arg
    return next((empty for kind, empty in EMPTY if isinstance(column.type, kind)), "")


def compose(session: Session, version: PublicVersion, ids: PublicIds) -> Bundle:
    """The public form of an incident as it stands, under its approved version."""
    incident = session.exec(select(Incident).where(col(Incident.pk) == version.incident_pk)).one()
    bundle = Bundle(_incident(incident, version, ids))
    people = _people(session, version, bundle, ids)
    supports = _accounts(session, version, bundle, ids)
    bundle.incident["independent_sources"] = supports
    acts = _acts(session, incident, bundle, ids, people)
    _involvements(session, incident, bundle, ids, people)
    row = bundle.incident
    bundle.words += words(" ".join(t for t in (row["title"], row["summary"], row["area1"], row["area2"], *acts) if t))
    row["origin_hash"] = digest(bundle)
    return bundle


def _incident(incident: Incident, version: PublicVersion, ids: PublicIds) -> Row:
    row = allowed(Incident, incident, ids)
    row |= {name: getattr(version, name) for name in (*TOLD, *WHERE)}
    generalised = version.place != "as_recorded"
    return row | {
        "ref": ids.ref(incident.id), "redirect_to": None, "stage": "published", "sensitivity": "public",
        "location_generalised": generalised, "cell": cell(version.lon, version.lat), "decisions": {},
        "updated_at": NO_MOMENT,
    }  # fmt: skip


def _people(session: Session, version: PublicVersion, bundle: Bundle, ids: PublicIds) -> set[int]:
    """Lay in whom the approval names, each by the outward name alone. Their numbers."""
    if not version.names:
        return set()
    found = session.exec(select(Person).where(col(Person.id).in_(_uuids(version.names)))).all()
    called = names_outside(session, [person.pk for person in found])
    told = set()
    for person in found:
        name = called.get(person.pk)
        if name is None:
            continue
        told.add(person.pk)
        row = allowed(Person, person, ids)
        row |= {"pseudonym": None, "identity_protection": "named", "sensitivity": "public"}
        bundle.add(Person, row)
        bundle.add(PersonName, _name(row["pk"], name))
        bundle.names += words(name)
    return told


def _name(person: int, name: str) -> Row:
    return {
        "pk": person, "person_pk": person, "full": name, "script": script_of(name), "language": None,
        "kind": "as_written_in_source", "name_key": name_key(name), "entered_at": NO_MOMENT, "batch_pk": None,
    }  # fmt: skip


def _uuids(texts: Iterable[str]) -> list[UUID]:
    return [UUID(str(text)) for text in texts]


def _accounts(session: Session, version: PublicVersion, bundle: Bundle, ids: PublicIds) -> int:
    """Lay in what the cited sources say that they are and where they say it; how many independent voices support it."""
    asked = (
        select(Account, Source)
        .join(Source, col(Source.pk) == Account.source_pk)
        .where(col(Account.incident_pk) == version.incident_pk, col(Account.standing) == "accepted")
        .where(col(Source.id).in_(_uuids(version.cites)))
        .order_by(col(Account.pk))
    )
    voices = []
    for account, source in session.execute(asked).all():
        row = allowed(Account, account, ids) | {"incident_pk": bundle.incident["pk"], "standing": "accepted"}
        bundle.add(Account, row | {"source_pk": ids.number(Source, source.pk), "said": {}})
        _source(session, source, bundle, ids)
        voices.append((voice(session, source), account.stance))
    return independent(voices)


def _source(session: Session, source: Source, bundle: Bundle, ids: PublicIds) -> None:
    row = allowed(Source, source, ids) | {"sensitivity": "public", "date_span": source.date_span}
    named = None
    if source.publication_pk is not None:
        outlet = session.exec(select(Publication).where(col(Publication.pk) == source.publication_pk)).one()
        told = allowed(Publication, outlet, ids) | {"name_key": outlet.name_key}
        bundle.add(Publication, told)
        row["publication_pk"], named = told["pk"], outlet.name
    row |= {"fingerprint": row["id"].hex, "words_key": " ".join(words(" ".join(filter(None, (source.title, named)))))}
    bundle.add(Source, row)


def _acts(session: Session, incident: Incident, bundle: Bundle, ids: PublicIds, people: set[int]) -> list[str]:
    """Lay in the acts; a person who is not named is nobody in particular. The words of their groups."""
    found = session.exec(select(Act).where(col(Act.incident_pk) == incident.pk).order_by(col(Act.pk))).all()
    groups = []
    for act in found:
        row = allowed(Act, act, ids) | NOWHERE | {"incident_pk": bundle.incident["pk"], "date_span": act.date_span}
        if act.person_pk in people:
            row["person_pk"] = ids.number(Person, act.person_pk)
        bundle.add(Act, row)
        groups += [act.group] if act.group else []
    return groups


def _involvements(session: Session, incident: Incident, bundle: Bundle, ids: PublicIds, people: set[int]) -> None:
    """Lay in who is alleged to be involved: bodies by name, a person only where that may be told and is agreed."""
    asked = (
        select(Involvement, Actor)
        .outerjoin(Actor, col(Actor.pk) == Involvement.actor_pk)
        .where(col(Involvement.incident_pk) == incident.pk)
        .order_by(col(Involvement.pk))
    )
    for involvement, actor in session.execute(asked).all():
        row = allowed(Involvement, involvement, ids) | {"incident_pk": bundle.incident["pk"]}
        row["actor_pk"] = row["person_pk"] = None
        nameable = is_nameable(disclosable=involvement.disclosable, verification=incident.verification)
        if actor is not None and actor.kind != A_PERSON:
            names = [actor.name, *actor.aliases]
            told = allowed(Actor, actor, ids) | {"name_key": names_key(names)}
            bundle.add(Actor, told)
            row["actor_pk"] = told["pk"]
            bundle.words += words(" ".join(names))
        elif involvement.person_pk in people and nameable:
            row |= {"person_pk": ids.number(Person, involvement.person_pk), "disclosable": True}
        else:
            continue
        bundle.add(Involvement, row)


def digest(bundle: Bundle) -> str:
    """Changes when anything does that the public gets of an incident."""
    told = [bundle.incident, *(row for table in bundle.rows for row in bundle.rows[table])]
    return hashlib.sha256(canonical([{k: str(v) for k, v in row.items()} for row in told])).hexdigest()


def all_rows(bundles: Sequence[Bundle], table: type[SQLModel]) -> list[Row]:
    """The rows of one table over all bundles, each once, in the order of their public numbers."""
    found = {row["pk"]: row for bundle in bundles for row in bundle.rows.get(table, ())}
    if table is Incident:
        found = {bundle.incident["pk"]: bundle.incident for bundle in bundles}
    return [found[pk] for pk in sorted(found)]
