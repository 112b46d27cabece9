"""Backups made by hand to do harm, for everybody may know a public key: each is refused, and leaves nothing."""

import tarfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pyrage
import pytest
from starlette.testclient import TestClient

from app.upkeep import restoring
from app.upkeep.packing import END, head
from tests.archives import TestArchive
from tests.builders import an_incident
from tests.upkeep.backing_up import Keys, Place, a_place, clear, entry, files_of, keys, refused, sealed, take

URL = "/api/v1/incidents"


@pytest.fixture(autouse=True)
def _no_databases_left(archive: TestArchive) -> Iterator[None]:
    yield
    clear(archive)


@pytest.fixture
def pairs(tmp_path: Path) -> list[Keys]:
    return [keys(tmp_path, "one"), keys(tmp_path, "two")]


@pytest.fixture
def copy(archive: TestArchive, home: Path, client: TestClient, tmp_path: Path, pairs: list[Keys]) -> Path:
    client.post(URL, json=an_incident())
    return take(archive, tmp_path / "copy.gawah", pairs)


@pytest.fixture
def place(copy: Path, archive: TestArchive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    return a_place(archive, tmp_path / "elsewhere", monkeypatch)


CRAFTED: dict[str, Callable[[], bytes]] = {
    "an absolute path": lambda: entry("/tmp/gawah-crafted", content=b"x"),
    "a path that leads away": lambda: entry("evidence/../../gawah-crafted", content=b"x"),
    "a symbolic link": lambda: entry("evidence/aa/" + "b" * 62, tarfile.SYMTYPE, link="/etc/passwd"),
    "a hard link": lambda: entry("evidence/aa/" + "b" * 62, tarfile.LNKTYPE, link="../archive.key"),
    "a device": lambda: entry("evidence/aa/" + "b" * 62, tarfile.CHRTYPE),
    "a pipe": lambda: entry("evidence/aa/" + "b" * 62, tarfile.FIFOTYPE),
    "a folder": lambda: entry("evidence", tarfile.DIRTYPE),
    "a long name": lambda: entry("././@LongLink", tarfile.GNUTYPE_LONGNAME, b"x" * 5000),
    "a header of its own": lambda: entry("pax", tarfile.XHDTYPE, b"30 path=/tmp/gawah-crafted\n"),
    "a file with holes": lambda: entry("archive.key", tarfile.GNUTYPE_SPARSE),
    "a key of a megabyte": lambda: entry("archive.key", content=b"5" * (1 << 20)),
    "a file twice": lambda: entry("archive.key", content=b"5") * 2,
    "a name that we do not know": lambda: entry("cron.d", content=b"x"),
    "another backup's manifest": lambda: entry("manifest.json", content=b'{"files":{}}'),
    "no manifest": bytes,
    "no header": lambda: b"x" * 512,
    "a negative size": lambda: head("archive.key", 5)[:124] + b"\xff" * 12 + head("archive.key", 5)[136:],
}


@pytest.mark.parametrize("what", CRAFTED)
def test_a_crafted_one(copy: Path, place: Place, pairs: list[Keys], what: str) -> None:
    plain = pyrage.decrypt(copy.read_bytes(), restoring.identities(pairs[0].file))
    about = dict(files_of(plain))["about.json"]
    refused(place, sealed(entry("about.json", content=about) + CRAFTED[what]() + END, copy, pairs), pairs[0])
    refused(place, sealed(CRAFTED[what]() + END, copy, pairs), pairs[0])
    assert not Path("/tmp/gawah-crafted").exists()


def test_an_entry_that_is_not_what_the_manifest_says(copy: Path, place: Place, pairs: list[Keys]) -> None:
    plain = pyrage.decrypt(copy.read_bytes(), restoring.identities(pairs[0].file))
    key = dict(files_of(plain))["archive.key"]
    other = plain.replace(key, b"6" * len(key), 1)
    assert other != plain
    refused(place, sealed(other, copy, pairs), pairs[0])
