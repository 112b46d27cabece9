"""Fill in what follows from a place: its areas, how uncertain it is, and its cell of the grid."""

from collections.abc import Iterable
from typing import Any

from app import geography
from app.actions.pen import columns_of
from app.geography import Located
from app.records.blocks import WhereFields, cell
from app.vocabulary.word import vocabulary

NOWHERE = Located(None, None, None, None, None, None, None, None)
# How many levels of areas a point of this precision may name. A coarser point lies in the wrong district by nature.
LEVELS = {"area2": 2, "area1": 1, "linear_or_vague": 0, "country": 0, "offshore": 0, "unknown": 0}
AREAS = (("area1", "area1_code"), ("area2", "area2_code"), ("area3", "area3_code"))
WHERE = tuple(WhereFields.model_fields)
STATED = columns_of(WhereFields)


def place(stated: WhereFields, located: Located | None = None) -> dict[str, Any]:
    """The columns of WhereColumns for a stated place. `located`: the areas at its point, if already looked up."""
    row = STATED(stated) | {"area_layer": None}
    if stated.model_fields_set.isdisjoint(WHERE):
        return row
    if row["lon"] is not None:
        row["lon"], row["lat"] = round(row["lon"], 7), round(row["lat"], 7)
        _name_areas(row, located or geography.areas_at(row["lon"], row["lat"]))
    _name_codes(row)
    if row["uncertainty_m"] is None:
        row["uncertainty_m"] = _uncertainty(row)
    return row


def cell_of(row: dict[str, Any]) -> int | None:
    return cell(row["lon"], row["lat"])


def locate_all(places: Iterable[WhereFields]) -> list[Located]:
    """The areas at many points at once, in order; NOWHERE where a place has no point."""
    known = list(places)
    pointed = [p for p in known if p.lon is not None and p.lat is not None]
    found = iter(geography.areas_at_many([p.lon for p in pointed], [p.lat for p in pointed]))  # type: ignore[misc]
    return [next(found) if p.lon is not None and p.lat is not None else NOWHERE for p in known]


def _name_areas(row: dict[str, Any], located: Located) -> None:
    """Take the areas of the map, as deep as the precision allows; never against the country that was stated."""
    if row["country"] is None:
        row["country"] = located.country
    if located.country != row["country"]:
        return
    known = vars(located)
    for name, code in AREAS[: LEVELS.get(row["geo_precision"], 3)]:
        if known[code] is not None and row[code] is None:
            row[name], row[code] = known[name], known[code]
            row["area_layer"] = located.layer


def _name_codes(row: dict[str, Any]) -> None:
    """Name the areas that were stated by code, and those above them, so that a province finds its villages."""
    for (name, code), above in zip(reversed(AREAS), ("area2_code", "area1_code", None), strict=True):
        area = geography.area_named(row[code]) if row[code] else None
        if area is None:
            continue
        row[name], row[code] = row[name] or area.name, area.code
        row["area_layer"] = row["area_layer"] or area.layer
        row["country"] = row["country"] or area.country
        if above is not None and row[above] is None:
            row[above] = area.parent


def _uncertainty(row: dict[str, Any]) -> float | None:
    """Metres: the default of the precision, or the size of the area it names."""
    precision = row["geo_precision"]
    fixed = vocabulary("geo_precisions")[precision].traits.get("uncertainty_m")
    if fixed is not None:
        return float(fixed)
    code = row["country"] if precision == "country" else row.get(f"{precision}_code")
    size = geography.uncertainty_of(code) if code else None
    return None if size is None else float(size)
