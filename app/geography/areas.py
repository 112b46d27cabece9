"""Areas by code: what each is called, what it belongs to, and its polygon as yet unread."""

import gzip
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field

import orjson

from app.geography.files import FOLDER, once
from app.geography.layers import AreaEntry, Outline, Said, amended

NO_LAYERS = ""


@dataclass(frozen=True, eq=False)  # each is itself alone, and what is made of it can be kept under it
class Book:
    """Every area without its geometry, and the geometry of those that have one as unread GeoJSON.

    `by_code` has an area under each of its codes. `laid`: the outlines of the layers that lie over what we ship, the
    latest last. `mark` tells one set of layers from another.
    """

    entries: tuple[AreaEntry, ...]
    by_code: dict[str, AreaEntry]
    shapes: dict[str, bytes]
    disputed: frozenset[str]
    laid: dict[str, Outline] = field(default_factory=dict)
    mark: str = NO_LAYERS


# The areas as the archive of this process has them; None while nothing lies over those we ship.
_over: list[Book | None] = [None]


def book() -> Book:
    """The areas that hold now."""
    return _over[0] or shipped()


def mark() -> str:
    """Changes with the layers: what is kept of an area is kept under it."""
    return book().mark


def fingerprint() -> str:
    """Changes when any of the built files does."""
    return hashlib.sha256((FOLDER / "manifest.json").read_bytes()).hexdigest()


def lay_over(which: str, layers: Iterable[Said]) -> None:
    """From now on let these layers, the oldest first, lie over the areas we ship. `which`: their mark."""
    if which == NO_LAYERS:
        _over[0] = None
        return
    base = shipped()
    entries, laid = dict(base.by_code), dict[str, Outline]()
    for said in layers:
        entries[said.code] = amended(entries.get(said.code), said)
        if said.outline is not None:
            laid.pop(said.code, None)
            laid[said.code] = Outline(said.layer, said.outline)
    by_code = {code: entry for entry in entries.values() for code in entry.codes} | entries
    _over[0] = Book(tuple(entries.values()), by_code, base.shapes, base.disputed, laid, which)


@once
def shipped() -> Book:
    """Read the areas of `geodata/`; polygons stay text until somebody asks for a place."""
    entries, shapes, disputed = [], {}, set()
    with gzip.open(FOLDER / "areas.geojsonl.gz") as file:
        for line in file.read().splitlines():
            head, _, tail = line.partition(b',"geometry":')
            given = orjson.loads(head + b"}")["properties"]
            if given.pop("disputed", False):
                disputed.add(given["code"])
            given["aliases"] = tuple(given["aliases"])
            entries.append(AreaEntry(**given))
            if tail != b"null}":
                shapes[given["code"]] = tail[:-1]
    return Book(tuple(entries), {e.code: e for e in entries}, shapes, frozenset(disputed))


def areas() -> tuple[AreaEntry, ...]:
    """Return every area by level and code, without geometry."""
    return book().entries


def area_named(code: str) -> AreaEntry | None:
    """Return the area of this code, be it the one we ship or one of another list."""
    return book().by_code.get(code)


def code_of(code: str) -> str:
    """The code under which an area is kept, from any of its codes; one that we do not know stays as it is."""
    entry = area_named(code)
    return code if entry is None else entry.code


def uncertainty_of(code: str) -> float | None:
    """Return in metres how far a point given for this area may be off (see `AreaEntry`)."""
    entry = area_named(code)
    return None if entry is None else entry.uncertainty_m
