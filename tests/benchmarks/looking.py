"""A dry run in a process of its own, as the command line does it: python -m tests.benchmarks.looking FILE."""

import json
import resource
import subprocess
import sys
from pathlib import Path

from app import imports
from app.settings import Settings
from app.upkeep import archives
from tests.benchmarks.clock import Spent, spent
from tests.benchmarks.grounds import Ground
from tests.benchmarks.serving import ROOT, database_of, environment_of


def looked(ground: Ground, path: Path) -> tuple[Spent, int]:
    """What a dry run took, from an archive that is open and a file not yet looked at; how many rows, if all are new."""
    line = [sys.executable, "-m", "tests.benchmarks.looking", str(path)]
    done = subprocess.run(line, cwd=ROOT, env=environment_of(ground), capture_output=True, check=True)
    told = json.loads(done.stdout)
    return Spent(told["wall"], told["cpu"]), int(told["rows"])


def main(path: Path) -> None:
    settings = Settings()
    engine = archives.open_up(settings)

    def look() -> imports.Outcome:
        return imports.run(engine, imports.plan(path, None, dry_run=True), archives.console_user())

    before = _of_children()
    taken, outcome = spent(look, database_of(settings.database_url))
    rows = outcome.rows if outcome.rows == outcome.new and not outcome.recorded else -1
    sys.stdout.write(json.dumps({"wall": taken.wall, "cpu": taken.cpu + _of_children() - before, "rows": rows}))


def _of_children() -> float:
    """Processor time of the processes that this one has ended."""
    times = resource.getrusage(resource.RUSAGE_CHILDREN)
    return times.ru_utime + times.ru_stime


if __name__ == "__main__":
    main(Path(sys.argv[1]))
