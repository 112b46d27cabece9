"""Turn reports into rows: one incident each, with its accounts, acts, involvements, places and line in history."""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any
from uuid import UUID

from app.actions import indexing, life_lines, people, placing, sourcing
from app.actions.indexing import Wording
from app.actions.life_lines import Tellers
from app.actions.pen import Pen, Row, columns_of
from app.actions.sourcing import NO_DATE
from app.errors import Fault, Invalid
from app.geography import Located
from app.queries.voices import Voice, independent
from app.records import Account, Act, Incident, IncidentPlace, Involvement
from app.records.account import SAYABLE, AccountFields, AccountIn, Citation
from app.records.act import ActFields, ActIn
from app.records.blocks import HARMS, StatedDate, Tally
from app.records.history import canonical
from app.records.incident import IncidentFields, IncidentIn
from app.records.involvement import InvolvementFields, InvolvementIn
from app.records.keys import new_id
from app.records.person import SEALED, PersonIn
from app.records.place import PlaceFields, PlaceIn

UNKNOWN = Tally()
NO_TALLIES: Row = {name: cell for harm in HARMS for name, cell in UNKNOWN.columns(harm).items()}
INCIDENT, ACCOUNT, ACT = columns_of(IncidentFields), columns_of(AccountFields), columns_of(ActFields)
INVOLVEMENT, PLACE = columns_of(InvolvementFields), columns_of(PlaceFields)


@dataclass
class Report:
    """What came in: the report, any further accounts of the same incident, and the words they came in.

    `raw`: {"report": ..., "accounts": [...]} as JSON; `located`: the areas at its point, if already looked up.
    `edits`: of a row of our own export that somebody edited, the fields that they changed, and no others.
    """

    told: IncidentIn
    raw: dict[str, Any]
    accounts: tuple[AccountIn, ...] = ()
    row_number: int | None = None
    located: Located | None = None
    edits: dict[str, Any] | None = None

    @property
    def tellers(self) -> tuple[IncidentIn | AccountIn, ...]:
        """The report and the further accounts: whatever may tell of acts, involvements and places."""
        return (self.told, *self.accounts)

    @cached_property
    def origin_hash(self) -> str:
        """The same for the very same report given twice."""
        return hashlib.sha256(canonical(self.raw)).hexdigest()


@dataclass(frozen=True)
class Entered:
    """An incident as it has just been entered."""

    pk: int
    id: UUID
    ref: str


@dataclass
class Naming:
    """The words that people and actors of one incident add to its index.

    Whom it accuses is not among them: nothing is borne out yet. `more`: somebody was named by id, not by words.
    """

    texts: list[str] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    more: bool = False


def enter(pen: Pen, reports: Sequence[Report], known: people.Known) -> list[Entered]:
    """Lay ready the rows of many reports; the caller puts the pen down. Raises Invalid, and nothing is written."""
    reports = [cite_apart(report) for report in reports]
    citations: list[Citation] = [c for r in reports for c in (r.told.according_to, *r.accounts)]
    voices = iter(sourcing.settle(pen, citations))
    entered, wordings, unsaid = [], [], []
    for report in reports:
        own = [next(voices) for _ in range(1 + len(report.accounts))]
        row = incident_row(pen, report, own)
        naming = Naming()
        accounts = write_accounts(pen, row["pk"], report, own)
        for told, account in zip(report.tellers, accounts, strict=True):
            add_parts(pen, row["pk"], told, account, known, naming)
        pen.note("reported", "incident", row["id"], report.raw, row=report.row_number)
        write_cases(pen, row["pk"], report, accounts, known, naming)
        entered.append(Entered(row["pk"], row["id"], row["ref"]))
        wordings.append(Wording(row["pk"], (*indexing.texts_of(row), *naming.texts), tuple(naming.names)))
        unsaid += [row["pk"]] if naming.more else []
    pen.put_down()
    indexing.index(pen.session, wordings)
    indexing.reindex(pen.session, *unsaid)
    return entered


def incident_row(pen: Pen, report: Report, voices: list[Voice]) -> Row:
    told = report.told
    year = pen.at.year
    row = INCIDENT(told)
    row |= date_columns(told.date)
    row |= tally_columns(told)
    row |= placing.place(told, report.located)
    row |= {
        "pk": pen.number("incident"),
        "id": told.id or new_id(),
        "ref": f"IR-{year}-{pen.number(f'IR-{year}'):06d}",
        "independent_sources": independent(_stances(report, voices)),
        "cell": placing.cell_of(row),
        "decisions": {},
        "origin_hash": report.origin_hash,
        "updated_at": pen.at,
    }
    row |= pen.entered()
    return pen.write(Incident, row)


def _stances(report: Report, voices: list[Voice]) -> Iterator[tuple[Voice, str]]:
    for voice, citation in zip(voices, (report.told.according_to, *report.accounts), strict=True):
        yield voice, citation.stance


def date_columns(stated: StatedDate | None) -> Row:
    return stated.columns() if stated else dict(NO_DATE)


def tally_columns(told: Any) -> Row:
    row = NO_TALLIES.copy()
    for harm in HARMS:
        if tally := getattr(told, harm):
            row |= tally.columns(harm)
    return row


def write_accounts(pen: Pen, incident: int, report: Report, voices: list[Voice]) -> list[int]:
    """Write the account of the report itself and the further ones; their numbers."""
    said = said_in(report.told, report.raw["report"])
    rows = [account_row(pen, incident, report.told.according_to, voices[0], said)]
    for account, voice in zip(report.accounts, voices[1:], strict=True):
        rows.append(account_row(pen, incident, account, voice, said_by(account), account.id))
    return [row["pk"] for row in rows]


def said_by(account: AccountIn) -> Row:
    return {name: value.model_dump(mode="json", exclude_unset=True) for name, value in account.said.items()}


def account_row(
    pen: Pen, incident: int, told: Citation, voice: Voice, said: Row, account_id: UUID | None = None
) -> Row:
    row = ACCOUNT(told)
    row |= {
        "pk": pen.number("account"), "id": account_id or new_id(), "incident_pk": incident, "source_pk": voice.pk,
        "said": said,
    }  # fmt: skip
    row |= pen.entered()
    return pen.write(Account, row)


def said_in(told: Any, raw: dict[str, Any]) -> Row:
    """What the cited source says, field by field: just what the report states, in the words it was given."""
    return {
        name: {"value": value, "operator": operator_of(getattr(told, name)) if name in HARMS else "equals"}
        for name in SAYABLE
        if (value := raw.get(name)) is not None and value != []
    }


def operator_of(value: object) -> str:
    """How firmly a value is said: a range is "between", an open one "at least" or "at most"."""
    if not isinstance(value, Tally) or value.best is not None or value.min == value.max:
        return "equals"
    if value.max is None:
        return "at_least"
    return "at_most" if value.min is None else "between"


def add_parts(
    pen: Pen, incident: int, told: IncidentIn | AccountIn, account: int, known: people.Known, naming: Naming
) -> None:
    """Write what hangs on an account: the acts, involvements and places that it tells of."""
    acts: dict[UUID, int] = {}
    for act in told.acts:
        row = act_row(pen, incident, act, account, known, naming)
        acts[row["id"]] = row["pk"]
    for involvement in told.involvements:
        involvement_row(pen, incident, involvement, account, known, naming, acts)
    for further in told.places:
        place_row(pen, incident, further, account)


def act_row(pen: Pen, incident: int, told: ActIn, account: int | None, known: people.Known, naming: Naming) -> Row:
    row = known.stated(told, _act_stated)
    row |= {
        "pk": pen.number("act"), "id": told.id or new_id(), "incident_pk": incident, "account_pk": account,
        "person_pk": _person(pen, told.person, known, naming),
    }  # fmt: skip
    if told.person is not None:
        row["age_at_event"] = told.age_at_event if told.age_at_event is not None else told.person.age_at_event
        row["sex"] = told.sex or told.person.sex
    if told.group:
        naming.texts.append(told.group)
    row |= pen.entered()
    return pen.write(Act, row)


def _act_stated(told: ActIn) -> Row:
    return ACT(told) | date_columns(told.date) | placing.place(told) | (told.count or UNKNOWN).columns("count")


def _person(pen: Pen, told: PersonIn | None, known: people.Known, naming: Naming) -> int | None:
    return None if told is None else _somebody(pen, told, known, naming)


def _somebody(pen: Pen, told: PersonIn, known: people.Known, naming: Naming) -> int:
    if told.identity_protection != SEALED:
        naming.names.extend(name.full for name in told.names)
    pk = people.person_pk(pen, told, known)
    naming.more |= pk in known.recalled
    return pk


def involvement_row(
    pen: Pen, incident: int, told: InvolvementIn, account: int | None, known: people.Known, naming: Naming,
    acts: dict[UUID, int],
) -> Row:  # fmt: skip
    row = known.stated(told, INVOLVEMENT)
    row |= {
        "pk": pen.number("involvement"), "id": told.id or new_id(), "incident_pk": incident, "account_pk": account,
        "act_pk": _act_of(told, acts),
        "actor_pk": people.actor_pk(pen, told.actor, known) if told.actor else None,
        "person_pk": people.person_pk(pen, told.person, known) if told.person else None,
    }  # fmt: skip
    if told.actor and row["actor_pk"] not in known.persons_among_actors:
        naming.more |= told.actor.id is not None
        naming.texts.extend([told.actor.name, *told.actor.aliases])
    if told.described_as:
        naming.texts.append(told.described_as)
    row |= pen.entered()
    return pen.write(Involvement, row)


def _act_of(told: InvolvementIn, acts: dict[UUID, int]) -> int | None:
    if told.act_id is None:
        return None
    if told.act_id not in acts:
        raise Invalid("The act is not part of this incident.", [Fault("act_id", "no such act", "leave it out")])
    return acts[told.act_id]


def place_row(pen: Pen, incident: int, told: PlaceIn, account: int | None) -> Row:
    row = PLACE(told)
    row |= date_columns(told.date) | placing.place(told)
    row |= {
        "pk": pen.number("incident_place"),
        "id": told.id or new_id(),
        "incident_pk": incident,
        "account_pk": account,
    }
    return pen.write(IncidentPlace, row | pen.entered())


def cite_apart(report: Report) -> Report:
    """The same report, in which every citation of a case's event is a further account of the incident."""
    if not report.told.cases:
        return report
    cases, accounts = life_lines.cite_apart(report.told.cases)
    told = report.told.model_copy(update={"cases": cases})
    return replace(report, told=told, accounts=(*report.accounts, *accounts))


def write_cases(
    pen: Pen, incident: int, report: Report, accounts: Sequence[int], known: people.Known, naming: Naming
) -> None:
    """Write the cases of a report, each event to the account that tells of it; `accounts`: all of its numbers."""
    told = report.told
    if not told.cases:
        return
    further = zip(report.accounts, accounts[1:], strict=True)
    tellers = Tellers({told.id: pk for told, pk in further if told.id is not None}, accounts[0])
    for case, raw in zip(told.cases, report.raw["report"].get("cases", ()), strict=True):
        same = life_lines.person_in(pen, incident, case.person, told.acts)
        person = _somebody(pen, case.person, known, naming) if same is None else same
        life_lines.write_case(pen, incident, case, tellers, person, raw)
