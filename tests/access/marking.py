"""A mark written over every text of every row, past all doors."""

from typing import Any, get_args
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.sql.sqltypes import JSON
from sqlmodel import AutoString, Session, SQLModel, col, select

from app.access.visibility import delicacy
from app.actions.indexing import reindex
from app.keyring import Enciphered
from app.matching.folding import name_key, words
from app.records import METADATA, Account, Act, Actor, Incident, PersonName, Publication, Source
from app.records.actor import names_key
from app.vocabulary.sensitivity import PUBLIC
from app.vocabulary.word import OneOf
from tests.access.marks import Marks
from tests.builders import Json

# Whoever is named in public, by consent; everything else of them is a mark.
NAMED = "Example Genannt"
# The second person, who approves.
SECOND = "Example Zweitprüferin"
# Keys, digests and words that the program itself reads: a mark in them would break it.
STRUCTURE = frozenset({
    "action", "noun", "via", "seal", "salt", "commitment", "sha256", "media_type", "ref", "name_key", "words_key",
    "country", "script", "current_status", "password_hash", "totp_secret", "totp_pending", "birth_year", "public_secret",
})  # fmt: skip
# Tables of members, keys and reference data; their secrets are looked for by value.
APART = frozenset({
    "archive", "counter", "area", "settlement", "member", "token", "member_session", "one_time_link", "export_link",
    "identity_key", "receipt", "tombstone", "erasure", "public_version",
    "month_tally", "place_tally", "ready_feature", "ready_line", "job",
})  # fmt: skip
# Of what is published, these fields of class PUBLIC are not taken over: title and place come from the approval.
NOT_TAKEN: dict[str, frozenset[str]] = {
    "incident": frozenset({"title"}), "act": frozenset({"area1", "area2", "area1_code", "area2_code"}),
}  # fmt: skip


def plant(session: Session, marks: Marks, published: list[str]) -> None:
    """Write a mark over every text of every row, but for the public fields of what is cited and told in public."""
    told = _told(session, published)
    for table in sorted(tables(), key=lambda table: str(table.__tablename__)):
        name = str(table.__tablename__)
        columns = METADATA.tables[name]
        for row in session.execute(select(columns)).mappings().all():
            pk = row["pk" if "pk" in row else "seq"]
            values = _values(marks, table, dict(row), pk in told.get(name, ()))
            mine = columns.c["pk" if "pk" in row else "seq"] == pk
            if values:
                session.execute(columns.update().where(mine).values(**values))
    session.expire_all()
    _index(session)


def tables() -> set[type[SQLModel]]:
    found = {mapper.class_ for mapper in SQLModel._sa_registry.mappers}
    return {table for table in found if table.__tablename__ not in APART}


def _told(session: Session, published: list[str]) -> dict[str, set[int]]:
    """The rows, by table, whose public fields are public indeed."""
    ids = [UUID(one) for one in published]
    pks = set(session.exec(select(Incident.pk).where(col(Incident.id).in_(ids))).all())
    accounts = (
        select(Account).join(Source).where(col(Account.incident_pk).in_(pks), col(Source.sensitivity) != "sealed")
    )
    cited = {account.pk: account.source_pk for account in session.exec(accounts).all()}
    papers = session.exec(select(Source.publication_pk).where(col(Source.pk).in_(cited.values()))).all()
    return {
        "incident": pks, "account": set(cited), "source": set(cited.values()), "publication": {pk for pk in papers if pk},
        "act": set(session.exec(select(Act.pk).where(col(Act.incident_pk).in_(pks))).all()),
        "actor": set(session.exec(select(Actor.pk).where(col(Actor.name).startswith("Unit"))).all()),
    }  # fmt: skip


def _values(marks: Marks, table: type[SQLModel], row: Json, told: bool) -> Json:
    name = str(table.__tablename__)
    held = str(row["sensitivity"]) if name == "incident" else None
    values = {}
    for field, about in table.model_fields.items():
        kind, column = delicacy(table, field), METADATA.tables[name].c[field]
        kept = told and kind is PUBLIC and field not in NOT_TAKEN.get(name, ())
        kept |= row[column.name] == NAMED
        if kept or _is_coded(about) or field in STRUCTURE or (name, field) == ("incident", "area_layer"):
            continue
        if isinstance(column.type, AutoString | Enciphered):
            values[field] = _text(field, marks.new(f"{name}.{field}", kind, held))
        elif isinstance(column.type, JSON) and (name, field) in JSONS:
            values[field] = JSONS[name, field](marks.new(f"{name}.{field}", kind, held), row[column.name])
    return values


def _is_coded(about: Any) -> bool:
    """Whether a field takes the words of a vocabulary alone, or nothing."""
    ways = [about, *(part for part in get_args(about.annotation) if hasattr(part, "__metadata__"))]
    marks = [mark for way in ways for mark in getattr(way, "metadata", None) or getattr(way, "__metadata__", ())]
    return any(isinstance(mark, OneOf) for mark in marks)


def _text(field: str, mark: str) -> str:
    if field.endswith("url"):
        return f"https://example.org/{mark.split(maxsplit=1)[0]}"
    return mark


JSONS: dict[tuple[str, str], Any] = {
    ("account", "said"): lambda mark, said: said | {"place_name": {"value": mark, "verbatim": mark, "quote": mark, "operator": "equals"}},
    ("incident", "decisions"): lambda mark, _: {"summary": {"rule": "analyst", "rationale": mark, "by": mark, "at": "2025-01-02"}},
    ("revision", "what"): lambda mark, what: what | {"also": mark},
    ("actor", "aliases"): lambda mark, _: [mark],
}  # fmt: skip


def _index(session: Session) -> None:
    """What is searched is made anew from the marks."""
    for name in session.exec(select(PersonName)).all():
        mine = col(PersonName.pk) == name.pk
        session.execute(update(PersonName).where(mine).values(name_key=name_key(name.full)))
    for actor in session.exec(select(Actor)).all():
        session.execute(
            update(Actor).where(col(Actor.pk) == actor.pk).values(name_key=names_key([actor.name, *actor.aliases]))
        )
    papers = {paper.pk: paper.name for paper in session.exec(select(Publication)).all()}
    for source in session.exec(select(Source)).all():
        key = " ".join(words(f"{source.title or ''} {papers.get(source.publication_pk or 0, '')}"))
        session.execute(update(Source).where(col(Source.pk) == source.pk).values(words_key=key))
    reindex(session, *session.exec(select(Incident.pk)).all())
    session.expire_all()
