"""Settlements: towns and villages, each with how exact its point is."""

import csv
import gzip
from collections.abc import Iterator
from dataclasses import dataclass

from app.geography.files import FOLDER, rows

SETTLEMENT_M = 5_000.0  # GeoNames gives a settlement one point and no extent


@dataclass(frozen=True)
class SettlementEntry:
    """One town or village; `precision_m` says how far off its point may be, in metres."""

    code: str
    name: str
    aliases: tuple[str, ...]
    country: str
    area1_code: str | None
    lon: float
    lat: float
    population: int | None
    precision_m: float
    source: str


def settlements() -> Iterator[SettlementEntry]:
    """Yield every settlement: those of GeoNames, then the curated ones."""
    with gzip.open(FOLDER / "settlements.csv.gz", "rt", encoding="utf-8", newline="") as file:
        yield from map(_settlement, csv.DictReader(file))
    yield from map(_settlement, rows("settlements_extra.csv"))


def _settlement(row: dict[str, str]) -> SettlementEntry:
    return SettlementEntry(
        code=row["code"],
        name=row["name"],
        aliases=tuple(filter(None, row["aliases"].split("|"))),
        country=row["country"],
        area1_code=row["area1_code"] or None,
        lon=float(row["lon"]),
        lat=float(row["lat"]),
        population=int(row["population"] or 0) or None,  # GeoNames writes 0 for "not known"
        precision_m=float(row.get("precision_m") or SETTLEMENT_M),
        source=row["source"],
    )
