"""A lake: a folder of GeoParquet files, one for each country and year, which DuckDB, Dask and Spark read as it is."""

import hashlib
import json
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import groupby
from pathlib import Path
from typing import Any
from urllib.parse import quote

import orjson
import pyarrow as pa
from pyarrow import parquet

from app.db import chunks
from app.errors import Fault, Invalid
from app.exports import arrow
from app.exports.format import Heading
from app.queries.rows import FlatRow
from app.queries.written import DISCLAIMER

NAME = "dataset"
# What Hive wrote where it knew no value. DuckDB, Arrow and Spark take it for none by themselves; Dask once it is told
# the types of the folders. A word or a number instead would be found by `year < 2000`, and what is not known is not 0.
UNKNOWN = "__HIVE_DEFAULT_PARTITION__"
# Readers pass by what begins so.
MANIFEST, README = "_manifest.json", "_README.md"
MADE_BY = "gawah export dataset"
BATCHES_AT_ONCE = 20  # a row group, and all that is in memory at once
BOX = ("xmin", "ymin", "xmax", "ymax")
ABOUT = """# Alleged incidents, as a dataset

{disclaimer}

What was asked: {question}. When: {moment}. Rows: {rows}.

One GeoParquet file for each country and year: `country=PAK/year=2025/part-0.parquet`. The year is that of the earliest
day on which it may have happened. `{unknown}` stands where the country or the year is not known
and is read as null; Dask has to be told the types of the folders for it (country text, year a whole number).
`{manifest}` lists every file with its rows and its SHA-256.
"""

Part = tuple[str | None, Iterable[FlatRow]]


def _schema() -> pa.Schema:
    """The flat row without its country, which the folder says, and with the box by which map readers skip rows."""
    geo = orjson.loads(arrow.GEO)
    geo["columns"][arrow.GEOMETRY]["covering"] = {"bbox": {side: ["bbox", side] for side in BOX}}
    box = pa.field("bbox", pa.struct([(side, pa.float64()) for side in BOX]))
    fields = [field for field in arrow.SCHEMA if field.name != "country"]
    return pa.schema([*fields, box], metadata={b"geo": orjson.dumps(geo)})


SCHEMA = _schema()


def write(folder: Path, parts: Iterable[Part], heading: Heading, *, public: bool) -> int:
    """Write the parts, of one country each and newest first, and put the whole in place. How many rows. Raises Invalid.

    Whoever looks at `folder` finds what was there before, or all of the new.
    """
    with replacing(folder) as made:
        files = list(_files(made, parts))
        rows: int = sum(file["rows"] for file in files)
        told = {
            "made_by": MADE_BY, "question": heading.question, "asked_at": heading.moment, "public": public,
            "disclaimer": DISCLAIMER, "partitioned_by": ["country", "year"], "rows": rows, "files": files,
        }  # fmt: skip
        (made / MANIFEST).write_text(json.dumps(told, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
        words = {"question": heading.question, "moment": heading.moment, "rows": rows, "disclaimer": DISCLAIMER}
        (made / README).write_text(ABOUT.format(**words, unknown=UNKNOWN, manifest=MANIFEST), encoding="utf-8")
    return rows


def _files(made: Path, parts: Iterable[Part]) -> Iterator[dict[str, Any]]:
    for country, rows in parts:
        for year, some in groupby(rows, _year):
            where = f"country={quote(country or UNKNOWN)}/year={year or UNKNOWN}/part-0.parquet"
            count = _file(made / where, some)
            with (made / where).open("rb") as file:
                digest = hashlib.file_digest(file, "sha256").hexdigest()
            yield {"path": where, "rows": count, "sha256": digest}


def _year(row: FlatRow) -> int | None:
    return row["date_earliest"].year if row["date_earliest"] else None


def _file(path: Path, rows: Iterable[FlatRow]) -> int:
    path.parent.mkdir(parents=True, exist_ok=True)
    count = 0
    with parquet.ParquetWriter(path, SCHEMA, compression="zstd") as file:
        for group in chunks(arrow.batches(rows), BATCHES_AT_ONCE):
            table = pa.Table.from_batches([_laid(batch) for batch in group], SCHEMA)
            file.write_table(table, row_group_size=max(1, table.num_rows))
            count += table.num_rows
    return count


def _laid(batch: pa.RecordBatch) -> pa.RecordBatch:
    lon, lat = batch["lon"], batch["lat"]
    box = pa.StructArray.from_arrays([lon, lat, lon, lat], BOX, mask=lon.is_null())
    columns = {name: batch[name] for name in SCHEMA.names if name != "bbox"} | {"bbox": box}
    return pa.RecordBatch.from_arrays([columns[name] for name in SCHEMA.names], schema=SCHEMA)


@contextmanager
def replacing(folder: Path) -> Iterator[Path]:
    """A new folder to fill, which takes the place of `folder` when all went well, and is gone otherwise.

    Raises Invalid where something lies there that is not ours to replace.
    """
    place = folder.resolve()
    check_free(place)
    made = Path(tempfile.mkdtemp(dir=place.parent, prefix=f".{place.name}-"))
    try:
        yield made
        check_free(place)
        _put(made, place)
    except BaseException:
        shutil.rmtree(made, ignore_errors=True)
        raise


def _put(made: Path, place: Path) -> None:
    if not place.exists():
        made.rename(place)
        return
    old = made.with_name(f"{made.name}-old")
    place.rename(old)
    try:
        made.rename(place)
    except OSError:
        old.rename(place)
        raise
    shutil.rmtree(old)


def check_free(place: Path) -> None:
    """Raises Invalid unless a dataset may be put there: nothing is there, an empty folder, or a dataset of ours."""
    if not place.parent.is_dir():
        raise _not_there("its folder is not there", "make the folder first")
    if not place.exists():
        return
    if not place.is_dir():
        raise _not_there("a file is there", "give another name")
    if any(place.iterdir()) and not _is_ours(place):
        raise _not_there("the folder holds something that no dataset of ours holds", "give an empty or a new folder")


def _is_ours(place: Path) -> bool:
    """Whether everything in a folder was put there by `write`."""
    try:
        told = json.loads((place / MANIFEST).read_text(encoding="utf-8"))
        known = {place / MANIFEST, place / README, *(place / file["path"] for file in told["files"])}
        ours: bool = told["made_by"] == MADE_BY
    except (OSError, ValueError, LookupError, TypeError):
        return False
    return ours and all(found in known for found in place.rglob("*") if found.is_symlink() or not found.is_dir())


def _not_there(what: str, mend: str) -> Invalid:
    return Invalid("The dataset cannot be put there.", [Fault("DIR", what, mend)])
