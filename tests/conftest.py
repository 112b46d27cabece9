"""Archives, clients and real files for the tests, and a loud word on whatever was not tried."""

# Four ideas hold the fixtures together:
#
# 1. Migrations and reference data are done once a session and an engine, into a template (tests/shelves.py). Every
#    test gets a copy of it, so no test sees what another did, and a copy takes milliseconds. (PostgreSQL makes its
#    whole server wait for a new database, so there a copy that a test is done with is emptied and given out again.)
# 2. `database` is a parameter: what uses `archive`, `client` or `engine` runs on SQLite and, when
#    GAWAH_TEST_DATABASE_URL names a server, on PostgreSQL too.
# 3. Modules that only read, or that read one large import, fill one archive for all of their tests. They say
#    `pytestmark = pytest.mark.one_archive`, and then one worker runs the whole module for one engine.
# 4. What is missing on a machine (PostgreSQL, GDAL, the real data sets) is skipped, and the last lines of the run say
#    so; GAWAH_TEST_REQUIRE=postgresql,gdal makes it an error instead.

import os
import shutil
import socket
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from anyio.from_thread import BlockingPortal, start_blocking_portal
from fastapi import FastAPI
from sqlalchemy import Engine
from starlette.testclient import TestClient
from xdist.scheduler import LoadScopeScheduling

from app.access.limits import Tries
from app.main import create_app
from app.queries.vault import Vault
from app.upkeep.published import beside, on_postgresql
from tests import shelves as making
from tests.archives import TestArchive
from tests.cli.helping import Gawah, gawah_of, settle
from tests.shelves import KEY, Shelf

ROOT = Path(__file__).resolve().parents[1]
SHARED = Path(os.environ.get("GAWAH_SHARED_DATA", ROOT.parent / "shared" / "data"))
DATABASES = ["sqlite", *(["postgresql"] if os.environ.get(making.URL_NAME) else [])]
THERE: dict[str, Callable[[], bool]] = {
    "postgresql": lambda: "postgresql" in DATABASES,
    "gdal": lambda: shutil.which("ogrinfo") is not None,
    "chromium": lambda: shutil.which("chromium") is not None,
    "libreoffice": lambda: shutil.which("soffice") is not None,
    "qgis": Path("/usr/lib/python3/dist-packages/qgis").is_dir,
    "data": SHARED.is_dir,
}
SAY = {
    "postgresql": f"PostgreSQL was not tried: set {making.URL_NAME} (`bash .ci/postgres start` makes a server).",
    "gdal": "GDAL was not tried: ogrinfo is not installed (apt-get install gdal-bin).",
    "chromium": "No browser was tried: Chromium is not installed (apt-get install chromium).",
    "libreoffice": "LibreOffice was not tried: it is not installed (apt-get install libreoffice-calc-nogui).",
    "qgis": "QGIS was not tried: it is not installed (apt-get install python3-qgis).",
    "data": f"Real data were not tried: the folder {SHARED} is not there (GAWAH_SHARED_DATA).",
}


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "one_archive: the tests of this module share one archive an engine")
    config.addinivalue_line("markers", "sockets: opens network connections of its own")
    required = [word for word in os.environ.get("GAWAH_TEST_REQUIRE", "").split(",") if word]
    lacking = [word for word in required if not THERE[word]()]
    if lacking:
        raise pytest.UsageError(" ".join(SAY[word] for word in lacking))


class Together(LoadScopeScheduling):
    """Sends the tests that share an archive to one worker, and every other test to whoever is free.

    `--dist loadgroup` would do it, but xdist 3.8 writes its groups where pytest 9.2 no longer looks for them.
    """

    def _split_scope(self, nodeid: str) -> str:
        file, _, test = nodeid.partition("::")
        if not shares_an_archive(ROOT / file):
            return nodeid
        return f"{file} {next((name for name in DATABASES if f'[{name}' in test), '')}"


@cache
def shares_an_archive(file: Path) -> bool:
    return "mark.one_archive" in file.read_text(encoding="utf-8")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Together:
    return Together(config, log)


def pytest_report_header() -> list[str]:
    return [SAY[word] for word, there in THERE.items() if not there()]


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """The same at the end, where it is read; `-q` leaves the header out."""
    reasons = Counter(str(report.longrepr[2]) for report in terminalreporter.stats.get("skipped", []))
    said = [f"{n} tests: {reason.removeprefix('Skipped: ')}" for reason, n in reasons.items()]
    lines = [*pytest_report_header(), *said]
    if lines:
        terminalreporter.section("NOT TRIED", yellow=True, bold=True)
        for line in lines:
            terminalreporter.line(line)


@pytest.fixture(autouse=True)
def _no_sockets(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("a unit test opens no network connection; mark it with `sockets` if it must")

    if request.node.get_closest_marker("sockets") is None:
        monkeypatch.setattr(socket.socket, "connect", refuse)


@pytest.fixture(scope="session")
def shelves(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], Shelf]]:
    """The shelf of each engine; filled at its first use."""
    made: dict[str, Shelf] = {}

    def shelf(database: str) -> Shelf:
        if database not in made:
            made[database] = making.make(database, tmp_path_factory.mktemp(database))
        return made[database]

    yield shelf
    for one in made.values():
        one.clear()


@pytest.fixture(scope="module", params=DATABASES)
def database(request: pytest.FixtureRequest) -> str:
    """The engine a test runs on: sqlite or postgresql."""
    return str(request.param)


@pytest.fixture(scope="module")
def shelf(shelves: Callable[[str], Shelf], database: str) -> Shelf:
    return shelves(database)


@pytest.fixture
def engine(shelf: Shelf) -> Iterator[Engine]:
    """An own archive without incidents."""
    made = shelf.fresh()
    yield made
    shelf.give_back(made)


@pytest.fixture
def archive(shelf: Shelf, engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> TestArchive:
    """The same in the hands of a test."""
    return TestArchive(engine, shelf.tokens, Vault(tmp_path_factory.mktemp("archive") / "evidence", KEY))


@pytest.fixture(scope="module")
def shared(shelf: Shelf, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestArchive]:
    """One archive for all the tests of a module."""
    made = shelf.fresh()
    yield TestArchive(made, shelf.tokens, Vault(tmp_path_factory.mktemp("shared") / "evidence", KEY))
    shelf.drop(made)


@pytest.fixture(scope="session")
def service(tmp_path_factory: pytest.TempPathFactory) -> FastAPI:
    """The service; which archive it serves is set for each test."""
    app = create_app(None)  # type: ignore[arg-type]
    app.state.mappings = tmp_path_factory.mktemp("mappings")
    app.state.forms = tmp_path_factory.mktemp("forms")
    return app


@pytest.fixture(scope="session")
def portal() -> Iterator[BlockingPortal]:
    """The thread in which the service runs; each request would otherwise start one of its own."""
    with start_blocking_portal() as opened:
        yield opened


@pytest.fixture
def door(service: FastAPI, portal: BlockingPortal) -> Callable[..., TestClient]:
    """A client of an archive: `door(archive, "viewer")`; without a role it sends no token, as the public does."""

    def client(archive: TestArchive, role: str | None = None) -> TestClient:
        service.state.engine = archive.engine
        service.state.vault = archive.vault
        service.state.published = archive.published
        service.state.tries = Tries()
        headers = {"Authorization": f"Bearer {archive.tokens[role]}"} if role else {}
        made = TestClient(service, headers=headers, follow_redirects=False)
        made.portal = portal
        return made

    return client


@pytest.fixture
def client(door: Callable[..., TestClient], archive: TestArchive) -> TestClient:
    """A reviewer, who may read and write everything."""
    return door(archive, "reviewer")


@pytest.fixture
def published(archive: TestArchive, tmp_path: Path) -> Iterator[TestArchive]:
    """An own archive with a published store beside it, in which nothing is yet."""
    sqlite = archive.engine.dialect.name == "sqlite"
    store = beside(tmp_path / "published.db", archive.engine) if sqlite else on_postgresql(archive.engine)
    yield replace(archive, published=store)
    store.dispose()


@pytest.fixture
def officer(door: Callable[..., TestClient], published: TestArchive) -> TestClient:
    """She reports, where something may be published."""
    return door(published, "contributor")


@pytest.fixture
def editor(door: Callable[..., TestClient], published: TestArchive) -> TestClient:
    """A reviewer there, who decides on publication."""
    return door(published, "reviewer")


@pytest.fixture
def contributor(door: Callable[..., TestClient], archive: TestArchive) -> TestClient:
    return door(archive, "contributor")


@pytest.fixture
def viewer(door: Callable[..., TestClient], archive: TestArchive) -> TestClient:
    return door(archive, "viewer")


@pytest.fixture
def guest(door: Callable[..., TestClient], archive: TestArchive) -> TestClient:
    """Somebody without a token, at an archive of which nothing is published."""
    return door(archive)


@pytest.fixture
def public(door: Callable[..., TestClient], published: TestArchive) -> TestClient:
    """Somebody without a token, who reads the published store alone."""
    return door(published)


@pytest.fixture(scope="session")
def real_data() -> Callable[[str], Path]:
    """A real third-party file, read where it lies; the test is skipped, and that is said, when it is not there."""

    def find(name: str) -> Path:
        path = SHARED / name
        if not path.exists():
            pytest.skip(f"real data: {name} is not in the folder of GAWAH_SHARED_DATA")
        return path

    return find


@pytest.fixture
def gawah(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Gawah:
    """The command line, in this process."""
    return gawah_of(monkeypatch, capsys)


@pytest.fixture
def home(archive: TestArchive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of an archive that the command line works on."""
    return settle(archive, tmp_path, monkeypatch)
