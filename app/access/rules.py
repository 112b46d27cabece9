"""What each role may see of every table, as conditions that the wall adds to whatever is asked."""

# Only a few incidents are out of a reader's reach, and an index finds them. So every rule names what is *not* to be
# seen, from those few outwards, and does not walk through all that may be. The tables inside a rule are Core tables:
# an ORM class there would be given its own rule again, without end. Nowhere else does `__table__` stand.

from collections.abc import Iterable
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Select, String, and_, bindparam, exists, false, or_, select, union_all
from sqlmodel import SQLModel, col

from app.access.policy import CLEARANCES, NOTHING, READERS, WRITERS
from app.access.viewer import Viewer
from app.access.visibility import reached
from app.records import (
    Account,
    Act,
    Actor,
    ActorParent,
    Archive,
    Area,
    AreaLayer,
    AreaVersion,
    Attachment,
    Case,
    CaseEvent,
    Consent,
    Counter,
    Erasure,
    Evidence,
    ExportLink,
    IdentityKey,
    ImportBatch,
    Incident,
    IncidentPlace,
    Involvement,
    Job,
    Link,
    Member,
    MemberSession,
    MonthTally,
    OneTimeLink,
    Person,
    PersonName,
    PlaceTally,
    Publication,
    PublicChange,
    PublicRow,
    PublicVersion,
    ReadyFeature,
    ReadyLine,
    Receipt,
    Release,
    ReleasePiece,
    ReleaseRow,
    Review,
    Revision,
    Settlement,
    Source,
    Token,
    Tombstone,
    Withholding,
)
from app.records.actor import A_PERSON
from app.records.history import of_changes
from app.vocabulary.sensitivity import IDENTITY
from app.vocabulary.word import vocabulary

Condition = ColumnElement[bool]
Table = type[SQLModel]
# The name of the asker, as a parameter: a statement of all members is one and the same.
ME = "gawah_me"
ALL = None  # no condition: every row is seen
# Tables that hold nothing of any record, and why everybody who is let in may read them.
OPEN_TABLES: dict[Table, str] = {
    Area: "reference geography",
    AreaLayer: "reference geography: which sets of areas were laid over those we ship",
    AreaVersion: "reference geography: what these sets say",
    Settlement: "reference geography",
    Tombstone: "public: what is left of what was published once",
    PublicChange: "public: the log of the published store; in the archive it is empty",
    PublicRow: "public: the rows of the published store; in the archive it is empty",
    ReleasePiece: "public: the files of releases; in the archive it is empty",
    Archive: "one row about the archive; its secret ties public ids to inner ones, and the inner ones have rules",
}
HANGING: tuple[Table, ...] = (Account, Act, Involvement, IncidentPlace, Case, Review, PublicVersion)
# Made for members: who reads by a link gets less of an incident than they do.
READY: tuple[Table, ...] = (ReadyFeature, ReadyLine)
NAMING: tuple[Table, ...] = (Act, Involvement, Case)
# Whose history is about those who work here, and not about what they work on.
HOUSE = ("member", "archive", "export_link")
KEEPERS = frozenset({"admin", "auditor"})
# What only some ask for, whatever it speaks of. Numbers and keys are asked for by those who write, and by nobody else.
KEPT_FOR: dict[Table, frozenset[str]] = {
    Counter: frozenset(),
    IdentityKey: frozenset(),
    OneTimeLink: frozenset({"admin"}),
    Erasure: KEEPERS | {"reviewer"},
    ImportBatch: READERS | {"auditor"},
    Release: READERS,
    ReleaseRow: READERS,
}


@cache
def rules(role: str) -> dict[Table, Condition | None]:
    """The condition on the rows of every table that holds records; ALL where there is none."""
    mine = CLEARANCES.get(role, NOTHING)
    hidden = sorted(set(vocabulary("sensitivities")) - mine.sensitivities)
    found: dict[Table, Condition | None] = {table: ALL if role in may else false() for table, may in KEPT_FOR.items()}
    found[Withholding] = _withheld(hidden) if mine.sensitivities else false()
    if not mine.sensitivities:
        return found | dict.fromkeys(_records(), false()) | {Revision: _kept_by(role)}
    if not hidden:
        return found | dict.fromkeys(_records(), ALL) | {Revision: and_(of_changes(), _not_of_house())}
    return found | Beyond(hidden).rules(role)


@cache
def own_rules(role: str) -> dict[Table, Condition | None]:
    """The same for what belongs to one member: their keys, sign-ins and links. An admin looks after all of them.

    Whose they are is the parameter ME. What somebody sent to be taken in is theirs, and of those who may do the same.
    """
    me = bindparam(ME, type_=String())
    sent: dict[Table, Condition | None] = {Job: ALL if role in WRITERS else col(Job.sent_by) == me}
    if role == "admin":
        return sent | dict.fromkeys((Member, Token, MemberSession, ExportLink, Receipt), ALL)
    member = _core(Member)
    mine = select(member.c.pk).where(member.c.name == me)
    theirs: dict[Table, Condition | None] = {
        table: col(table.member_pk).in_(mine) for table in (Token, MemberSession, ExportLink)
    }
    themselves = ALL if role in KEEPERS else col(Member.name) == me
    return sent | theirs | {Member: themselves, Receipt: col(Receipt.who) == me}


def _records() -> set[Table]:
    """The tables in which something of a record stands."""
    more: tuple[Table, ...] = (Incident, Source, Publication, Person, PersonName, Consent, Actor, ActorParent)
    return {*HANGING, *READY, *more, MonthTally, PlaceTally, Evidence, Attachment, Link, CaseEvent}


def _kept_by(role: str) -> Condition | None:
    """An auditor reads the whole history, though not what it tells of records; an admin that of the house."""
    if role == "auditor":
        return ALL
    return col(Revision.noun).in_(HOUSE) if role == "admin" else false()


def _withheld(hidden: list[str]) -> Condition:
    """That an incident went out of reach is told to those who could see it before, and to nobody else."""
    became = col(Withholding.became)
    return and_(col(Withholding.was).not_in(hidden), or_(became.is_(None), became.in_(hidden)))


def _not_of_house() -> Condition:
    return col(Revision.noun).not_in(HOUSE)


def _core(table: Table) -> Any:
    """The table under a name of its own, which nothing around it is mistaken for."""
    return table.__table__.alias()  # type: ignore[attr-defined]


def _free(column: Any, of: Any) -> Condition:
    """A pointer that is empty or leads to nothing out of reach."""
    return or_(column.is_(None), column.not_in(of))


class Beyond:
    """What lies out of reach with the incidents, sources, people and files of these sensitivities."""

    def __init__(self, hidden: Iterable[str]) -> None:
        self.hidden = sorted(hidden)

    def rules(self, role: str) -> dict[Table, Condition | None]:
        """The rules of a reader from whom something is hidden."""
        by_name = IDENTITY in CLEARANCES[role].classes
        hanging = {table: col(table.incident_pk).not_in(self.incidents()) for table in (*HANGING, *READY)}  # type: ignore[attr-defined]
        ready: dict[Table, Condition | None] = {} if role in READERS else dict.fromkeys(READY, false())
        return hanging | ready | self._people(persons_too=by_name) | self._files() | {
            Incident: self._within(Incident, role),
            MonthTally: self._within(MonthTally, role),
            PlaceTally: self._within(PlaceTally, role),
            Link: and_(col(Link.from_pk).not_in(self.incidents()), col(Link.to_pk).not_in(self.incidents())),
            CaseEvent: col(CaseEvent.case_pk).not_in(self._of_incident(Case)),
            Source: and_(self._within(Source, role), col(Source.pk).not_in(self._only_cited())),
            Publication: col(Publication.pk).not_in(self._only_of_sources()),
            Revision: and_(of_changes(), _not_of_house(), col(Revision.record_id).not_in(self._ids())),
        }  # fmt: skip

    def _people(self, *, persons_too: bool) -> dict[Table, Condition | None]:
        actors = self._only_involved()
        known: Condition = col(Actor.pk).not_in(actors)
        parents = and_(*(col(end).not_in(actors) for end in (ActorParent.actor_pk, ActorParent.parent_pk)))
        if not persons_too:
            known = and_(known, col(Actor.kind) != A_PERSON)
            one = _core(Actor)
            persons = select(one.c.pk).where(one.c.kind == A_PERSON)
            ends = (col(end).not_in(persons) for end in (ActorParent.actor_pk, ActorParent.parent_pk))
            parents = and_(parents, *ends)
        return {
            Actor: known,
            ActorParent: parents,
            Person: col(Person.pk).not_in(self._persons()),
            PersonName: col(PersonName.person_pk).not_in(self._persons()),
            Consent: and_(
                _free(col(Consent.person_pk), self._persons()), _free(col(Consent.source_pk), self._sources())
            ),
        }

    def _files(self) -> dict[Table, Condition | None]:
        """A file is seen where it hangs on something that is; one that hangs on nothing is not."""
        hung = _core(Attachment)
        seen = exists().where(hung.c.evidence_pk == col(Evidence.pk), self._reachable(hung.c))
        pointers = (Attachment.incident_pk, Attachment.source_pk, Attachment.account_pk, Attachment.act_pk)
        of = (self.incidents(), self._sources(), self._of_incident(Account), self._of_incident(Act))
        return {
            Evidence: and_(col(Evidence.sensitivity).not_in(self.hidden), seen),
            Attachment: and_(*(_free(col(pointer), out) for pointer, out in zip(pointers, of, strict=True))),
        }

    def _reachable(self, hung: Any) -> Condition:
        return and_(
            _free(hung.incident_pk, self.incidents()),
            _free(hung.source_pk, self._sources()),
            _free(hung.account_pk, self._of_incident(Account)),
            _free(hung.act_pk, self._of_incident(Act)),
        )

    def _within(self, table: Any, role: str) -> Condition:
        return reached(table.sensitivity, Viewer("", role))[0]

    def incidents(self) -> Select[*tuple[Any, ...]]:
        """The numbers of the incidents out of reach: an index finds them."""
        return self._held(Incident)

    def _held(self, table: Table) -> Select[*tuple[Any, ...]]:
        one = _core(table)
        return select(one.c.pk).where(one.c.sensitivity.in_(self.hidden))

    def _of_incident(self, table: Table) -> Select[*tuple[Any, ...]]:
        one = _core(table)
        return select(one.c.pk).where(one.c.incident_pk.in_(self.incidents()))

    def _only(self, pointer: str, links: Iterable[Table]) -> Select[*tuple[Any, ...]]:
        """Whom incidents out of reach point to, and no other."""
        tables = tuple(links)
        pointed = [
            select(one.c[pointer].label("pk")).where(
                one.c.incident_pk.in_(self.incidents()), one.c[pointer].is_not(None)
            )
            for one in map(_core, tables)
        ]
        far = union_all(*pointed).subquery()
        near = [
            exists().where(one.c[pointer] == far.c.pk, one.c.incident_pk.not_in(self.incidents()))
            for one in map(_core, tables)
        ]
        return select(far.c.pk).where(~or_(*near))

    def _only_cited(self) -> Select[*tuple[Any, ...]]:
        return self._only("source_pk", (Account,))

    def _only_involved(self) -> Select[*tuple[Any, ...]]:
        return self._only("actor_pk", (Involvement,))

    def _sources(self) -> Any:
        return union_all(self._held(Source), self._only_cited())

    def _persons(self) -> Any:
        return union_all(self._held(Person), self._only("person_pk", NAMING))

    def _only_of_sources(self) -> Select[*tuple[Any, ...]]:
        """Outlets that only sources out of reach appeared in."""
        far, near = _core(Source), _core(Source)
        other = exists().where(near.c.publication_pk == far.c.publication_pk, near.c.pk.not_in(self._sources()))
        mine = far.c.pk.in_(self._sources()), far.c.publication_pk.is_not(None)
        return select(far.c.publication_pk).where(*mine, ~other)

    def _evidence(self) -> Any:
        hung, other = _core(Attachment), _core(Attachment)
        near = exists().where(other.c.evidence_pk == hung.c.evidence_pk, self._reachable(other.c))
        return union_all(self._held(Evidence), select(hung.c.evidence_pk).where(~self._reachable(hung.c), ~near))

    def _ids(self) -> Any:
        """The ids of all that history has lines about and that is out of reach."""
        link = _core(Link)
        ends = or_(link.c.from_pk.in_(self.incidents()), link.c.to_pk.in_(self.incidents()))
        far: dict[Table, Any] = {
            Incident: self.incidents(), Account: self._of_incident(Account), Case: self._of_incident(Case),
            Source: self._sources(), Person: self._persons(), Actor: self._only_involved(), Evidence: self._evidence(),
        }  # fmt: skip
        named = [select(one.c.id).where(one.c.pk.in_(pks)) for one, pks in ((_core(t), pks) for t, pks in far.items())]
        return union_all(*named, select(link.c.id).where(ends))
