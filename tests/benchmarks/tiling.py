"""A map tile of zoom 5: its size and its time, on PostgreSQL against a clustered ST_AsMVT."""

from collections.abc import Iterator

import mapbox_vector_tile
import psutil  # type: ignore[import-untyped]
from sqlalchemy import text
from sqlmodel import Session, col, func, select

from app.exports.tiles import ADDRESS
from app.geography.outlines import Tile, whereabouts
from app.records import Incident
from app.records.blocks import CELL_DEGREES
from tests.benchmarks import synthetic
from tests.benchmarks.bench import Bench
from tests.benchmarks.clock import spent
from tests.benchmarks.figures import Figure, Found, number
from tests.benchmarks.goals import GOALS, SQLITE
from tests.benchmarks.serving import Server, database_of, fetch, serving

TIMES, REQUESTS, ZOOM = 5, 4, 5
EXTENT = 4096
# As many squares a side as our own tiles have, so that both draw about the same points.
CLUSTERED = text("""
WITH tile AS (SELECT ST_TileEnvelope(:z, :x, :y) AS box),
squares AS (
    SELECT ST_SnapToGrid(ST_Transform(i.geom, 3857), (ST_XMax(box) - ST_XMin(box)) / 64) AS middle,
        count(*) AS count, sum(i.killed_best) AS killed_best
    FROM incident i, tile
    WHERE i.geom && ST_Transform(box, 4326) AND i.stage <> 'withdrawn'
    GROUP BY 1
),
drawn AS (SELECT ST_AsMVTGeom(middle, box, 4096, 64) AS geom, count, killed_best FROM squares, tile)
SELECT ST_AsMVT(drawn, 'clusters') FROM drawn
""")


def zoomed_out(bench: Bench) -> Iterator[Found]:
    """The tile on which the first town lies, through the real API."""
    ground, tile = bench.grounds.filled(bench.largest, in_order=False), _tile()
    path = ADDRESS.format_map(vars(tile))
    database = database_of(ground.settings.database_url)
    with serving(ground) as server, Session(ground.engine) as session:
        made = fetch(server.connection(), path, server.headers)
        least, most = _between(session, tile)
        wrong = _fault(_count(made), least, most)
        turns = [(_cost(server, path), 0.0 if bench.engine == SQLITE else _clustered(session, tile, database))
                 for _ in range(TIMES)]  # fmt: skip
        if bench.engine != SQLITE:
            theirs = session.execute(CLUSTERED, vars(tile)).scalar_one()
            wrong = wrong or _fault(_count(bytes(theirs)), least, most)
    name = f"tile of zoom {ZOOM}, {bench.largest:,} incidents"
    yield Figure(f"{name}: size", "kB", [len(made) / 1000], goal=GOALS["tile/size"], wrong=wrong, at=bench.largest)
    ours = [own for own, _ in turns]
    yield Figure(f"{name}: processor", "CPU-ms", ours, wrong=wrong, notes=[f"{_count(made):,} incidents are on it"])
    if bench.engine != SQLITE:
        yield Figure(
            f"{name}: clustered ST_AsMVT / ours", "x", [scan / own for own, scan in turns], goal=GOALS["tile/time"],
            wrong=wrong, at=bench.largest, notes=[f"clustered ST_AsMVT {number(min(t for _, t in turns))} CPU-ms"],
        )  # fmt: skip


def _tile() -> Tile:
    x, y = (int(part // EXTENT) for part in whereabouts(*synthetic.town(), ZOOM))
    return Tile(ZOOM, x, y)


def _cost(server: Server, path: str) -> float:
    """Milliseconds of processor time for one tile, on an open connection."""
    connection, before = server.connection(), server.cpu()
    for _ in range(REQUESTS):
        fetch(connection, path, server.headers)
    connection.close()
    return max(server.cpu() - before, 1e-3) / REQUESTS * 1000


def _clustered(session: Session, tile: Tile, database: psutil.Process | None) -> float:
    took, _ = spent(lambda: session.execute(CLUSTERED, vars(tile)).scalar_one(), database)
    return took.cpu * 1000


def _count(made: bytes) -> int:
    """How many incidents the squares of a tile hold."""
    layer = mapbox_vector_tile.decode(made).get("clusters", {"features": []})
    return sum(one["properties"]["count"] for one in layer["features"])


def _between(session: Session, tile: Tile) -> tuple[int, int]:
    """How many lie well within the tile, and on it or next to it: squares and cells do not end where tiles do."""
    margin = 360 / 2**ZOOM / 64 + CELL_DEGREES
    return _within(session, tile.box(-margin)), _within(session, tile.box(margin))


def _within(session: Session, box: tuple[float, float, float, float]) -> int:
    west, south, east, north = box
    asked = select(func.count()).select_from(Incident)
    inside = col(Incident.lon).between(west, east), col(Incident.lat).between(south, north)
    return int(session.execute(asked.where(*inside)).scalar_one())


def _fault(count: int, least: int, most: int) -> str:
    return "" if count > 0 and least <= count <= most else f"{count} incidents; {least} to {most} lie there"
