"""The rows of an archive laid out for the peers, each as its own documentation advises: the same rows for all of them."""

import shutil
import sqlite3
import subprocess
from collections.abc import Iterable
from pathlib import Path

import orjson
import pyarrow as pa
import pyogrio
from sqlalchemy import make_url

from app.exports.arrow import GEOMETRY, SCHEMA, batches
from app.queries.rows import COLUMNS, FlatRow

TABLE = "incidents"


def to_geopackage(rows: Iterable[FlatRow], file: Path) -> None:
    """One layer with its spatial index, as GDAL writes it."""
    reader = pa.RecordBatchReader.from_batches(SCHEMA, batches(rows))
    pyogrio.write_arrow(
        reader, file, driver="GPKG", layer=TABLE, geometry_name=GEOMETRY, geometry_type="Point", crs="EPSG:4326"
    )


def to_sqlite(rows: Iterable[FlatRow], file: Path) -> None:
    """One table with the geometry as GeoJSON, and an R*Tree beside it."""
    file.unlink(missing_ok=True)
    database = sqlite3.connect(file)
    database.execute(f"CREATE TABLE {TABLE} (id INTEGER PRIMARY KEY, {', '.join(COLUMNS)}, {GEOMETRY})")
    database.execute("CREATE VIRTUAL TABLE boxes USING rtree(id, west, east, south, north)")
    marks = ", ".join("?" * (len(COLUMNS) + 2))
    for number, row in enumerate(rows, 1):
        point = None if row["lon"] is None else {"type": "Point", "coordinates": [row["lon"], row["lat"]]}
        told = (str(value) if name.startswith("date_") and value else value for name, value in row.items())
        database.execute(f"INSERT INTO {TABLE} VALUES ({marks})", (number, *told, orjson.dumps(point).decode()))
        if point:
            lon, lat = row["lon"], row["lat"]
            database.execute("INSERT INTO boxes VALUES (?, ?, ?, ?, ?)", (number, lon, lon, lat, lat))
    database.execute(f"CREATE INDEX by_date ON {TABLE} (date_earliest)")
    database.commit()
    database.close()


def to_postgis(geopackage: Path, url: str) -> None:
    """The same layer as a table of PostGIS with its spatial index. Needs ogr2ogr."""
    to = make_url(url)
    place = f"PG:host={to.host} port={to.port} dbname={to.database} user={to.username} password={to.password}"
    options = [
        "-nln",
        TABLE,
        "-lco",
        "GEOMETRY_NAME=geom",
        "-lco",
        "FID=ogc_fid",
        "--config",
        "PG_USE_COPY",
        "YES",
        "-overwrite",
    ]
    subprocess.run(["ogr2ogr", "-f", "PostgreSQL", place, str(geopackage), *options], check=True, capture_output=True)


def has_ogr2ogr() -> bool:
    return shutil.which("ogr2ogr") is not None
