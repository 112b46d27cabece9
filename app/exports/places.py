"""How a place may be drawn: a pin only where a pin is true, else as far as it may be off, or not at all."""

from collections.abc import Iterator
from math import asin, atan2, cos, degrees, pi, radians, sin

from app.queries.rows import FlatRow
from app.sphere import EARTH_KM
from app.vocabulary.word import vocabulary

PINS = frozenset(code for code, word in vocabulary("geo_precisions").items() if word.traits["pin"])
CORNERS = 48
DECIMALS = 6
# No circle is drawn over a pole or beyond half a turn: it would be a band around the map.
WIDEST_M, HIGHEST = 2_000_000, 85

Corner = tuple[float, float]


def is_rough(row: FlatRow) -> bool:
    """Whether the point of a row stands for a whole area, so that a pin would say more than is known."""
    return bool(row["location_generalised"]) or row["geo_precision"] not in PINS


def circle(row: FlatRow) -> list[Corner] | None:
    """The ring of the places that a rough point may mean, against the clock and closed; None when none can be drawn."""
    lon, lat, metres = row["lon"], row["lat"], row["uncertainty_m"]
    if lon is None or not metres or metres > WIDEST_M:
        return None
    corners = [(round(x, DECIMALS), round(y, DECIMALS)) for x, y in _around(lon, lat, metres)]
    crosses = any(abs(x) > 180 or abs(y) > HIGHEST for x, y in corners)
    return None if crosses else [*corners, corners[0]]


def _around(lon: float, lat: float, metres: float) -> Iterator[Corner]:
    turn, high = metres / 1000 / EARTH_KM, radians(lat)
    for corner in range(CORNERS):
        way = -2 * pi * corner / CORNERS
        y = asin(sin(high) * cos(turn) + cos(high) * sin(turn) * cos(way))
        x = atan2(sin(way) * sin(turn) * cos(high), cos(turn) - sin(high) * sin(y))
        yield lon + degrees(x), degrees(y)
