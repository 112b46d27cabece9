"""The refused rows of a file under its own heading, with a last column that says why, to be mended and imported."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from app.imports.importer import Finding
from app.imports.tables import NONE, REASONS, Hints, as_cell, grid

# Stands beyond the reasons of a row that lacks cells: until somebody has looked, such a row is refused again.
LOOKED_AT = "delete this cell when the row has been mended"


def refused_rows(path: Path, findings: Iterable[Finding], hints: Hints = NONE) -> Iterator[list[Any]]:
    """The heading with its HXL tags, and each refused row as it stands in the file, with its reasons.

    The file is read once more. What a spreadsheet would run has an apostrophe before it, which reading takes off. Cells
    beyond the heading stand beyond the reasons.
    """
    reasons = _by_line(findings)
    with grid(path, hints) as table:
        width = len(table.names)
        yield [*map(as_cell, table.names), REASONS]
        if table.tags:
            yield [*_filled(table.tags[:width], width), ""]
        for line, cells in table.rows if reasons else ():
            if line in reasons:
                told = [*map(as_cell, cells)]
                yield [*_filled(told[:width], width), reasons[line], *_beyond(told, width)]


def _by_line(findings: Iterable[Finding]) -> dict[int, str]:
    found: dict[int, list[str]] = {}
    for one in findings:
        mend = f"; {one.suggestion}" if one.suggestion else ""
        found.setdefault(one.line, []).append(f"{one.column}: {one.why}{mend}")
    return {line: str(as_cell(" | ".join(told))) for line, told in found.items()}


def _filled(cells: list[Any], width: int) -> list[Any]:
    return cells + [""] * (width - len(cells))


def _beyond(cells: list[Any], width: int) -> list[Any]:
    return [LOOKED_AT] if len(cells) < width else cells[width:]
