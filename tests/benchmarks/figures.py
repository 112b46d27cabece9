"""What a measure prints: a figure with its spread, its ratio to a raw limit, the load, and whether the goal is met."""

import os
import platform
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Any

HEADING = ("measure", "median", "unit", "min-max", "ratio", "to", "load", "goal", "met")


@dataclass(frozen=True)
class Goal:
    """A bound that a figure, or its ratio, has to keep."""

    bound: float
    at_least: bool = False
    on_ratio: bool = False

    def met(self, figure: float) -> bool:
        return figure >= self.bound if self.at_least else figure <= self.bound

    def __str__(self) -> str:
        sign = ">=" if self.at_least else "<="
        return f"{'ratio ' if self.on_ratio else ''}{sign} {self.bound:,g}"


@dataclass(frozen=True)
class Figure:
    """One line of the table. `limits`: what the raw limit took in the same unit; `wrong`: how the answers differ."""

    name: str
    unit: str
    values: Sequence[float]
    limits: Sequence[float] = ()
    limit: str = ""
    goal: Goal | None = None
    wrong: str = ""
    notes: Sequence[str] = ()
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
        return "yes" if figure is not None and self.goal.met(figure) else "NO"

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
            "notes": list(self.notes),
        }  # fmt: skip


def number(value: float) -> str:
    """Three digits that count; whole numbers whole."""
    return f"{value:,.0f}" if abs(value) >= 100 or value == int(value) else f"{value:.3g}"


def machine() -> str:
    return f"{os.cpu_count()} cores, {platform.system()} {platform.machine()}, Python {platform.python_version()}"


def heading() -> str:
    return f"| {' | '.join(HEADING)} |\n|{'---|' * len(HEADING)}"


def line(figure: Figure) -> str:
    return f"| {' | '.join(cell.replace('|', '/') for cell in figure.cells())} |"


def remarks(figures: Iterable[Figure]) -> list[str]:
    """What is wrong first, then the notes."""
    known = list(figures)
    wrong = [f"INVALID: {figure.name}: {figure.wrong}" for figure in known if figure.wrong]
    return wrong + [f"{figure.name}: {note}" for figure in known for note in figure.notes]
