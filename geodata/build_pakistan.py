"""Pakistan: tehsils from geoBoundaries, districts and provinces dissolved from them."""

import csv
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import shapely

from geodata.build_shapes import dissolve, polygons_only
from geodata.build_sources import NameRow, Shape
from geodata.build_units import LAYERS, Unit, other_names

DISTRICT_TABLE = Path(__file__).parent / "pak_tehsil_districts.csv"
# The layer draws all of Jammu and Kashmir beyond the Line of Control as one unit of this name.
UNASSIGNED = "DISPUTED TERRITORY"
SNAP_DEGREES = 1e-6
# The source simplified each tehsil by itself; the slivers between them (0.08 % of the land, at most
# about 10 square km each) go to the neighbour with the longest shared line.
GAP_DEGREES = 0.05
# Natural Earth's eight old units -> the ISO unit that covers them now; their names live on as aliases.
REPLACED = {
    "Azad Kashmir": "PK-JK",
    "Baluchistan": "PK-BA",
    "F.A.T.A.": "PK-KP",
    "F.C.T.": "PK-IS",
    "K.P.": "PK-KP",
    "Northern Areas": "PK-GB",
    "Punjab": "PK-PB",
    "Sind": "PK-SD",
}


@dataclass(frozen=True)
class Placed:
    """One row of the curated table: which district and province a tehsil belongs to."""

    district_code: str
    district: str
    province: str


def placements() -> dict[str, Placed]:
    """Read the curated table, by tehsil code."""
    with DISTRICT_TABLE.open(encoding="utf-8", newline="") as file:
        return {
            r["tehsil_code"]: Placed(r["district_code"], r["district"], r["province_code"])
            for r in csv.DictReader(file)
        }


def tehsils(shapes: list[Shape], claimed: list[shapely.Geometry]) -> list[Unit]:
    """Return every tehsil; slivers between neighbours are closed first.

    `claimed` is ground for which the world layer names no country (the Siachen Glacier): it is cut
    out here, so that a point there is not given to one side only.
    """
    clean = shapely.coverage_clean(
        np.array([s.geometry for s in shapes]), gap_width=GAP_DEGREES, snapping_distance=SNAP_DEGREES
    )
    clean = shapely.difference(clean, shapely.union_all(claimed))
    placed = placements()
    return [_tehsil(s, polygons_only(g), placed.get(f"gb:{s.key}")) for s, g in zip(shapes, clean, strict=True)]


def _tehsil(shape: Shape, geometry: shapely.Geometry, placed: Placed | None) -> Unit:
    given = shape.fields["name"]
    name = given.replace("_", " ").strip().removesuffix("-").strip()
    name = name.title() if name.isupper() else name
    if placed is None and given != UNASSIGNED:
        msg = f"no district for tehsil {shape.key} {given}"
        raise ValueError(msg)
    return Unit(
        code=f"gb:{shape.key}",
        level=3,
        name=name,
        aliases=other_names(name, [given]),
        country="PAK" if placed else None,
        parent=placed.district_code if placed else None,
        layer=LAYERS["tehsils"],
        geometry=geometry,
        disputed=placed is None,
    )


def districts(parts: list[Unit], rows: list[NameRow]) -> list[Unit]:
    """Return the districts that the tehsils add up to, with the names GeoNames knows for them."""
    named = {f"geonames:{row.geonames_id}": row for row in rows}
    about = {p.district_code: p for p in placements().values()}
    pieces: dict[str, list[shapely.Geometry]] = defaultdict(list)
    for part in parts:
        if part.parent is not None:
            pieces[part.parent].append(part.geometry)
    units = []
    for code, shapes in sorted(pieces.items()):
        row, name = named.get(code), about[code].district
        aliases = other_names(name, (row.name, *row.aliases) if row else ())
        province, layer = about[code].province, LAYERS["districts"]
        units.append(Unit(code, 2, name, aliases, "PAK", province, layer, dissolve(shapes)))
    return units


def provinces(parts: list[Unit], rows: list[NameRow]) -> list[Unit]:
    """Return the seven units of ISO 3166-2:PK, as the districts add up to them."""
    pieces: dict[str, list[shapely.Geometry]] = defaultdict(list)
    for part in parts:
        pieces[str(part.parent)].append(part.geometry)
    units = []
    for row in rows:
        if row.iso in pieces:
            older = [old for old, code in REPLACED.items() if code == row.iso]
            aliases = other_names(row.name, row.aliases, older)
            shape, layer = dissolve(pieces[row.iso]), LAYERS["districts"]
            units.append(Unit(row.iso, 1, row.name, aliases, "PAK", "PAK", layer, shape))
    return units
