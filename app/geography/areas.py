"""Areas by code: what each is called, what it belongs to, and its polygon as yet unread."""

import gzip
from dataclasses import dataclass

import orjson

from app.geography.files import FOLDER, once


@dataclass(frozen=True)
class AreaEntry:
    """One area: level 0 country, 1 province, 2 district, 3 tehsil.

    `country` is ISO 3166-1 alpha-3 and None where no single country is named. `uncertainty_m` is the
    radius in metres of a circle of the same area, None for an area known by name only.
    """

    code: str
    level: int
    name: str
    aliases: tuple[str, ...]
    country: str | None
    parent: str | None
    layer: str
    valid_from: str | None
    valid_to: str | None
    uncertainty_m: float | None


@dataclass(frozen=True)
class Book:
    """Every area without its geometry, and the geometry of those that have one as unread GeoJSON."""

    entries: tuple[AreaEntry, ...]
    by_code: dict[str, AreaEntry]
    shapes: dict[str, bytes]
    disputed: frozenset[str]


@once
def book() -> Book:
    """Read the areas; polygons stay text until somebody asks for a place."""
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
    """Return the area of this code."""
    return book().by_code.get(code)


def uncertainty_of(code: str) -> float | None:
    """Return in metres how far a point given for this area may be off (see `AreaEntry`)."""
    entry = area_named(code)
    return None if entry is None else entry.uncertainty_m
