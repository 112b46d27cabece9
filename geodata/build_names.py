"""Areas known by name only: GeoNames levels 1 and 2 that no polygon here carries."""

from collections.abc import Iterable

from geodata.build_sources import CountryRow, NameRow
from geodata.build_units import LAYERS, Unit, other_names


def named_only(rows: list[NameRow], nations: list[CountryRow], drawn: Iterable[Unit]) -> list[Unit]:
    """Return a unit without geometry for every level-1 and level-2 row that `drawn` does not hold."""
    taken = {unit.code for unit in drawn}
    alpha3 = {n.number: n.alpha3 for n in nations}
    codes = {row.number: _code(row, taken) for row in rows}
    levels = {row.number: row.level for row in rows}
    units = []
    for row in rows:
        code = codes[row.number]
        if row.level not in (1, 2) or code in taken or row.country not in alpha3:
            continue
        country = alpha3[row.country]
        above = row.parent if row.parent and levels.get(row.parent) == 1 else None
        parent = codes[above] if above else country
        aliases = other_names(row.name, row.aliases)
        units.append(Unit(code, row.level, row.name, aliases, country, parent, LAYERS["names"]))
    return units


def _code(row: NameRow, taken: set[str]) -> str:
    """Return the ISO code where a level-1 row has one, else the GeoNames id (level 2: the reverse)."""
    by_id = f"geonames:{row.geonames_id}" if row.geonames_id else row.iso
    if row.level == 1 or row.iso in taken:
        return row.iso or by_id
    return by_id
