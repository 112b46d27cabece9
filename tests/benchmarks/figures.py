"""What a measure prints: a figure with its spread, its ratio to a raw limit, the load, and whether the goal is met."""

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Any

from tests.benchmarks.goals import GOALS, Goal, of_measure

HEADING = ("measure", "median", "unit", "min-max", "ratio", "to", "load", "goal", "met")


@dataclass(frozen=True)
class Figure:
    """One line of the table.

    `limits`: what the raw limit took in the same unit; `wrong`: how the answers differ; `at`: rows of the archive.
    """

    name: str
    unit: str
    values: Sequence[float]
    limits: Sequence[float] = ()
    limit: str = ""
    goal: Goal | None = None
    wrong: str = ""
    notes: Sequence[str] = ()
    at: int = 0
    load: float = field(default_factory=lambda: os.getloadavg()[0] if hasattr(os, "getloadavg") else -1.0)

    @property
    def value(self) -> float:
        return median(self.values)

    @property
    def ratio(self) -> float | None:
        return self.value / median(self.limits) if self.limits else None

    @property
    def verdict(self) -> str:
        if self.wrong:
            return "INVALID"
        if self.goal is None:
            return "-"
        figure = self.ratio if self.goal.on_ratio else self.value
        said = "yes" if figure is not None and self.goal.met(figure) else "NO"
        return said if self.is_full else f"{said}, at {self.at:,}"

    @property
    def is_full(self) -> bool:
        """Whether it was taken in an archive as large as its goal is set for."""
        return self.goal is None or self.at >= self.goal.rows

    def cells(self) -> tuple[str, ...]:
        spread = f"{number(min(self.values))} - {number(max(self.values))}" if len(self.values) > 1 else "once"
        ratio = "-" if self.ratio is None else f"{number(self.ratio)}x"
        goal = str(self.goal) if self.goal else "-"
        return (self.name, number(self.value), self.unit, spread, ratio, self.limit or "-", f"{self.load:.1f}", goal,
                self.verdict)  # fmt: skip

    def as_json(self) -> dict[str, Any]:
        return {
            "name": self.name, "median": self.value, "unit": self.unit, "values": list(self.values),
            "ratio": self.ratio, "limit": self.limit or None, "limits": list(self.limits), "load": round(self.load, 2),
            "goal": str(self.goal) if self.goal else None, "met": self.verdict, "wrong": self.wrong or None,
            "notes": list(self.notes), "rows": self.at or None, "line": self.goal.line if self.goal else None,
        }  # fmt: skip


@dataclass(frozen=True)
class NotMeasured:
    """A goal of which nothing is known after this run, and why."""

    goal: Goal
    why: str

    def __str__(self) -> str:
        return f"NOT MEASURED: {self.goal.line}: {self.why}"


Found = Figure | NotMeasured


def cannot(measure: str, engine: str, why: str) -> Iterator[NotMeasured]:
    """Nothing of a measure."""
    return (NotMeasured(goal, why) for goal in of_measure(measure, engine))


def missing(found: Sequence[Found], measures: Iterable[str], engine: str) -> list[NotMeasured]:
    """What these measures leave open of all the goals. Raises ValueError for one that they keep silent about."""
    asked = set(measures)
    return [one for goal in GOALS.values() if (one := _missing(goal, found, asked, engine)) is not None]


def _missing(goal: Goal, found: Sequence[Found], measures: set[str], engine: str) -> NotMeasured | None:
    if goal.engine not in {"", engine}:
        return NotMeasured(goal, f"it is set for {goal.engine}")
    if goal.measure not in measures:
        return NotMeasured(goal, f"`{goal.measure}` was not asked for")
    said = [one for one in found if one.goal is goal]
    taken = [one for one in said if isinstance(one, Figure)]
    if not said:
        raise ValueError(f"`{goal.measure}` says nothing of its goal: {goal.line}")
    if any(figure.is_full for figure in taken):
        return None
    if taken:
        return NotMeasured(goal, f"it is set for {goal.rows:,} rows; above is what {taken[-1].at:,} took")
    return next(one for one in said if isinstance(one, NotMeasured))


def number(value: float) -> str:
    """Three digits that count; whole numbers whole."""
    return f"{value:,.0f}" if abs(value) >= 100 or value == int(value) else f"{value:.3g}"


def heading() -> str:
    return f"| {' | '.join(HEADING)} |\n|{'---|' * len(HEADING)}"


def line(figure: Figure) -> str:
    return f"| {' | '.join(cell.replace('|', '/') for cell in figure.cells())} |"


def remarks(figures: Iterable[Figure]) -> list[str]:
    """What is wrong first, then the notes."""
    known = list(figures)
    wrong = [f"INVALID: {figure.name}: {figure.wrong}" for figure in known if figure.wrong]
    return wrong + [f"{figure.name}: {note}" for figure in known for note in figure.notes]
