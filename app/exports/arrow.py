"""Flat rows as Arrow: columns of one type each, with the point as WKB, for Parquet and the map layers."""

import struct
from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import islice
from typing import Any

import orjson
import pyarrow as pa

from app.queries.rows import COLUMNS, TALLIES, FlatRow

BATCH = 1000
GEOMETRY = "geometry"
SPECIAL: dict[str, pa.DataType] = {
    "alleged": pa.bool_(), "location_generalised": pa.bool_(), "lon": pa.float64(), "lat": pa.float64(),
    "uncertainty_m": pa.float64(),
    "date_earliest": pa.date32(), "date_latest": pa.date32(), "updated_at": pa.timestamp("ms", tz="UTC"),
    **dict.fromkeys(("independent_sources", *TALLIES), pa.int64()),
}  # fmt: skip
POINT = struct.Struct("<BIdd")  # little endian, a point, lon, lat
# GeoParquet 1.1: without a `crs`, longitude and latitude on WGS 84 (OGC:CRS84).
GEO = orjson.dumps({
    "version": "1.1.0", "primary_column": GEOMETRY,
    "columns": {GEOMETRY: {"encoding": "WKB", "geometry_types": ["Point"]}},
})  # fmt: skip
SCHEMA = pa.schema(
    [*((name, SPECIAL.get(name, pa.string())) for name in COLUMNS), (GEOMETRY, pa.binary())], metadata={b"geo": GEO}
)


def batches(rows: Iterable[FlatRow], size: int = BATCH) -> Iterator[pa.RecordBatch]:
    """The rows in batches of SCHEMA, never more than `size` of them at once; geometry is null where no point is."""
    left = iter(rows)
    while part := list(islice(left, size)):
        yield pa.RecordBatch.from_pylist([told(row) for row in part], SCHEMA)


def told(row: FlatRow) -> dict[str, Any]:
    """One row as Arrow takes it: a moment instead of its text, and the point."""
    point = None if row["lon"] is None else POINT.pack(1, 1, row["lon"], row["lat"])
    return row | {"updated_at": datetime.fromisoformat(row["updated_at"]), GEOMETRY: point}
