"""The list of names to decide on: as a table to be filled in, and as a job keeps it while it waits for decisions."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from sqlmodel import Session

from app.access.viewer import Viewer
from app.imports.likely import names_of
from app.imports.resolving import ACTOR, COLUMNS, PERSON
from app.queries.formulas import marked

LISTS = ("to_decide", "need_no_decision")
COUNTS = ("undecided", "mentions_not_told")
WHOLE = (*LISTS, *COUNTS)
Told = dict[str, Any]


def names_table(told: Told) -> Iterator[list[Any]]:
    """The heading, and a row for each name; filled in it is what `read_decisions` reads."""
    yield list(COLUMNS)
    for one in (one for name in LISTS for one in told[name]):
        likely = "; ".join(_called(like) for like in one["likely"])
        row = (
            one["kind"],
            one["name"],
            one["do"],
            "",
            one["column"],
            one["rows"],
            one["place"],
            likely,
            one["read_as"],
        )
        yield [marked(cell) for cell in row]


def _called(like: Told) -> str:
    return f"{like['name']} {like['id']} ({like['likeness']:g})"


def kept(told: Told) -> Told:
    """What a job keeps of it: who here may be meant by id alone, for they may be sealed or erased while it waits."""
    return {name: told[name] for name in COUNTS} | {
        name: [one | {"likely": [_nameless(one["kind"], like) for like in one["likely"]]} for one in told[name]]
        for name in LISTS
    }


def _nameless(kind: str, like: Told) -> Told:
    return like | {"name": None} if kind in {ACTOR, PERSON} else like


def named(session: Session, told: Told, viewer: Viewer) -> Told:
    """The same with the names that the viewer may read today; whoever they may not know of is left out."""
    names: dict[str, str] = {}
    for kind in (ACTOR, PERSON):
        ids = {
            UUID(like["id"]) for name in LISTS for one in told[name] if one["kind"] == kind for like in one["likely"]
        }
        names |= names_of(session, kind, ids, viewer)
    return told | {name: [one | {"likely": _known(one["likely"], names)} for one in told[name]] for name in LISTS}


def _known(likely: list[Told], names: dict[str, str]) -> list[Told]:
    return [
        like | {"name": like["name"] or names[like["id"]]} for like in likely if like["name"] or like["id"] in names
    ]
