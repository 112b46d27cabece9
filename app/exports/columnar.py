"""Parquet for data science: GeoParquet 1.1, compressed, in groups of rows that a reader may pass over."""

from collections.abc import Iterator
from itertools import islice

import pyarrow as pa
import pyarrow.parquet as pq

from app.exports.arrow import BATCH, SCHEMA, batches
from app.exports.format import Answer, Format
from app.exports.zipped import Drain
from app.queries.written import DISCLAIMER

BATCHES_A_GROUP = 10_000 // BATCH


def _parquet(answer: Answer) -> Iterator[bytes]:
    told = {"question": answer.heading.question, "asked_at": answer.heading.moment, "disclaimer": DISCLAIMER}
    schema = SCHEMA.with_metadata((SCHEMA.metadata or {}) | told)
    drain = Drain()
    with pq.ParquetWriter(drain, schema, compression="zstd") as writer:
        left = batches(answer.rows)
        while group := list(islice(left, BATCHES_A_GROUP)):
            writer.write_table(pa.Table.from_batches(group, SCHEMA).cast(schema))
            yield drain.take()
    yield drain.take()


PARQUET = Format(
    "parquet", "application/vnd.apache.parquet", "A table with types for pandas, DuckDB and R (GeoParquet 1.1)",
    _parquet, packed=True,
)  # fmt: skip
