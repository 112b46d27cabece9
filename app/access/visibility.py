"""Which rows and which fields a viewer may see."""

from typing import Any

from sqlalchemy import ColumnElement
from sqlmodel import SQLModel, col

from app.access.viewer import Viewer
from app.records import Incident
from app.vocabulary.sensitivity import Delicacy

# The field classes each role reads. The published store of the public is another file altogether.
READS: dict[str, frozenset[Delicacy]] = {
    "viewer": frozenset({Delicacy.PUBLIC, Delicacy.INTERNAL, Delicacy.LOCATION_EXACT, Delicacy.SYSTEM}),
    "contributor": frozenset(Delicacy) - {Delicacy.CUSTODY},
    "reviewer": frozenset(Delicacy),
    "admin": frozenset(),
    "auditor": frozenset(),
}
SEALED_FOR = frozenset({"reviewer"})


def delicacy(model: type[SQLModel], name: str) -> Delicacy:
    """The class of a field, read from its own line; a KeyError where it has none."""
    for mark in model.model_fields[name].metadata:
        if isinstance(mark, Delicacy):
            return mark
    raise KeyError(f"{model.__name__}.{name} has no class of sensitivity")


def may_read(viewer: Viewer, kind: Delicacy) -> bool:
    return kind in READS.get(viewer.role, frozenset())


def visible(viewer: Viewer) -> list[ColumnElement[bool]]:
    """The conditions on incidents that this viewer's role brings with it."""
    if viewer.role in SEALED_FOR:
        return []
    return [col(Incident.sensitivity) != "sealed"]


def redacted(model: type[SQLModel], row: dict[str, Any], viewer: Viewer) -> dict[str, Any]:
    """The same row with the fields emptied that this viewer may not read."""
    fields = model.model_fields
    return {
        name: None if name in fields and not may_read(viewer, delicacy(model, name)) else value
        for name, value in row.items()
    }
