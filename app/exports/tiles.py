"""Vector map tiles: what lies on one as MVT, and the description of all of them as TileJSON."""

from collections.abc import Iterator
from typing import Any

import mapbox_vector_tile
from mapbox_vector_tile.encoder import on_invalid_geometry_make_valid
from shapely import Point

from app.geography.outlines import EXTENT, MAX_ZOOM, Tile, is_at_home, name_of, outline
from app.queries.tiles import Found, Sum
from app.queries.written import DISCLAIMER

MEDIA_TYPE = "application/vnd.mapbox-vector-tile"
ADDRESS = "/tiles/incidents/{z}/{x}/{y}.mvt"
# The side of a square whose cells are counted together, in units of the tile; larger ones where a tile grows too big.
SQUARE, LARGEST_SQUARE = 64, 512
MOST_BYTES = 50_000
OPTIONS = {
    "y_coord_down": True, "extents": EXTENT, "on_invalid_geometry": on_invalid_geometry_make_valid,
}  # fmt: skip
COUNTED = {
    "count": "How many alleged incidents",
    "killed_best": "People allegedly killed, the sum of the best numbers; absent where nobody gives one",
}
LAYERS: dict[str, tuple[str, dict[str, str]]] = {
    "clusters": ("Incidents counted on a grid, at the middle of each square; never where one of them was", COUNTED),
    "incidents": (
        "Single alleged incidents, no more exact than geo_precision and uncertainty_m say",
        {
            "ref": "Reference", "kind": "Kind of violation", "title": "Title", "date_edtf": "Date, as EDTF",
            "geo_precision": "How exactly the place is known", "uncertainty_m": "Metres", "alleged": "Always true",
        },
    ),
    "areas": (
        "Outlines of areas of whose incidents no more is known than the area; draw no pin for them",
        {
            **COUNTED, "code": "Code of the area", "name": "Name of the area",
            "counts_here": "True on one tile of each zoom: add up these alone",
        },
    ),
}  # fmt: skip


def write(found: Found, tile: Tile) -> bytes:
    """A tile, empty where nothing lies on it. Counted squares grow until it is small enough."""
    fixed = [_layer("incidents", _points(found)), _layer("areas", _areas(found, tile))]
    side = SQUARE
    while True:
        layers = [layer for layer in (_layer("clusters", _squares(found, side)), *fixed) if layer["features"]]
        made: bytes = mapbox_vector_tile.encode(layers, default_options=OPTIONS) if layers else b""
        if len(made) <= MOST_BYTES or side >= LARGEST_SQUARE or not found.cells:
            return made
        side *= 2


def _layer(name: str, features: Iterator[dict[str, Any]]) -> dict[str, Any]:
    return {"name": name, "features": list(features)}


def _squares(found: Found, side: int) -> Iterator[dict[str, Any]]:
    squares: dict[tuple[int, int], Sum] = {}
    for (x, y), told in found.cells.items():
        squares.setdefault((x // side, y // side), Sum()).add(told.count, told.killed)
    for (column, row), told in sorted(squares.items(), key=lambda square: square[0]):
        middle = Point(column * side + side // 2, row * side + side // 2)
        yield {"geometry": middle, "properties": _counted(told)}


def _points(found: Found) -> Iterator[dict[str, Any]]:
    return ({"geometry": Point(at), "properties": told} for at, told in found.points)


def _areas(found: Found, tile: Tile) -> Iterator[dict[str, Any]]:
    for code, told in sorted(found.areas.items()):
        about = {"code": code, "name": name_of(code), "counts_here": is_at_home(code, tile)}
        yield {"geometry": outline(code, tile), "properties": _counted(told) | about}


def _counted(told: Sum) -> dict[str, Any]:
    return {"count": told.count} | ({} if told.killed is None else {"killed_best": told.killed})


def tile_json(question: str, query: str) -> dict[str, Any]:
    """TileJSON 3.0. `query`: the filters as they are to be sent with every tile."""
    return {
        "tilejson": "3.0.0",
        "name": "Gawah",
        "description": f"{question}. {DISCLAIMER}",
        "tiles": [f"{ADDRESS}?{query}" if query else ADDRESS],
        "minzoom": 0,
        "maxzoom": MAX_ZOOM,
        "bounds": [-180, -85.0511, 180, 85.0511],
        "vector_layers": [
            {"id": name, "description": about, "fields": fields} for name, (about, fields) in LAYERS.items()
        ],
    }
