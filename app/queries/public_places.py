"""How exactly the place of an incident is told to everybody: computed once, when its public version is approved."""

from math import floor
from typing import Any

from app import geography
from app.queries.public_rows import NOWHERE
from app.records.blocks import WhereColumns

GRID_DEGREES = 0.5
# Half the diagonal of a cell of the grid at the equator, in metres: nowhere is it longer.
GRID_METRES = 39_400.0


def public_place(incident: Any, told: str) -> dict[str, Any]:
    """The columns of WhereColumns that go out. `told`: a word of `public_places`."""
    if told == "as_recorded":
        return {name: getattr(incident, name) for name in WhereColumns.model_fields} | {"geocode_method": None}
    if told == "grid" and incident.lon is not None:
        return _grid(incident)
    levels = {"area2": 2, "area1": 1, "grid": 0, "country": 0}
    return dict(NOWHERE) if told not in levels else _area(incident, levels[told])


def _grid(incident: Any) -> dict[str, Any]:
    """The centre of a cell, with the country alone: a district and a cell together would tell more than either."""
    middle = {axis: (floor(getattr(incident, axis) / GRID_DEGREES) + 0.5) * GRID_DEGREES for axis in ("lon", "lat")}
    return NOWHERE | middle | {
        "country": incident.country, "geo_precision": "linear_or_vague", "uncertainty_m": GRID_METRES,
    }  # fmt: skip


def _area(incident: Any, level: int) -> dict[str, Any]:
    """The centre of the finest area up to a level; of a country no point is told."""
    row = dict(NOWHERE) | {"country": incident.country}
    if incident.country is not None:
        row |= {"geo_precision": "country", "uncertainty_m": geography.uncertainty_of(incident.country)}
    for depth in range(1, level + 1):
        code = getattr(incident, f"area{depth}_code")
        if code is None:
            break
        row |= {f"area{depth}": getattr(incident, f"area{depth}"), f"area{depth}_code": code}
        row |= {"geo_precision": f"area{depth}", "uncertainty_m": geography.uncertainty_of(code)}
        row |= {"area_layer": incident.area_layer}
        centre = geography.centre_of(code)
        row |= {"lon": centre[0], "lat": centre[1]} if centre else {"lon": None, "lat": None}
    return row
