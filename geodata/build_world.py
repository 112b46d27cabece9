"""Countries and level-1 areas of the world: Natural Earth, simplified as one coverage."""

from collections import defaultdict
from dataclasses import replace

import numpy as np
import shapely

from geodata.build_matching import match_iso
from geodata.build_shapes import dissolve, tidy
from geodata.build_sources import CountryRow, NameRow, Shape
from geodata.build_units import LAYERS, Unit, other_names

SIMPLIFY_DEGREES = 0.02
DIGITS = 3  # about 100 m; the simplification itself moves lines by up to some kilometres

# Natural Earth codes that are not ISO 3166-1. The country is the one ISO (and the UN) lists the
# territory under; the unit keeps the source's own name. None: no single country is named.
NOT_ISO: dict[str, str | None] = {
    "ALD": "ALA",
    "ATC": "AUS",
    "CLP": "FRA",
    "CYN": "CYP",
    "ESB": "GBR",
    "KAB": "KAZ",
    "KAS": None,
    "KOS": "XKX",
    "PGA": None,
    "PSX": "PSE",
    "SAH": "ESH",
    "SDS": "SSD",
    "SOL": "SOM",
    "USG": "CUB",
    "WSB": "GBR",
}
# Territories with an ISO code of their own that Natural Earth files under the sovereign.
OWN_CODE = frozenset(("BVT", "CCK", "CXR", "GLP", "GUF", "MTQ", "MYT", "REU", "TKL"))
# Filed by the source under another country than by ISO 3166 (Crimea: UA-43, UA-40).
RELISTED = {
    ("NLD", "Bonaire"): "BES",
    ("NLD", "Saba"): "BES",
    ("NLD", "St. Eustatius"): "BES",
    ("NOR", "Svalbard"): "SJM",
    ("RUS", "Crimea"): "UKR",
    ("RUS", "Sevastopol"): "UKR",
}


def country_of(shape: Shape, known: dict[str, str]) -> str | None:
    """Return the ISO alpha-3 code of a Natural Earth level-1 unit (`known`: alpha-2 to alpha-3)."""
    fields = shape.fields
    moved = RELISTED.get((fields["adm0_a3"], fields["name"]))
    if moved:
        return moved
    if fields["gu_a3"] in OWN_CODE:
        return fields["gu_a3"]
    if fields["adm0_a3"] in NOT_ISO:
        return NOT_ISO[fields["adm0_a3"]]
    if fields["iso_a2"] in known:
        return known[fields["iso_a2"]]
    return fields["adm0_a3"]


def level_1(shapes: list[Shape], rows: list[NameRow], nations: list[CountryRow]) -> list[Unit]:
    """Return every Natural Earth unit, simplified together so that borders still meet."""
    thin = shapely.coverage_simplify(np.array([s.geometry for s in shapes]), SIMPLIFY_DEGREES)
    known = {n.alpha2: n.alpha3 for n in nations}
    places = {s.key: country_of(s, known) for s in shapes}
    numbers = {n.alpha3: n.number for n in nations}
    iso = match_iso(shapes, rows, {key: numbers[code] for key, code in places.items() if code})
    return [_unit(s, g, iso.get(s.key), places[s.key]) for s, g in zip(shapes, thin, strict=True)]


def _unit(shape: Shape, geometry: shapely.Geometry, row: NameRow | None, country: str | None) -> Unit:
    fields = shape.fields
    name = fields["name"] or fields["gn_name"] or f"{fields['admin']} (unnamed part)"
    if fields["adm0_a3"] == "KAS":
        name = fields["admin"]
    given = [n for field in ("gn_name", "woe_name") for n in fields[field].split("|")]
    listed = (row.name, *row.aliases) if row else ()
    return Unit(
        code=row.iso if row else f"ne41:{shape.key}",
        level=1,
        name=name,
        aliases=other_names(name, listed, [fields["name"], *given]),
        country=country,
        parent=country,
        layer=LAYERS["natural_earth"],
        geometry=geometry,
        disputed=country is None,
    )


def rounded(units: list[Unit], digits: int) -> list[Unit]:
    """Round and mend each unit's geometry; never lose one."""
    return [replace(u, geometry=tidy(u.geometry, digits)) if u.geometry else u for u in units]


def level_0(parts: list[Unit], nations: list[CountryRow], pakistan: shapely.Geometry) -> list[Unit]:
    """Return every country; its polygon is exactly the sum of its level-1 areas."""
    pieces: dict[str, list[shapely.Geometry]] = defaultdict(list)
    for part in parts:
        if part.country and part.geometry is not None:
            pieces[part.country].append(part.geometry)
    units = []
    for nation in nations:
        shape = dissolve(pieces[nation.alpha3]) if pieces[nation.alpha3] else None
        layer = LAYERS["natural_earth"] if shape else LAYERS["names"]
        if nation.alpha3 == "PAK":
            shape, layer = pakistan, LAYERS["districts"]
        aliases = other_names(nation.name, nation.aliases)
        units.append(Unit(nation.alpha3, 0, nation.name, aliases, nation.alpha3, None, layer, shape))
    return units
