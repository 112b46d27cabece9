"""Cells of a table of refused rows: written so that no spreadsheet runs them, and read back as they were."""

from dataclasses import replace
from typing import Any

import orjson

from app.imports.tables.shape import Grid
from app.queries.formulas import marked, unmarked

# Before what a JSON nests, so that it is not taken for a text.
NESTED = "json: "


def as_cell(value: Any) -> Any:
    return NESTED + orjson.dumps(value).decode() if isinstance(value, dict | list) else marked(value)


def from_cell(cell: Any) -> Any:
    if isinstance(cell, str) and cell.startswith(NESTED):
        try:
            return orjson.loads(cell.removeprefix(NESTED))
        except orjson.JSONDecodeError:
            return cell
    return unmarked(cell)


def mended(table: Grid) -> Grid:
    """A table of refused rows as the table that they were refused from."""
    at = len(table.names) - 1
    names = [str(unmarked(name)) for name in table.names[:at]]
    rows = ((line, [*map(from_cell, cells[:at]), *cells[at + 1 :]]) for line, cells in table.rows)
    return replace(table, names=names, rows=rows, tags=table.tags[:at])
