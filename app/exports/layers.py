"""Map layers by GDAL: GeoPackage and FlatGeobuf, written in memory and never on disk."""

import sqlite3
import threading
from collections.abc import Iterable, Iterator
from contextlib import closing
from importlib import import_module
from io import BytesIO
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from app.exports import styles
from app.exports.arrow import GEOMETRY, SCHEMA, batches
from app.exports.format import Answer, Format, Heading
from app.exports.zipped import PIECE
from app.queries.written import DISCLAIMER

# Up to 2.4 KB of memory each.
MOST = 100_000
LAYER = "incidents"
# The clock of GDAL is one for the whole process, and two such files at once would be twice the memory.
ONE_AT_A_TIME = threading.Lock()
STYLE_TABLE = """CREATE TABLE layer_styles (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, f_table_catalog TEXT(256), f_table_schema TEXT(256),
    f_table_name TEXT(256), f_geometry_column TEXT(256), styleName TEXT(30), styleQML TEXT, styleSLD TEXT,
    useAsDefault BOOLEAN, description TEXT, owner TEXT(30), ui TEXT(30), update_time DATETIME)"""
STYLE = """INSERT INTO layer_styles (f_table_catalog, f_table_schema, f_table_name, f_geometry_column, styleName,
    styleQML, styleSLD, useAsDefault, description, owner, update_time)
    VALUES ('', '', ?, 'geom', ?, ?, '', 1, ?, '', ?)"""
CONTENTS = """INSERT INTO gpkg_contents (table_name, data_type, identifier, description, last_change, srs_id)
    VALUES ('layer_styles', 'attributes', 'layer_styles', '', ?, NULL)"""


def _gpkg(answer: Answer) -> Iterator[bytes]:
    rows = limited(answer.rows)
    heading = answer.heading
    options = {"DESCRIPTION": about(heading), "IDENTIFIER": LAYER}
    made = written("GPKG", batches(rows), heading, dataset_options={"VERSION": "1.2"}, layer_options=options)
    yield from poured(_with_style(made, heading))


def _fgb(answer: Answer) -> Iterator[bytes]:
    """Without the incidents that have no place, for it can hold none; its description says how many those are."""
    located, unlocated = [], 0
    for batch in batches(limited(answer.rows)):
        kept = batch.filter(pc.is_valid(batch[GEOMETRY]))
        unlocated += batch.num_rows - kept.num_rows
        located.append(kept)
    told = f"{about(answer.heading)} {unlocated} incidents without a place are left out: the GeoJSON has them."
    # Its index would otherwise be sorted in a temporary file.
    options = {"TEMPORARY_DIR": "/vsimem/", "TITLE": LAYER, "DESCRIPTION": told}
    yield from poured(written("FlatGeobuf", located, answer.heading, layer_options=options))


def limited(rows: Iterable[Any], most: int = MOST) -> Iterator[Any]:
    """The rows, and Invalid instead of one too many, for whoever has not asked before how many there are."""
    for number, row in enumerate(rows, start=1):
        GPKG.check_holds(number if number > most else 0)
        yield row


def about(heading: Heading) -> str:
    return f"{heading.question}. Answered {heading.moment}. {DISCLAIMER}"


def clock(heading: Heading) -> str:
    """The moment of the answer as GeoPackages write it."""
    return heading.moment.replace("Z", ".000Z")


def written(driver: str, parts: Iterable[pa.RecordBatch], heading: Heading, **options: Any) -> bytes:
    """The file that a driver of GDAL makes of batches of SCHEMA."""
    # The question stands in every file; what is in the schema for Parquet would be in the layer as well.
    schema = SCHEMA.remove_metadata()
    reader = pa.RecordBatchReader.from_batches(schema, (part.cast(schema) for part in parts))
    target = BytesIO()
    with ONE_AT_A_TIME:
        pyogrio = import_module("pyogrio")  # brings pandas with it: half a second that no other command should wait
        pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": clock(heading)})
        try:
            pyogrio.write_arrow(
                reader, target, layer=LAYER, driver=driver, geometry_name=GEOMETRY, geometry_type="Point",
                crs="EPSG:4326", **options,
            )  # fmt: skip
        finally:
            pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": None})
    return target.getvalue()


def _with_style(made: bytes, heading: Heading) -> bytes:
    """The GeoPackage with the table in which QGIS looks for a style; still in memory alone."""
    moment = clock(heading)
    with closing(sqlite3.connect(":memory:")) as database:
        database.deserialize(made)
        database.execute("PRAGMA journal_mode = MEMORY")
        database.execute(STYLE_TABLE)
        database.execute(STYLE, (LAYER, LAYER, styles.qml(), styles.ABOUT, moment))
        database.execute(CONTENTS, (moment,))
        database.commit()
        return database.serialize()


def poured(made: bytes) -> Iterator[bytes]:
    """What is written already, in pieces."""
    for start in range(0, len(made), PIECE):
        yield made[start : start + PIECE]


GPKG = Format(
    "gpkg", "application/geopackage+sqlite3", "A map for QGIS and ArcGIS, with a style that shows rough places as such",
    _gpkg, most=MOST,
)  # fmt: skip
FGB = Format(
    "fgb", "application/vnd.flatgeobuf", "A map for the web and QGIS; without the incidents that have no place", _fgb,
    most=MOST, packed=True,
)  # fmt: skip
