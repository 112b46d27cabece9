"""Fill in the points of the curated settlements from the tehsil polygon that each row names."""

import csv
from pathlib import Path

from geodata.build_shapes import reach_m
from geodata.build_units import Unit

POINT_DIGITS = 4


def fill(path: Path, units: dict[str, Unit]) -> None:
    """Rewrite `lon`, `lat` and `precision_m` of every row that has a `tehsil_code`.

    The point is one that surely lies inside the tehsil, the precision the distance to its furthest
    corner: the town itself is somewhere within. A row from a better source leaves `tehsil_code` empty.
    """
    with path.open(encoding="utf-8", newline="") as file:
        given = list(csv.DictReader(file))
    rows = [r | _placed(units[r["tehsil_code"]]) if r["tehsil_code"] else r for r in given]
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def _placed(unit: Unit) -> dict[str, str]:
    point = unit.geometry.representative_point()
    lon, lat = round(point.x, POINT_DIGITS), round(point.y, POINT_DIGITS)
    return {"lon": str(lon), "lat": str(lat), "precision_m": str(reach_m(unit.geometry, lon, lat))}
