"""Make the committed reference files: `python -m geodata.build [FOLDER WITH THE PACKAGES]`."""

import sys
import tempfile
from pathlib import Path
from typing import Any

from geodata import build_extra, build_manifest, build_names, build_output, build_pakistan
from geodata import build_settlements as settled
from geodata import build_sources as sources
from geodata import build_world as world
from geodata.build_units import Unit, with_aliases

HERE = Path(__file__).parent
PAKISTAN_DIGITS = 4


def main(work: Path) -> None:
    """Fetch what is missing into `work`, then write every generated file beside this one."""
    packages = sources.fetch(work)
    rows, nations = sources.subdivisions(packages), sources.countries(packages)
    units, account = make_areas(packages, rows, nations)
    counts = {"areas.geojsonl.gz": build_output.areas(HERE / "areas.geojsonl.gz", units)}
    build_extra.fill(HERE / "settlements_extra.csv", {u.code: u for u in units})
    counts["countries.csv"] = write_countries(nations)
    counts["settlements.csv.gz"] = write_settlements(packages, units, rows, nations)
    account["settlements"] = counts["settlements.csv.gz"]
    build_output.manifest(HERE / "manifest.json", build_manifest.content(HERE, counts, units, account))


def make_areas(
    packages: sources.Packages,
    rows: list[sources.NameRow],
    nations: list[sources.CountryRow],
) -> tuple[list[Unit], dict[str, Any]]:
    """Return every unit and the account of what went in and where it went."""
    shapes = sources.natural_earth(packages, "states_provinces")
    outlines = sources.natural_earth(packages, "countries")
    tehsil_shapes = sources.pakistan_tehsils(packages)
    drawn = world.rounded(world.level_1(shapes, rows, nations), world.DIGITS)
    claimed = [u.geometry for u in drawn if u.country is None]
    tehsils = world.rounded(build_pakistan.tehsils(tehsil_shapes, claimed), PAKISTAN_DIGITS)
    districts = world.rounded(build_pakistan.districts(tehsils, rows), PAKISTAN_DIGITS)
    provinces = world.rounded(build_pakistan.provinces(districts, rows), PAKISTAN_DIGITS)
    replaced = [u for u in drawn if u.country == "PAK"]
    level_1 = [u for u in drawn if u.country != "PAK"] + provinces
    outline = world.dissolve([u.geometry for u in (*provinces, *replaced)])
    level_0 = world.rounded(world.level_0(level_1, nations, outline), PAKISTAN_DIGITS)
    polygons = [*level_0, *level_1, *districts, *tehsils]
    named = build_names.named_only(rows, nations, polygons)
    read = {"natural_earth_1": shapes, "natural_earth_0": outlines, "tehsils": tehsil_shapes, "names": rows}
    units = with_aliases([*polygons, *named], HERE / "area_aliases.csv")
    return units, build_manifest.account(read, units, replaced)


def write_countries(nations: list[sources.CountryRow]) -> int:
    """Write the ISO 3166-1 table that `country_named` reads."""
    ordered = sorted(nations, key=lambda n: n.alpha3)
    listed = [[n.alpha3, n.alpha2, n.name, "|".join(n.aliases)] for n in ordered]
    columns = ("alpha3", "alpha2", "name", "aliases")
    return build_output.table(HERE / "countries.csv", columns, listed)


def write_settlements(
    packages: sources.Packages,
    units: list[Unit],
    rows: list[sources.NameRow],
    nations: list[sources.CountryRow],
) -> int:
    """Write the settlements with the level-1 area each lies in."""
    provinces = settled.Provinces.of(units, rows)
    cities = settled.chosen(sources.cities(packages, 15000), sources.cities(packages, 500))
    table = settled.rows_of(cities, provinces, nations)
    return build_output.table(HERE / "settlements.csv.gz", settled.COLUMNS, table)


if __name__ == "__main__":
    if len(sys.argv) > 1:
        main(Path(sys.argv[1]))
    else:
        with tempfile.TemporaryDirectory() as folder:
            main(Path(folder))
