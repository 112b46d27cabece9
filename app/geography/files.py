"""Where the reference files lie, and the rule that each is read once."""

import csv
import threading
from collections.abc import Callable
from functools import cache, wraps
from pathlib import Path
from typing import TypeVar

FOLDER = Path(__file__).resolve().parent.parent.parent / "geodata"

Made = TypeVar("Made")
_building = threading.RLock()


def once(make: Callable[[], Made]) -> Callable[[], Made]:
    """Make it at the first call, in one thread only, and keep it."""
    kept = cache(make)

    @wraps(make)
    def get() -> Made:
        with _building:
            return kept()

    return get


def rows(name: str) -> list[dict[str, str]]:
    """Return a table of the folder."""
    with (FOLDER / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
