"""Tables in Parquet and GeoParquet, a batch of rows at a time."""

import io
import json
import os
from collections.abc import Iterator
from typing import Any

from app.errors import Unreadable
from app.imports.numbering import Numbering
from app.imports.tables.hints import Hints
from app.imports.tables.maps import placed, points_of, with_places
from app.imports.tables.outlines import OUTLINE, Place
from app.imports.tables.shape import Grid, Numbered, as_text, counted, named
from app.imports.tables.source import Source

BATCH, MOST_ROWS = 1000, 5_000_000
WKB = "WKB"
# What else a library may say of a file that is not what it seems.
DISORDER = (OSError, ValueError, TypeError, KeyError, RuntimeError)
DAMAGED = "The Parquet file is damaged, or of a kind that we do not read: save the table as CSV and import that."


def table_of_parquet(source: Source, hints: Hints) -> Grid:
    """The table, with the place of each row where one of its columns is a geometry. Raises Unreadable, also later."""
    os.environ["ARROW_DEFAULT_MEMORY_POOL"] = "system"  # the others ask for more room at once than is allowed here
    import pyarrow as pa  # noqa: PLC0415 - behind the wall, and only for these files
    import pyarrow.parquet as pq  # noqa: PLC0415

    try:
        file = pq.ParquetFile(io.BytesIO(source.whole()), pre_buffer=False)
        count, schema = file.metadata.num_rows, file.schema_arrow
    except (pa.ArrowException, *DISORDER) as problem:
        raise Unreadable(DAMAGED) from problem
    if count > MOST_ROWS:
        raise Unreadable(f"The table has more than {MOST_ROWS:,} rows: send it in parts.")
    shape, crs = _geometry(schema.metadata or {})
    at = schema.names.index(shape) if shape in schema.names else None
    fields = [number for number in range(len(schema.names)) if number != at]
    read_as = f"{'Parquet' if at is None else 'GeoParquet'}{source.wrapping}, {counted(count, 'row')}"
    names = named([schema.names[number] for number in fields]) if fields else []
    told = (OUTLINE,) if hints.outlines else ("lon", "lat", "geometry")
    names, places = with_places(names, () if at is None else told)
    batches = file.iter_batches(BATCH, use_threads=False)
    shapes = ((batch, None if at is None else batch.column(at).to_pylist()) for batch in batches)
    rows = _rows(((batch, list(points_of(shape, crs, hints))) for batch, shape in shapes), fields, places)
    return Grid(names, read_as, _guarded(rows, (pa.ArrowException, *DISORDER)), numbering=Numbering("row"))


def _geometry(metadata: dict[bytes, bytes]) -> tuple[str | None, str | None]:
    """The column of the geometry, and in what it counts. None where that is longitude and latitude."""
    try:
        told = json.loads(metadata.get(b"geo", b"{}"))
        name = told.get("primary_column")
        column = told.get("columns", {}).get(name, {})
        crs = column.get("crs")
        crs = json.dumps(crs) if isinstance(crs, dict) else crs
        return (str(name), str(crs) if crs else None) if column.get("encoding") == WKB else (None, None)
    except (ValueError, AttributeError, TypeError, RecursionError):
        return None, None


def _rows(batches: Iterator[tuple[Any, list[Place]]], fields: list[int], places: list[str]) -> Iterator[Numbered]:
    number = 0
    for batch, points in batches:
        columns = [_told(batch.column(field)) for field in fields]
        for row in range(batch.num_rows):
            number += 1
            yield from placed(number, [_cell(column[row]) for column in columns], points[row] if points else {}, places)


def _told(column: Any) -> list[Any]:
    """The values. A time with a zone is told in UTC: the zones themselves lie where nothing is read from here."""
    import pyarrow as pa  # noqa: PLC0415

    if pa.types.is_timestamp(column.type) and column.type.tz:
        column = column.view(pa.timestamp(column.type.unit))
    return list(column.to_pylist())


def _cell(value: Any) -> Any:
    if isinstance(value, dict | list):
        return json.loads(json.dumps(value, default=lambda one: as_text(_plain(one))))
    return as_text(_plain(value))


def _plain(value: Any) -> Any:
    return value.hex() if isinstance(value, bytes) else value


def _guarded(rows: Iterator[Numbered], troubles: tuple[type[BaseException], ...]) -> Iterator[Numbered]:
    try:
        yield from rows
    except troubles as problem:
        raise Unreadable(DAMAGED) from problem
