"""Behind the wall: reads the file on standard input, and writes its rows to standard output as JSON, a batch a line."""

import os
import sys
from typing import Any

import orjson

from app.errors import Refusal
from app.imports.tables.hints import Hints
from app.imports.tables.reading import open_table

BATCH = 64 * 1024


def main(told: dict[str, Any]) -> None:
    """Read as `told`. The last line is `{"end": true}`, or what is wrong with the file."""
    try:
        _read(told)
        _say({"end": True})
    except Refusal as refusal:
        _say({"unreadable": refusal.detail})
    except MemoryError:
        _say({"trouble": "memory"})
    except RecursionError:
        _say({"unreadable": "The file nests lists in lists without end: it holds no table."})
    except BaseException as problem:  # noqa: BLE001 - a panic of a library is one too; no text of it is passed on
        _say({"trouble": type(problem).__name__})
    sys.stdout.buffer.flush()
    os._exit(0)  # a library that is in disorder is not asked to tidy up


def _read(told: dict[str, Any]) -> None:
    table = open_table(sys.stdin.buffer, told["size"], Hints(**told["hints"]), told["drivers"])
    told_of = {"names": table.names, "read_as": table.read_as, "tags": table.tags}
    _say(told_of | {"row": table.numbering.row, "within": table.numbering.within})
    batch: list[Any] = []
    size = 0
    for row in table.rows:
        batch.append(row)
        size += 8 + sum(map(_length, row[1]))
        if size > BATCH:
            _say(batch)
            batch, size = [], 0
    _say(batch)


def _length(cell: Any) -> int:
    return len(cell) + 3 if isinstance(cell, str) else 200


def _say(told: Any) -> None:
    sys.stdout.buffer.write(orjson.dumps(told) + b"\n")
