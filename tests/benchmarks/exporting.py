"""What a whole download costs: memory, the first byte, processor time, and how they grow with the archive."""

import csv
from collections.abc import Callable, Iterator
from pathlib import Path

import orjson

from tests.benchmarks.bench import Bench
from tests.benchmarks.clock import exponent, in_turn, spent
from tests.benchmarks.figures import Figure, Found, cannot
from tests.benchmarks.goals import GOALS
from tests.benchmarks.grounds import Ground
from tests.benchmarks.publishing import forget_files, publish
from tests.benchmarks.serving import PIECE, Answer, Server, serving

TIMES = 3
NOTHING = "q=thereisnosuchword"
THE_PUBLIC = "the public"
WHO = ("a member", THE_PUBLIC)
ONE_SIZE = "it needs archives of two sizes or more: --rows 10000,100000"


def _csv_refs(file: Path) -> list[str]:
    with file.open(encoding="utf-8-sig", newline="") as text:
        return [row["ref"] for row in csv.DictReader(text)]


def _geojson_refs(file: Path) -> list[str]:
    return [feature["id"] for feature in orjson.loads(file.read_bytes())["features"]]


REFS: dict[str, Callable[[Path], list[str]]] = {"geojson": _geojson_refs, "csv": _csv_refs}


def downloads(bench: Bench) -> Iterator[Found]:
    """GeoJSON and CSV of the largest archive over HTTP, for a member and for the public, each from a fresh service."""
    ground = bench.grounds.filled(bench.largest, in_order=False)
    publish(ground)
    for who in WHO:
        for name, refs in REFS.items():
            to = bench.folder / f"download.{name}"

            def ours(name: str = name, to: Path = to, who: str = who) -> tuple[Answer, int]:
                forget_files(ground)
                with serving(ground, public=who == THE_PUBLIC) as server:
                    return _download(server, name, to), int(server.ask("/api/v1/incidents?limit=1")["total"])

            def limit(to: Path = to) -> float:
                return _copy(to, bench.folder / "copy")

            told, copies = in_turn(ours, limit, TIMES)
            found = refs(to)
            right = len(found) == len(set(found)) == bench.largest and all(total == bench.largest for _, total in told)
            wrong = "" if right else f"{len(found)} rows for a total of {[total for _, total in told]}"
            yield from _figures(bench.largest, name, who, ([answer for answer, _ in told], copies, wrong))


def _figures(size: int, form: str, who: str, taken: tuple[list[Answer], list[float], str]) -> Iterator[Figure]:
    answers, copies, wrong = taken
    name = f"{form} of {size:,} for {who}"
    megabytes = answers[0].file.stat().st_size / 1e6
    growth, first = [a.growth for a in answers], [a.first_byte for a in answers]
    cpu, wall = [a.cpu for a in answers], [a.wall for a in answers]
    yield Figure(f"{name}: memory growth", "MiB", growth, goal=GOALS[f"memory/{who}"], wrong=wrong, at=size)
    yield Figure(f"{name}: first byte", "s", first, goal=GOALS[f"first byte/{who}"], wrong=wrong, at=size)
    yield Figure(
        f"{name}: processor", "CPU-s", cpu, copies, "copy of the same bytes", wrong=wrong,
        notes=[f"{megabytes:.0f} MB in {min(wall):.2f} to {max(wall):.2f} s"],
    )  # fmt: skip


def growth_of_time(bench: Bench) -> Iterator[Found]:
    """By which power of the number of incidents the time of a download grows, entered in order of time and in none."""
    sizes = sorted(set(bench.sizes))
    if len(sizes) < 2:
        yield from cannot("exponent", bench.engine, ONE_SIZE)
        return
    for in_order, order in ((True, "in order of time"), (False, "in no order")):
        seconds = [_seconds(bench, bench.grounds.filled(size, in_order=in_order), size) for size in sizes]
        wrong = "; ".join(fault for _, fault in seconds if fault)
        slopes = [exponent(sizes, [times[turn] for times, _ in seconds]) for turn in range(TIMES)]
        said = ", ".join(f"{size:,}: {min(times):.2f} CPU-s" for size, (times, _) in zip(sizes, seconds, strict=True))
        name = f"geojson: exponent of time by size, entered {order}"
        yield Figure(name, "power", slopes, goal=GOALS["exponent/export"], wrong=wrong, notes=[said], at=max(sizes))


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
