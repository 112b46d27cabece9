"""What an importer is: how it knows its files, reads their rows, and turns a row into a report."""

from collections.abc import Callable, Collection, Iterator
from dataclasses import asdict, dataclass, field
from typing import Any

from app.imports.numbering import LINES, Numbering

# Told how many rows more have been looked at.
Progress = Callable[[int], None]


class Row:
    """One row of a file with the number it has there (the heading of a table is line 1).

    `values` by column are only put together when they are asked for: most tables are read by the place of their cells.
    """

    __slots__ = ("_values", "cells", "line", "names")

    def __init__(
        self,
        line: int,
        values: dict[str, Any] | None = None,
        names: tuple[str, ...] = (),
        cells: Collection[Any] = (),
    ) -> None:
        """Of `values`, or of the `cells` under as many `names`."""
        self.line, self._values = line, values
        self.names, self.cells = (names, cells) if values is None else (tuple(values), values.values())

    @property
    def values(self) -> dict[str, Any]:
        if self._values is None:
            self._values = dict(zip(self.names, self.cells, strict=True))
        return self._values


@dataclass(frozen=True)
class Finding:
    """Something about one row: where it stands, what is wrong or odd, and how to mend it.

    `about`: what the asker may read of the other record, where there is one.
    """

    line: int
    column: str
    value: str
    why: str
    suggestion: str = ""
    about: str = ""

    def as_json(self, numbering: Numbering = LINES) -> dict[str, Any]:
        return asdict(self) | {"place": numbering.at(self.line)}


class Repeated(list[Any]):
    """A list in a report that is the very same object whenever rows say the same, and which nobody changes.

    It is then checked once, and not for every row.
    """


@dataclass(frozen=True)
class Draft:
    """A row as a report: the body of `POST /incidents`, further accounts, and what was odd about it.

    `strange`: words of the row for which there is none of ours, each with what stands in for it as its suggestion.
    """

    report: dict[str, Any]
    accounts: list[dict[str, Any]] = field(default_factory=list)
    warnings: list[Finding] = field(default_factory=list)
    strange: list[Finding] = field(default_factory=list)

    @property
    def raw(self) -> dict[str, Any]:
        return {"report": self.report, "accounts": self.accounts} if self.accounts else {"report": self.report}


class RowRefused(Exception):
    """A row that cannot become a report; the finding says why."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(finding.why)
        self.finding = finding


@dataclass(frozen=True)
class Importer:
    """One way in. `needs`: the columns without which a file is not of this format.

    `read` takes the path and, if anybody gave them, `hints` for reading it.
    `columns` tells which column of the file a field of the report came from, for the words of an error.
    """

    name: str
    about: str
    needs: frozenset[str]
    read: Callable[..., Iterator[Row]]
    draft: Callable[[Row], Draft]
    columns: dict[str, str] = field(default_factory=dict)
