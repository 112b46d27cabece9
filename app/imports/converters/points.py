"""Points on the map: two numbers in one cell or two, degrees with minutes, lists, and what a telephone sends."""

import re
from typing import Any

from app.imports.converters.reading import Converter, Options, Read, Unread, clean, known, plain
from app.vocabulary.word import vocabulary

NUMBER = r"[+-]?\d{1,3}(?:\.\d+)?"
PAIR = re.compile(rf"\(?({NUMBER})°? ?(?:[,;/|]| ) ?({NUMBER})°?(?: ({NUMBER[:-1]}|\d+)?)?\)?")
GEOPOINT = re.compile(rf"({NUMBER}) ({NUMBER}) (-?\d+(?:\.\d+)?) (\d+(?:\.\d+)?)")
COMMAS = re.compile(r"([+-]?\d{1,3},\d+) ?(?:;|/| ) ?([+-]?\d{1,3},\d+)")
WKT = re.compile(rf"point ?\(({NUMBER}) ({NUMBER})\)")
DEGREES = re.compile(
    r"([nsewo])? ?(\d{1,3})(?:\.(\d+))? ?[°ºd] ?(?:(\d{1,2}(?:\.\d+)?) ?['′’m] ?)?(?:(\d{1,2}(?:\.\d+)?) ?(?:[\"″”]|''|s) ?)?"
    r"([nsewo])?"
)
METHODS = tuple(vocabulary("geocode_methods"))
PRECISIONS = tuple(vocabulary("geo_precisions"))
MEND = "write degrees north and degrees east, such as 30.05, 69.92, or leave it empty"
SWAPPED = "latitude and longitude look exchanged: say order = \"lon_lat\" if the whole column is so"


def read(cell: Any, options: Options) -> Read:
    """{lat, lon}, with `geo_precision` and `geocode_method` as the mapping says, and `uncertainty_m` if it is told.

    Degrees without decimals were cut by somebody: such a point is vague whatever the mapping says.
    """
    parts = _parts(cell)
    if parts is None:
        return Read()
    first, second, within = parts
    lat, lon, cut = *_ordered(first, second, options.get("order", "lat_lon")), False
    if lat.is_integer() and lon.is_integer():
        cut = True
    told: dict[str, Any] = {"lat": lat, "lon": lon}
    if precision := "linear_or_vague" if cut else options.get("precision"):
        told["geo_precision"] = precision
    told |= {"geocode_method": options["method"]} if options.get("method") else {}
    told |= {"uncertainty_m": within} if within else {}
    return Read(told, None, "degrees without decimals: kept as a vague place" if cut else None)


def _ordered(first: float, second: float, order: str) -> tuple[float, float]:
    lat, lon = (first, second) if order == "lat_lon" else (second, first)
    if abs(lat) <= 90 and abs(lon) <= 180:
        return lat, lon
    if abs(lon) <= 90 and abs(lat) <= 180:
        raise Unread("the latitude lies beyond a pole", SWAPPED)
    raise Unread("not a point of the globe", MEND)


def _parts(cell: Any) -> tuple[float, float, float | None] | None:
    """The two numbers in the order they are written, and how far off the point may be in metres."""
    if isinstance(cell, dict):
        return _of_object(cell)
    if isinstance(cell, list | tuple):
        told = [known(part) for part in cell[:2]]
        if not any(told):
            return None
        return _of_text(" ".join(told)) if all(told) else _unread()
    text = known(cell)
    return _of_text(text) if text else None


def _of_object(cell: dict[str, Any]) -> tuple[float, float, float | None] | None:
    """GeoJSON has longitude first, whatever the column has; other objects name their numbers."""
    if isinstance(cell.get("coordinates"), list):
        return _parts(cell["coordinates"][:2][::-1])
    for lat, lon in (("lat", "lon"), ("lat", "lng"), ("latitude", "longitude")):
        if lat in cell and lon in cell:
            return _parts([cell[lat], cell[lon]])
    return _unread()


def _of_text(text: str) -> tuple[float, float, float | None]:
    said = plain(text).replace(" ,", ",")
    if m := GEOPOINT.fullmatch(said):
        return float(m[1]), float(m[2]), float(m[4]) or None
    if m := WKT.fullmatch(said):
        return float(m[2]), float(m[1]), None
    if (m := PAIR.fullmatch(said)) or (m := COMMAS.fullmatch(said)):
        return float(m[1].replace(",", ".")), float(m[2].replace(",", ".")), None
    return _in_degrees(said)


def _in_degrees(said: str) -> tuple[float, float, float | None]:
    found = [m for m in DEGREES.finditer(said.replace(",", " "))]
    rest = DEGREES.sub("", said.replace(",", " ")).strip(" ;/")
    if len(found) != 2 or rest:
        return _unread()
    (one, side), (two, other) = (_degrees(m) for m in found)
    if {side, other} <= {"n", "s"} or {side, other} <= {"e", "w", "o"}:
        return _unread()
    return (two, one, None) if side in {"e", "w", "o"} and other in {"n", "s"} else (one, two, None)


def _degrees(m: re.Match[str]) -> tuple[float, str]:
    side = m[1] or m[6] or ""
    minutes, seconds = float(m[4] or 0), float(m[5] or 0)
    if minutes >= 60 or seconds >= 60:
        raise Unread("minutes and seconds go up to 59", MEND)
    size = float(f"{m[2]}.{m[3] or 0}") + minutes / 60 + seconds / 3600
    return round(-size if side in {"s", "w", "o"} else size, 7), side


def _unread() -> Any:
    raise Unread("not a point that can be read", MEND)


def number(cell: Any, _options: Options) -> Read:
    """Degrees, metres or another plain number."""
    text = plain(known(cell)).replace(" ", "")
    if not text:
        return Read()
    if not re.fullmatch(r"[+-]?\d{1,12}(?:[.,]\d{1,15})?", text):
        raise Unread("not a number", "write it as 69.92")
    return Read(float(text.replace(",", ".")))


def whole(cell: Any, _options: Options) -> Read:
    """A plain whole number, such as an age; what stands behind the point is cut off."""
    text = plain(clean(known(cell)))
    if not text:
        return Read()
    if not (m := re.fullmatch(r"(\d{1,9})(?:\.\d+)?", text)):
        raise Unread("not a whole number", "write it as 34")
    return Read(int(m[1]))


POINT = Converter(
    "a point: “30.05, 69.92”, degrees with minutes, a list, a geopoint", read,
    {"order": ("lat_lon", "lon_lat"), "precision": PRECISIONS, "method": METHODS},
)  # fmt: skip
NUMBER_OF = Converter("a plain number", number, {})
WHOLE = Converter("a whole number, such as an age", whole, {})
