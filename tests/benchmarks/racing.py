"""The same questions to us and to the peers, in turn, over the same rows: processor time of server and database."""

import resource
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from statistics import median

import orjson

from app.access.viewer import console
from app.db import reading
from app.queries import incidents
from app.queries.filter import IncidentFilter, IncidentPage
from app.queries.rows import FlatRow
from tests.benchmarks import peer_rows
from tests.benchmarks.bench import Bench
from tests.benchmarks.exporting import NOTHING, REFS, THE_PUBLIC, WHO
from tests.benchmarks.figures import Figure, Found, NotMeasured, cannot, number
from tests.benchmarks.goals import FILE, GOALS, of_measure
from tests.benchmarks.grounds import Ground, settle
from tests.benchmarks.paging import on_a_map
from tests.benchmarks.peers import ON_POSTGRESQL, ON_SQLITE, Laid, Peer, Question
from tests.benchmarks.publishing import forget_files, publish
from tests.benchmarks.serving import Server, fetch, serving

TIMES, REQUESTS = 5, 40
# Rows on a page: what its goals are called, and where we are asked for them.
OGC = "/ogc/collections/incidents/items?f=json&"
PAGES = {100: ("page", "/api/v1/incidents?"), 1000: ("page-of-1000", OGC)}
FILE_TIMES = 3
OGR2OGR = "ogr2ogr"
NO_PEER = "no peer is installed (--peers FOLDER)"

Rival = tuple[Peer, Server]


def installed(bench: Bench) -> list[Peer]:
    """The peers of this engine that are there."""
    if bench.peers is None:
        return []
    every = ON_POSTGRESQL if bench.grounds.url is not None else ON_SQLITE
    return [peer for peer in every if peer.is_in(bench.peers)]


def lay_out(bench: Bench, ground: Ground) -> Laid:
    """The rows of an archive where the peers find them; laid there at the first call."""
    folder = ground.settings.data_dir.with_name(f"{ground.settings.data_dir.name}-peers")
    laid = Laid(folder, folder / "peers.gpkg", folder / "peers.db", ground.settings.database_url)
    if not folder.exists():
        folder.mkdir()
        try:
            _lay(ground, laid)
        except BaseException:
            shutil.rmtree(folder)  # else the next run might find half of it
            raise
    return laid


def _lay(ground: Ground, laid: Laid) -> None:
    _read(ground, lambda rows: peer_rows.to_geopackage(rows, laid.geopackage))
    if laid.postgis is None:
        _read(ground, lambda rows: peer_rows.to_sqlite(rows, laid.sqlite))
    else:
        peer_rows.to_postgis(laid.geopackage, laid.postgis)
        settle(ground)


def _read(ground: Ground, write: Callable[[Iterator[FlatRow]], None]) -> None:
    with reading(ground.engine) as session:
        write(incidents.stream(session, IncidentFilter(), console("benchmark")))


def pages(bench: Bench) -> Iterator[Found]:
    """A page by box and date through the real API, with the access rules, against every peer that is there."""
    rivals = installed(bench)
    if not rivals or bench.peers is None:
        yield from cannot("peer-pages", bench.engine, NO_PEER)
        return
    ground = bench.grounds.filled(bench.largest, in_order=False)
    laid = lay_out(bench, ground)
    with ExitStack() as open_ones:
        ours = open_ones.enter_context(serving(ground))
        running = [(peer, open_ones.enter_context(peer.serve(bench.peers, laid))) for peer in rivals]
        for rows in PAGES:
            yield from _page(bench, rows, ours, running)


def _page(bench: Bench, rows: int, ours: Server, rivals: list[Rival]) -> Iterator[Figure]:
    asked = on_a_map(bench.largest).model_copy(update={"limit": rows})
    of, path = PAGES[rows]
    told, question = _in_words(asked, path), _question(asked, path)
    paths = [peer.page(question) for peer, _ in rivals]
    expected = _refs(fetch(ours.connection(), told, ours.headers))
    faults = [_differs(peer, server, path, expected) for (peer, server), path in zip(rivals, paths, strict=True)]
    turns = [
        [_cost(ours, told), *(_cost(server, path) for (_, server), path in zip(rivals, paths, strict=True))]
        for _ in range(TIMES)
    ]
    best = min(range(len(rivals)), key=lambda which: median(turn[which + 1] for turn in turns))
    for which, (peer, _) in enumerate(rivals):
        goal = GOALS[f"{of}/{'tipg' if peer.name == 'tipg' else 'peers'}"] if which == best else None
        costs = [turn[which + 1] for turn in turns]
        yield Figure(
            f"page of {rows} ({len(expected)}) by box and date of {bench.largest:,}: {peer.name} / ours", "x",
            [turn[which + 1] / turn[0] for turn in turns], goal=goal, wrong=faults[which],
            notes=[f"ours {number(median(turn[0] for turn in turns))}, {peer.name} {number(median(costs))} CPU-ms"],
            at=bench.largest,
        )  # fmt: skip


def _in_words(asked: IncidentPage, path: str) -> str:
    if path.startswith(OGC):
        return f"{path}{_question(asked, path).ogc}"
    return f"{path}{asked.query_string()}&limit={asked.limit}"


def _question(asked: IncidentPage, path: str) -> Question:
    assert asked.bbox is not None
    assert asked.date_from is not None
    assert asked.date_to is not None
    return Question(asked.bbox, asked.date_from, asked.date_to, asked.limit, newest_first=not path.startswith(OGC))


def _refs(body: bytes) -> set[str]:
    answer = orjson.loads(body)
    if "items" in answer:
        return {row["ref"] for row in answer["items"]}
    return {one["properties"]["ref"] for one in answer["features"]}


def _differs(peer: Peer, server: Server, path: str, expected: set[str]) -> str:
    """How a peer's page differs from ours. One that does not heed the days shows more, or a page of others."""
    found = _refs(fetch(server.connection(), path, server.headers))
    same = found == expected if peer.dated else found >= expected or len(found) == len(expected)
    return "" if same else f"{peer.name} shows {len(found)} rows, {len(found & expected)} of them ours"


def _cost(server: Server, path: str) -> float:
    """Milliseconds of processor time for one answer."""
    connection, before = server.connection(), server.cpu()
    for _ in range(REQUESTS):
        fetch(connection, path, server.headers)
    connection.close()
    return max(server.cpu() - before, 1e-3) / REQUESTS * 1000


def files(bench: Bench) -> Iterator[Found]:
    """Everything as GeoJSON and CSV over HTTP, from a fresh service, against the peers and ogr2ogr."""
    rivals, has_ogr = installed(bench), peer_rows.has_ogr2ogr()
    if not rivals and not has_ogr:
        yield from cannot("peer-files", bench.engine, f"{NO_PEER}; nor is {OGR2OGR}")
        return
    size = min(bench.largest, FILE)
    ground = bench.grounds.filled(size, in_order=False)
    laid = lay_out(bench, ground)
    publish(ground)
    taken: list[Figure] = []
    for form in REFS:
        others = {peer.name: _of_peer(bench, laid, peer, form, size) for peer in rivals if form in peer.files}
        if has_ogr:
            others[OGR2OGR] = _of_ogr2ogr(laid, form, size)
        for who in WHO if others else ():
            taken += _file(bench, ground, form, who, others)
    yield from taken
    open_ones = [goal for goal in of_measure("peer-files", bench.engine) if all(one.goal is not goal for one in taken)]
    yield from (NotMeasured(goal, NO_PEER) for goal in open_ones)


def _file(bench: Bench, ground: Ground, form: str, who: str, others: dict[str, tuple[float, str]]) -> Iterator[Figure]:
    taken, wrong = _ours(bench, ground, form, public=who == THE_PUBLIC)
    size = min(bench.largest, FILE)
    best = min((name for name in others if name != OGR2OGR), key=lambda name: others[name][0], default="")
    for name, (cost, fault) in others.items():
        rival = "peers" if name == best and form == "geojson" else name
        yield Figure(
            f"{form} of {size:,} for {who}: {name} / ours", "x", [cost / ours for ours in taken],
            goal=GOALS.get(f"{form}/{who}/{rival}"), wrong=wrong or fault, at=size,
            notes=[f"ours {number(median(taken))}, {name} {number(cost)} CPU-s"],
        )  # fmt: skip


def _ours(bench: Bench, ground: Ground, form: str, *, public: bool) -> tuple[list[float], str]:
    """CPU seconds of the first download after something was published, several times, and what is wrong with it."""
    to, taken = bench.folder / f"ours.{form}", []
    for _ in range(FILE_TIMES):
        forget_files(ground)
        with serving(ground, public=public) as server:
            server.download(f"/api/v1/incidents.{form}?{NOTHING}", to)
            taken.append(server.download(f"/api/v1/incidents.{form}", to).cpu)
    return taken, _fault(REFS[form](to), min(bench.largest, FILE))


def _of_peer(bench: Bench, laid: Laid, peer: Peer, form: str, size: int) -> tuple[float, str]:
    """Once: it takes long."""
    assert bench.peers is not None
    to = bench.folder / f"{peer.name}.{form}"
    with peer.serve(bench.peers, laid) as server:
        cost = server.download(peer.files[form], to).cpu
    return cost, _fault(_refs_of(to, form), size)


def _of_ogr2ogr(laid: Laid, form: str, size: int) -> tuple[float, str]:
    to = laid.folder / f"ogr2ogr.{form}"
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(["ogr2ogr", str(to), str(laid.geopackage)], check=True, capture_output=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, _fault(_refs_of(to, form), size)


def _refs_of(file: Path, form: str) -> list[str]:
    if form == "csv":
        return REFS["csv"](file)
    return [feature["properties"]["ref"] for feature in orjson.loads(file.read_bytes())["features"]]


def _fault(found: list[str], size: int) -> str:
    return "" if len(set(found)) == size else f"{len(set(found))} rows of {size}"
