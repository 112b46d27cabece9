"""Where the reference files lie, and the rule that each is read once."""

import csv
import threading
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import TypeVar

FOLDER = Path(__file__).resolve().parent.parent.parent / "geodata"

Made = TypeVar("Made")
_building = threading.RLock()


def once(make: Callable[[], Made]) -> Callable[[], Made]:
    """Make it at the first call, in one thread only, and keep it."""
    made: list[Made] = []

    @wraps(make)
    def get() -> Made:
        if not made:  # once it is there nobody waits for the lock
            with _building:
                if not made:
                    made.append(make())
        return made[0]

    return get


def rows(name: str) -> list[dict[str, str]]:
    """Return a table of the folder."""
    with (FOLDER / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
