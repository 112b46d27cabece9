"""Looking into files: whatever lies packed in an answer is laid out beside it, so that a search of bytes finds it."""

import io
import sqlite3
import zipfile
from contextlib import closing

import pyarrow.parquet as pq

ZIP, SQLITE, PARQUET = b"PK\x03\x04", b"SQLite format 3\0", b"PAR1"


def opened(content: bytes) -> bytes:
    """The bytes, and behind them all that is packed in them: files in a zip, cells of a database and of Parquet."""
    if content.startswith(ZIP):
        return content + b"".join(_files(content))
    if content.startswith(SQLITE):
        return content + _cells(content)
    if content.startswith(PARQUET):
        return content + _columns(content)
    return content


def words(content: bytes) -> str:
    """The same as text, for whoever looks for words."""
    return opened(content).decode("utf-8", "replace")


def _files(content: bytes) -> list[bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return [b"\n" + name.encode() + b"\n" + opened(archive.read(name)) for name in archive.namelist()]


def _cells(content: bytes) -> bytes:
    """Every cell of every table: a long text goes on in another page of the file, and would be missed there."""
    with closing(sqlite3.connect(":memory:")) as database:
        database.deserialize(content)
        names = [name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        plain = [name for name in names if not name.startswith("rtree_")]  # numbers in nodes, which need a module
        rows = [row for name in plain for row in database.execute(f'SELECT * FROM "{name}"')]
    return "\n".join(str(cell) for row in rows for cell in row).encode()


def _columns(content: bytes) -> bytes:
    table = pq.read_table(io.BytesIO(content))
    cells = (str(cell) for column in table.columns for cell in column.to_pylist())
    return "\n".join(cells).encode() + b"\n".join((table.schema.metadata or {}).values())
