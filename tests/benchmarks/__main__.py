"""`python -m tests.benchmarks`: take the measures, print a table, and say which goals are met."""

import argparse
import os
import signal
import sys
import tempfile
import traceback
from collections.abc import Iterator
from pathlib import Path

from tests.benchmarks import (
    counting,
    exporting,
    figures,
    importing,
    naming,
    paging,
    racing,
    repeating,
    searching,
    tiling,
    writing,
)
from tests.benchmarks.bench import Bench, Measure
from tests.benchmarks.figures import Figure, Found, cannot, missing
from tests.benchmarks.grounds import Grounds
from tests.benchmarks.progress import tell
from tests.benchmarks.report import Report, engine_at

ROOT = Path(__file__).resolve().parents[2]
SHARED = Path(os.environ.get("GAWAH_SHARED_DATA", ROOT.parent / "shared" / "data"))
SIZES = [10_000, 100_000, 1_000_000]
INTERRUPTED, STOPPED = 130, 143
MEASURES: dict[str, Measure] = {
    "check": importing.check_alone,
    "import": importing.take_in,
    "template": importing.of_the_template,
    "page": paging.over_http,
    "page-exponent": paging.growth_of_time,
    "grid": paging.by_grid,
    "depth": paging.in_the_deep,
    "search": searching.newest_first,
    "names": naming.alike,
    "totals": counting.by_month_and_kind,
    "tile": tiling.zoomed_out,
    "write": writing.reports,
    "export": exporting.downloads,
    "exponent": exporting.growth_of_time,
    "repeat": repeating.unchanged,
    "peer-pages": racing.pages,
    "peer-files": racing.files,
}


def say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def _sizes(text: str) -> list[int]:
    return sorted({int(part) for part in text.replace("_", "").split(",")})


def arguments(given: list[str] | None = None) -> argparse.Namespace:
    """What was asked on the command line."""
    ask = argparse.ArgumentParser(prog="gawah bench", description="Measure speed and memory, as ratios within one run.")
    ask.add_argument("--rows", type=_sizes, default=SIZES, help="sizes of the archives: 10000,100000")
    ask.add_argument("--only", nargs="+", choices=MEASURES, default=list(MEASURES), help="just these measures")
    ask.add_argument("--json", type=Path, metavar="FILE", help="write the figures there too")
    ask.add_argument("--markdown", type=Path, metavar="FILE", help="the same to read")
    ask.add_argument("--syria", type=Path, default=SHARED / "ucdp_syria" / "ucdp_syria.csv.gz", metavar="FILE",
                     help="the UCDP GED file of Syria")  # fmt: skip
    ask.add_argument("--database-url", help="a PostgreSQL server instead of SQLite; databases are made and dropped")
    ask.add_argument(
        "--archives", type=Path, metavar="FOLDER", help="let the filled archives stay there, and find them again"
    )
    ask.add_argument(
        "--peers", type=Path, metavar="FOLDER", help="a virtual environment with pygeoapi, datasette and tipg"
    )
    return ask.parse_args(given)


def main(given: list[str] | None = None) -> int:
    """Exit 0; 1 where answers differ or a measure broke; 130 after Ctrl-C. A missed goal is no failure: machines differ."""
    asked = arguments(given)
    # Stopped from outside, it still drops its databases.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(STOPPED))
    report = Report(engine_at(asked.database_url), asked.rows)
    folder = Path(tempfile.mkdtemp(prefix="gawah-benchmark-"))
    try:
        return _run(asked, report, folder)
    except KeyboardInterrupt:
        tell("stopped; nothing is left behind")
        return INTERRUPTED


def _run(asked: argparse.Namespace, report: Report, folder: Path) -> int:
    syria = asked.syria if asked.syria.is_file() else None
    kept = asked.archives.resolve() if asked.archives else None
    bench = Bench(Grounds(folder, asked.database_url, kept), asked.rows, syria, folder, asked.peers)
    for name, told in report.about().items():
        say(f"{name}: {told}")
    say(f"\n{figures.heading()}")
    try:
        found = list(_taken(bench, asked, report))
    finally:
        bench.grounds.clear()
    report.missing = missing(found, asked.only, bench.engine)
    report.keep(asked.markdown, asked.json)
    say("")
    for remark in report.remarks():
        say(f"- {remark}")
    return int(bool(report.broken) or any(figure.wrong for figure in report.figures))


def _taken(bench: Bench, asked: argparse.Namespace, report: Report) -> Iterator[Found]:
    """What each measure finds. What there is so far is kept after each: the next may take an hour."""
    for number, name in enumerate(asked.only, 1):
        tell(f"{name}, {number} of {len(asked.only)}")
        try:
            yield from _of(bench, name, report)
        except Exception as fault:  # noqa: BLE001 - one that breaks must not take the others with it
            traceback.print_exc()
            report.broken[name] = f"{type(fault).__name__}: {str(fault).splitlines()[0] if str(fault) else ''}"
            yield from cannot(name, bench.engine, "it broke")
        report.keep(asked.markdown, asked.json)


def _of(bench: Bench, name: str, report: Report) -> Iterator[Found]:
    for one in MEASURES[name](bench):
        if isinstance(one, Figure):
            report.figures.append(one)
            say(figures.line(one))
        yield one


if __name__ == "__main__":
    sys.exit(main())
