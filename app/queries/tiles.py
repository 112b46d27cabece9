"""What lies on a map tile: counts by cells, single incidents, and areas where no more than an area is known."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, cast

from sqlalchemy import ColumnElement, case
from sqlmodel import Session, col, func, select

from app.access.viewer import Viewer, check_may_read
from app.geography.outlines import Tile, drawable, outline
from app.queries import tallies
from app.queries.conditions import clauses
from app.queries.filter import IncidentFilter
from app.queries.grouping import cell_of
from app.records import Incident, PlaceTally
from app.records.blocks import CELL_DEGREES, cell_column, cell_row
from app.vocabulary.certainty import edtf
from app.vocabulary.word import vocabulary

# From this zoom on every incident is a point of its own; below, the cells of the grid are counted.
SINGLE_FROM = 10
# More points than these on one tile are counted, too.
MOST_POINTS = 300
SHOWN: tuple[Any, ...] = (
    Incident.lon, Incident.lat, Incident.ref, Incident.kind, Incident.title, Incident.geo_precision,
    Incident.uncertainty_m, Incident.date_earliest, Incident.date_latest, Incident.date_span, Incident.date_qualifier,
)  # fmt: skip
AREAS = ("geo_precision", "area3_code", "area2_code", "area1_code", "country")
# Of what a condition is said where most is counted beforehand.
SIDES: tuple[Any, Any] = (PlaceTally, Incident)
# Of the few incidents that no sheet counts yet: they are found by their number, and by no index on this.
LATER: Any = func.coalesce(col(Incident.geo_precision), "")
PINS = sorted(code for code, word in vocabulary("geo_precisions").items() if word.traits["pin"])
COARSE = sorted(code for code in vocabulary("geo_precisions") if code not in {*PINS, "unknown"})
# An area is looked for from this place of AREAS on: never a finer one than is known.
# So many cells go round the earth.
CELLS_ROUND = 3600
FINEST = {"area3": 0, "area2": 1, "area1": 2, "country": 3}
VAGUE = FINEST["area1"]


@dataclass
class Sum:
    """How many incidents, and how many killed as far as anybody says; None where nobody does."""

    count: int = 0
    killed: int | None = None

    def add(self, count: int, killed: int | None) -> None:
        self.count += count
        if killed is not None:
            self.killed = (self.killed or 0) + killed


@dataclass
class Found:
    """What lies on one tile; places in units of the tile from its upper left corner."""

    cells: dict[tuple[int, int], Sum] = field(default_factory=dict)
    points: list[tuple[tuple[int, int], dict[str, Any]]] = field(default_factory=list)
    areas: dict[str, Sum] = field(default_factory=dict)


def on_tile(session: Session, question: IncidentFilter, tile: Tile, viewer: Viewer) -> Found:
    """Everything on a tile that answers the question.

    Over all tiles of a zoom each incident counts once; an area on the tile where its middle lies (`is_at_home`).
    """
    check_may_read(viewer)
    found = Found(areas=_areas(session, question, tile, viewer))
    if tile.z < SINGLE_FROM:
        found.cells = _cells(session, question, tile, viewer)
    else:
        _points(session, question, tile, viewer, found)
    return found


def _where(session: Session, question: IncidentFilter, viewer: Viewer) -> list[ColumnElement[bool]]:
    return clauses(question, viewer, session.get_bind().dialect.name)


def _pinned(session: Session, question: IncidentFilter, tile: Tile, margin: float, viewer: Viewer) -> Any:
    """The conditions on what may be drawn as a point in or next to a tile."""
    near = question.within(tile.box(margin))
    # Most incidents have a pin: to find them by an index on the precision would fetch each from another page.
    precision = func.coalesce(col(Incident.geo_precision), "")
    return [*_where(session, near, viewer), col(Incident.lon).is_not(None), precision.in_(PINS)]


def _cells(session: Session, question: IncidentFilter, tile: Tile, viewer: Viewer) -> dict[tuple[int, int], Sum]:
    """The counts of the 0.1-degree cells, each at the middle of its cell: a cell belongs to one tile whole."""
    if tallies.knows(PlaceTally, question):
        return _summed(_cells_on_sheet(session, question, tile, viewer), tile)
    # Not in the order of an index: the rows would be fetched in that order, each from another page.
    cell = (col(Incident.cell) + 0).label("d0")
    asked = select(cell, func.count(), func.sum(Incident.killed_best))
    asked = asked.where(*_pinned(session, question, tile, CELL_DEGREES, viewer)).group_by("d0")
    rows = ((*_middle(cell), count, killed) for cell, count, killed in session.execute(asked))
    return _summed(rows, tile)


def _cells_on_sheet(
    session: Session, question: IncidentFilter, tile: Tile, viewer: Viewer
) -> Iterator[tuple[float, float, int, int | None]]:
    """The same, mostly counted beforehand."""
    west, south, east, north = tile.box(CELL_DEGREES)
    rows, columns = (cell_row(south), cell_row(north)), (cell_column(west), cell_column(east))
    more = tuple(
        [
            precision.in_(PINS),
            cell.between(rows[0] * CELLS_ROUND, (rows[1] + 1) * CELLS_ROUND - 1),
            (cell % CELLS_ROUND).between(*columns),
        ]
        for precision, cell in ((col(PlaceTally.geo_precision), col(PlaceTally.cell)), (LATER, col(Incident.cell) + 0))
    )
    found = _counted(session, question, viewer, {"cell": (PlaceTally.cell, col(Incident.cell) + 0)}, more)
    for cell, count, killed in session.execute(found):
        yield (*_middle(cell), int(count), killed)


def _counted(session: Session, question: IncidentFilter, viewer: Viewer, keys: Any, more: Any) -> Any:
    """The keys, how many incidents, and how many killed; None where nobody says."""
    found = tallies.counted(session, PlaceTally, question, viewer, keys, more).c
    killed = case((func.sum(found.killed_with_best) > 0, func.sum(found.killed_best)))
    by = [found[name] for name in keys]
    return cast("Any", select)(*by, func.sum(found.incidents), killed).group_by(*by)


def _middle(cell: int) -> tuple[float, float]:
    row, column = divmod(cell, CELLS_ROUND)
    return (column + 0.5) * CELL_DEGREES - 180, (row + 0.5) * CELL_DEGREES - 90


def _summed(rows: Iterable[tuple[float, float, int, int | None]], tile: Tile) -> dict[tuple[int, int], Sum]:
    found: dict[tuple[int, int], Sum] = {}
    for lon, lat, count, killed in rows:
        at = tile.place(lon, lat)
        if at is not None:
            found.setdefault(at, Sum()).add(count, None if killed is None else int(killed))
    return found


def _points(session: Session, question: IncidentFilter, tile: Tile, viewer: Viewer, found: Found) -> None:
    """Single incidents; where they are too many, how many there are at each place."""
    conditions = _pinned(session, question, tile, 1e-6, viewer)
    asked: Any = cast("Any", select)(*SHOWN).where(*conditions).order_by(col(Incident.pk)).limit(MOST_POINTS + 1)
    rows = session.execute(asked).all()
    if len(rows) > MOST_POINTS:
        crowd = select(Incident.lon, Incident.lat, func.count(), func.sum(Incident.killed_best))
        crowd = crowd.where(*conditions).group_by(col(Incident.lon), col(Incident.lat))
        found.cells = _summed(cast("Any", session.execute(crowd)), tile)
        return
    found.points = [(at, _told(row)) for row in rows if (at := tile.place(row[0], row[1])) is not None]


def _told(row: Any) -> dict[str, Any]:
    _, _, ref, kind, title, precision, uncertainty, *when = row
    told = {
        "ref": ref, "kind": kind, "title": title, "geo_precision": precision, "uncertainty_m": uncertainty,
        "date_edtf": edtf(*when), "alleged": True,
    }  # fmt: skip
    return {name: value for name, value in told.items() if value is not None}


def _areas(session: Session, question: IncidentFilter, tile: Tile, viewer: Viewer) -> dict[str, Sum]:
    """The areas of which something is seen on a tile, with all incidents of which no more is known than the area."""
    if tallies.knows(PlaceTally, question):
        keys = {name: tuple(cell_of(of, name) for of in SIDES) for name in AREAS}
        coarse = [col(PlaceTally.geo_precision).in_(COARSE)], [LATER.in_(COARSE)]
        asked = _counted(session, question, viewer, keys, coarse)
    else:
        columns = [col(getattr(Incident, name)) for name in AREAS]
        asked = cast("Any", select)(*columns, func.count(), func.sum(Incident.killed_best))
        asked = asked.where(*_where(session, question, viewer), col(Incident.geo_precision).in_(COARSE))
        asked = asked.group_by(*columns)
    found: dict[str, Sum] = {}
    for precision, *codes, count, killed in session.execute(asked):
        code = drawable(tuple(codes[FINEST.get(precision, VAGUE) :]))
        if code is not None:
            found.setdefault(code, Sum()).add(int(count), None if killed is None else int(killed))
    return {code: told for code, told in found.items() if outline(code, tile) is not None}
