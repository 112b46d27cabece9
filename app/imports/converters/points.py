"""Points on the map: two numbers in one cell or two, degrees with minutes, lists, and what a telephone sends."""
# ruff: noqa: RUF001 - letters of other scripts are what this file reads

import re
from typing import Any, NoReturn

from app import geography
from app.imports.converters.codes import country_of
from app.imports.converters.reading import Converter, Options, Read, Unread, clean, known, plain
from app.vocabulary.word import vocabulary

NUMBER = r"[+-]?\d{1,3}(?:\.\d+)?"
PAIR = re.compile(rf"\(?({NUMBER})°? ?(?:[,;/|]| ) ?({NUMBER})°?(?: ({NUMBER[:-1]}|\d+)?)?\)?")
GEOPOINT = re.compile(rf"({NUMBER}) ({NUMBER}) (-?\d+(?:\.\d+)?) (\d+(?:\.\d+)?)")
COMMAS = re.compile(r"([+-]?\d{1,3},\d+) ?(?:;|/| ) ?([+-]?\d{1,3},\d+)")
WKT = re.compile(rf"point ?\(({NUMBER}) ({NUMBER})\)")
MINUTES = r"(\d{1,2}(?:\.\d+)?) ?['′’m] ?"
SECONDS = r"(\d{1,2}(?:\.\d+)?) ?(?:[\"″”]|''|s) ?"
DEGREES = re.compile(rf"([nsewo])? ?(\d{{1,3}})(?:\.(\d+))? ?[°ºd] ?(?:{MINUTES})?(?:{SECONDS})?([nsewo])?")
METHODS = tuple(vocabulary("geocode_methods"))
PRECISIONS = tuple(vocabulary("geo_precisions"))
MEND = "write degrees north and degrees east, such as 30.05, 69.92, or leave it empty"
CUT = "degrees without decimals: kept as a vague place"
EXCHANGED = "latitude and longitude were exchanged: only so does the point lie in the country"
SWAPPED = 'latitude and longitude look exchanged: say order = "lon_lat" if the whole column is so'


def read(cell: Any, options: Options) -> Read:
    """{lat, lon}, with `geo_precision` and `geocode_method` as the mapping says, and `uncertainty_m` if it is told.

    Degrees without decimals were cut by somebody: such a point is vague whatever the mapping says. `swapped =
    "by_country"`: the last column is the country, and a point that lies there only when exchanged is exchanged.
    """
    country = None
    if options.get("swapped") and isinstance(cell, list) and len(cell) > 1:
        *cells, country = cell
        cell = cells[0] if len(cells) == 1 else cells
    parts = _parts(cell)
    if parts is None:
        return Read()
    lat, lon = _ordered(*parts[:2], options.get("order", "lat_lon"))
    exchanged = _lies_exchanged(lat, lon, country)
    lat, lon = (lon, lat) if exchanged else (lat, lon)
    cut = lat.is_integer() and lon.is_integer()
    told: dict[str, Any] = {"lat": lat, "lon": lon}
    if precision := "linear_or_vague" if cut else options.get("precision"):
        told["geo_precision"] = precision
    told |= {"geocode_method": options["method"]} if options.get("method") else {}
    told |= {"uncertainty_m": parts[2]} if parts[2] else {}
    return Read(told, None, EXCHANGED if exchanged else CUT if cut else None)


def _lies_exchanged(lat: float, lon: float, country: Any) -> bool:
    """Whether the point lies outside its country, and within it when latitude and longitude are exchanged."""
    code = country_of(country)
    if code is None or abs(lon) > 90 or geography.areas_at(lon, lat).country == code:
        return False
    return geography.areas_at(lat, lon).country == code


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
    found = list(DEGREES.finditer(said.replace(",", " ")))
    rest = DEGREES.sub("", said.replace(",", " ")).strip(" ;/")
    if len(found) != 2 or rest:
        _unread()
    (one, side), (two, other) = (_degrees(m) for m in found)
    if {side, other} <= {"n", "s"} or {side, other} <= {"e", "w", "o"}:
        _unread()
    return (two, one, None) if side in {"e", "w", "o"} and other in {"n", "s"} else (one, two, None)


def _degrees(m: re.Match[str]) -> tuple[float, str]:
    side = m[1] or m[6] or ""
    minutes, seconds = float(m[4] or 0), float(m[5] or 0)
    if minutes >= 60 or seconds >= 60:
        raise Unread("minutes and seconds go up to 59", MEND)
    size = float(f"{m[2]}.{m[3] or 0}") + minutes / 60 + seconds / 3600
    return round(-size if side in {"s", "w", "o"} else size, 7), side


def _unread() -> NoReturn:
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
    {"order": ("lat_lon", "lon_lat"), "precision": PRECISIONS, "method": METHODS, "swapped": ("by_country",)},
)  # fmt: skip
NUMBER_OF = Converter("a plain number", number, {})
WHOLE = Converter("a whole number, such as an age", whole, {})
