"""Read a JSON list of objects, plain or gzipped, until the tables of the house read JSON themselves."""

import gzip
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson

from app.errors import Unreadable
from app.imports import tables
from app.imports.importer import Row

OPENINGS = (b"[", b"{")


def heading(path: Path) -> list[str]:
    """The names of the columns; of JSON every key that an object of the list has. Raises Unreadable."""
    if not _is_json(path):
        return tables.heading(path)
    return list(dict.fromkeys(key for one in _objects(path) for key in one))


def rows(path: Path) -> Iterator[Row]:
    """The rows; an object of JSON has the number of its place in the list, 1 for the first."""
    if not _is_json(path):
        yield from tables.rows(path)
        return
    for number, one in enumerate(_objects(path), 1):
        yield Row(number, one)


def _is_json(path: Path) -> bool:
    try:
        return _opened(path, 64).removeprefix(b"\xef\xbb\xbf").lstrip().startswith(OPENINGS)
    except (Unreadable, zlib.error):
        return False  # what is wrong with the file, the reader of tables says


def _opened(path: Path, size: int = -1) -> bytes:
    try:
        with path.open("rb") as raw:
            packed = raw.read(2) == tables.GZIP
        with gzip.open(path) if packed else path.open("rb") as file:
            return file.read(size)
    except (OSError, EOFError, zlib.error) as problem:
        raise Unreadable("The file cannot be opened: is the name right, and may you read it?") from problem


def _objects(path: Path) -> list[dict[str, Any]]:
    try:
        held = orjson.loads(_opened(path).removeprefix(b"\xef\xbb\xbf"))
    except orjson.JSONDecodeError as problem:
        raise Unreadable("The file is not JSON: it breaks off or has a comma out of place.") from problem
    if isinstance(held, dict):
        lists = [value for value in held.values() if isinstance(value, list) and value and isinstance(value[0], dict)]
        held = lists[0] if lists else None
    if not isinstance(held, list) or not all(isinstance(one, dict) for one in held):
        raise Unreadable("The JSON holds no list of objects: each incident must be an object in one list.")
    return held
