"""What came of an import: how many rows and which, what they change, what was refused, and whom they name anew."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from typing import Any
from uuid import UUID

from app.actions.foretelling import Change
from app.imports.importer import Finding
from app.imports.names import Names, Unknown
from app.imports.numbering import LINES, Numbering

# So much is kept of one import, however large its file is; the rest is counted.
MOST_RANGES, MOST_CHANGED = 1000, 2000
FATES = ("new", "changed", "unchanged", "refused")
COUNTED = ("rows", *FATES)


@dataclass
class Lines:
    """Numbers of rows, in the order of the file, as ranges; `left`: how many came after the last that is kept."""

    ranges: list[list[int]] = field(default_factory=list)
    left: int = 0

    def add(self, lines: Iterable[int]) -> None:
        for line in lines:
            if self.ranges and not self.left and line == self.ranges[-1][1] + 1:
                self.ranges[-1][1] = line
            elif len(self.ranges) < MOST_RANGES:
                self.ranges.append([line, line])
            else:
                self.left += 1

    def join(self, later: "Lines") -> None:
        """Add what comes after it in the same file."""
        for first, last in later.ranges:
            self.add(range(first, last + 1))
        self.left += later.left

    def __str__(self) -> str:
        """As in `2-40, 42`."""
        told = [str(first) if first == last else f"{first}-{last}" for first, last in self.ranges]
        return ", ".join([*told, *([f"and {self.left:,} more"] if self.left else [])])


@dataclass
class Outcome:
    """What came of an import. rows = new + changed + unchanged + refused; `recorded`: whether anything was written.

    `lines`: which rows those are. `changes`: field by field, of as many changed rows as are kept; `not_told`: how many
    changed rows came after them.
    """

    batch: UUID | None = None
    recorded: bool = False
    rows: int = 0
    new: int = 0
    changed: int = 0
    unchanged: int = 0
    refused: int = 0
    errors: list[Finding] = field(default_factory=list)
    notes: list[Finding] = field(default_factory=list)
    read_as: str = ""
    lines: dict[str, Lines] = field(default_factory=lambda: {fate: Lines() for fate in FATES})
    changes: list[Change] = field(default_factory=list)
    not_told: int = 0
    names: Names = field(default_factory=Names)
    numbering: Numbering = LINES

    def join(self, later: "Outcome") -> list[Unknown]:
        """Add what came of later rows of the same file, for whose names there is room; the names that are new."""
        told = list(dict.fromkeys(change.line for change in later.changes))
        kept = frozenset(told[: max(0, MOST_CHANGED - self.changed)])
        self.changes += [change for change in later.changes if change.line in kept]
        self.not_told += later.not_told + len(told) - len(kept)
        for name in COUNTED:
            setattr(self, name, getattr(self, name) + getattr(later, name))
        for fate, lines in later.lines.items():
            self.lines[fate].join(lines)
        return self.names.join(later.names)

    def counts(self) -> dict[str, int]:
        return {name: getattr(self, name) for name in COUNTED} | {"warnings": len(self.notes)}

    def as_json(self) -> dict[str, Any]:
        return {
            "batch": str(self.batch) if self.batch else None,
            "recorded": self.recorded,
            "read_as": self.read_as,
            **self.counts(),
            "errors": [finding.as_json(self.numbering) for finding in self.errors],
            "notes": [finding.as_json(self.numbering) for finding in self.notes],
            "lines": {fate: str(lines) for fate, lines in self.lines.items()},
            "changes": [asdict(one) | {"place": self.numbering.at(one.line)} for one in self.changes],
            "changed_rows_not_told": self.not_told,
            **self.names.as_json(self.numbering),
        }
