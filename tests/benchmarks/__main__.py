"""`python -m tests.benchmarks`: take the measures, print a table, and say which goals are met."""

import argparse
import os
import signal
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import orjson

from tests.benchmarks import exporting, figures, importing, paging, racing, searching, writing
from tests.benchmarks.bench import Bench, Measure
from tests.benchmarks.figures import Figure
from tests.benchmarks.grounds import Grounds

ROOT = Path(__file__).resolve().parents[2]
SHARED = Path(os.environ.get("GAWAH_SHARED_DATA", ROOT.parent / "shared" / "data"))
MEASURES: dict[str, Measure] = {
    "check": importing.check_alone,
    "import": importing.take_in,
    "template": importing.of_the_template,
    "export": exporting.downloads,
    "exponent": exporting.growth_of_time,
    "page": paging.over_http,
    "grid": paging.by_grid,
    "depth": paging.in_the_deep,
    "peer-pages": racing.pages,
    "peer-files": racing.files,
    "write": writing.reports,
    "search": searching.newest_first,
}
OF_SYRIA = ("check", "import")


def say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def _sizes(text: str) -> list[int]:
    return [int(part) for part in text.split(",")]


def arguments(given: list[str] | None = None) -> argparse.Namespace:
    """What was asked on the command line."""
    ask = argparse.ArgumentParser(prog="gawah bench", description="Measure speed and memory, as ratios within one run.")
    ask.add_argument("--rows", type=_sizes, default=[10_000, 100_000], help="sizes of the archives: 10000,100000")
    ask.add_argument("--only", nargs="+", choices=MEASURES, default=list(MEASURES), help="just these measures")
    ask.add_argument("--json", type=Path, metavar="FILE", help="write the figures there too")
    ask.add_argument("--syria", type=Path, default=SHARED / "ucdp_syria" / "ucdp_syria.csv.gz", metavar="FILE",
                     help="the UCDP GED file of Syria")  # fmt: skip
    ask.add_argument("--database-url", help="a PostgreSQL server instead of SQLite; databases are made and dropped")
    ask.add_argument(
        "--peers", type=Path, metavar="FOLDER", help="a virtual environment with pygeoapi, datasette and tipg"
    )
    return ask.parse_args(given)


def main() -> int:
    """Exit 0; 1 where answers differ. A missed goal is printed and is no failure: machines differ."""
    asked = arguments()
    syria = asked.syria if asked.syria.is_file() else None
    # Stopped from outside, it still drops its databases.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    folder = Path(tempfile.mkdtemp(prefix="gawah-benchmark-"))
    bench = Bench(Grounds(folder, asked.database_url), asked.rows, syria, folder, asked.peers)
    engine = "PostgreSQL" if asked.database_url else "encrypted SQLite"
    say(f"{engine}, {figures.machine()}\n\n{figures.heading()}")
    try:
        found = list(_taken(bench, asked.only))
    finally:
        bench.grounds.clear()
    say("")
    for remark in figures.remarks(found):
        say(f"- {remark}")
    skipped = [name for name in asked.only if name in OF_SYRIA] if syria is None else []
    if skipped:
        say(f"- NOT MEASURED: {', '.join(skipped)}: {asked.syria.name} is not there (--syria, GAWAH_SHARED_DATA).")
    if asked.json:
        _keep(asked.json, engine, found, skipped)
    return int(any(figure.wrong for figure in found))


def _taken(bench: Bench, names: list[str]) -> Iterator[Figure]:
    for name in names:
        for figure in MEASURES[name](bench):
            say(figures.line(figure))
            yield figure


def _keep(file: Path, engine: str, found: list[Figure], skipped: list[str]) -> None:
    kept = {
        "engine": engine, "machine": figures.machine(), "skipped": skipped,
        "figures": [figure.as_json() for figure in found],
    }  # fmt: skip
    file.write_bytes(orjson.dumps(kept, option=orjson.OPT_INDENT_2) + b"\n")


if __name__ == "__main__":
    sys.exit(main())
