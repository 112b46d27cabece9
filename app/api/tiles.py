"""/tiles: the answer to a question as vector map tiles."""

import hashlib
from typing import Annotated, Any

from fastapi import APIRouter, Header, Query, Response

from app.access.policy import READ, THE_PUBLIC, allow
from app.access.viewer import Viewer
from app.api.strict import StrictRoute
from app.depends import Asker, Reading
from app.errors import NotFound
from app.exports.tiles import ADDRESS, MEDIA_TYPE, tile_json, write
from app.geography.outlines import MAX_ZOOM, Tile
from app.queries import tiles as queries
from app.queries.filter import IncidentFilter

router = APIRouter(tags=["Tiles"], route_class=StrictRoute)
LONGEST = 5


@router.get("/tiles/incidents.json")
@allow(READ)
def describe_tiles(question: Annotated[IncidentFilter, Query()], viewer: Asker) -> dict[str, Any]:  # noqa: ARG001
    """TileJSON 3.0: where the tiles are, what layers they have, and the question that they answer."""
    return tile_json(question.sentence(), question.query_string())


@router.get(
    ADDRESS,
    response_class=Response,
    responses={
        200: {"content": {MEDIA_TYPE: {}}},
        204: {"description": "Nothing lies on this tile"},
        304: {"description": "The same as you have"},
    },
)
@allow(READ)
def get_tile(
    z: str, x: str, y: str, question: Annotated[IncidentFilter, Query()], session: Reading, viewer: Asker,
    if_none_match: Annotated[str | None, Header(description="The ETag of the tile you have")] = None,
) -> Response:  # fmt: skip
    """One map tile: counts, single incidents further in, and areas where no more than an area is known."""
    tile = _tile(z, x, y)
    made = write(queries.on_tile(session, question, tile, viewer), tile)
    if not made:
        return Response(status_code=204)
    headers = _tag(made, viewer)
    if headers and if_none_match is not None and headers["ETag"] in if_none_match:
        return Response(status_code=304, headers=headers)
    return Response(made, media_type=MEDIA_TYPE, headers=headers | _FILE)


# A browser that is led to the address itself is to save it, and not to look at it.
_FILE = {"Content-Disposition": 'attachment; filename="tile.mvt"'}


def _tag(made: bytes, viewer: Viewer) -> dict[str, str]:
    """Of what the public gets; what a member gets is in no cache."""
    return {"ETag": f'"{hashlib.sha256(made).hexdigest()[:32]}"'} if viewer.role == THE_PUBLIC else {}


def _tile(*numbers: str) -> Tile:
    """Raises NotFound for what is no tile."""
    if all(part.isascii() and part.isdecimal() and len(part) <= LONGEST for part in numbers):
        tile = Tile(*map(int, numbers))
        if tile.exists:
            return tile
    raise NotFound(f"There is no such tile: zoom goes from 0 to {MAX_ZOOM}, x and y from 0 to 2^zoom - 1.")
