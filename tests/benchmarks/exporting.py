"""What a whole download costs: memory, the first byte, processor time, and how they grow with the archive."""

import csv
from collections.abc import Callable, Iterator
from pathlib import Path

import orjson

from tests.benchmarks.bench import Bench
from tests.benchmarks.clock import exponent, in_turn, spent
from tests.benchmarks.figures import Figure, Goal
from tests.benchmarks.grounds import Ground
from tests.benchmarks.serving import PIECE, Answer, Server, serving

TIMES = 3
NOTHING = "q=thereisnosuchword"


def _csv_refs(file: Path) -> list[str]:
    with file.open(encoding="utf-8-sig", newline="") as text:
        return [row["ref"] for row in csv.DictReader(text)]


def _geojson_refs(file: Path) -> list[str]:
    return [feature["id"] for feature in orjson.loads(file.read_bytes())["features"]]


REFS: dict[str, Callable[[Path], list[str]]] = {"geojson": _geojson_refs, "csv": _csv_refs}


def downloads(bench: Bench) -> Iterator[Figure]:
    """GeoJSON and CSV of the largest archive over HTTP, each time from a fresh service."""
    ground = bench.grounds.filled(bench.largest, in_order=False)
    for name, refs in REFS.items():
        to = bench.folder / f"download.{name}"

        def ours(name: str = name, to: Path = to) -> tuple[Answer, int]:
            with serving(ground) as server:
                return _download(server, name, to), int(server.ask("/api/v1/incidents?limit=1")["total"])

        def limit(to: Path = to) -> float:
            return _copy(to, bench.folder / "copy")

        told, copies = in_turn(ours, limit, TIMES)
        found = refs(to)
        right = len(found) == len(set(found)) == bench.largest and all(total == bench.largest for _, total in told)
        wrong = "" if right else f"{len(found)} rows for a total of {[total for _, total in told]}"
        yield from _figures(f"{name} of {bench.largest:,}", [answer for answer, _ in told], copies, wrong)


def _figures(name: str, answers: list[Answer], copies: list[float], wrong: str) -> Iterator[Figure]:
    megabytes = answers[0].file.stat().st_size / 1e6
    growth, first = [a.growth for a in answers], [a.first_byte for a in answers]
    cpu, wall = [a.cpu for a in answers], [a.wall for a in answers]
    yield Figure(f"{name}: memory growth", "MiB", growth, goal=Goal(64), wrong=wrong)
    yield Figure(f"{name}: first byte", "s", first, goal=Goal(0.5), wrong=wrong)
    yield Figure(
        f"{name}: processor", "CPU-s", cpu, copies, "copy of the same bytes", wrong=wrong,
        notes=[f"{megabytes:.0f} MB in {min(wall):.2f} to {max(wall):.2f} s"],
    )  # fmt: skip


def growth_of_time(bench: Bench) -> Iterator[Figure]:
    """By which power of the number of incidents the time of a download grows, entered in order of time and in none."""
    sizes = sorted(set(bench.sizes))
    for in_order, order in ((True, "in order of time"), (False, "in no order")):
        if len(sizes) < 2:
            return
        seconds = [_seconds(bench, bench.grounds.filled(size, in_order=in_order), size) for size in sizes]
        wrong = "; ".join(fault for _, fault in seconds if fault)
        slopes = [exponent(sizes, [times[turn] for times, _ in seconds]) for turn in range(TIMES)]
        said = ", ".join(f"{size:,}: {min(times):.2f} CPU-s" for size, (times, _) in zip(sizes, seconds, strict=True))
        name = f"geojson: exponent of time by size, entered {order}"
        yield Figure(name, "power", slopes, goal=Goal(1.05), wrong=wrong, notes=[said])


def _seconds(bench: Bench, ground: Ground, size: int) -> tuple[list[float], str]:
    """The processor time of downloads from a service that is warm, and what is wrong with them."""
    to = bench.folder / "growth.geojson"
    with serving(ground) as server:
        _download(server, "geojson", to)
        times = [server.download("/api/v1/incidents.geojson", to).cpu for _ in range(TIMES)]
    found = len(_geojson_refs(to))
    return times, "" if found == size else f"{found} features of {size}"


def _download(server: Server, name: str, to: Path) -> Answer:
    """Everything there is, after one small answer has warmed the service."""
    path = f"/api/v1/incidents.{name}"
    server.download(f"{path}?{NOTHING}", to)
    return server.download(path, to)


def _copy(file: Path, to: Path) -> float:
    """Processor seconds to read and write the same bytes, piece by piece."""

    def work() -> None:
        with file.open("rb") as source, to.open("wb") as sink:
            while piece := source.read(PIECE):
                sink.write(piece)

    return max(spent(work)[0].cpu, 1e-4)
