"""Write down who is about to read names: a line of history before each such read, each search and each download."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session, SQLModel, col, select

from app.access.policy import PARTNER, THE_PUBLIC, Policy
from app.access.viewer import Viewer
from app.access.visibility import may_read
from app.actions.pen import Pen
from app.actions.sharing import writing_together
from app.errors import NotKept, NotNoted
from app.records import (
    Account,
    Act,
    Actor,
    Archive,
    Case,
    Evidence,
    ImportBatch,
    Incident,
    Involvement,
    Link,
    Member,
    Person,
    Revision,
    Source,
)
from app.vocabulary.sensitivity import IDENTITY, SOURCE_IDENTITY
from app.vocabulary.word import vocabulary

# A word that is searched for may be a name, and a name is what this history must not hold.
SEARCHES = frozenset({"q", "like", "person", "source", "name", "filter"})
NAMES = SEARCHES | {"actor", "assigned_to", "who", "purpose"}
WHEN = re.compile(r"[-0-9TZX.,:+/~?%]{1,80}")
CODE = re.compile(r"[A-Z]{2,3}(-[A-Z0-9]{1,10}){0,4}")
WORD: dict[str, str] = {"kind": "violations", "stage": "stages", "verification": "verifications"}
PLAIN: dict[str, re.Pattern[str]] = {
    **dict.fromkeys(
        ("bbox", "near", "date_from", "date_to", "updated_since", "min_sources", "limit", "datetime"),
        WHEN,
    ),
    **dict.fromkeys(("area", "country"), CODE),
    "located": re.compile("true|false"),
    "hxl": re.compile("true|false"),
    "harm": re.compile("killed|injured|missing|detained"),
    "date_match": re.compile("overlaps|within"),
    "sort": re.compile("-?date_earliest|-updated_at|ref|relevance"),
    "by": re.compile("[a-z0-9_,]{1,60}"),
}
KNOWN = NAMES | PLAIN.keys() | WORD.keys()
TABLES: dict[str, type[SQLModel]] = {
    "incident": Incident, "account": Account, "act": Act, "actor": Actor, "case": Case, "evidence": Evidence,
    "import": ImportBatch, "involvement": Involvement, "link": Link, "member": Member, "person": Person,
    "source": Source,
}  # fmt: skip
NOUNS = {"which": "incident", "batch_id": "import"} | {f"{noun}_id": noun for noun in TABLES}
# What is taken out here is written down by the route itself, with the file's digest and what it is for.
BY_THEMSELVES = frozenset({"/evidence/{evidence_id}/file", "/evidence/{evidence_id}/working-copy"})
# Before the noun in an address of OGC API - Features.
MAPS = "/ogc/collections"
_LAST = col(Revision.seq).desc()
# The archive itself and the last line of its history, in one question.
STANDS = select(
    Archive.id,
    select(Revision.seq).order_by(_LAST).limit(1).scalar_subquery(),
    select(Revision.seal).order_by(_LAST).limit(1).scalar_subquery(),
)


@dataclass(frozen=True)
class Asked:
    """One read: the template of its address, what stands in its places, and the filters."""

    route: str
    places: Mapping[str, str]
    filters: Mapping[str, Sequence[str]]

    @property
    def form(self) -> str | None:
        """The format of a download; None for a page of the service itself."""
        found = re.search(r"\.([a-z]+(?:\.[a-z]+)?)$", self.route)
        return found[1] if found else None

    @property
    def action(self) -> str:
        if self.form is not None:
            return "exported"
        return "searched" if SEARCHES & self.filters.keys() else "read"

    @property
    def noun(self) -> str:
        first = re.split(r"[/.]", self.route.removeprefix(MAPS).removeprefix("/"))[0]
        if first == "history":
            told = self.places.get("noun", first)
            return told if told in TABLES else first
        return "person" if first == "persons" else first.removesuffix("s")


def is_noted(policy: Policy, asked: Asked, viewer: Viewer | None) -> bool:
    """Whether history must say so first: names could be read, or a whole answer is taken away as a file.

    The public reads what is published, and nobody asks who they are.
    """
    if viewer is None or not policy.logged or viewer.role in {THE_PUBLIC, PARTNER} or asked.route in BY_THEMSELVES:
        return False
    return asked.form is not None or may_read(viewer, IDENTITY) or may_read(viewer, SOURCE_IDENTITY)


def note(engine: Engine, asked: Asked, viewer: Viewer) -> None:
    """Write the line, for itself and as small as can be. Raises NotNoted: no line, no answer."""
    try:
        with writing_together(engine) as session:
            write_down(session, asked, viewer)
    except (SQLAlchemyError, OSError, NotKept):
        raise NotNoted("This read could not be written into history, so it is not answered: try again.") from None


def write_down(session: Session, asked: Asked, viewer: Viewer) -> None:
    """The same within a transaction that is open."""
    archive, last, previous = session.execute(STANDS).one()
    pen = Pen(session, viewer, chain=None if last is None else (last, previous))
    pen.note(asked.action, asked.noun, _record(session, asked) or archive, what(asked))
    pen.put_down()


def what(asked: Asked) -> dict[str, Any]:
    """Which address, in which format, and by which filters: of the names that were searched for, not a letter."""
    told = {name: _told(name, values) for name, values in asked.filters.items() if name in KNOWN}
    return {"route": asked.route, "format": asked.form, "asked": told}


def _told(name: str, values: Sequence[str]) -> list[str] | None:
    """The values of a filter when none of them can be a name."""
    if name in WORD:
        return list(values) if vocabulary(WORD[name]).keys() >= set(values) else None
    pattern = PLAIN.get(name)
    return list(values) if pattern is not None and all(pattern.fullmatch(value) for value in values) else None


def _record(session: Session, asked: Asked) -> UUID | None:
    """The record that is asked for, if it is here; None for what is about the archive itself."""
    for place, value in asked.places.items():
        if place == "record_id" or place in NOUNS:
            return _found(session, place, value)
    return None


def _found(session: Session, place: str, value: str) -> UUID | None:
    try:
        record = UUID(value)
    except ValueError:
        known = col(Incident.ref) == value.upper()
        return session.exec(select(Incident.id).where(known)).first() if place == "which" else None
    # History outlives its records.
    table: Any = Revision if place == "record_id" else TABLES[NOUNS[place]]
    column = table.record_id if table is Revision else table.id
    return session.exec(select(column).where(col(column) == record).limit(1)).first()
