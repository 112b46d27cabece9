"""Tables in files of maps: GeoPackage, FlatGeobuf, Shapefile in a zip, KML and KMZ, read by one driver of GDAL each."""

import io
import os
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

from app.errors import Unreadable
from app.imports.numbering import FEATURES, Numbering
from app.imports.tables.hints import Hints
from app.imports.tables.outlines import OUTLINE, of_shape
from app.imports.tables.shape import Cells, Grid, Numbered, another, as_text, check_length, counted, named
from app.imports.tables.source import Source, contents, opened

DRIVERS = {"GPKG": "GPKG", "FlatGeobuf": "FlatGeobuf", "Shapefile": "ESRI Shapefile", "KML": "LIBKML"}
PARTS = (".shp", ".dbf", ".shx", ".prj", ".cpg")
# How KML wants to be drawn is nothing that is alleged.
LOOKS = frozenset({"altitudeMode", "tessellate", "extrude", "visibility", "drawOrder", "icon"})
MOST_FEATURES = 1_000_000
DAMAGED = "The {} file is damaged, or of a kind that we do not read: save the table as GeoJSON or CSV and import that."


def table_of_map(source: Source, kind: str, hints: Hints, drivers: list[str]) -> Grid:
    """The table of one layer, with the point of each feature. `drivers`: all that GDAL has. Raises Unreadable."""
    raw = _bytes(source, kind)
    _leave_only(DRIVERS[kind], drivers)
    import pyogrio  # noqa: PLC0415 - it takes its drivers in when it is imported, and must find the others shut out

    if set(pyogrio.list_drivers()) - {DRIVERS[kind], "MEM", "Memory"}:
        raise Unreadable("Files of maps are not read here: GDAL would not leave its other readers out.")
    try:
        layers = [str(name) for name, _ in pyogrio.list_layers(raw)]
        which = _layer(layers, hints.sheet)
        meta, _, shapes, columns = pyogrio.raw.read(
            raw, layer=which, datetime_as_string=True, max_features=MOST_FEATURES + 1
        )
        points = list(points_of(shapes, meta["crs"], hints))
    except (pyogrio.errors.DataSourceError, pyogrio.errors.DataLayerError, pyogrio.errors.FieldError,
            pyogrio.errors.GeometryError, ValueError, UnicodeError, RuntimeError, TypeError) as problem:  # fmt: skip
        raise Unreadable(DAMAGED.format(kind)) from problem
    if len(shapes) > MOST_FEATURES:
        raise Unreadable(f"The layer has more than {MOST_FEATURES:,} features: send it in parts.")
    layer = f", layer “{layers[which]}” (one of {len(layers)})" if len(layers) > 1 else ""
    read_as = f"{kind}{source.wrapping}{layer}, {counted(len(shapes), 'feature')}"
    told = {str(name): column for name, column in zip(meta["fields"], columns, strict=True) if name not in LOOKS}
    counted_in = Numbering("feature", f"layer “{layers[which]}”") if len(layers) > 1 else FEATURES
    return replace(_table(list(told), list(told.values()), points, read_as), numbering=counted_in)


def _leave_only(driver: str, drivers: list[str]) -> None:
    """Shut every other driver out, whatever reads over a network, and whatever reads another file."""
    others = ",".join(name for name in drivers if name != driver)
    os.environ.update({
        "OGR_SKIP": others, "GDAL_SKIP": others, "GDAL_DRIVER_PATH": "disable", "OGR_SQLITE_LOAD_EXTENSIONS": "NO",
        "OGR_SQLITE_ALLOW_EXTERNAL_ACCESS": "NO", "OGR_SQLITE_JOURNAL": "OFF", "CPL_VSIL_CURL_ALLOWED_FILENAME": "-",
        "CPL_VSIL_CURL_ALLOWED_EXTENSIONS": ".none", "GDAL_DISABLE_READDIR_ON_OPEN": "EMPTY_DIR",
        "GDAL_NUM_THREADS": "1", "LIBKML_RESOLVE_STYLE": "NO", "PROJ_NETWORK": "OFF", "GDAL_PAM_ENABLED": "NO",
    })  # fmt: skip


def _bytes(source: Source, kind: str) -> bytes:
    """What GDAL is given, in memory; of a zip only the parts it needs, packed anew under names of ours."""
    raw = source.whole()
    if not raw.startswith(b"PK"):
        return raw
    archive = opened(io.BytesIO(raw), len(raw))
    names = contents(archive)
    try:
        if kind == "KML":
            return archive.read(next(name for name in names if name.lower().endswith(".kml")))
        main = next(name for name in names if name.lower().endswith(".shp"))
        parts = {name[len(main) - 4 :].lower(): name for name in names if name[:-4] == main[:-4]}
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w") as anew:
            for ending in PARTS:
                if ending in parts:
                    anew.writestr(f"table{ending}", archive.read(parts[ending]))
    except (zipfile.BadZipFile, EOFError, NotImplementedError, OSError) as problem:
        raise Unreadable("The zip is cut off or damaged: fetch it again.") from problem
    return packed.getvalue()


def _layer(layers: list[str], asked: str | None) -> int:
    """The place of the layer: a file in memory has no name, and so may its only layer."""
    if not layers:
        raise Unreadable("The file holds no layer.")
    if asked is None or asked in layers:
        return layers.index(asked) if asked else 0
    if asked.isdecimal() and 0 < int(asked) <= len(layers):
        return int(asked) - 1
    raise Unreadable(f"There is no such layer; the file has {len(layers)}: name one, or give its number.")


def points_of(shapes: Any, crs: str | None, hints: Hints) -> Iterator[dict[str, Any]]:
    """The points or outlines in degrees of WGS 84, whatever the file counts in."""
    import shapely  # noqa: PLC0415 - behind the wall, and only for maps
    from pyproj import CRS, Transformer  # noqa: PLC0415

    if shapes is None:
        return
    geometries = shapely.from_wkb(shapes, on_invalid="ignore")
    if crs is not None and CRS.from_user_input(crs) != CRS.from_epsg(4326):
        turn = Transformer.from_crs(crs, 4326, always_xy=True)
        geometries = shapely.transform(geometries, turn.transform, interleaved=False)
    yield from map(of_shape(hints), geometries)


def _table(fields: list[str], columns: list[Any], points: list[dict[str, Any]], read_as: str) -> Grid:
    places = [name for name in ("lon", "lat", "geometry", OUTLINE) if any(name in point for point in points)]
    names, places = with_places(named(fields) if fields else [], places)
    return Grid(names, read_as, _rows(columns, points, places))


def with_places(names: list[str], places: Iterable[str]) -> tuple[list[str], list[str]]:
    """The names of all columns, with those of the points at the end. Raises Unreadable where there is none."""
    told, taken = list(places), dict.fromkeys(names)
    if not names and not told:
        raise Unreadable("The layer has no columns and no points.")
    return [*names, *(another(name, taken) for name in told)], told


def _rows(columns: list[Any], points: list[dict[str, Any]], places: list[str]) -> Iterator[Numbered]:
    count = len(points) or (len(columns[0]) if columns else 0)
    for number in range(count):
        cells = [_cell(column[number]) for column in columns]
        yield from placed(number + 1, cells, points[number] if points else {}, places)


def placed(number: int, cells: Cells, place: dict[str, Any], places: list[str]) -> Iterator[Numbered]:
    """A row with its place in the last columns; none where nothing is in it. Raises Unreadable."""
    cells += [as_text(place.get(name)) for name in places]
    check_length(cells, number)
    if any(cells):
        yield number, cells


def _cell(value: Any) -> Any:
    """A value of a column of numpy as plain Python has it."""
    plain = value.tolist() if hasattr(value, "tolist") else value
    return as_text(plain.hex() if isinstance(plain, bytes) else plain)
