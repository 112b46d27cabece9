"""Take every trace of one person out of the records: their own cells, and their names in the texts of all others."""

import re
import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import JSON, Column, String, Table, Text, cast, or_, update
from sqlmodel import Session, SQLModel, col, delete, select

from app.actions import indexing
from app.actions.identities import OF_A_CASE, OF_A_PERSON, let_go
from app.actions.pen import Pen
from app.keyring import Blind
from app.matching.occurrences import ERASED, Sought, every_word, full_names
from app.records import (
    METADATA,
    Account,
    Act,
    Attachment,
    Case,
    Consent,
    Evidence,
    Incident,
    Involvement,
    Person,
    PersonName,
    Receipt,
)
from app.records.blocks import WhereColumns
from app.records.seals import NEVER_CHANGING, NOUNS, in_utc

BATCH = 1000
# What holds no text about anybody, what is done apart, and the names of others, among whom there may be namesakes.
LEFT = frozenset(
    re.findall(
        "[a-z_]+",
        "area settlement identity_key counter archive member token member_session one_time_link erasure tombstone "
        "revision receipt person person_name withholding public_change release_row release_piece "
        "month_tally place_tally ready_feature ready_line job",
    )
)
TABLES = [table for table in METADATA.sorted_tables if table.name not in LEFT]
AREAS = frozenset(WhereColumns.model_fields) - {"place_name"}
CODE = re.compile("[a-z_]+")
MODELS = {noun: table for table, noun in NOUNS.items()}


@dataclass(frozen=True)
class Subject:
    """Whom to forget: the names, the records of their own, and what to look for there and everywhere else."""

    pk: int
    id: UUID
    names: tuple[str, ...]
    external_id: str | None
    incidents: frozenset[int]
    cases: frozenset[int]
    evidence: frozenset[int]
    personal: frozenset[UUID]
    records: frozenset[UUID]
    everywhere: Sought
    own: Sought

    def sought_in(self, *, own: bool) -> Sought:
        return self.own if own else self.everywhere

    def sought_in_cell(self, column: Column[Any], cell: str, *, own: bool) -> Sought:
        """Single words are not sought in codes, nor in the names of areas, which may be those of people too."""
        code = CODE.fullmatch(cell) and getattr(column.type, "length", None) is None
        return self.sought_in(own=own and not code and column.name not in AREAS)


@dataclass
class Changes:
    """Which records were changed, and in which fields. `rows`: by table and number. No word of what stood there."""

    fields: dict[str, dict[UUID, list[str]]] = field(default_factory=dict)
    rows: dict[str, set[int]] = field(default_factory=dict)
    incidents: set[int] = field(default_factory=set)
    led: set[int] = field(default_factory=set)  # the incidents of actors of that name

    def add(self, table: str, row: Any, names: list[str]) -> None:
        self.rows.setdefault(str(table), set()).add(row["pk"])
        self.fields.setdefault(str(table), {})[row["id"]] = [str(name) for name in names]
        if row.get("incident_pk") is not None:
            self.incidents.add(row["incident_pk"])


def subject_of(session: Session, person: Person) -> Subject:
    """Everything of a person that has to be known before it is gone."""
    names = session.exec(select(PersonName.full).where(col(PersonName.person_pk) == person.pk)).all()
    cases = session.exec(select(Case).where(col(Case.person_pk) == person.pk)).all()
    consents = session.exec(select(Consent).where(col(Consent.person_pk) == person.pk)).all()
    incidents = {case.incident_pk for case in cases}
    for link in (Act, Involvement):
        incidents |= set(session.exec(select(link.incident_pk).where(col(link.person_pk) == person.pk)).all())
    evidence = _evidence(session, incidents)
    told = [getattr(case, name) for case in cases for name in OF_A_CASE] + [one.given_by for one in consents]
    personal = {person.id, *(case.id for case in cases), *(one.id for one in consents)}
    return Subject(
        pk=person.pk, id=person.id, names=tuple(names), external_id=person.external_id,
        incidents=frozenset(incidents), cases=frozenset(case.pk for case in cases), evidence=frozenset(evidence),
        personal=frozenset(personal), records=frozenset(personal | _ids(session, incidents, evidence)),
        everywhere=full_names(names), own=every_word(names, [text for text in told if text and _tells_apart(text)]),
    )  # fmt: skip


def _tells_apart(text: str) -> bool:
    """Whether a text tells one person from others: "the mother" does not, a name or a number does."""
    return bool(full_names([text])) or "@" in text or any(letter.isdigit() for letter in text)


def _evidence(session: Session, incidents: set[int]) -> set[int]:
    """The files that hang on these incidents, their accounts and acts."""
    hung = [col(Attachment.incident_pk).in_(incidents)]
    for table, pointer in ((Account, Attachment.account_pk), (Act, Attachment.act_pk)):
        hung.append(col(pointer).in_(select(table.pk).where(col(table.incident_pk).in_(incidents))))
    return set(session.exec(select(Attachment.evidence_pk).where(or_(*hung))).all())


def _ids(session: Session, incidents: set[int], evidence: set[int]) -> set[UUID]:
    """The ids under which history may tell of these incidents and what hangs on them."""
    found = set(session.exec(select(Incident.id).where(col(Incident.pk).in_(incidents))).all())
    found |= set(session.exec(select(Evidence.id).where(col(Evidence.pk).in_(evidence))).all())
    for table in TABLES:
        if "incident_pk" in table.c and "id" in table.c:
            asked = table.select().with_only_columns(table.c.id).where(table.c.incident_pk.in_(incidents))
            found |= set(session.execute(asked).scalars())
    return found


def forget(pen: Pen, subject: Subject) -> Changes:
    """Destroy the key, empty the cells, and take the names out of every text. The index follows."""
    session, changes = pen.session, Changes()
    let_go(session, [subject.id])
    session.execute(delete(PersonName).where(col(PersonName.person_pk) == subject.pk))
    _empty(session, Person, col(Person.pk) == subject.pk, (*OF_A_PERSON, "pseudonym", "external_id"), None)
    _empty(session, Case, col(Case.person_pk) == subject.pk, OF_A_CASE, None)
    _empty(session, Consent, col(Consent.person_pk) == subject.pk, ("given_by",), ERASED)
    session.execute(delete(Receipt).where(col(Receipt.record_id).in_(subject.records)))
    for table in TABLES:
        _rewrite(pen, table, subject, changes)
    session.expire_all()
    follow(pen, subject, changes)
    return changes


def _empty(session: Session, table: Any, which: Any, names: tuple[str, ...], with_: str | None) -> None:
    session.execute(update(table).where(which).values(**dict.fromkeys(names, with_)))


def _rewrite(pen: Pen, table: Table, subject: Subject, changes: Changes) -> None:
    """One table: each row whose texts hold a name is written anew, and vouched for where history does so."""
    for row, values in list(_found(pen.session, table, subject)):
        if table.name == "source":
            values["fingerprint"] = secrets.token_hex(32)  # the digest of a citation would give the name away
        pen.session.execute(table.update().where(table.c.pk == row["pk"]).values(**values))
        changes.add(table.name, row, sorted(values.keys() & {column.name for column in texts_of(table)}))
        if table.name == "incident":
            changes.incidents.add(row["pk"])
        if (model := MODELS.get(table.name)) is not None:
            _vouch(pen, model, table, row["pk"])


def _vouch(pen: Pen, model: type[SQLModel], table: Table, pk: int) -> None:
    if model in NEVER_CHANGING:
        pen.vouch(model, in_utc(dict(pen.session.execute(table.select().where(table.c.pk == pk)).mappings().one())))


def texts_of(table: Table) -> list[Column[Any]]:
    """The columns in which words stand."""
    return [
        column
        for column in table.columns
        if isinstance(getattr(column.type, "impl", column.type), JSON | String) and not isinstance(column.type, Blind)
    ]


def _found(session: Session, table: Table, subject: Subject) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    """Each row with a name in it, and its texts without."""
    texts = texts_of(table)
    places = [table.c[name] for name in ("pk", "id", "incident_pk", "case_pk", "person_pk") if name in table.c]
    cells = [cast(column, Text) if isinstance(column.type, JSON) else column for column in texts]
    asked = table.select().with_only_columns(*places, *cells).execution_options(yield_per=BATCH)
    for part in session.execute(asked).partitions():
        for row in part:
            told = {column.name: cell for column, cell in zip(places, row, strict=False)}
            own = _is_own(table.name, told, subject)
            cells_read = list(zip(texts, row[len(places) :], strict=True))
            if values := _without(subject, cells_read, own=own):
                yield told, values


def _is_own(table: str, row: dict[str, Any], subject: Subject) -> bool:
    held = {"incident": subject.incidents, "evidence": subject.evidence}.get(table, frozenset())
    return (
        row.get("pk") in held
        or row.get("incident_pk") in subject.incidents
        or row.get("case_pk") in subject.cases
        or row.get("person_pk") == subject.pk
    )


def _without(subject: Subject, cells: list[tuple[Column[Any], str | None]], *, own: bool) -> dict[str, Any]:
    """The texts that change, without the names."""
    values: dict[str, Any] = {}
    for column, cell in cells:
        if not cell or not (sought := subject.sought_in_cell(column, cell, own=own)).may_be_in(cell):
            continue
        before = orjson.loads(cell) if isinstance(column.type, JSON) else cell
        after = sought.take_out_of(before)
        if after != before:
            size = getattr(column.type, "length", None)
            values[column.name] = after[:size] if isinstance(after, str) and size else after
    return values


def follow(pen: Pen, subject: Subject, changes: Changes) -> None:
    """Every incident that said a name is a new version, and found by its words as they are now."""
    session = pen.session
    actors = changes.rows.get("actor", set())
    led_by = select(Involvement.incident_pk).where(col(Involvement.actor_pk).in_(actors))
    changes.led = set(session.exec(led_by).all())
    changes.incidents |= subject.incidents | changes.led
    for table, pks in (
        (Incident, changes.incidents),
        (Case, subject.cases | changes.rows.get(str(Case.__tablename__), set())),
    ):
        newer = {"version": table.version + 1, "updated_at": pen.at}
        session.execute(update(table).where(col(table.pk).in_(pks)).values(**newer))
    session.expire_all()
    indexing.reindex(session, *sorted(changes.incidents))
    if session.get_bind().dialect.name == "sqlite":
        # What was taken out of the index stays in it until its parts are merged.
        session.connection().exec_driver_sql("INSERT INTO incident_search (incident_search) VALUES ('optimize')")
