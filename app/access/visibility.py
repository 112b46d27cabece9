"""Which rows and which fields a viewer may see."""

from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, or_
from sqlmodel import SQLModel, col

from app.access.policy import CLEARANCES, INSIDE, NOTHING, Clearance
from app.access.viewer import Viewer, check_may_read
from app.errors import Forbidden
from app.records import Account, Incident, Involvement, Source
from app.vocabulary.sensitivity import IDENTITY, Delicacy
from app.vocabulary.word import vocabulary

SEALED = "sealed"
READS: dict[str, frozenset[Delicacy]] = {role: clearance.classes for role, clearance in CLEARANCES.items()}
SEALED_FOR = frozenset(role for role, clearance in CLEARANCES.items() if SEALED in clearance.sensitivities)
# Verifications under which somebody may be named as alleged responsible.
BORNE_OUT = frozenset(code for code, word in vocabulary("verifications").items() if word.traits.get("borne_out"))


def delicacy(model: type[SQLModel], name: str) -> Delicacy:
    """The class of a field, read from its own line; a KeyError where it has none."""
    for mark in model.model_fields[name].metadata:
        if isinstance(mark, Delicacy):
            return mark
    raise KeyError(f"{model.__name__}.{name} has no class of sensitivity")


def may_read(viewer: Viewer, kind: Delicacy) -> bool:
    return kind in READS.get(viewer.role, frozenset())


def check_may_identify(viewer: Viewer) -> None:
    """Raises Forbidden for those who do not read who people are."""
    check_may_read(viewer)
    if not may_read(viewer, IDENTITY):
        raise Forbidden("Your role does not read the names of people: ask an admin for the role contributor.")


def may_unseal(viewer: Viewer) -> bool:
    """Whether this viewer reads back the names of people whose identity is sealed."""
    return viewer.role in SEALED_FOR


def may_expose(viewer: Viewer) -> bool:
    """Whether this viewer may make more of a person known: lower a protection, or let an accusation be told."""
    return may_unseal(viewer)


def is_nameable(*, disclosable: bool, verification: str) -> bool:
    """Whether a person may be called alleged responsible at all: it is allowed, and the allegation is borne out."""
    return disclosable and verification in BORNE_OUT


def nameable(incident: Any = Incident) -> ColumnElement[bool]:
    """The same as a condition on an involvement and its incident (the table, or an alias of it)."""
    return and_(col(Involvement.disclosable), col(incident.verification).in_(sorted(BORNE_OUT)))


def may_name_responsible(viewer: Viewer, *, disclosable: bool, verification: str) -> bool:
    """The same for this viewer, who must also read who people are."""
    return may_read(viewer, IDENTITY) and is_nameable(disclosable=disclosable, verification=verification)


def visible(viewer: Viewer) -> list[ColumnElement[bool]]:
    """The conditions on incidents that this viewer's role brings with it."""
    return reached(Incident.sensitivity, viewer)


def unsealed(viewer: Viewer) -> list[ColumnElement[bool]]:
    """The condition on sources that what is held more closely stays so."""
    return reached(Source.sensitivity, viewer)


def reached(sensitivity: Any, viewer: Viewer) -> list[ColumnElement[bool]]:
    """The condition that a record is not held more closely than this viewer's clearance; none for who reads all."""
    mine = clearance(viewer).sensitivities
    if SEALED in mine:
        return []
    if mine == INSIDE:
        return [col(sensitivity) != SEALED]
    # Not "one of mine": SQLite would then walk an index through all that may be seen, before it looks at the question.
    return [col(sensitivity).not_in(sorted(vocabulary("sensitivities").keys() - mine))]


def clearance(viewer: Viewer) -> Clearance:
    return CLEARANCES.get(viewer.role, NOTHING)


def visible_sources(viewer: Viewer) -> list[ColumnElement[bool]]:
    """The conditions on sources: none that is sealed, and none that only incidents out of sight cite."""
    hidden = visible(viewer)
    if not hidden:
        return []
    cited = col(Account.source_pk) == col(Source.pk)
    seen = exists().where(cited, col(Account.incident_pk) == col(Incident.pk), *hidden)
    return [*unsealed(viewer), or_(~exists().where(cited), seen)]


def redacted(model: type[SQLModel], row: dict[str, Any], viewer: Viewer) -> dict[str, Any]:
    """The same row with the fields emptied that this viewer may not read."""
    closed = _closed(model, viewer.role)
    return {name: None if name in closed else value for name, value in row.items()}


@cache
def _closed(model: type[SQLModel], role: str) -> frozenset[str]:
    """The fields that a role may not read."""
    open_to = READS.get(role, frozenset())
    return frozenset(name for name in model.model_fields if delicacy(model, name) not in open_to)
