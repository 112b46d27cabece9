"""What is kept of a run: on which machine, under what load, every figure, and what was not measured."""

import os
import platform
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
import psutil  # type: ignore[import-untyped]
from sqlalchemy import create_engine, text

from tests.benchmarks import figures
from tests.benchmarks.figures import Figure, NotMeasured

CPUINFO = Path("/proc/cpuinfo")


def load() -> tuple[float, ...]:
    """The load of 1, 5 and 15 minutes; nothing where a system does not tell."""
    return tuple(round(one, 2) for one in os.getloadavg()) if hasattr(os, "getloadavg") else ()


@dataclass
class Report:
    """One run. `engine`: which and of what version."""

    engine: str
    sizes: Sequence[int]
    began: datetime = field(default_factory=lambda: datetime.now(UTC))
    before: tuple[float, ...] = field(default_factory=load)
    figures: list[Figure] = field(default_factory=list)
    missing: list[NotMeasured] = field(default_factory=list)
    broken: dict[str, str] = field(default_factory=dict)

    def about(self) -> dict[str, str]:
        """What has to be known before two runs may be compared."""
        return {
            "date": f"{self.began:%Y-%m-%d %H:%M} UTC",
            "machine": machine(),
            "software": f"Python {platform.python_version()}, {self.engine}",
            "load before and after": f"{_said(self.before)}; {_said(load())}",
            "incidents": ", ".join(f"{size:,}" for size in self.sizes),
        }

    def markdown(self) -> str:
        lines = ["# What `gawah bench` measured", ""]
        lines += [f"- {name}: {told}" for name, told in self.about().items()]
        lines += ["", figures.heading(), *(figures.line(figure) for figure in self.figures), ""]
        return "\n".join([*lines, *(f"- {remark}" for remark in self.remarks())]) + "\n"

    def remarks(self) -> list[str]:
        """What broke and what is wrong, the notes, and what was not measured."""
        broken = [f"BROKEN: {name}: {what}" for name, what in self.broken.items()]
        return [*broken, *figures.remarks(self.figures), *map(str, self.missing)]

    def as_json(self) -> dict[str, Any]:
        not_measured = [{"line": one.goal.line, "why": one.why} for one in self.missing]
        taken = [figure.as_json() for figure in self.figures]
        return self.about() | {"figures": taken, "not_measured": not_measured, "broken": self.broken}

    def keep(self, markdown: Path | None, json: Path | None) -> None:
        """Write it where it was asked for."""
        if markdown:
            markdown.write_text(self.markdown(), encoding="utf-8")
        if json:
            json.write_bytes(orjson.dumps(self.as_json(), option=orjson.OPT_INDENT_2) + b"\n")


def _said(load: tuple[float, ...]) -> str:
    return " ".join(f"{one:.2f}" for one in load) or "not told"


def machine() -> str:
    memory = psutil.virtual_memory().total / 2**30
    return f"{os.cpu_count()} cores of {_processor()}, {memory:.0f} GiB, {platform.system()} {platform.machine()}"


def _processor() -> str:
    """The name of the processor, as far as the system tells it."""
    told = CPUINFO.read_text().splitlines() if CPUINFO.is_file() else []
    named = (line.partition(":")[2].strip() for line in told if line.startswith("model name"))
    return next(named, platform.processor() or "a processor without a name")


def engine_at(url: str | None) -> str:
    """Which database, and of what version."""
    if url is None:
        return f"encrypted SQLite ({sqlite3.sqlite_version} for the published store)"
    engine = create_engine(url)
    with engine.connect() as connection:
        version = connection.execute(text("SHOW server_version")).scalar_one()
    engine.dispose()
    return f"PostgreSQL {version}"
