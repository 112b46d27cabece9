"""Backups: byte for byte, under load, for several keys; and nothing comes of a wrong key or a file that was touched."""

import os
import stat
import threading
from collections.abc import Iterator
from pathlib import Path

import pyrage
import pytest
from starlette.testclient import TestClient

from app.errors import Conflict, Invalid, NotStored
from app.settings import Settings
from app.upkeep import backups, packing, restoring, snapshots
from app.upkeep.packing import END, Unpacking, head
from tests.archives import TestArchive
from tests.builders import an_incident, incident_in
from tests.cli.helping import Gawah
from tests.pictures import a_photo
from tests.upkeep.backing_up import Keys, Place, a_place, bring, clear, digests, files_of, keys, refused, sealed, take

URL = "/api/v1/incidents"


@pytest.fixture(autouse=True)
def _no_databases_left(archive: TestArchive) -> Iterator[None]:
    yield
    clear(archive)


@pytest.fixture
def pairs(tmp_path: Path) -> list[Keys]:
    return [keys(tmp_path, "one"), keys(tmp_path, "two")]


@pytest.fixture
def filled(archive: TestArchive, home: Path, client: TestClient) -> TestArchive:
    """Some incidents, and a photograph."""
    for number in range(5):
        one = client.post(URL, json=an_incident(f"Incident {number}")).json()
    client.post(f"{URL}/{one['id']}/evidence", content=a_photo())
    return archive


@pytest.fixture
def copy(filled: TestArchive, tmp_path: Path, pairs: list[Keys]) -> Path:
    """A backup of it, for two keys."""
    return take(filled, tmp_path / "copy.gawah", pairs)


@pytest.fixture
def place(copy: Path, filled: TestArchive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    return a_place(filled, tmp_path / "elsewhere", monkeypatch)


@pytest.mark.parametrize("which", [0, 1])
def test_either_key_brings_back_every_byte(
    filled: TestArchive, copy: Path, place: Place, pairs: list[Keys], which: int
) -> None:
    restored = bring(place, copy, pairs[which])
    assert restored.verdict.holds
    assert restored.verdict.files == 1
    with place.opened() as back:
        assert digests(back.engine) == digests(filled.engine)
        assert back.vault is not None
        assert filled.vault is not None
        assert contents(back.vault.folder) == contents(filled.vault.folder) != {}
    left = {path.name for path in place.settings.data_dir.iterdir()}
    assert left == {"archive.key", "evidence"} | ({"archive.db"} if not place.settings.database_url else set())
    assert stat.S_IMODE(place.settings.key_path.stat().st_mode) == 0o600


def test_the_digest_notices_one_letter(filled: TestArchive) -> None:
    before = digests(filled.engine)
    with filled.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE incident SET title = 'Incident 3.' WHERE title = 'Incident 3'")
    assert digests(filled.engine) != before


def contents(folder: Path) -> dict[str, bytes]:
    files = [path for path in folder.rglob("*") if path.is_file() and "incoming" not in path.parts]
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


def test_nothing_of_it_can_be_read_without_a_key(copy: Path, filled: TestArchive) -> None:
    assert b"Incident" not in copy.read_bytes()
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    assert [path.name for path in copy.parent.iterdir() if path.name.startswith(".")] == []
    assert not list(Settings().data_dir.glob("backup-*"))


def test_while_others_write(
    filled: TestArchive, tmp_path: Path, pairs: list[Keys], monkeypatch: pytest.MonkeyPatch
) -> None:
    done, written = threading.Event(), []

    def write() -> None:
        while not done.is_set():
            written.append(filled.report(incident_in(f"Meanwhile {len(written)}")).id)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        while len(written) < 3:
            done.wait(0.01)
        before = len(written)
        copy = take(filled, tmp_path / "copy.gawah", pairs)
        after = len(written)
    finally:
        done.set()
        writer.join()
    assert after > before, "nobody wrote meanwhile, so nothing was tried"
    place = a_place(filled, tmp_path / "elsewhere", monkeypatch)
    restored = bring(place, copy, pairs[0])
    assert restored.verdict.holds
    assert before + 5 <= restored.about.incidents <= after + 6
    with place.opened() as back:
        assert back.broken() is None
        assert len(back.rows()) == restored.about.incidents


@pytest.mark.parametrize("keep", [0, 10, 200, 0.3, 0.9, -1])
def test_one_that_was_cut_short(copy: Path, place: Place, pairs: list[Keys], keep: float) -> None:
    whole = copy.read_bytes()
    copy.write_bytes(whole[: int(len(whole) * keep) if isinstance(keep, float) else keep])
    refused(place, copy, pairs[0])


@pytest.mark.parametrize("where", [0.001, 0.2, 0.5, 0.8, 0.9999])
def test_one_with_a_bit_turned(copy: Path, place: Place, pairs: list[Keys], where: float) -> None:
    whole = bytearray(copy.read_bytes())
    whole[int(len(whole) * where)] ^= 1
    copy.write_bytes(whole)
    refused(place, copy, pairs[0])


def test_one_with_something_behind_it(copy: Path, place: Place, pairs: list[Keys]) -> None:
    copy.write_bytes(copy.read_bytes() + b"x")
    refused(place, copy, pairs[0])


def test_the_wrong_key(copy: Path, place: Place, tmp_path: Path) -> None:
    refused(place, copy, keys(tmp_path, "of a stranger"))


def test_that_check_sees_what_is_left(
    copy: Path, place: Place, pairs: list[Keys], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Were a cut backup taken for a whole one, the tests above would be red."""
    plain = pyrage.decrypt(copy.read_bytes(), restoring.identities(pairs[0].file))
    tar = [name for name, _ in files_of(plain)]
    cut = sealed(plain[: plain.index(b"manifest.json")] + END, copy, pairs)
    refused(place, cut, pairs[0])
    monkeypatch.setattr("app.upkeep.arrivals.Arrivals.check", lambda arrivals, _: arrivals.about)
    bring(place, cut, pairs[0])
    assert not place.is_empty()
    assert tar[0] == "about.json"
    assert tar[-1] == "manifest.json"


def test_never_over_an_archive(
    copy: Path, filled: TestArchive, pairs: list[Keys], monkeypatch: pytest.MonkeyPatch
) -> None:
    before = digests(filled.engine)
    with pytest.raises(Conflict):
        bring(Place(Settings()), copy, pairs[0])
    assert digests(filled.engine) == before
    with pytest.raises(Conflict):
        take(filled, copy, pairs)


def test_one_recipient_is_refused_unless_it_is_said(
    filled: TestArchive, tmp_path: Path, pairs: list[Keys], gawah: Gawah
) -> None:
    copy, one = tmp_path / "copy.gawah", pairs[0].public
    assert gawah("backup", str(copy), "--recipient", one, "--recipient", one).code == 2
    assert not copy.exists()
    assert gawah("backup", str(copy), "--recipient", one, "--one-recipient").code == 0
    with pytest.raises(Invalid):
        backups.recipients(["age1nonsense", one], one=False)


def test_a_full_disk_keeps_nothing(
    filled: TestArchive, tmp_path: Path, pairs: list[Keys], monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(NotStored):
        take(filled, tmp_path / "copy.gawah", pairs)
    assert [path.name for path in tmp_path.iterdir() if "copy" in path.name] == []


def test_without_the_programs_of_postgresql(
    filled: TestArchive, tmp_path: Path, pairs: list[Keys], database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    if database == "sqlite":
        assert take(filled, tmp_path / "copy.gawah", pairs).exists()
        return
    with pytest.raises(NotStored, match="pg_dump"):
        take(filled, tmp_path / "copy.gawah", pairs)


def test_a_restore_that_fails_late_leaves_nothing(
    copy: Path, place: Place, pairs: list[Keys], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> int:
        raise Invalid("The ledger of erasures is damaged.")

    monkeypatch.setattr(restoring.erasures, "reapply", fail)
    refused(place, copy, pairs[0], Invalid)


def test_history_that_does_not_hold_is_backed_up_and_said(
    filled: TestArchive, tmp_path: Path, pairs: list[Keys], gawah: Gawah
) -> None:
    with filled.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE revision SET who = 'somebody else' WHERE seq = 3")
    named = [word for pair in pairs for word in ("--recipient", pair.public)]
    said = gawah("backup", str(tmp_path / "copy.gawah"), *named)
    assert (said.code, (tmp_path / "copy.gawah").exists()) == (1, True)
    assert "does not hold" in said.err


def test_memory_does_not_grow_with_the_archive() -> None:
    """A file of 64 MiB passes through in pieces."""
    largest = 0

    class Counting:
        def write(self, piece: bytes) -> None:
            nonlocal largest
            largest = max(largest, len(piece))

        def close(self) -> None: ...

    unpacking = Unpacking(lambda _, __: Counting())
    size = 64 << 20
    unpacking.write(head("evidence/aa/" + "b" * 62, size))
    for _ in range(size // packing.PIECE):
        unpacking.write(bytes(packing.PIECE))
    unpacking.write(END)
    assert unpacking.whole
    assert largest <= packing.PIECE + 512
    assert snapshots.PART_SIZE <= 8 << 20
