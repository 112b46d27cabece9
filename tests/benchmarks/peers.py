"""The peers: other services that answer the same questions over the same rows, each from an environment of its own."""

import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from urllib.parse import urlencode

import orjson

from tests.benchmarks.peer_rows import TABLE
from tests.benchmarks.serving import HOST, Server, database_of, free_port, running

Box = tuple[float, float, float, float]
MOST = 2_000_000
SQL_OF_A_BOX = f"""
SELECT i.* FROM boxes b JOIN {TABLE} i ON i.id = b.id
WHERE b.west >= :west AND b.east <= :east AND b.south >= :south AND b.north <= :north
AND i.date_latest >= :first AND i.date_earliest <= :last ORDER BY {{order}} LIMIT :most
"""


# By number is the order of the archive, in which the rows are laid out.
NEWEST, NUMBERED = "newest", "numbered"
ORDERS = {NEWEST: "i.date_earliest DESC, i.id DESC", NUMBERED: "i.id"}


@dataclass(frozen=True)
class Question:
    """One page of a map: a box, the days from the first to the last, how many rows at most, and in which order."""

    box: Box
    first: date
    last: date
    limit: int
    newest_first: bool

    @property
    def in_box(self) -> dict[str, str]:
        return {"bbox": ",".join(map(repr, self.box)), "limit": str(self.limit)}

    @property
    def ogc(self) -> str:
        return urlencode(self.in_box | {"datetime": f"{self.first}T00:00:00Z/{self.last}T23:59:59Z"})


@dataclass(frozen=True)
class Laid:
    """Where the rows lie for the peers. `postgis`: the address of a database that holds them too."""

    folder: Path
    geopackage: Path
    sqlite: Path
    postgis: str | None = None


@dataclass(frozen=True)
class Peer:
    """`page` and `files`: its addresses for a page and for everything. `dated`: whether it heeds the days of a page."""

    name: str
    module: str
    serve: Callable[[Path, Laid], AbstractContextManager[Server]]
    page: Callable[[Question], str]
    files: dict[str, str]
    dated: bool = True

    def is_in(self, home: Path) -> bool:
        """Whether it is installed in an environment."""
        return any(home.glob(f"lib/python*/site-packages/{self.module}"))


@contextmanager
def _pygeoapi(home: Path, laid: Laid) -> Iterator[Server]:
    port = free_port()
    settings, description = laid.folder / "pygeoapi.yml", laid.folder / "openapi.yml"
    settings.write_bytes(orjson.dumps(_pygeoapi_settings(port, laid.geopackage)))
    description.write_text("openapi: 3.0.2\ninfo: {title: peer, version: '1'}\npaths: {}\n")
    told = {"PYGEOAPI_CONFIG": str(settings), "PYGEOAPI_OPENAPI": str(description)}
    line = [str(home / "bin" / "uvicorn"), "pygeoapi.starlette_app:APP", "--port", str(port), "--no-access-log"]
    with running(line, port, laid.folder, os.environ | told, "/conformance?f=json") as process:
        yield Server(process, port, {})


def _pygeoapi_settings(port: int, geopackage: Path) -> dict[str, object]:
    provider = {
        "type": "feature", "name": "SQLiteGPKG", "data": str(geopackage), "id_field": "fid", "table": TABLE,
    }  # fmt: skip
    words = {"title": "peer", "description": "peer", "keywords": ["peer"]}
    return {
        "server": {
            "bind": {"host": HOST, "port": port}, "url": f"http://{HOST}:{port}", "mimetype": "application/json",
            "encoding": "utf-8", "languages": ["en-US"], "limits": {"default_items": 10, "max_items": MOST},
            "map": {"url": "https://example.org/{z}/{x}/{y}.png", "attribution": "none"},
        },
        "logging": {"level": "ERROR"},
        "metadata": {
            "identification": words | {"terms_of_service": "none", "url": "https://example.org", "keywords_type": "theme"},
            "license": {"name": "none"}, "provider": {"name": "peer"}, "contact": {"name": "peer"},
        },
        "resources": {TABLE: words | {
            "type": "collection", "links": [], "extents": {"spatial": {"bbox": [-180, -90, 180, 90]}},
            "providers": [provider],
        }},
    }  # fmt: skip


@contextmanager
def _datasette(home: Path, laid: Laid) -> Iterator[Server]:
    port = free_port()
    metadata = laid.folder / "datasette.json"
    queries = {name: {"sql": SQL_OF_A_BOX.format(order=order)} for name, order in ORDERS.items()}
    queries["all"] = {"sql": f"SELECT * FROM {TABLE}"}
    metadata.write_bytes(orjson.dumps({"databases": {laid.sqlite.stem: {"queries": queries}}}))
    settings = {"max_returned_rows": MOST, "sql_time_limit_ms": 600_000, "max_csv_mb": 0}
    line = [str(home / "bin" / "datasette"), "serve", str(laid.sqlite), "--port", str(port), "-m", str(metadata)]
    for name, value in settings.items():
        line += ["--setting", name, str(value)]
    with running(line, port, laid.folder, dict(os.environ), "/-/versions.json") as process:
        yield Server(process, port, {})


def _datasette_page(question: Question) -> str:
    west, south, east, north = question.box
    asked = {
        "west": west, "east": east, "south": south, "north": north, "first": question.first, "last": question.last,
        "most": question.limit,
    }  # fmt: skip
    return f"/peers/{NEWEST if question.newest_first else NUMBERED}.geojson?{urlencode(asked)}"


@contextmanager
def _tipg(home: Path, laid: Laid) -> Iterator[Server]:
    port = free_port()
    assert laid.postgis is not None
    told = {
        "DATABASE_URL": laid.postgis.replace("postgresql+psycopg:", "postgresql:"),
        "TIPG_MAX_FEATURES_PER_QUERY": str(MOST), "TIPG_DB_SCHEMAS": '["public"]',
    }  # fmt: skip
    line = [str(home / "bin" / "uvicorn"), "tipg.main:app", "--port", str(port), "--no-access-log"]
    with running(line, port, laid.folder, os.environ | told, "/healthz") as process:
        yield Server(process, port, {}, database_of(laid.postgis))


def _tipg_page(question: Question) -> str:
    """Its own `datetime` looks at one column only; incidents last from a day to a day."""
    days = f"date_latest >= DATE('{question.first}') AND date_earliest <= DATE('{question.last}')"
    order = {"sortby": "-date_earliest"} if question.newest_first else {}
    asked = question.in_box | order | {"f": "geojson", "filter-lang": "cql2-text", "filter": days}
    return f"{PUBLIC_ITEMS}?{urlencode(asked)}"


ITEMS = f"/collections/{TABLE}/items"
PUBLIC_ITEMS = f"/collections/public.{TABLE}/items"
ON_SQLITE: tuple[Peer, ...] = (
    Peer(
        "pygeoapi", "pygeoapi", _pygeoapi, lambda question: f"{ITEMS}?f=json&{question.ogc}",
        {"geojson": f"{ITEMS}?f=json&limit={MOST}"}, dated=False,
    ),
    Peer(
        "datasette", "datasette", _datasette, _datasette_page,
        {"geojson": "/peers/all.geojson", "csv": f"/peers/{TABLE}.csv?_stream=on&_size=max"},
    ),
)  # fmt: skip
ON_POSTGRESQL: tuple[Peer, ...] = (
    Peer(
        "tipg", "tipg", _tipg, _tipg_page,
        {"geojson": f"{PUBLIC_ITEMS}?f=geojson&limit={MOST}"},
    ),
)  # fmt: skip
