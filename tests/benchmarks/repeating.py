"""The same public download once more, while nothing was published: against a plain file server and the same bytes."""

import hashlib
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.benchmarks.bench import Bench
from tests.benchmarks.clock import in_turn
from tests.benchmarks.figures import Figure, Found
from tests.benchmarks.goals import FILE, GOALS
from tests.benchmarks.publishing import forget_files, publish
from tests.benchmarks.serving import HOST, Server, free_port, running, serving

TIMES = 5
# So many bytes a turn, or the clock of the processor is too coarse; and no more requests than these.
BYTES, MOST = 1_000_000_000, 200
PATH, COPY = "/api/v1/incidents.geojson", "cat.geojson"


def unchanged(bench: Bench) -> Iterator[Found]:
    """GeoJSON for the public, made once and asked for again and again."""
    size = min(bench.largest, FILE)
    ground = bench.grounds.filled(size, in_order=False)
    publish(ground)
    forget_files(ground)
    with serving(ground, public=True) as server, _cat(bench.folder) as cat:
        first, copy = server.download(PATH, bench.folder / "first.geojson"), bench.folder / COPY
        copy.write_bytes(first.file.read_bytes())
        ask = min(MOST, max(2, BYTES // copy.stat().st_size))
        ours, limits = in_turn(lambda: _again(server, PATH, ask), lambda: _again(cat, f"/{COPY}", ask), TIMES)
        last = server.download(PATH, bench.folder / "last.geojson")
    wrong = "" if _sum(first.file) == _sum(last.file) == _sum(copy) else "not the same bytes"
    yield Figure(
        f"geojson of {size:,} for the public, once more", "CPU-ms", ours, limits, "http.server and the same bytes",
        GOALS["repeat"], wrong, [f"the first takes {first.cpu * 1000:,.0f} CPU-ms"], size,
    )  # fmt: skip


@contextmanager
def _cat(folder: Path) -> Iterator[Server]:
    """The plain file server of Python."""
    port = free_port()
    line = [sys.executable, "-m", "http.server", str(port), "--bind", HOST, "--protocol", "HTTP/1.1"]
    with running(line, port, folder, {}) as process:
        yield Server(process, port, {})


def _again(server: Server, path: str, times: int) -> float:
    """Milliseconds of processor time for one download that is not written anywhere."""
    before = server.cpu()
    for _ in range(times):
        server.drain(path)
    return max(server.cpu() - before, 1e-3) / times * 1000


def _sum(file: Path) -> str:
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()
